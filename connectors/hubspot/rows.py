"""Reads single values of a row: absent, null, empty and oddly typed ones included.

HubSpot writes every property as text and an empty one as null or "". A value that cannot be read
is None: one odd row never stops a page.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from connectors.hubspot.stamps import moment, stamp

Row = Mapping[str, Any]
_LONGEST_NUMBER: Final = 40


def properties_of(row: Row) -> Mapping[str, Any]:
    """The properties of a record; none where there are none."""
    found = row.get("properties")
    return found if isinstance(found, Mapping) else {}


def text(row: Row, name: str | None) -> str | None:
    """A property as text, or None where it is absent, null or empty.

    Examples:
        >>> text({"properties": {"contact": {"email": "kim@acme.test"}}}, "contact.email")
        'kim@acme.test'
    """
    value: Any = properties_of(row) if name else None
    for step in (name or "").split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value) or None


def flag(row: Row, name: str | None) -> bool | None:
    """Whether a checkbox is ticked; None where it says neither."""
    value = properties_of(row).get(name) if name else None
    said = str(value).lower()
    return True if said == "true" else False if said == "false" else None


def at(row: Row, name: str | None) -> datetime | None:
    """A property as a time."""
    return moment(properties_of(row).get(name)) if name else None


def whole(row: Row, name: str) -> int | None:
    """A property as a whole number.

    Examples:
        >>> whole({"properties": {"numberofemployees": "120"}}, "numberofemployees")
        120
    """
    found = _decimal(text(row, name))
    return int(found) if found is not None and found == found.to_integral_value() else None


def money(row: Row, name: str) -> str | None:
    """A property as decimal text.

    Examples:
        >>> money({"properties": {"amount": "1200.50"}}, "amount")
        '1200.50'
        >>> money({"properties": {"amount": "much"}}, "amount") is None
        True
    """
    found = _decimal(text(row, name))
    return None if found is None else format(found, "f")


def several(row: Row, name: str) -> tuple[str, ...]:
    """The parts of a property that holds several, such as merged ids, in order, once each.

    Examples:
        >>> several({"properties": {"hs_merged_object_ids": "201;305;"}}, "hs_merged_object_ids")
        ('201', '305')
    """
    parts = (part.strip() for part in (text(row, name) or "").replace(",", ";").split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))


def modified_at(row: Row, name: str) -> datetime | None:
    """When the record was changed last: its property, else the envelope's word."""
    return at(row, name) or moment(row.get("updatedAt"))


def created_at(row: Row, name: str) -> datetime | None:
    """When the record was created: its property, else the envelope's word."""
    return at(row, name) or moment(row.get("createdAt"))


def version_mark(row: Row, name: str) -> str:
    """The record's version as one spelling of its time of change."""
    found = modified_at(row, name)
    return stamp(found) if found is not None else str(row.get("updatedAt") or "")


def fields_of(row: Row) -> dict[str, Any]:
    """The record whole, under HubSpot's names."""
    return {str(name): value for name, value in properties_of(row).items()}


def _decimal(value: str | None) -> Decimal | None:
    if value is None or len(value) > _LONGEST_NUMBER:
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < _LONGEST_NUMBER else None
