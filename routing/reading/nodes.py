"""A file as a tree whose every node knows its line and column.

Only what JSON can say: scalars, lists, and mappings with text for keys. A scalar keeps its text
as written; what YAML would make of an unquoted one (`NO` a boolean, `17:30` a number) is its
`kind`, so that a reader can object instead of being fooled.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from routing.reading.mistakes import Place, shown


class Kind(StrEnum):
    """What YAML 1.1 or JSON makes of a scalar."""

    TEXT = "text"
    NULL = "null"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    ODD_INTEGER = "odd integer"  # octal, hexadecimal, sexagesimal, with underscores
    DECIMAL = "decimal"
    DATE = "date"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One value, as written; `plain` means without quotes."""

    place: Place
    text: str
    plain: bool = True

    @property
    def kind(self) -> Kind:
        """What YAML makes of it; quoted is always text."""
        return kind_of(self.text) if self.plain else Kind.TEXT


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list of nodes."""

    place: Place
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping; keys are unique text, in file order."""

    place: Place
    entries: tuple[tuple[ScalarNode, "Node"], ...]

    def get(self, key: str) -> "Node | None":
        """The value under a key, or None."""
        return next((value for name, value in self.entries if name.text == key), None)

    def keys(self) -> Iterator[str]:
        """The keys in file order."""
        return (name.text for name, _ in self.entries)


Node = ScalarNode | ListNode | MapNode

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE_WORDS = ("true", "yes", "on")
_FALSE_WORDS = ("false", "no", "off")


def _cased(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(cased for word in words for cased in (word, word.capitalize(), word.upper()))


TRUE_WORDS = _cased(_TRUE_WORDS)  #: what YAML 1.1 reads as true
FALSE_WORDS = _cased(_FALSE_WORDS)  #: what YAML 1.1 reads as false

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_ODD_INTEGER = re.compile(
    r"[-+]?(?:0[0-9_]+|0o[0-7_]+|0b[01_]+|0x[0-9a-fA-F_]+"
    r"|[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9]*)?|[1-9][0-9_]*)"
)
_DECIMAL = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]*)?)?"
    r"(?:[ \t]*(?:[Zz]|[-+][0-9]{1,2}(?::?[0-9]{2})?))?"
)
_PATTERNS = (
    (Kind.INTEGER, _INTEGER),
    (Kind.ODD_INTEGER, _ODD_INTEGER),
    (Kind.DECIMAL, _DECIMAL),
    (Kind.DATE, _DATE),
    (Kind.INSTANT, _INSTANT),
)
_LONGEST_SPECIAL = 400  # no number or time worth the name is longer


def kind_of(text: str) -> Kind:
    """What YAML makes of an unquoted scalar.

    Examples:
        >>> [str(kind_of(text)) for text in ("NO", "17:30", "010", "2027-03-01", "", "1e3", "a")]
        ['boolean', 'odd integer', 'odd integer', 'date', 'null', 'decimal', 'text']
    """
    if text in _NULLS:
        return Kind.NULL
    if text in TRUE_WORDS or text in FALSE_WORDS:
        return Kind.BOOLEAN
    if text[0] not in "0123456789+-." or len(text) > _LONGEST_SPECIAL:
        return Kind.TEXT
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(text)), Kind.TEXT)


def described(node: Node) -> str:
    """A node in a few words, for a message: `a list`, `the number 3`, `the text "x"`."""
    if isinstance(node, ListNode):
        return "a list"
    if isinstance(node, MapNode):
        return "a mapping"
    if node.kind is Kind.NULL:
        return "nothing (null)"
    if node.kind is Kind.TEXT:
        return f"the text {shown(node.text)}"
    word = {Kind.BOOLEAN: "boolean", Kind.DATE: "date", Kind.INSTANT: "time"}
    return f"the {word.get(node.kind, 'number')} {node.text[:60]}"
