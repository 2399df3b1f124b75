"""The one way in which a record becomes bytes: canonical JSON with sorted ASCII keys, no floats.

On this profile (ASCII keys, integers below 2**53 or as decimal text, no NaN) the bytes are those
of RFC 8785, so that anybody can check a hash with a library of their own.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

_SAFE = 2**53 - 1
_HOLDERS = (dict, list, tuple)
_ALSO = (bool, orjson.Fragment)
_FORM = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER  # no integer beyond 2**53

#: Canonical bytes that may stand inside of others; made by `piece` only.
Piece = orjson.Fragment

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]


def canonical(value: object) -> bytes:
    """Bytes of a JSON value: sorted keys, no spaces, UTF-8, text as it is.

    Raises:
        ValueError: The value holds a float, a key that is not printable ASCII, an integer beyond
            2**53, a lone surrogate, or something that is not JSON.

    Examples:
        >>> canonical({"b": [1, None], "a": "é"}).decode()
        '{"a":"é","b":[1,null]}'
    """
    _refuse_what_has_no_one_form(value)
    try:
        return orjson.dumps(value, option=_FORM)
    except (TypeError, orjson.JSONEncodeError) as error:
        raise ValueError(f"not canonical JSON: {error}") from error


def piece(value: object) -> Piece:
    """A part that many values share: checked and encoded once.

    Raises:
        ValueError: As `canonical`.

    Examples:
        >>> shared = piece(["x", 1])
        >>> canonical({"b": shared, "a": shared}).decode()
        '{"a":["x",1],"b":["x",1]}'
    """
    return Piece(canonical(value))


def digest(value: object) -> str:
    """SHA-256 of the canonical bytes, in hex.

    Examples:
        >>> digest({})[:12]
        '44136fa355b3'
    """
    return hashlib.sha256(canonical(value)).hexdigest()


def stamp(at: datetime) -> str:
    """An instant as RFC 3339 in UTC, with `Z` and no needless fraction.

    Examples:
        >>> from datetime import datetime, timezone
        >>> stamp(datetime(2026, 1, 5, 9, tzinfo=timezone.utc))
        '2026-01-05T09:00:00Z'
    """
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat().replace("+00:00", "Z")


def plain(value: object) -> Json:
    """A fact's value as JSON: dates and money as text, sets as sorted lists."""
    if value is None or isinstance(value, (bool, int, str)):
        return value if not isinstance(value, int) or abs(value) <= _SAFE else str(value)
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (tuple, list, frozenset)):
        return [plain(each) for each in sorted(value, key=str)]
    raise ValueError(f"a fact of type {type(value).__name__} cannot stand in a record")


def parse(text: bytes | str) -> Json:
    """Read canonical bytes back."""
    parsed: Json = orjson.loads(text)
    return parsed


def _refuse_what_has_no_one_form(value: object) -> None:
    """Look at every value once. The list grows under the loop: each record passes through here."""
    holders: list[Any] = [[value]]
    for each in holders:
        parts = each
        if type(each) is dict:
            _refuse_odd_keys(each)
            parts = each.values()
        for part in parts:
            kind = type(part)
            if kind is int or kind is str:
                continue
            if kind in _HOLDERS:
                holders.append(part)
            elif not (part is None or kind in _ALSO or isinstance(part, str)):  # codes are text
                raise ValueError(f"{part!r} has no canonical form; use an integer or text")


def _refuse_odd_keys(value: Mapping[Any, object]) -> None:
    try:
        together = "".join(value)
    except TypeError:
        together = "\n"
    if together.isascii() and together.isprintable():
        return
    odd = next(
        key for key in value if not (isinstance(key, str) and key.isascii() and key.isprintable())
    )
    raise ValueError(f"key {odd!r} is not printable ASCII")
