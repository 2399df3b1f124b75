"""What the names in a query mean: fields found through relationships, with their types.

A polymorphic reference (`Owner`, `Who`) leads to the generic object Name, which has only
what all its targets share; `TYPEOF` reaches the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connectors.simulator.salesforce.access import Access
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import Field, Row, SObject, Stored, read_sobject
from connectors.simulator.salesforce.soql.syntax import Path
from connectors.simulator.salesforce.soql.tokens import pointed
from connectors.simulator.salesforce.store import Store

Getter = Callable[[Row], Stored]

_MAX_HOPS: Final = 5
_NAME: Final = read_sobject(
    "Name",
    "",
    "Id id\nName string\nType picklist\nFirstName string:40\nLastName string:80\nEmail email\n"
    "Username string:80\nAlias string:8\nTitle string:80\nPhone phone\nIsActive boolean\n"
    "ProfileId reference to=Profile\nUserRoleId reference to=UserRole\n",
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A path that was understood: the field at its end and how to get its value."""

    field: Field
    sobject: SObject
    get: Getter


@dataclass(frozen=True, slots=True)
class World:
    """What a query is run against: the store, the user's rights and the time."""

    store: Store
    access: Access
    now: datetime


class Scope:
    """The names of one FROM clause."""

    def __init__(self, world: World, sobject: SObject, *, text: str, alias: str | None) -> None:
        self.world = world
        self.sobject = sobject
        self.text = text
        self._own_names = {sobject.name.lower(), (alias or sobject.name).lower()}

    def bind(self, path: Path) -> Bound:
        """Find the field a path means.

        Raises:
            Refused: INVALID_FIELD, with the place in the query.
        """
        sobject, get = self.sobject, None
        names = self._without_alias(path)
        if len(names) > _MAX_HOPS + 1:
            raise self._refused(path, "A query can follow at most 5 relationships.")
        for name in names[:-1]:
            field = self.relationship(sobject, name, path)
            get = self._followed(get, field)
            sobject = self.target(field)
        field = self.field(sobject, names[-1], path)
        return Bound(field, sobject, self._value(get, sobject, field))

    def field(self, sobject: SObject, name: str, path: Path) -> Field:
        """A field of the object itself."""
        field = self.world.access.field(sobject, name)
        if field is None:
            raise self._refused(
                path,
                f"No such column '{name}' on entity '{sobject.name}'. If you are attempting to use"
                " a custom field, be sure to append the '__c' after the custom field name. Please"
                " reference your WSDL or the describe call for the appropriate names.",
            )
        return field

    def relationship(self, sobject: SObject, name: str, path: Path) -> Field:
        """The reference field behind a relationship name."""
        field = sobject.relationships.get(name.lower())
        if field is None or self.world.access.field(sobject, field.name) is None:
            raise self._refused(
                path,
                f"Didn't understand relationship '{name}' in field path. If you are attempting to"
                " use a custom relationship, be sure to append the '__r' after the custom"
                " relationship name. Please reference your WSDL or the describe call for the"
                " appropriate names.",
            )
        return field

    def target(self, field: Field) -> SObject:
        """What a reference leads to: its only target, or the generic Name."""
        found = self.world.store.schema.find(field.refers_to[0])
        return _NAME if field.polymorphic or found is None else found

    def names(self, path: Path) -> tuple[str, ...]:
        """The path without the alias or object name it may begin with."""
        return self._without_alias(path)

    def _without_alias(self, path: Path) -> tuple[str, ...]:
        if len(path.names) > 1 and path.names[0].lower() in self._own_names:
            return path.names[1:]
        return path.names

    def _followed(self, get: Callable[[Row], Row | None] | None, field: Field) -> "_Follow":
        return _Follow(self.world.store, get, field.name)

    def _value(
        self, follow: Callable[[Row], Row | None] | None, sobject: SObject, field: Field
    ) -> Getter:
        name = field.name
        if follow is None:
            return lambda row: row.get(name)
        if sobject is _NAME and name == "Type":
            return lambda row: kind_of(self.world.store, follow(row))

        def get(row: Row) -> Stored:
            parent = follow(row)
            return None if parent is None else parent.get(name)

        return get

    def _refused(self, path: Path, message: str) -> Refused:
        return Refused("INVALID_FIELD", pointed(self.text, path.at, message))


class _Follow:
    """Follows a reference, possibly after another one."""

    def __init__(self, store: Store, before: Callable[[Row], Row | None] | None, name: str) -> None:
        self._store = store
        self._before = before
        self._name = name

    def __call__(self, row: Row) -> Row | None:
        start = row if self._before is None else self._before(row)
        return None if start is None else self._store.get(start.get(self._name))


def kind_of(store: Store, row: Row | None) -> Stored:
    """The Type of a polymorphic target: the object's name, or the group's type."""
    if row is None:
        return None
    sobject = store.schema.of_id(str(row["Id"]))
    name = sobject.name if sobject else ""
    return row.get("Type") if name == "Group" else name
