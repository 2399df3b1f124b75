"""Facts as rows `[name, type, value, source, observed at, problem]`, cut after the last that says.

The type letter lets a value come back as what it was: text, integer, boolean, money, date, set,
or `n` for a missing one. A fact observed when the first one was says so by leaving it out. Where
all sources begin alike, up to a dot, that stands once, under `from`. What is personal is sealed:
the row holds a salted hash, the value lives in a row that can be deleted.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from routing.canonical import plain, stamp
from routing.facts import Fact, Value


def write_facts(facts: Mapping[str, Fact], sealed: Mapping[str, str]) -> dict[str, Any]:
    """Facts as JSON; `sealed` maps a fact's name to the commitment that stands in its place."""
    known = sorted(facts.items())
    times = [fact.observed_at for _, fact in known if fact.observed_at is not None]
    said: dict[str, Any] = {}
    if times:
        said["observed_at"] = stamp(times[0])
    origin = _origin([fact.source for _, fact in known if fact.source])
    if origin:
        said["from"] = origin
    common = _Common(origin, times[0] if times else None)
    said["rows"] = [_row(name, fact, common, sealed.get(name)) for name, fact in known]
    return said


def read_facts(said: Mapping[str, Any], opened: Mapping[str, Value | None]) -> dict[str, Fact]:
    """The inverse; `opened` holds the values of sealed facts.

    Raises:
        KeyError: A sealed fact is not in `opened`: it was erased.
    """
    observed_at = said.get("observed_at")
    at = None if observed_at is None else datetime.fromisoformat(observed_at)
    common = _Common(said.get("from", ""), at)
    return {row[0]: _fact(row, common, opened) for row in said["rows"]}


def seals_in(said: Mapping[str, Any]) -> dict[str, str]:
    """The commitments of sealed facts, by the facts' names."""
    return {row[0]: row[2] for row in said["rows"] if row[1] == "h"}


def read_values(said: Mapping[str, Any]) -> dict[str, Value | None]:
    """The values alone; a sealed one is missing."""
    return {row[0]: None if row[1] in "hn" else _value(row[1], row[2]) for row in said["rows"]}


class _Common(NamedTuple):
    """What the facts of one record share."""

    origin: str
    observed_at: datetime | None


def _origin(sources: Sequence[str]) -> str:
    """How all sources begin, a dot at its end; empty where they differ."""
    parts = [source.rpartition(".") for source in sources]
    heads = {f"{head}{dot}" for head, dot, last in parts if last}
    return heads.pop() if len(heads) == 1 and all(last for _, _, last in parts) else ""


def _row(name: str, fact: Fact, common: _Common, seal: str | None) -> list[Any]:
    letter = "n" if fact.value is None else _letter(fact.value)
    value: Any = plain(fact.value)
    if seal is not None and fact.value is not None:
        letter, value = "h", seal
    elsewhen = None
    if fact.observed_at is not None and fact.observed_at != common.observed_at:
        elsewhen = stamp(fact.observed_at)
    source = fact.source.removeprefix(common.origin)
    problem = None if fact.problem is None else str(fact.problem)  # a code may be an enum
    row = [name, letter, value, source or None, elsewhen, problem]
    while row[-1] is None and len(row) > 2:
        row.pop()
    return row


def _fact(row: list[Any], common: _Common, opened: Mapping[str, Value | None]) -> Fact:
    name, letter, value, source, elsewhen, problem = (*row, None, None, None, None)[:6]
    read = opened[name] if letter == "h" else _value(letter, value)
    return Fact(
        value=read,
        source=common.origin + source if source else "",
        observed_at=datetime.fromisoformat(elsewhen) if elsewhen else common.observed_at,
        problem=problem,
    )


def _letter(value: Value) -> str:
    match value:
        case bool():
            return "b"
        case int():
            return "i"
        case Decimal():
            return "m"
        case str():
            return "t"
        case date():
            return "d"
        case tuple():
            return "s"


def _value(letter: str, value: Any) -> Value | None:
    match letter:
        case "n":
            return None
        case "i":
            return int(value)
        case "m":
            return Decimal(value)
        case "d":
            return date.fromisoformat(value)
        case "s":
            return tuple(value)
        case _:
            read: bool | str = value
            return read
