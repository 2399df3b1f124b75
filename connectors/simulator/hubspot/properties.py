"""What a property of an object is: its type, its options, who may write it, and what fits it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.simulator.hubspot.refusals import Flaw
from connectors.simulator.hubspot.stamps import read_time

_FIELD_TYPES: Final = {
    "string": "text",
    "number": "number",
    "datetime": "date",
    "date": "date",
    "enumeration": "select",
    "bool": "booleancheckbox",
}
_LONGEST: Final = 65_536
OWNER: Final = "hubspot_owner_id"


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an object."""

    name: str
    label: str
    type: str = "string"  #: string, number, datetime, date, enumeration or bool
    options: tuple[tuple[str, str], ...] = ()  #: value and label, in order
    read_only: bool = False
    many: bool = False  #: an enumeration that holds several values, joined by semicolons
    custom: bool = False
    unique: bool = False

    def flaw(self, value: str) -> Flaw | None:
        """What is wrong with a value that is to be written, if anything."""
        if value == "":
            return None
        found = self._type_flaw(value)
        if found is None and self.name == "email" and ("@" not in value or value != value.strip()):
            found = self._flaw("INVALID_EMAIL", f"Email address {value} is invalid")
        if found is None and len(value) > _LONGEST:
            found = self._flaw("INVALID_LENGTH", f"The value is longer than {_LONGEST} characters.")
        return found

    def _type_flaw(self, value: str) -> Flaw | None:
        if self.type == "number" and not _is_number(value):
            return self._flaw("INVALID_INTEGER", f"{value} was not a valid number.")
        if self.type in ("datetime", "date") and read_time(value) is None:
            return self._flaw("INVALID_DATE", f"{value} was not a valid long.")
        if self.type == "bool" and value.lower() not in ("true", "false"):
            return self._not_allowed(value)
        if self.type == "enumeration" and self.options:
            chosen = [one for one in value.split(";") if one] if self.many else [value]
            if not {option for option, _ in self.options}.issuperset(chosen):
                return self._not_allowed(value)
        return None

    def _not_allowed(self, value: str) -> Flaw:
        allowed = ", ".join(f"label: {label} value: {option}" for option, label in self.options)
        message = f"{value} was not one of the allowed options: [{allowed}]"
        return self._flaw("INVALID_OPTION", message)

    def _flaw(self, error: str, message: str) -> Flaw:
        return Flaw(self.name, error, message)

    def as_json(self, type_id: str) -> dict[str, Any]:
        """The definition as the properties API shows it."""
        owned = self.name == OWNER
        return {
            "updatedAt": "2025-01-01T00:00:00.000Z",
            "createdAt": "2025-01-01T00:00:00.000Z",
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": "checkbox" if self.many else _FIELD_TYPES[self.type],
            "description": "",
            "groupName": "signalbox" if self.custom else f"{type_id}_information",
            "options": [
                {"label": label, "value": value, "displayOrder": at, "hidden": False}
                for at, (value, label) in enumerate(self.options)
            ],
            **({"referencedObjectType": "OWNER"} if owned else {}),
            "displayOrder": -1,
            "calculated": False,
            "externalOptions": owned,
            "archived": False,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": not self.custom,
            "modificationMetadata": {
                "archivable": self.custom,
                "readOnlyDefinition": not self.custom,
                "readOnlyOptions": not self.custom,
                "readOnlyValue": self.read_only,
            },
            "formField": not self.read_only,
        }


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A kind of record: contacts, companies, leads and so on."""

    name: str  #: as in paths, plural
    type_id: str
    singular: str  #: as in messages and labels of associations
    modified: str  #: the property that moves with every write
    created: str
    properties: Mapping[str, Property]
    served: tuple[str, ...]  #: properties served when none is asked for
    required: tuple[str, ...] = ()
    revisions: int = 20  #: how many values of a property are remembered
    scope: str = ""  #: the part of its scopes' names, such as `contacts`
    searched: tuple[str, ...] = ()  #: properties that `query` looks into

    def scopes(self, verb: str) -> frozenset[str]:
        """The scopes that reading or writing such records takes."""
        return frozenset({f"crm.objects.{self.scope}.{verb}"}) if self.scope else frozenset()


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
