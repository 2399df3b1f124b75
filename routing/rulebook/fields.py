"""Reads `fields`: which facts rules may use, of which type, with which values."""

import re
from collections.abc import Mapping

from routing.reading import (
    ListNode,
    Node,
    Place,
    Section,
    boolean,
    did_you_mean,
    integer,
    listed,
    name,
    one_of,
    open_section,
    shown,
    unique_list_of,
)
from routing.reading.mistakes import Mistakes
from routing.rulebook.model import Field, FieldType
from routing.rulebook.vocabulary import BUILT_IN, PREFIXES, REDECLARABLE, RESERVED

_NAME = re.compile(r"(?:(?:account|campaign)\.)?[A-Za-z][A-Za-z0-9_]{0,79}")
_VALUED = (FieldType.CHOICE, FieldType.SET)
_NUMBERS = (FieldType.INTEGER, FieldType.MONEY)
_KEYS = ("type", "values", "open", "min", "max")
_LARGEST = 10**12


def read_fields(book: Section) -> Mapping[str, Field]:
    """The declared fields by name; those that cannot be read are left out."""
    fields: dict[str, Field] = {}
    for field_name, place, node in book.entries("fields"):
        if not _is_good_name(field_name, place, book.mistakes):
            continue
        field = _read_field(field_name, node, book.mistakes)
        if field is not None and _may_be_declared(field, place, book.mistakes):
            fields[field_name] = field
    return fields


def _is_good_name(field: str, place: Place, mistakes: Mistakes) -> bool:
    if field in RESERVED:
        mistakes.add(place, f"{shown(field)} is a reserved word. Give the field another name.")
    elif not _NAME.fullmatch(field):
        prefixes = " or ".join(f'"{prefix}"' for prefix in PREFIXES)
        advice = f"Use letters, digits and _, after {prefixes} where it is not the lead's own."
        mistakes.add(place, f"{shown(field)} cannot be the name of a field. {advice}")
    else:
        return True
    return False


def _read_field(field: str, node: Node, mistakes: Mistakes) -> Field | None:
    what = f"field {shown(field)}"
    section = open_section(node, what, known=_KEYS, mistakes=mistakes)
    if section is None:
        return None
    type_ = section.require("type", one_of(FieldType))
    if type_ is None:
        return None
    _check_keys_fit(section, type_)
    open_ = section.read_or("open", boolean, default=False)
    before = len(mistakes)
    values = section.read("values", unique_list_of(name)) or ()
    anything = len(mistakes) > before  # nobody knows which values were meant: any will do
    if type_ in _VALUED and not values and not open_ and not _is_broken_list(section):
        advice = "List them, or write open: true."
        mistakes.add(section.place, f"{what} is a {type_} without values. {advice}")
    least = section.read("min", integer(at_least=-_LARGEST, at_most=_LARGEST))
    most = section.read("max", integer(at_least=-_LARGEST, at_most=_LARGEST))
    if least is not None and most is not None and least > most:
        mistakes.add(section.place, f"{what} has min {least} above max {most}. Swap them.")
    return Field(field, type_, values, open_ or anything, least, most)


def _is_broken_list(section: Section) -> bool:
    node = section.get("values")
    return node is not None and not (isinstance(node, ListNode) and not node.parts)


def _check_keys_fit(section: Section, type_: FieldType) -> None:
    fitting = {"values": _VALUED, "open": _VALUED, "min": _NUMBERS, "max": _NUMBERS}
    for key, types in fitting.items():
        if section.has(key) and type_ not in types:
            message = (
                f'"{key}" has no meaning for {section.what}, which is of type {type_}. '
                f"Remove it, or use type {' or '.join(types)}."
            )
            section.mistakes.add(section.key_place(key), message)


def _may_be_declared(field: Field, place: Place, mistakes: Mistakes) -> bool:
    built_in = BUILT_IN.get(field.name)
    if built_in is None:
        return True
    types = REDECLARABLE.get(field.name, (built_in.type,))
    if field.type in types:
        return True
    said = f"{shown(field.name)} is built in as {built_in.type} and cannot be a {field.type}"
    mistakes.add(place, f"{said}. Remove the declaration, or use another name.")
    return False


def read_element(field: Field, node: Node, what: str, mistakes: Mistakes) -> str | None:
    """One value of a choice or set: declared, or the field is open."""
    value = name(node, what, mistakes)
    if value is None or value in field.values:
        return value
    return _undeclared(field, value, node, mistakes)


def _undeclared(field: Field, value: str, node: Node, mistakes: Mistakes) -> str | None:
    hint = did_you_mean(value, field.values)
    said = f"{shown(value)} is not among the values of {shown(field.name)}"
    if field.open:
        if field.values:
            mistakes.warn(node, f"{said}, which is open.{hint}")
        return value
    hint = hint or f" They are: {listed(field.values)}."
    mistakes.add(node, f"{said}.{hint}")
    return None
