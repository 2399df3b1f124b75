"""Reads a lead as a file gives it: known keys, raw values.

Which values a field takes is for the decision to judge, because a CRM sends anything: what does
not fit its field is missing there, with a code. A mistake here is only what the author of a file
cannot have meant: an undeclared key, or an unquoted `NO` or `017`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from routing.reading import (
    Kind,
    ListNode,
    MapNode,
    Mistakes,
    Node,
    Place,
    Reader,
    ScalarNode,
    Section,
    boolean,
    described,
    instant,
    name,
    open_section,
    plain_value,
    shown,
    text,
    trapped,
)
from routing.rulebook.model import Book, Field, FieldType
from routing.rulebook.vocabulary import LEAD_KEYS, PREFIXES
from routing.scenario.model import QUEUE

_NUMBERS = (FieldType.INTEGER, FieldType.MONEY)
_TRUTHS = ("true", "false")


@dataclass(frozen=True, slots=True)
class LeadGiven:
    """A lead as written: `given` holds every key that was there, but not the id."""

    id: str
    given: Mapping[str, object]
    places: Mapping[str, Place]  #: where the id and each value stand


def owner(node: Node, what: str, mistakes: Mistakes) -> str | None:
    """An owner: a person's id, `queue:NAME`, or any other text for a human we do not route for."""
    found = name(node, what, mistakes)
    if found is None or not found.startswith(QUEUE) or found.removeprefix(QUEUE).strip():
        return found
    mistakes.add(node, f"{what} names no queue. Write {QUEUE}NAME.")
    return None


_READERS: Mapping[str, Reader[object]] = {
    "stage": text,
    "owner": owner,
    "email": text,
    "company": text,
    "account": name,
    "person": name,
    "received_at": instant,
    "test": boolean,
}


def read_lead_node(
    node: Node, what: str, *, book: Book | None, mistakes: Mistakes
) -> LeadGiven | None:
    """A lead from its mapping.

    Args:
        node: The mapping.
        what: What messages call it.
        book: Says which keys are declared; None where it could not be read: any key will do.
        mistakes: Takes what is wrong.
    """
    known = _known_keys(node, book)
    section = open_section(node, what, known=known, mistakes=mistakes)
    id_ = None if section is None else section.require("id", name)
    if section is None or id_ is None:
        return None
    places = {key: found.place for key in known if (found := section.get(key)) is not None}
    return LeadGiven(id_, _given(section, known, book), places)


def _given(section: Section, known: Iterable[str], book: Book | None) -> dict[str, object]:
    """Every value that is there and can be read; null is one."""
    given: dict[str, object] = {}
    for key in known:
        if key == "id" or not section.has(key):
            continue
        field = None if book is None else book.fields.get(key)
        value = section.read_nullable(key, _READERS.get(key) or fact(field))
        if value is not None or section.is_null(key):
            given[key] = value
    return given


def _known_keys(node: Node, book: Book | None) -> tuple[str, ...]:
    if book is None:
        written = node.keys() if isinstance(node, MapNode) else ()
        return tuple(dict.fromkeys((*LEAD_KEYS, *written)))
    declared = (field for field in book.fields if not field.startswith(PREFIXES))
    return tuple(dict.fromkeys((*LEAD_KEYS, *declared)))


def fact(field: Field | None) -> Reader[object]:
    """A reader of the raw value of a declared field; None: of whatever stands there."""

    def read(node: Node, what: str, mistakes: Mistakes) -> object | None:
        if isinstance(node, MapNode):
            said = f"{what} must be a value or a list, but is {described(node)}."
            mistakes.add(node, said)
            return None
        parts = node.parts if isinstance(node, ListNode) else (node,)
        for part in parts:
            if isinstance(part, ScalarNode) and field is not None:
                _check_meant(part, what, field.type, mistakes)
        return plain_value(node)

    return read


def _check_meant(node: ScalarNode, what: str, type_: FieldType, mistakes: Mistakes) -> None:
    """Report an unquoted text that YAML takes for something else, which JSON could not say."""
    kind = node.kind
    if kind is Kind.BOOLEAN and type_ is not FieldType.BOOLEAN and node.text not in _TRUTHS:
        mistakes.add(node, trapped(node, what))
    elif kind is Kind.ODD_INTEGER and type_ in _NUMBERS:
        mistakes.add(node, f"{what} is {shown(node.text)}. Write the number in plain digits.")
    elif kind is Kind.ODD_INTEGER:
        mistakes.add(node, trapped(node, what))
