"""Nodes as plain values and as text again.

`plain_value` is for facts whose type only the rulebook knows: it says what JSON would say, with
exact decimals, and leaves the judgement to whoever knows the type. `as_text` writes a tree so
that composing it gives the same tree at other places; a rulebook inside a scenario is kept so.
"""

import json
import re
from decimal import Decimal, InvalidOperation

from routing.reading.nodes import TRUE_WORDS, Kind, ListNode, MapNode, Node, ScalarNode

_MOST_DIGITS = 30
#: what would break the line or the file: controls, surrogates, byte order marks, line separators
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def plain_value(node: Node) -> object:
    """None, bool, int, Decimal, str, list or dict; dates and times stay text.

    Examples:
        >>> from routing.reading import Mistakes, compose
        >>> node = compose("{a: [1, 2.50, x, null, true]}", file="f", mistakes=Mistakes())
        >>> plain_value(node)
        {'a': [1, Decimal('2.50'), 'x', None, True]}
    """
    if isinstance(node, ListNode):
        return [plain_value(part) for part in node.parts]
    if isinstance(node, MapNode):
        return {key.text: plain_value(value) for key, value in node.entries}
    if node.kind is Kind.NULL:
        return None
    if node.kind is Kind.BOOLEAN:
        return node.text in TRUE_WORDS
    if node.kind in (Kind.INTEGER, Kind.DECIMAL) and len(node.text) <= _MOST_DIGITS:
        return _number(node)
    return node.text


def as_text(node: Node) -> str:
    """The tree as text on one line, YAML and, where every plain scalar is, JSON."""
    if isinstance(node, ListNode):
        return f"[{', '.join(as_text(part) for part in node.parts)}]"
    if isinstance(node, MapNode):
        pairs = (f"{_quoted(key.text)}: {as_text(value)}" for key, value in node.entries)
        return f"{{{', '.join(pairs)}}}"
    if node.kind is Kind.TEXT:
        return _quoted(node.text)
    return node.text or "null"


def _number(node: ScalarNode) -> object:
    if node.kind is Kind.INTEGER:
        return int(node.text)
    try:
        return Decimal(node.text.replace("_", ""))
    except InvalidOperation:
        return node.text


def _quoted(text: str) -> str:
    return _UNSAFE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(character: re.Match[str]) -> str:
    return f"\\U{ord(character.group()):08x}"
