"""What a client may put into a field, and how the service says that it may not.

Each function takes a field and a JSON value and gives the value as stored. Empty text is
null, times become whole seconds in UTC, ids become 18 characters.
"""

import re
from collections.abc import Callable
from typing import Final

from connectors.simulator.salesforce.ids import canonical
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import NUMBER_TYPES, TEXT_TYPES, Field, Stored
from connectors.simulator.salesforce.stamps import read_date, read_datetime, wire

_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f,;]+@[^@\s\x00-\x1f,;.]+(\.[^@\s\x00-\x1f,;.]+)+\Z")


def stored(field: Field, value: object) -> Stored:
    """The value as the service keeps it.

    Raises:
        Refused: The value has the wrong type, is too long, or is not allowed here.
    """
    if value is None or value == "":
        return False if field.type == "boolean" else None
    if field.type in TEXT_TYPES:
        return _text(field, value)
    if field.type in NUMBER_TYPES:
        return _number(field, value)
    reader = _READERS.get(field.type)
    if reader is None:
        raise _unreadable(field, value)
    return reader(field, value)


def check_email(field: Field, value: Stored) -> None:
    """Refuse what is no e-mail address; also run on values that were there before."""
    if isinstance(value, str) and not _EMAIL.match(value):
        message = f"{field.label}: invalid email address: {value}"
        raise Refused("INVALID_EMAIL_ADDRESS", message, fields=(field.name,))


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise _unreadable(field, value)
    if field.length and len(value) > field.length:
        message = f"{field.label}: data value too large: {value} (max length={field.length})"
        raise Refused("STRING_TOO_LONG", message, fields=(field.name,))
    if field.restricted and value not in field.values:
        message = f"{field.label}: bad value for restricted picklist field: {value}"
        raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, fields=(field.name,))
    if field.type == "email":
        check_email(field, value)
    return value


def _number(field: Field, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _unreadable(field, value)
    try:
        number = float(value)
    except ValueError:
        raise _unreadable(field, value) from None
    if field.type == "int" and number != int(number):
        raise _unreadable(field, value)
    if abs(number) >= (2**31 if field.type == "int" else 10**16):
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise Refused("NUMBER_OUTSIDE_VALID_RANGE", message, fields=(field.name,))
    return int(number) if field.type == "int" else number


def _boolean(field: Field, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _unreadable(field, value)


def _datetime(field: Field, value: object) -> str:
    at = read_datetime(value) if isinstance(value, str) else None
    if at is None:
        raise _unreadable(field, value)
    return wire(at)


def _date(field: Field, value: object) -> str:
    day = read_date(value) if isinstance(value, str) else None
    if day is None:
        raise _unreadable(field, value)
    return day


def _reference(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise _unreadable(field, value)
    record_id = canonical(value)
    if record_id is None:
        message = f"{field.label}: id value of incorrect type: {value}"
        raise Refused("MALFORMED_ID", message, fields=(field.name,))
    return record_id


def _unreadable(field: Field, value: object) -> Refused:
    wanted = {"int": "int", "datetime": "datetime", "date": "date", "boolean": "boolean"}
    number = field.type in NUMBER_TYPES
    name = wanted.get(field.type, "double" if number else "string")
    message = (
        f"Cannot deserialize instance of {name} from {_token(value)} value {_shown(value)}"
        " or request may be missing a required field at [line:1, column:2]"
    )
    return Refused("JSON_PARSER_ERROR", message)


def _token(value: object) -> str:
    if isinstance(value, bool):
        return "VALUE_TRUE" if value else "VALUE_FALSE"
    names = {int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING"}
    return names.get(type(value), "START_ARRAY" if isinstance(value, list) else "START_OBJECT")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float | str) else "["


_READERS: Final[dict[str, Callable[[Field, object], Stored]]] = {
    "boolean": _boolean,
    "datetime": _datetime,
    "date": _date,
    "reference": _reference,
}
