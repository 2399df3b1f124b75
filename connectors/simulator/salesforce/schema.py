"""What an object is made of: fields, their types and what the service lets one do with them.

Objects are declared as text, one field a line, in `objects.py`; this module reads that
text. Names are matched without regard to case, as the service does.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

Stored = str | int | float | bool | None
Row = dict[str, Stored]

TEXT_TYPES: Final = frozenset(
    {"string", "textarea", "email", "phone", "url", "picklist", "multipicklist"}
)
NUMBER_TYPES: Final = frozenset({"int", "double", "currency", "percent"})
_FLAGS: Final = {"ro", "need", "nofilter", "nosort", "restricted", "unique", "createonly"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object."""

    name: str
    type: str
    length: int = 0
    refers_to: tuple[str, ...] = ()
    relationship: str | None = None  #: the name that SOQL uses to follow the reference
    children: str | None = None  #: the name of the child relationship on the parent
    values: tuple[str, ...] = ()  #: picklist values, in order
    restricted: bool = False
    required: bool = False
    createable: bool = True
    updateable: bool = True
    filterable: bool = True
    sortable: bool = True
    external_id: bool = False
    default: Stored = None

    @property
    def custom(self) -> bool:
        """Whether the customer made it."""
        return self.name.endswith("__c")

    @property
    def polymorphic(self) -> bool:
        """Whether the reference may point at more than one object."""
        return len(self.refers_to) > 1

    @property
    def label(self) -> str:
        """The label users see and messages repeat.

        Examples:
            >>> Field("OwnerId", "reference").label, Field("NumberOfEmployees", "int").label
            ('Owner ID', 'Number Of Employees')
        """
        bare = self.name.removesuffix("__c").replace("_", " ")
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", bare)
        return re.sub(r"\bId$", "ID", spaced)


@dataclass(frozen=True, slots=True)
class SObject:
    """One object: its key prefix, its fields and the ways to its parents."""

    name: str
    prefix: str
    fields: Mapping[str, Field]  #: by lower-case name, in declaration order
    writable: bool = True
    queue_owned: bool = False  #: whether QueueSobject lists it
    soft_deleted: bool = True  #: whether it has an IsDeleted and a recycle bin
    relationships: Mapping[str, Field] = field(default_factory=dict)

    def field(self, name: str) -> Field | None:
        """The field of that name, in whatever case it is written."""
        return self.fields.get(name.lower())


@dataclass(frozen=True, slots=True)
class Child:
    """A child relationship, seen from the parent."""

    name: str
    sobject: str
    field: str


class Schema:
    """All objects of an org, found by name or by the prefix of an id."""

    def __init__(self, sobjects: Iterable[SObject]) -> None:
        self._sobjects = {sobject.name.lower(): sobject for sobject in sobjects}
        self._by_prefix = {sobject.prefix: sobject for sobject in self}
        self._children: dict[str, list[Child]] = {}
        for sobject in self:
            for one in sobject.fields.values():
                if one.children:
                    child = Child(one.children, sobject.name, one.name)
                    self._children.setdefault(one.refers_to[0], []).append(child)

    def __iter__(self) -> Iterator[SObject]:
        return iter(self._sobjects.values())

    def find(self, name: str) -> SObject | None:
        """The object of that name, in whatever case it is written."""
        return self._sobjects.get(name.lower())

    def of_id(self, record_id: str) -> SObject | None:
        """The object a record with this id belongs to."""
        return self._by_prefix.get(record_id[:3])

    def children(self, sobject: str) -> list[Child]:
        """The child relationships of an object."""
        return self._children.get(sobject, [])


def read_sobject(name: str, prefix: str, text: str, **settings: bool) -> SObject:
    """Read an object's declaration, one field a line.

    A line is a name, a type with an optional `:length`, and any of: `to=A,B` (reference),
    `children=Name`, `values=a|b`, `default=x` (a `+` is a space), `restricted`, `need`
    (required on create), `ro` (the service alone sets it), `createonly`, `nofilter`, `nosort`,
    `unique` (an external id).
    """
    fields = [_read_field(line) for line in text.strip().splitlines() if line.strip()]
    return SObject(
        name=name,
        prefix=prefix,
        fields={one.name.lower(): one for one in fields},
        relationships={one.relationship.lower(): one for one in fields if one.relationship},
        **settings,
    )


def _read_field(line: str) -> Field:
    name, kind, *words = line.split()
    kind, _, length = kind.partition(":")
    flags = _FLAGS.intersection(words)
    given = dict(word.split("=", 1) for word in words if "=" in word)
    targets = tuple(given["to"].split(",")) if "to" in given else ()
    return Field(
        name=name,
        type=kind,
        length=int(length or _usual_length(kind)),
        refers_to=targets,
        relationship=_relationship(name) if targets else None,
        children=given.get("children"),
        values=tuple(given["values"].replace("+", " ").split("|")) if "values" in given else (),
        restricted="restricted" in flags,
        required="need" in flags,
        createable="ro" not in flags and kind not in ("id", "address"),
        updateable=not flags & {"ro", "createonly"} and kind not in ("id", "address"),
        filterable="nofilter" not in flags and kind != "address",
        sortable="nosort" not in flags and kind not in ("address", "multipicklist"),
        external_id="unique" in flags,
        default=_default(kind, given.get("default")),
    )


def _usual_length(kind: str) -> int:
    lengths = {"id": 18, "reference": 18, "email": 80, "phone": 40, "url": 255, "picklist": 255}
    return lengths.get(kind, 4099 if kind == "multipicklist" else 255 if kind == "string" else 0)


def _relationship(name: str) -> str:
    return name[:-1] + "r" if name.endswith("__c") else name.removesuffix("Id")


def _default(kind: str, text: str | None) -> Stored:
    if kind == "boolean":
        return text == "true"
    return None if text is None else text.replace("+", " ")
