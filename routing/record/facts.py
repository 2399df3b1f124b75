"""Facts as rows `[name, type, value, source, observed at, problem]`, cut after the last that says.

The type letter lets a value come back as what it was: text, integer, boolean, money, date, set,
or `n` for a missing one. A fact observed when the first one was says so by leaving it out. What
is personal is sealed: the row holds a salted hash, the value lives in a row that can be deleted.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from routing.canonical import plain, stamp
from routing.facts import Fact, Value


def write_facts(facts: Mapping[str, Fact], sealed: Mapping[str, str]) -> dict[str, Any]:
    """Facts as JSON; `sealed` maps a fact's name to the commitment that stands in its place."""
    times = [fact.observed_at for _, fact in sorted(facts.items()) if fact.observed_at is not None]
    common = times[0] if times else None
    return {
        "observed_at": None if common is None else stamp(common),
        "rows": [
            _row(name, fact, common, sealed.get(name)) for name, fact in sorted(facts.items())
        ],
    }


def read_facts(said: Mapping[str, Any], opened: Mapping[str, Value | None]) -> dict[str, Fact]:
    """The inverse; `opened` holds the values of sealed facts.

    Raises:
        KeyError: A sealed fact is not in `opened`: it was erased.
    """
    common = said["observed_at"]
    return {row[0]: _fact(row, common, opened) for row in said["rows"]}


def _row(name: str, fact: Fact, common: datetime | None, seal: str | None) -> list[Any]:
    letter = "n" if fact.value is None else _letter(fact.value)
    value: Any = plain(fact.value)
    if seal is not None and fact.value is not None:
        letter, value = "h", seal
    elsewhen = None
    if fact.observed_at is not None and fact.observed_at != common:
        elsewhen = stamp(fact.observed_at)
    problem = None if fact.problem is None else str(fact.problem)  # codes are enums
    row = [name, letter, value, fact.source or None, elsewhen, problem]
    while row[-1] is None and len(row) > 2:
        row.pop()
    return row


def _fact(row: list[Any], common: str | None, opened: Mapping[str, Value | None]) -> Fact:
    name, letter, value, source, elsewhen, problem = (*row, None, None, None, None)[:6]
    read = opened[name] if letter == "h" else _value(letter, value)
    observed_at = elsewhen or common
    return Fact(
        value=read,
        source=source or "",
        observed_at=None if observed_at is None else datetime.fromisoformat(observed_at),
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
