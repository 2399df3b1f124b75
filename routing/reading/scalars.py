"""Readers: a node in, a typed value out, or None with a mistake that says what to write instead.

A reader has the shape `reader(node, what, mistakes) -> value | None`, where `what` names the
thing read, as it should stand in a message (`"weight" of person "ada"`). Some are functions
(`text`, `name`, `boolean`, `duration`, `instant`, `day`), some are made (`integer(at_least=0)`,
`one_of(Choose)`, `list_of(name)`, `map_of(integer())`).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from routing.reading.mistakes import Mistakes, did_you_mean, listed, shown
from routing.reading.nodes import (
    TRUE_WORDS,
    Kind,
    ListNode,
    MapNode,
    Node,
    ScalarNode,
    described,
)

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Reader = Callable[[Node, str, Mistakes], T | None]

_LONGEST_NAME = 200
_MOST_DIGITS = 15
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LONGEST_DURATION = timedelta(days=36_500)
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]+([0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]+)?"
    r" *([Zz]|[-+][0-9]{2}:?[0-9]{2})?"
)
_DATE_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

#: what YAML takes an unquoted text for, as the message says it
_TRAPS = {
    Kind.BOOLEAN: "a boolean",
    Kind.INTEGER: "a number",
    Kind.ODD_INTEGER: "a number",
    Kind.DECIMAL: "a number",
    Kind.DATE: "a date",
    Kind.INSTANT: "a time",
}


def text(node: Node, what: str, mistakes: Mistakes) -> str | None:
    """Text as written. What YAML would read as something else must be quoted."""
    if not isinstance(node, ScalarNode):
        mistakes.add(node, f"{what} must be text, but is {described(node)}.")
        return None
    kind = node.kind
    if kind is Kind.TEXT:
        return node.text
    if kind is Kind.NULL:
        mistakes.add(node, f"{what} is empty. Write a value, or leave the key out.")
        return None
    mistakes.add(node, trapped(node, what))
    return None


def trapped(node: ScalarNode, what: str) -> str:
    """The message for an unquoted scalar where text is meant."""
    word = node.text[:_LONGEST_NAME]
    return f'{what} must be text, but {word} is {_TRAPS[node.kind]} to YAML. Quote it: "{word}".'


def name(node: Node, what: str, mistakes: Mistakes) -> str | None:
    """A name: text that is not blank, not long, in NFC and without outer white space."""
    raw = text(node, what, mistakes)
    if raw is None:
        return None
    clean = unicodedata.normalize("NFC", raw).strip()
    if not clean:
        mistakes.add(node, f"{what} is empty. Write a name.")
    elif len(clean) > _LONGEST_NAME:
        length = f"{len(clean)} characters, more than {_LONGEST_NAME}"
        mistakes.add(node, f"{what} has {length}. Shorten it.")
    elif not clean.isprintable():
        mistakes.add(node, f"{what} is {shown(clean)}, with characters that cannot be seen.")
    else:
        return clean
    return None


def boolean(node: Node, what: str, mistakes: Mistakes) -> bool | None:
    """True or false; YAML's yes, no, on and off will do."""
    if isinstance(node, ScalarNode) and node.kind is Kind.BOOLEAN:
        return node.text in TRUE_WORDS
    hint = " Remove the quotes." if _is_quoted(node, Kind.BOOLEAN) else ""
    mistakes.add(node, f"{what} must be true or false, but is {described(node)}.{hint}")
    return None


def integer(*, at_least: int | None = None, at_most: int | None = None) -> Reader[int]:
    """A reader of whole numbers within bounds, both inclusive."""

    def read(node: Node, what: str, mistakes: Mistakes) -> int | None:
        number = _whole(node, what, mistakes)
        if number is None:
            return None
        if at_least is not None and number < at_least:
            mistakes.add(node, f"{what} must be at least {at_least}, but is {number}.")
            return None
        if at_most is not None and number > at_most:
            mistakes.add(node, f"{what} must be at most {at_most}, but is {number}.")
            return None
        return number

    return read


def decimal(node: Node, what: str, mistakes: Mistakes) -> Decimal | None:
    """An exact decimal number: 1200, 1200.50; quoted or not."""
    if isinstance(node, ScalarNode) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", node.text):
        return Decimal(node.text)
    mistakes.add(
        node, f"{what} must be a decimal number such as 1200.50, but is {described(node)}."
    )
    return None


def duration(node: Node, what: str, mistakes: Mistakes) -> timedelta | None:
    """A length of time: `90s`, `10m`, `2h`, `30d`."""
    found = _DURATION.fullmatch(node.text) if isinstance(node, ScalarNode) else None
    if found is None:
        advice = "Write a whole number and a unit: 90s, 10m, 2h or 30d."
        mistakes.add(node, f"{what} must be a duration, but is {described(node)}. {advice}")
        return None
    length = timedelta(seconds=int(found.group(1)) * _SECONDS[found.group(2)])
    if length > _LONGEST_DURATION:
        mistakes.add(node, f"{what} is {found.group()}, more than 36500d. Shorten it.")
        return None
    return length


def instant(node: Node, what: str, mistakes: Mistakes) -> datetime | None:
    """A moment in UTC, from `2026-01-05T09:00:00Z` or with an offset; quoted or not."""
    found = _INSTANT.fullmatch(node.text) if isinstance(node, ScalarNode) else None
    if found is None:
        advice = "Write it as 2026-01-05T09:00:00Z."
        mistakes.add(node, f"{what} must be a time, but is {described(node)}. {advice}")
        return None
    day_, minute, second, fraction, zone = found.groups()
    if zone is None:
        mistakes.add(
            node, f'{what} is {shown(found.group())}, without a time zone. Add "Z" for UTC.'
        )
        return None
    iso = f"{day_}T{minute}{second or ':00'}{(fraction or '')[:7]}{zone.upper()}"
    try:
        return datetime.fromisoformat(iso).astimezone(UTC)
    except (ValueError, OverflowError):
        mistakes.add(node, f"{what} is {shown(found.group())}, which is not in the calendar.")
        return None


def day(node: Node, what: str, mistakes: Mistakes) -> date | None:
    """A calendar day: `2027-03-01`; quoted or not."""
    if not isinstance(node, ScalarNode) or not _DATE_SHAPE.fullmatch(node.text):
        advice = "Write it as 2027-03-01."
        mistakes.add(node, f"{what} must be a date, but is {described(node)}. {advice}")
        return None
    try:
        return date.fromisoformat(node.text)
    except ValueError:
        mistakes.add(node, f"{what} is {shown(node.text)}, which is not in the calendar.")
        return None


def instant_or_day(node: Node, what: str, mistakes: Mistakes) -> datetime | None:
    """A moment in UTC; a bare date means its first instant in UTC."""
    if isinstance(node, ScalarNode) and _DATE_SHAPE.fullmatch(node.text):
        found = day(node, what, mistakes)
        return None if found is None else datetime.combine(found, time(0), tzinfo=UTC)
    return instant(node, what, mistakes)


def one_of(choices: type[E]) -> Reader[E]:
    """A reader of one member of a StrEnum, by its value."""
    members = {member.value: member for member in choices}

    def read(node: Node, what: str, mistakes: Mistakes) -> E | None:
        word = word_of(members)(node, what, mistakes)
        return None if word is None else members[word]

    return read


def word_of(words: Iterable[str]) -> Reader[str]:
    """A reader of one of some words."""
    known = tuple(words)

    def read(node: Node, what: str, mistakes: Mistakes) -> str | None:
        word = text(node, what, mistakes)
        if word is None or word in known:
            return word
        hint = did_you_mean(word, known) or f" Write one of: {listed(known)}."
        mistakes.add(node, f"{what} is {shown(word)}, which is not known.{hint}")
        return None

    return read


def list_of(reader: Reader[T], *, at_least: int = 0) -> Reader[tuple[T, ...]]:
    """A reader of lists; a part that cannot be read makes the whole unreadable."""

    def read(node: Node, what: str, mistakes: Mistakes) -> tuple[T, ...] | None:
        if not isinstance(node, ListNode):
            hint = _as_list(node)
            mistakes.add(node, f"{what} must be a list, but is {described(node)}.{hint}")
            return None
        if len(node.parts) < at_least:
            said = f"has {len(node.parts)}" if node.parts else "is an empty list"
            mistakes.add(node, f"{what} {said}. Write at least {at_least}.")
            return None
        parts = [reader(part, f"an entry of {what}", mistakes) for part in node.parts]
        kept = tuple(part for part in parts if part is not None)
        return kept if len(kept) == len(parts) else None

    return read


def unique_list_of(reader: Reader[T], *, at_least: int = 0) -> Reader[tuple[T, ...]]:
    """A reader of lists in which nothing may stand twice."""
    plain = list_of(reader, at_least=at_least)

    def read(node: Node, what: str, mistakes: Mistakes) -> tuple[T, ...] | None:
        parts = plain(node, what, mistakes)
        if parts is None or not isinstance(node, ListNode):
            return None
        seen: set[T] = set()
        for part, at in zip(parts, node.parts, strict=True):
            if part in seen:
                mistakes.add(at, f"{what} names {shown(str(part))} twice. Keep one of them.")
            seen.add(part)
        return parts if len(seen) == len(parts) else None

    return read


def map_of(reader: Reader[T]) -> Reader[dict[str, T]]:
    """A reader of mappings with free names for keys; order is the file's."""

    def read(node: Node, what: str, mistakes: Mistakes) -> dict[str, T] | None:
        if not isinstance(node, MapNode):
            mistakes.add(node, f"{what} must be a mapping, but is {described(node)}.")
            return None
        before = len(mistakes)
        values: dict[str, T] = {}
        for key, part in node.entries:
            clean = name(ScalarNode(key.place, key.text, plain=False), f"a key of {what}", mistakes)
            value = reader(part, f"{shown(key.text)} of {what}", mistakes)
            if clean is not None and value is not None:
                values[clean] = value
        return values if len(mistakes) == before else None

    return read


def is_null(node: Node | None) -> bool:
    """Whether a node says `null`, or nothing after its colon."""
    return isinstance(node, ScalarNode) and node.kind is Kind.NULL


def _whole(node: Node, what: str, mistakes: Mistakes) -> int | None:
    if isinstance(node, ScalarNode) and node.kind is Kind.INTEGER:
        if len(node.text) <= _MOST_DIGITS:
            return int(node.text)
        mistakes.add(node, f"{what} has {len(node.text)} digits, more than {_MOST_DIGITS}.")
        return None
    mistakes.add(node, f"{what} must be a whole number, but is {described(node)}.{_hint(node)}")
    return None


def _hint(node: Node) -> str:
    if not isinstance(node, ScalarNode):
        return ""
    if _is_quoted(node, Kind.INTEGER):
        return " Remove the quotes."
    if node.kind is Kind.ODD_INTEGER:
        return _odd_hint(node.text)
    if node.kind is Kind.DECIMAL and re.fullmatch(r"[-+]?[0-9]{1,15}\.0*", node.text):
        return f" Write {int(node.text.partition('.')[0])}."
    return ""


def _odd_hint(written: str) -> str:
    if ":" in written:
        return " YAML reads it to the base 60; write the number in plain digits."
    if written.lstrip("+-").isdecimal():
        plain = written.lstrip("+-0") or "0"
        return f" Some readers take a leading 0 for octal; write {plain}."
    return " Write the number in plain digits."


def _is_quoted(node: Node, kind: Kind) -> bool:
    return (
        isinstance(node, ScalarNode)
        and not node.plain
        and ScalarNode(node.place, node.text).kind is kind
    )


def _as_list(node: Node) -> str:
    if not isinstance(node, ScalarNode) or node.kind is Kind.NULL or len(node.text) > 60:
        return ""
    return f" Write [{node.text}]."
