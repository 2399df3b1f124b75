"""Decide again from a record: the same bytes, or the first field that differs.

A record says which engine made it; one of another number is not judged by this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from routing.candidates import Recorded
from routing.canonical import parse
from routing.choose import choose
from routing.decision import ENGINE
from routing.facts import Value
from routing.layers.entry import NotTaken
from routing.record.writing import engine_of, read, write
from routing.shortlist import Guide, shortlist

_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Same:
    """The record came out byte for byte."""


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


Reproduction = Same | Differs | OtherEngine


def reproduce(
    record: bytes,
    guide: Guide,
    *,
    opened: Mapping[str, Value | None] = _NONE,
    sealed: Mapping[str, str] = _NONE,
    salt: bytes = b"",
) -> Reproduction:
    """Decide a recorded question again.

    Args:
        record: Canonical bytes, as written.
        guide: The rulebook that the record names, compiled.
        opened: Values of the facts that the record holds sealed.
        sealed: The commitments of those facts.
        salt: The salt of holdout and exploration.

    Raises:
        KeyError: A sealed fact is not in `opened`: it was erased.
    """
    made_by = engine_of(record)
    if made_by != ENGINE:
        return OtherEngine(made_by, ENGINE)
    inputs = read(record, opened=opened, salt=salt)
    if inputs.rulebook != guide.book.hash:
        return Differs("inputs.rulebook", inputs.rulebook, guide.book.hash)
    found = shortlist(inputs.question, guide, Recorded(inputs.answers))
    if isinstance(found, NotTaken):
        return Differs("result", parse(record), f"not taken: {found.code.value} {found.detail}")
    decision = choose(found, inputs.scores, inputs.shares)
    again = write(inputs, decision, sealed=sealed)
    return Same() if again == record else _first_difference(parse(record), parse(again), "")


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
