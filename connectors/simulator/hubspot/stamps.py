"""Times as HubSpot keeps them: milliseconds since 1970 inside, ISO 8601 with `Z` on the wire."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_DIGITS: Final = re.compile(r"-?\d{1,15}\Z")


def milliseconds(at: datetime) -> int:
    """A time as milliseconds since 1970.

    Examples:
        >>> milliseconds(datetime(2026, 1, 5, 9, tzinfo=UTC))
        1767603600000
    """
    return (at - _EPOCH) // _MILLISECOND


def moment(at_ms: int) -> datetime:
    """The time that so many milliseconds since 1970 stand for."""
    return _EPOCH + timedelta(milliseconds=at_ms)


def wire(at_ms: int) -> str:
    """A time as the service writes it.

    Examples:
        >>> wire(1767603600007)
        '2026-01-05T09:00:00.007Z'
    """
    return moment(at_ms).isoformat(timespec="milliseconds")[:-6] + "Z"


def read_time(text: str) -> int | None:
    """Read a time as a client may write it, in milliseconds or ISO 8601; None if it is none.

    Examples:
        >>> read_time("1767603600007") == read_time("2026-01-05T10:00:00.007+01:00")
        True
        >>> read_time("tomorrow") is None
        True
    """
    if _DIGITS.match(text):
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return milliseconds(at.replace(tzinfo=UTC) if at.tzinfo is None else at)
