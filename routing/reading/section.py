"""A mapping with known keys, read key by key.

Unknown keys are reported when the section is opened, with the nearest known one; a value that
cannot be read is reported when it is asked for, and reads as None.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from routing.reading.mistakes import Mistakes, Place, did_you_mean, listed, shown
from routing.reading.nodes import ListNode, MapNode, Node, described
from routing.reading.scalars import Reader, is_null

T = TypeVar("T")
D = TypeVar("D")
_NONE: Mapping[str, str] = MappingProxyType({})


class Section:
    """One mapping of a file.

    Args:
        node: The mapping.
        what: What it is, as messages call it: `person "ada"`.
        known: The keys it may have.
        mistakes: Takes what is wrong.
        refused: Keys that deserve a message of their own, and that message.

    Examples:
        >>> from routing.reading import Mistakes, Section, compose, integer, name
        >>> mistakes = Mistakes()
        >>> node = compose("{id: ada, wieght: 2}", file="roster.yaml", mistakes=mistakes)
        >>> person = Section(node, "a person", known=("id", "weight"), mistakes=mistakes)
        >>> person.require("id", name), person.read_or("weight", integer(at_least=0), 1)
        ('ada', 1)
        >>> print(mistakes.found[0])
        roster.yaml:1:11: "wieght" is not a key of a person. Did you mean "weight"?
    """

    def __init__(
        self,
        node: MapNode,
        what: str,
        *,
        known: Iterable[str],
        mistakes: Mistakes,
        refused: Mapping[str, str] = _NONE,
    ) -> None:
        self.node = node
        self.what = what
        self.mistakes = mistakes
        self._nodes = {key.text: value for key, value in node.entries}
        self._keys = {key.text: key.place for key, _ in node.entries}
        self._report_unknown(tuple(known), refused)

    @property
    def place(self) -> Place:
        """Where the mapping begins."""
        return self.node.place

    def has(self, key: str) -> bool:
        """Whether the key is there, with whatever value."""
        return key in self._nodes

    def get(self, key: str) -> Node | None:
        """The node under a key; None where the key is absent."""
        return self._nodes.get(key)

    def is_null(self, key: str) -> bool:
        """Whether the key is there and says `null`."""
        return is_null(self._nodes.get(key))

    def key_place(self, key: str) -> Place:
        """Where a key stands; the mapping's own place where it does not."""
        return self._keys.get(key, self.place)

    def called(self, key: str) -> str:
        """What messages call the value under a key."""
        return f'"{key}" of {self.what}'

    def read(self, key: str, reader: Reader[T]) -> T | None:
        """The value under a key; None where it is absent or wrong."""
        node = self._nodes.get(key)
        return None if node is None else reader(node, self.called(key), self.mistakes)

    def read_or(self, key: str, reader: Reader[T], default: D) -> T | D:
        """The value under a key; the default where it is absent or wrong."""
        value = self.read(key, reader)
        return default if value is None else value

    def read_nullable(self, key: str, reader: Reader[T]) -> T | None:
        """As `read`, where `null` is an honest answer and no mistake."""
        return None if self.is_null(key) else self.read(key, reader)

    def require(self, key: str, reader: Reader[T]) -> T | None:
        """As `read`; a missing key is a mistake."""
        return self.read(key, reader) if self.demand(key) else None

    def demand(self, key: str) -> bool:
        """Whether the key is there; a mistake where it is not."""
        if key in self._nodes:
            return True
        self.mistakes.add(self.place, f'{self.what} has no "{key}", which is required. Add it.')
        return False

    def section(self, key: str, *, known: Iterable[str]) -> "Section | None":
        """The mapping under a key; None where the key is absent or not a mapping."""
        node = self._nodes.get(key)
        if node is None:
            return None
        return open_section(node, self.called(key), known=known, mistakes=self.mistakes)

    def parts(self, key: str) -> tuple[Node, ...]:
        """The nodes of the list under a key; empty where it is absent or not a list."""
        node = self._nodes.get(key)
        if node is None:
            return ()
        if isinstance(node, ListNode):
            return node.parts
        self.mistakes.add(node, f"{self.called(key)} must be a list, but is {described(node)}.")
        return ()

    def entries(self, key: str) -> tuple[tuple[str, Place, Node], ...]:
        """Name, place and node of each entry of the mapping under a key with free names."""
        node = self._nodes.get(key)
        if node is None:
            return ()
        if isinstance(node, MapNode):
            return tuple((name.text, name.place, value) for name, value in node.entries)
        self.mistakes.add(node, f"{self.called(key)} must be a mapping, but is {described(node)}.")
        return ()

    def _report_unknown(self, known: tuple[str, ...], refused: Mapping[str, str]) -> None:
        for key, place in self._keys.items():
            if key in refused:
                self.mistakes.add(place, refused[key])
            elif key not in known:
                hint = did_you_mean(key, known) or f" Its keys are: {listed(known, at_most=20)}."
                self.mistakes.add(place, f"{shown(key)} is not a key of {self.what}.{hint}")


def open_section(
    node: Node,
    what: str,
    *,
    known: Iterable[str],
    mistakes: Mistakes,
    refused: Mapping[str, str] = _NONE,
) -> Section | None:
    """The node as a section; None, with a mistake, where it is not a mapping."""
    if isinstance(node, MapNode):
        return Section(node, what, known=known, mistakes=mistakes, refused=refused)
    mistakes.add(node, f"{what} must be a mapping, but is {described(node)}.")
    return None
