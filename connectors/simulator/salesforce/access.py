"""What a user of the API may see and do: hidden things are absent, never forbidden.

The service does not say that a field exists when the user may not see it: it is missing
from describe and unknown to SOQL. So the rest of the simulator asks here, and nowhere else,
whether an object, a field or a row is there.
"""

from dataclasses import dataclass
from typing import Self

from connectors.simulator.salesforce.schema import Field, SObject


@dataclass(frozen=True, slots=True)
class Access:
    """The rights of a session. The default is the right to everything."""

    read_only: bool = False
    hidden_fields: frozenset[tuple[str, str]] = frozenset()  #: (object, field)
    hidden_objects: frozenset[str] = frozenset()
    hidden_rows: frozenset[str] = frozenset()  #: ids that sharing keeps from this user
    frozen_fields: frozenset[tuple[str, str]] = frozenset()  #: visible, not writable
    unfilterable: frozenset[tuple[str, str]] = frozenset()  #: visible, not usable in WHERE

    def shows_object(self, sobject: SObject) -> bool:
        """Whether the object exists for this user."""
        return sobject.name not in self.hidden_objects

    def field(self, sobject: SObject, name: str) -> Field | None:
        """The field, if it exists for this user."""
        found = sobject.field(name)
        if found is None or (sobject.name, found.name) in self.hidden_fields:
            return None
        return found

    def fields(self, sobject: SObject) -> list[Field]:
        """Every field of the object that exists for this user, in order."""
        hidden = self.hidden_fields
        return [one for one in sobject.fields.values() if (sobject.name, one.name) not in hidden]

    def may_write(self, sobject: SObject, field: Field, *, creating: bool) -> bool:
        """Whether this user may set the field."""
        if self.read_only or (sobject.name, field.name) in self.frozen_fields:
            return False
        return field.createable if creating else field.updateable

    def may_filter(self, sobject: SObject, field: Field) -> bool:
        """Whether the field may stand in a WHERE clause."""
        return field.filterable and (sobject.name, field.name) not in self.unfilterable

    def also_hiding(self, other: Self) -> Self:
        """These rights, less what the other one hides."""
        return type(self)(
            read_only=self.read_only or other.read_only,
            hidden_fields=self.hidden_fields | other.hidden_fields,
            hidden_objects=self.hidden_objects | other.hidden_objects,
            hidden_rows=self.hidden_rows | other.hidden_rows,
            frozen_fields=self.frozen_fields | other.frozen_fields,
            unfilterable=self.unfilterable | other.unfilterable,
        )


FULL = Access()


def access_from(settings: dict[str, object]) -> Access:
    """Read rights from plain data: read_only, hidden_fields (`Lead.Score__c`), ...

    Raises:
        ValueError: A key is not known, or a field is not written `Object.Field`.
    """
    known = {
        "read_only", "hidden_fields", "hidden_objects", "hidden_rows", "frozen_fields",
        "unfilterable",
    }  # fmt: skip
    unknown = sorted(set(settings) - known)
    if unknown:
        raise ValueError(f"Unknown rights {unknown}; known are {sorted(known)}.")
    return Access(
        read_only=bool(settings.get("read_only")),
        hidden_fields=_pairs(settings.get("hidden_fields")),
        hidden_objects=_names(settings.get("hidden_objects")),
        hidden_rows=_names(settings.get("hidden_rows")),
        frozen_fields=_pairs(settings.get("frozen_fields")),
        unfilterable=_pairs(settings.get("unfilterable")),
    )


def _names(given: object) -> frozenset[str]:
    if given is None:
        return frozenset()
    if not isinstance(given, list | tuple | set | frozenset):
        raise ValueError(f"Expected a list of names, got {given!r}.")
    return frozenset(str(name) for name in given)


def _pairs(given: object) -> frozenset[tuple[str, str]]:
    pairs = set()
    for name in _names(given):
        sobject, dot, field = name.partition(".")
        if not dot:
            raise ValueError(f"Write {name!r} as Object.Field, for example Lead.Score__c.")
        pairs.add((sobject, field))
    return frozenset(pairs)
