"""Text becomes a tree of nodes with places, or mistakes; nothing in between.

YAML as JSON knows it: no anchors, aliases, tags, merge keys or second documents, so that a file
says what it seems to say and cannot grow when read. Read from the parser's events, with bounded
size and depth and without recursion. Reading the file itself is the shell's work.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from routing.reading.mistakes import Mistakes, Place, shown
from routing.reading.nodes import Kind, ListNode, MapNode, Node, ScalarNode
from routing.reading.syntax import syntax_mistake

LARGEST_CHARACTERS = 64_000_000  #: a scenario with a million events is smaller
DEEPEST = 48  #: levels of lists and mappings inside one another

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: what no text file holds: control characters and surrogates
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)


def decode(raw: bytes, *, file: str, mistakes: Mistakes) -> str | None:
    """The text of a file's bytes, which must be UTF-8; a byte order mark is dropped."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        place = Place(file, before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        guess = " It looks like UTF-16." if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        byte = raw[error.start]
        mistakes.add(place, f"Byte 0x{byte:02x} is not UTF-8.{guess} Save the file as UTF-8.")
        return None


def compose(text: str, *, file: str, mistakes: Mistakes) -> Node | None:
    r"""The tree of a YAML or JSON text, or None where it is too broken to go on.

    Args:
        text: The whole text of the file.
        file: The file's name as it should stand in messages.
        mistakes: Takes what is wrong: syntax, duplicate keys, anchors, tags and the like.

    Returns:
        The tree, also when there were mistakes that leave its shape intact (a duplicate key keeps
        its first value), so that the caller can find more of them.

    Examples:
        >>> mistakes = Mistakes()
        >>> compose("a: 1\na: 2", file="x.yaml", mistakes=mistakes) is None
        False
        >>> print(mistakes.found[0])
        x.yaml:2:1: "a" appears twice; the first is on line 1. Keep one of them.
    """
    text = text.removeprefix("\ufeff")
    if not _is_readable(text, file, mistakes):
        return None
    text = _json_as_yaml(text)
    composer = _Composer(file, mistakes)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if not composer.take(event):
                return None
    except yaml.YAMLError as error:
        mistakes.extend([syntax_mistake(error, text, file=file)])
        return None
    if composer.root is None:
        mistakes.add(Place(file, 1, 1), "The file is empty.")
    return composer.root


def _is_readable(text: str, file: str, mistakes: Mistakes) -> bool:
    if len(text) > LARGEST_CHARACTERS:
        size = f"{len(text):,} characters, more than {LARGEST_CHARACTERS:,}"
        mistakes.add(Place(file, 1, 1), f"The file has {size}. Split it.")
        return False
    bad = list(_first_of_each(text))
    for character, at in bad:
        line = text.count("\n", 0, at) + 1
        column = at - text.rfind("\n", 0, at)
        name = "a null byte" if character == "\0" else f"the character U+{ord(character):04X}"
        advice = "It cannot be seen and has no place in a text file. Delete it."
        mistakes.add(Place(file, line, column), f"The file holds {name}. {advice}")
    return not bad


def _first_of_each(text: str) -> Iterator[tuple[str, int]]:
    seen: set[str] = set()
    for match in _UNPRINTABLE.finditer(text):
        if match.group() not in seen:
            seen.add(match.group())
            yield match.group(), match.start()


def _json_as_yaml(text: str) -> str:
    """JSON that YAML would refuse, made acceptable: tabs as white space, surrogate pairs."""
    if not text.lstrip().startswith(("{", "[")) or ("\t" not in text and "\\u" not in text):
        return text
    try:
        json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return text
    return _PAIR.sub(_joined_pair, text.replace("\t", " "))


def _joined_pair(match: re.Match[str]) -> str:
    high, low = int(match.group(2), 16), int(match.group(3), 16)
    return f"{match.group(1)}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been read."""

    place: Place
    is_map: bool
    parts: list[Node] = field(default_factory=list)
    entries: dict[str, tuple[ScalarNode, Node]] = field(default_factory=dict)
    key: ScalarNode | None = None
    expects_key: bool = True


class _Composer:
    def __init__(self, file: str, mistakes: Mistakes) -> None:
        self.root: Node | None = None
        self._file = file
        self._mistakes = mistakes
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> bool:
        """Use one event; False where reading cannot go on."""
        if isinstance(event, yaml.ScalarEvent):
            self._check_properties(event)
            plain = bool(event.implicit[0])
            self._put(ScalarNode(self._place(event), event.value, plain))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._check_properties(event)
            return self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            return self._document(event)
        return True

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        if mark is None:
            return Place(self._file, 1, 1)
        return Place(self._file, mark.line + 1, mark.column + 1)

    def _document(self, event: yaml.Event) -> bool:
        self._documents += 1
        if self._documents > 1:
            message = 'A second document begins here ("---"). Put it into a file of its own.'
            self._mistakes.add(self._place(event), message)
        return self._documents == 1

    def _begin(self, event: yaml.CollectionStartEvent) -> bool:
        place = self._place(event)
        if len(self._open) >= DEEPEST:
            message = (
                f"Lists and mappings are nested more than {DEEPEST} levels deep. Flatten them."
            )
            self._mistakes.add(place, message)
            return False
        self._open.append(_Open(place, isinstance(event, yaml.MappingStartEvent)))
        return True

    def _end(self) -> None:
        done = self._open.pop()
        if done.is_map:
            self._put(MapNode(done.place, tuple(done.entries.values())))
        else:
            self._put(ListNode(done.place, tuple(done.parts)))

    def _put(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if not parent.is_map:
            parent.parts.append(node)
        elif parent.expects_key:
            parent.key = self._checked_key(node)
            parent.expects_key = False
        else:
            self._put_value(parent, node)

    def _put_value(self, parent: _Open, node: Node) -> None:
        key, parent.key, parent.expects_key = parent.key, None, True
        if key is None:
            return
        first = parent.entries.setdefault(key.text, (key, node))
        if first[0] is not key:
            where = f"the first is on line {first[0].place.line}"
            message = f"{shown(key.text)} appears twice; {where}. Keep one of them."
            self._mistakes.add(key, message)

    def _checked_key(self, node: Node) -> ScalarNode | None:
        if not isinstance(node, ScalarNode):
            self._mistakes.add(node, "A key must be text, not a list or a mapping.")
            return None
        if node.plain and node.text == "<<":
            message = 'Merge keys ("<<") are not supported. Write the keys out where they belong.'
            self._mistakes.add(node, message)
            return None
        if node.kind in (Kind.BOOLEAN, Kind.NULL, Kind.ODD_INTEGER, Kind.DECIMAL):
            kind = {Kind.BOOLEAN: "a boolean", Kind.NULL: "nothing"}.get(node.kind, "a number")
            advice = f'Quote it: "{node.text}".' if node.text else "Write the missing key."
            self._mistakes.add(node, f"The key {node.text} is {kind} to YAML. {advice}")
        return node

    def _check_properties(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            message = f'Anchors ("&{event.anchor}") are not supported. Write the value out.'
            self._mistakes.add(self._place(event), message)
        tag = getattr(event, "tag", None)
        if tag is not None:
            name = shown(str(tag).replace("tag:yaml.org,2002:", "!!"))
            message = f"Tags ({name}) are not supported. Write the value without one."
            self._mistakes.add(self._place(event), message)

    def _alias(self, event: yaml.AliasEvent) -> None:
        message = f'Aliases ("*{event.anchor}") are not supported. Write the value out.'
        self._mistakes.add(self._place(event), message)
        self._put(ScalarNode(self._place(event), "", plain=True))
