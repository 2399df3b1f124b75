"""How values lie in the ledger's byte columns: JSON with sorted keys, whatever text it holds.

This is for working rows that a program reads back. What is hashed for proof goes through
`routing.canonical`, which refuses what has no single form; here nothing is refused, because a
CRM may say anything.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from routing.facts import AccountSeen, RecordSeen

_READ_AT = "read_at"
_SAME_AS = "same_as"
_RECORD_FIELDS = tuple(f.name for f in fields(RecordSeen) if f.name not in (_READ_AT, _SAME_AS))
_ACCOUNT_FIELDS = tuple(f.name for f in fields(AccountSeen))
_LISTS = ("domains", "team")
#: Before what orjson could not write. It would read a longer integer as a float, without a word.
_AT_LENGTH = b" "


def pack(value: object) -> bytes:
    """JSON bytes of a value.

    Examples:
        >>> pack({"b": 1, "a": (1, 2)})
        b'{"a":[1,2],"b":1}'
    """
    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a lone surrogate, or an integer beyond 64 bits
        text = json.dumps(value, default=_plain, sort_keys=True, separators=(",", ":"))
        return _AT_LENGTH + text.encode("ascii")


def unpack(packed: bytes) -> Any:
    """The value of JSON bytes."""
    if packed.startswith(_AT_LENGTH):
        return json.loads(packed)
    try:
        return orjson.loads(packed)
    except orjson.JSONDecodeError:
        return json.loads(packed)


def storable(text: str) -> str:
    r"""Text that every database can hold: no null byte, no lone surrogate.

    Examples:
        >>> ascii(storable("a\0b"))
        "'a\\ufffdb'"
    """
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def pack_record(seen: RecordSeen) -> tuple[bytes, bytes]:
    """A version of a record whole, and the hash that tells two versions apart.

    When it was read is no part of either: the same version read twice is one version. What a
    sync noted is written only where it noted something, as versions stored before are without it.
    """
    whole = {name: getattr(seen, name) for name in _RECORD_FIELDS}
    if seen.same_as:
        whole[_SAME_AS] = seen.same_as
    packed = pack(whole)
    return packed, hashlib.blake2b(packed, digest_size=16).digest()


def unpack_record(packed: bytes, read_at: datetime) -> RecordSeen:
    """The version of a record that `pack_record` stored."""
    stored: dict[str, Any] = unpack(packed)
    for name in ("created_at", "modified_at"):
        stored[name] = instant(stored[name])
    return RecordSeen(read_at=read_at, **stored)


def pack_account(seen: AccountSeen) -> bytes:
    """An account whole, as read."""
    return pack({name: getattr(seen, name) for name in _ACCOUNT_FIELDS})


def unpack_account(packed: bytes) -> AccountSeen:
    """The account that `pack_account` stored."""
    stored: dict[str, Any] = unpack(packed)
    created_at = stored["created_at"]
    stored["created_at"] = None if created_at is None else instant(created_at)
    for name in _LISTS:
        stored[name] = tuple(stored[name])
    return AccountSeen(**stored)


def instant(text: str) -> datetime:
    """An instant written as RFC 3339, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (tuple, frozenset, set)):
        return sorted(value) if isinstance(value, (set, frozenset)) else list(value)
    raise TypeError(f"a {type(value).__name__} cannot be stored as JSON")
