"""Which operators a type of fact has, and what each may be compared with."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType

from routing.facts import Value
from routing.reading import (
    ListNode,
    MapNode,
    Mistakes,
    Node,
    Reader,
    boolean,
    day,
    decimal,
    duration,
    integer,
    open_section,
    shown,
    text,
    unique_list_of,
)
from routing.rulebook.conditions import Operator, Test
from routing.rulebook.fields import read_element
from routing.rulebook.model import Field, FieldType

_EQUAL = (Operator.IS, Operator.IS_NOT)
_LISTED = (*_EQUAL, Operator.IN, Operator.NOT_IN)
_ORDERED = (*_LISTED, Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN)
_NULL = (Operator.IS_NULL,)

#: the operators of each type
OPERATORS: Mapping[FieldType, tuple[Operator, ...]] = MappingProxyType(
    {
        FieldType.CHOICE: (*_LISTED, *_NULL),
        FieldType.BOOLEAN: (*_EQUAL, *_NULL),
        FieldType.INTEGER: (*_ORDERED, *_NULL),
        FieldType.MONEY: (*_ORDERED, *_NULL),
        FieldType.DATE: (*_ORDERED, Operator.WITHIN_LAST, *_NULL),
        FieldType.TEXT: (
            *_LISTED,
            Operator.STARTS_WITH,
            Operator.ENDS_WITH,
            Operator.DOMAIN_IN,
            *_NULL,
        ),
        FieldType.EMAIL: (Operator.DOMAIN_IN, Operator.ENDS_WITH, *_NULL),
        FieldType.SET: (Operator.ANY_OF, Operator.ALL_OF, Operator.NONE_OF, *_NULL),
    }
)
_HOST = re.compile(r"[^\s@/:]+\.[^\s@/:.]+|[^\s@/:.]+")
_MAY_BE_MISSING = (Operator.IS_NOT, Operator.NOT_IN, Operator.NONE_OF)
_MOST_VALUES = 10_000

Operand = Value | timedelta | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One operator on one fact, as written."""

    field: Field
    operator: Operator
    node: Node
    mistakes: Mistakes

    @property
    def what(self) -> str:
        return f'"{self.operator}" of {shown(self.field.name)}'


def read_test(field: Field, operator: Operator, node: Node, mistakes: Mistakes) -> Test | None:
    """One operator and its operand as a test; None where the operand does not fit."""
    asked = _Asked(field, operator, node, mistakes)
    if isinstance(node, MapNode):
        return _with_missing(asked)
    operand = _READERS[operator](asked)
    return None if operand is None else Test(field.name, operator, operand)


def _with_missing(asked: _Asked) -> Test | None:
    """`{values: [...], or_missing: true}`."""
    mistakes = asked.mistakes
    if asked.operator not in _MAY_BE_MISSING:
        words = ", ".join(f'"{operator}"' for operator in _MAY_BE_MISSING)
        advice = f"Only {words} take {{values: [...], or_missing: true}}; use is_null beside it."
        mistakes.add(asked.node, f"{asked.what} cannot be a mapping. {advice}")
        return None
    known = ("values", "or_missing")
    section = open_section(asked.node, asked.what, known=known, mistakes=mistakes)
    if section is None or not section.demand("values"):
        return None
    or_missing = section.read_or("or_missing", boolean, default=False)
    node = section.get("values") or asked.node
    values = _values(_Asked(asked.field, asked.operator, node, mistakes))
    if values is None:
        return None
    if asked.operator is not Operator.IS_NOT:
        return Test(asked.field.name, asked.operator, values, or_missing)
    if len(values) != 1:
        mistakes.add(node, f'{asked.what} takes one value. Use "not_in" for several.')
        return None
    return Test(asked.field.name, asked.operator, values[0], or_missing)


def _single(asked: _Asked) -> Operand | None:
    if isinstance(asked.node, ListNode):
        use = "in" if asked.operator is Operator.IS else "not_in"
        hint = f' Use "{use}" for several.' if use in OPERATORS[asked.field.type] else ""
        asked.mistakes.add(asked.node, f"{asked.what} takes one value, not a list.{hint}")
        return None
    return _element(asked.field)(asked.node, asked.what, asked.mistakes)


def _values(asked: _Asked) -> tuple[Value, ...] | None:
    reader: Reader[tuple[Value, ...]] = unique_list_of(_element(asked.field), at_least=1)
    values = reader(asked.node, asked.what, asked.mistakes)
    if values is None or len(values) <= _MOST_VALUES:
        return None if values is None else tuple(sorted(values, key=_order))
    many = f"{len(values)} values, more than {_MOST_VALUES}"
    asked.mistakes.add(asked.node, f"{asked.what} has {many}. Use a field that says it in one.")
    return None


def _between(asked: _Asked) -> tuple[Value, ...] | None:
    node = asked.node
    if not isinstance(node, ListNode) or len(node.parts) != 2:
        asked.mistakes.add(node, f"{asked.what} must be two values: [from, to], both inclusive.")
        return None
    read = _element(asked.field)
    bounds = [read(part, asked.what, asked.mistakes) for part in node.parts]
    low, high = bounds
    if low is None or high is None:
        return None
    if low > high:  # type: ignore[operator]  # both are of the field's own ordered type
        said = f"{asked.what} runs from {low} down to {high}, which holds nothing"
        asked.mistakes.add(node, f"{said}. Write [{high}, {low}].")
        return None
    return (low, high)


def _texts(asked: _Asked) -> tuple[Value, ...] | None:
    if isinstance(asked.node, ListNode):
        return _values(asked)
    one = _element(asked.field)(asked.node, asked.what, asked.mistakes)
    return None if one is None else (one,)


def _domains(asked: _Asked) -> tuple[Value, ...] | None:
    values = unique_list_of(_host, at_least=1)(asked.node, asked.what, asked.mistakes)
    return values if values is None else tuple(sorted(values))


def _suffixes(asked: _Asked) -> tuple[Value, ...] | None:
    if asked.field.type is not FieldType.EMAIL:
        return _texts(asked)
    if isinstance(asked.node, ListNode):
        return _values(asked)
    one = _suffix(asked.node, asked.what, asked.mistakes)
    return None if one is None else (one,)


def _length(asked: _Asked) -> timedelta | None:
    length = duration(asked.node, asked.what, asked.mistakes)
    if length == timedelta(0):
        asked.mistakes.add(asked.node, f"{asked.what} is no time at all. Write 1d or more.")
        return None
    return length


def _truth(asked: _Asked) -> bool | None:
    return boolean(asked.node, asked.what, asked.mistakes)


_READERS: Mapping[Operator, Callable[[_Asked], Operand | None]] = MappingProxyType(
    {
        Operator.IS: _single,
        Operator.IS_NOT: _single,
        Operator.IN: _values,
        Operator.NOT_IN: _values,
        Operator.AT_LEAST: _single,
        Operator.AT_MOST: _single,
        Operator.BETWEEN: _between,
        Operator.ANY_OF: _values,
        Operator.ALL_OF: _values,
        Operator.NONE_OF: _values,
        Operator.DOMAIN_IN: _domains,
        Operator.ENDS_WITH: _suffixes,
        Operator.STARTS_WITH: _texts,
        Operator.WITHIN_LAST: _length,
        Operator.IS_NULL: _truth,
    }
)


def _element(field: Field) -> Reader[Value]:
    """The reader of one value of a field's type."""
    if field.type in (FieldType.CHOICE, FieldType.SET):
        return lambda node, what, mistakes: read_element(field, node, what, mistakes)
    if field.type is FieldType.INTEGER:
        return _within(field, integer())
    if field.type is FieldType.MONEY:
        return _within(field, decimal)
    return _PLAIN_ELEMENTS[field.type]


def _within(field: Field, reader: Reader[int] | Reader[Decimal]) -> Reader[Value]:
    def read(node: Node, what: str, mistakes: Mistakes) -> Value | None:
        number = reader(node, what, mistakes)
        if number is None:
            return None
        for bound, is_out, word in (
            (field.min, field.min is not None and number < field.min, "below the min"),
            (field.max, field.max is not None and number > field.max, "above the max"),
        ):
            if is_out:
                said = f"{what} is {number}, {word} {bound} of {shown(field.name)}"
                mistakes.add(node, f"{said}, so no lead can have it. Mend one of them.")
                return None
        return number

    return read


def _clean_text(node: Node, what: str, mistakes: Mistakes) -> str | None:
    raw = text(node, what, mistakes)
    if raw is None:
        return None
    clean = unicodedata.normalize("NFC", raw).strip()
    if not clean:
        mistakes.add(node, f"{what} is empty. Write a value; for missing ones use is_null.")
        return None
    return clean


def _host(node: Node, what: str, mistakes: Mistakes) -> str | None:
    raw = _clean_text(node, what, mistakes)
    if raw is None:
        return None
    host = raw.lower().removeprefix("@").removeprefix(".")
    if _HOST.fullmatch(host):
        return host
    advice = "Write it as acme.com; subdomains are covered."
    mistakes.add(node, f"{what} is {shown(raw)}, which is not a domain. {advice}")
    return None


def _suffix(node: Node, what: str, mistakes: Mistakes) -> str | None:
    raw = _clean_text(node, what, mistakes)
    if raw is None:
        return None
    if "@" in raw.removeprefix("@"):
        said = f"{what} is {shown(raw)}, but rules see only the host of an address"
        mistakes.add(node, f"{said}. Write what stands after the @.")
        return None
    return raw.lower().removeprefix("@")


_PLAIN_ELEMENTS: Mapping[FieldType, Reader[Value]] = MappingProxyType(
    {
        FieldType.BOOLEAN: boolean,
        FieldType.DATE: day,
        FieldType.EMAIL: _suffix,
        FieldType.TEXT: _clean_text,
    }
)


def _order(value: Value) -> tuple[Decimal, str]:
    """An order for values of one type: numbers by size, the rest as text."""
    if isinstance(value, (int, Decimal)):
        return (Decimal(value), "")
    return (Decimal(0), str(value))


def described_operators(type_: FieldType) -> str:
    """The operators of a type, for a message."""
    return ", ".join(OPERATORS[type_])
