"""Decide again from a record: the same bytes, or the first field that differs.

A record holds all that was decided from but what is large or personal; that it names by hash, and
the caller finds it (`Sources`). What cannot be found is said, and nothing is decided then. A record
says which engine made it; one of another number is not judged by this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from routing.candidates import Answers, Recorded
from routing.canonical import parse
from routing.choose import choose, wants_scores
from routing.decision import ENGINE, Code, Decision, Method
from routing.facts import Value
from routing.given import after_error, after_refusals, by_hand
from routing.layers.entry import NotTaken
from routing.ranking import NoScores, Ranker, Scores
from routing.record.facts import seals_in
from routing.record.people import Spelled
from routing.record.writing import Inputs, read_inputs, write
from routing.shortlist import Guide, shortlist

#: What reading a record raises that no engine of this number wrote.
_UNREADABLE = (KeyError, IndexError, TypeError, ValueError, AttributeError)


class Opened(NamedTuple):
    """Sealed facts as they lie in their row, and the commitment that this row gives."""

    commitment: str  #: worked out from the row, so that another row gives other bytes
    values: Mapping[str, Value | None]


class Sources(Protocol):
    """Finds what records name; None where it is not there (any more)."""

    def guide(self, rulebook: str) -> Guide | None:
        """A rulebook by its hash, compiled."""

    def ranker(self, route: str, model: str) -> Ranker | None:
        """A model version as the record names it, with its hash."""

    def salt(self, sha256: str) -> bytes | None:
        """The salt of holdout and exploration, by its hash."""

    def facts(self, commitment: str) -> Opened | None:
        """Personal facts by their commitment."""


@dataclass(frozen=True, slots=True)
class Same:
    """The record came out byte for byte.

    `is_given`: no layer had a say. The owner is somebody's word, or the fallback took the lead
    after a failure; everything else followed from the inputs.
    """

    is_given: bool = False


@dataclass(frozen=True, slots=True)
class Differs:
    """The first place, in sorted order, where another value came out."""

    where: str
    recorded: object
    reproduced: object


@dataclass(frozen=True, slots=True)
class OtherEngine:
    """Made by an engine that is not this one."""

    recorded: int
    this: int


@dataclass(frozen=True, slots=True)
class Erased:
    """Personal facts that the decision was made from were erased."""

    facts: tuple[str, ...]  #: their names, sorted


class Lacking(StrEnum):
    """What a record names by hash. Add, never rename."""

    RULEBOOK = "rulebook"
    MODEL = "model"
    SALT = "salt"


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that the record names could not be found."""

    what: Lacking
    name: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The bytes are not a record as this engine writes it."""

    problem: str


Reproduction = Same | Differs | OtherEngine | Erased | Missing | Unreadable


def reproduce(record: bytes, sources: Sources, *, spelled: Spelled | None = None) -> Reproduction:
    """Decide a recorded question again.

    Args:
        record: Canonical bytes, as written.
        sources: Finds what the record names.
        spelled: Spares encoding again what the records of a pool share.
    """
    try:
        said: Any = parse(record)
        engine = int(said["inputs"]["engine"])
        if engine != ENGINE:
            return OtherEngine(engine, ENGINE)
        return _reproduce(record, said, sources, spelled or Spelled())
    except _UNREADABLE as error:
        return Unreadable(f"{type(error).__name__}: {error}")


def _reproduce(record: bytes, said: Any, sources: Sources, spelled: Spelled) -> Reproduction:
    sought = _seek(said["inputs"], sources)
    if not isinstance(sought, _Sought):
        return sought
    inputs = read_inputs(said["inputs"], opened=sought.values, salt=sought.salt)
    decision = _decided(inputs, said["result"], sought.guide, sources)
    if not isinstance(decision, Decision):
        return decision
    again = write(inputs, decision, sealed=sought.seals, spelled=spelled)
    if again == record:
        return Same(is_given=_is_given(inputs, said["result"]))
    return _first_difference(said, parse(again), "")


class _Sought(NamedTuple):
    """What the inputs name, found."""

    guide: Guide
    salt: bytes
    values: Mapping[str, Value | None]  #: of sealed facts, by name
    seals: Mapping[str, str]  #: what stands in their place, by name


def _seek(asked: Mapping[str, Any], sources: Sources) -> _Sought | Differs | Missing | Erased:
    guide = sources.guide(asked["rulebook"])
    if guide is None:
        return Missing(Lacking.RULEBOOK, asked["rulebook"])
    if guide.book.hash != asked["rulebook"]:
        return Differs("inputs.rulebook", asked["rulebook"], guide.book.hash)
    *_, salted = asked.get("shares", ("",))
    salt = sources.salt(salted) if salted else b""
    if salt is None:
        return Missing(Lacking.SALT, salted)
    seals = seals_in(asked["lead"]["facts"])
    opened = {name: sources.facts(seal) for name, seal in sorted(seals.items())}
    found = {name: each for name, each in opened.items() if each is not None}
    if len(found) < len(opened):
        return Erased(tuple(name for name in opened if name not in found))
    values = {name: each.values[name] for name, each in found.items()}
    return _Sought(guide, salt, values, {name: each.commitment for name, each in found.items()})


def _decided(
    inputs: Inputs, result: Mapping[str, Any], guide: Guide, sources: Sources
) -> Decision | Differs | Missing:
    if _is_given(inputs, result):
        return _given(inputs, result, guide)
    found = shortlist(inputs.question, guide, Recorded(inputs.answers))
    if isinstance(found, NotTaken):
        said = f"not taken: {found.code.value} {found.detail}".rstrip()
        return Differs("result.method", result["method"], said)
    scores = inputs.scores
    if isinstance(scores, Scores):
        ranker = sources.ranker(inputs.question.occasion.route, scores.model)
        if ranker is None:
            return Missing(Lacking.MODEL, scores.model)
        again = ranker.scores(inputs.question.lead, found.eligible) if wants_scores(found) else None
        if again != scores:
            return _other_scores(scores, again)
    return choose(found, scores, inputs.shares)


def _is_given(inputs: Inputs, result: Mapping[str, Any]) -> bool:
    """Whether no layer had a say: by hand, or somebody removed whom nobody looked at."""
    if result["method"] == Method.MANUAL:
        return True
    is_fallback = result["method"] == Method.FALLBACK
    return is_fallback and bool(result["drops"]) and inputs.answers == Answers()


def _given(inputs: Inputs, result: Mapping[str, Any], guide: Guide) -> Decision:
    question, fallback = inputs.question, guide.book.fallback
    if result["method"] == Method.MANUAL:
        return by_hand(question, result["owner"])
    code = result["drops"][0][1]
    after = after_error if code == Code.INTERNAL_ERROR else after_refusals
    return after(question, fallback, result["owner"])


def _other_scores(recorded: Scores, again: Scores | NoScores | None) -> Differs:
    """Where a version says something else today of the reps who were left."""
    if not isinstance(again, Scores):
        said = "not asked" if again is None else again.reason
        return Differs("inputs.scores", recorded.model, said)
    for name in ("model", "ppm", "price_ppm", "top"):
        one, other = getattr(recorded, name), getattr(again, name)
        if one != other:
            return _first_difference(_listed(one), _listed(other), f"inputs.scores.{name}")
    raise AssertionError("scores that are not equal differ somewhere")


def _listed(value: Any) -> Any:
    return [_listed(each) for each in value] if isinstance(value, tuple) else value


def _first_difference(recorded: Any, reproduced: Any, where: str) -> Differs:
    if isinstance(recorded, dict) and isinstance(reproduced, dict):
        for key in sorted({*recorded, *reproduced}):
            one, other = recorded.get(key), reproduced.get(key)
            if one != other:
                return _first_difference(one, other, f"{where}.{key}" if where else key)
    if isinstance(recorded, list) and isinstance(reproduced, list):
        for place, (one, other) in enumerate(zip(recorded, reproduced, strict=False)):
            if one != other:
                return _first_difference(one, other, f"{where}[{place}]")
    return Differs(where, recorded, reproduced)
