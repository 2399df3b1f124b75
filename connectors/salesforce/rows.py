"""Reads single values of a row: absent, null and oddly typed ones included.

A value that cannot be read is None: one odd row never stops a page. Numbers
keep no floating point: whole ones become integers, others decimal text, so that hashes of facts
do not depend on how a number was printed.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.salesforce.stamps import midnight, moment
from connectors.salesforce_ids import canonical

Row = Mapping[str, Any]


def text(row: Row, name: str | None) -> str | None:
    """A text, or None where it is absent, null, empty or no text."""
    value = row.get(name) if name else None
    return value if isinstance(value, str) and value else None


def id_in(row: Row, name: str | None) -> str | None:
    """An id in its 18 characters, or None."""
    value = text(row, name)
    return None if value is None else canonical(value)


def at(row: Row, name: str) -> datetime | None:
    """A time; a date means its first instant."""
    value = text(row, name)
    try:
        return None if value is None else midnight(value)
    except ValueError:
        return None


def surely_at(row: Row, name: str) -> datetime:
    """A time; where it cannot be read, the row's own stamp, which was read before."""
    return at(row, name) or moment(str(row["SystemModstamp"]))


def flag(row: Row, name: str) -> bool:
    """Whether a checkbox is ticked."""
    return row.get(name) is True


def money(row: Row, name: str) -> str | None:
    """An amount as decimal text.

    Examples:
        >>> money({"Amount": 1200.5}, "Amount"), money({"Amount": 300.0}, "Amount")
        ('1200.5', '300')
    """
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return str(exact(value)) or None


def exact(value: Any) -> Any:
    """The value without floating point, inside lists and objects too.

    Examples:
        >>> exact({"a": 300.0, "b": [0.1], "c": 1e30})
        {'a': 300, 'b': ['0.1'], 'c': '1000000000000000000000000000000'}
    """
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 2**53
        return int(value) if whole else format(Decimal(repr(value)), "f")
    if isinstance(value, Mapping):
        return {key: exact(inner) for key, inner in value.items() if key != "attributes"}
    if isinstance(value, list):
        return [exact(inner) for inner in value]
    return value
