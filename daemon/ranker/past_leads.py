"""Leads of before Signalbox, from a file of JSON lines: what the ranker may learn from as well.

One object a line: `lead`, `at`, `rep`, `eligible`, `facts` by the rulebook's names, `won` (null
while it is not known) and `outcome_at`. People stand by their roster ids; who is on the roster no
more is somebody of their own. Values are read as a CRM's are: what does not fit its field is
missing. Everything else that is wrong is a mistake, and all mistakes are said at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from models.rankers.training_rows import DecidedRow
from routing.decision import Method
from routing.rulebook.model import Book
from routing.rulebook.values import normalise

_KEYS: Final = frozenset({"lead", "at", "rep", "eligible", "facts", "won", "outcome_at"})
_NEEDED: Final = ("lead", "at", "rep", "eligible", "facts")
_MOST_SAID: Final = 20
_PAST: Final = "past:"  #: before the id of a lead, and of a person whom the roster has no more


class WrongHistory(ValueError):
    """The file cannot be learned from; the message lists what is wrong, line by line."""

    def __init__(self, path: Path, mistakes: Sequence[str]) -> None:
        more = len(mistakes) - _MOST_SAID
        said = [*mistakes[:_MOST_SAID], *([f"and {more} more"] if more > 0 else [])]
        super().__init__(f"{path} cannot be learned from. " + " ".join(f"{one};" for one in said))


def past_rows(path: Path, book: Book, reps: Mapping[str, str], route: str) -> list[DecidedRow]:
    """The leads of a file, in its order.

    Args:
        path: The file.
        book: The rulebook whose fields the facts are.
        reps: Roster id -> rep.
        route: The route that is ranked.

    Raises:
        WrongHistory: The file cannot be read, or lines have mistakes.
    """
    mistakes: list[str] = []
    found: list[DecidedRow] = []
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                wrong, row = _read(line, book, reps, route)
                mistakes += [f"line {number}: {each}" for each in wrong]
                found += [] if row is None else [row]
    except OSError as error:
        raise WrongHistory(path, [f"it cannot be read: {error.strerror}"]) from error
    if mistakes:
        raise WrongHistory(path, mistakes)
    return found


def _read(
    line: bytes, book: Book, reps: Mapping[str, str], route: str
) -> tuple[list[str], DecidedRow | None]:
    if not line.strip():
        return [], None
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return [f"it is no JSON ({error})"], None
    if not isinstance(told, dict):
        return ["it must be an object, {...}"], None
    wrong = list(_mistakes_in(told, book))
    return (wrong, None) if wrong else ([], _row(told, book, reps, route))


def _mistakes_in(told: Mapping[str, Any], book: Book) -> Iterator[str]:
    yield from (f"{key} is missing" for key in _NEEDED if key not in told)
    for key in sorted(told.keys() - _KEYS):
        yield f'there is no key "{key[:40]}"; known are {", ".join(sorted(_KEYS))}'
    for key in ("at", "outcome_at"):
        if told.get(key) is not None and _instant(told[key]) is None:
            yield f"{key} is {_shown(told[key])}; write it as 2026-01-05T09:00:00Z"
    yield from _wrong_people(told)
    if told.get("won") not in (True, False, None):
        yield f"won is {_shown(told['won'])}; write true, false or null"
    yield from _wrong_facts(told.get("facts", {}), book)


def _wrong_facts(facts: object, book: Book) -> Iterator[str]:
    if not isinstance(facts, dict):
        yield f"facts is {_shown(facts)}; write an object of the rulebook's fields"
        return
    for name in sorted(facts.keys() - book.fields.keys()):
        yield f'the rulebook declares no field "{name[:40]}"'


def _wrong_people(told: Mapping[str, Any]) -> Iterator[str]:
    eligible, rep = told.get("eligible", []), told.get("rep", "")
    if not isinstance(eligible, list) or not all(isinstance(each, str) for each in eligible):
        yield f"eligible is {_shown(eligible)}; write a list of roster ids"
    elif "rep" in told and rep not in eligible:
        yield f"rep is {_shown(rep)}, who is not among the eligible"


def _row(told: Mapping[str, Any], book: Book, reps: Mapping[str, str], route: str) -> DecidedRow:
    def rep(name: str) -> str:
        return reps.get(name, f"{_PAST}{name}")

    at = _instant(told["at"])
    assert at is not None  # noqa: S101 - it was checked with the others
    facts = {name: fact.value for name, fact in normalise(book, told["facts"]).items()}
    lead = f"{_PAST}{told['lead']}"
    return DecidedRow(
        decision=lead,
        lead=lead,
        route=route,
        at=at,
        rep=rep(told["rep"]),
        method=Method.MANUAL,
        eligible=tuple(sorted({rep(each) for each in told["eligible"]})),
        pick_probability_ppm=None,  # nobody drew
        facts=facts,
        won=told.get("won"),
        outcome_at=_instant(told.get("outcome_at")),
    )


def _instant(said: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _shown(value: object) -> str:
    return orjson.dumps(value, default=str).decode()[:60]
