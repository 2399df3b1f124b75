"""Times as Salesforce writes them: whole seconds, always `.000+0000`.

Stored times are kept in this form. It has one width and one zone, so comparing the text
compares the time, and nothing has to be formatted when a row is served.
"""

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

_DATETIME: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?\Z"
)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def wire(at: datetime) -> str:
    """A time as the service writes it.

    Examples:
        >>> wire(datetime(2026, 1, 5, 9, 0, 7, 999_000, tzinfo=UTC))
        '2026-01-05T09:00:07.000+0000'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def moment(stamp: str) -> datetime:
    """The time that a stored stamp stands for, aware, in UTC."""
    return datetime.fromisoformat(stamp[:19]).replace(tzinfo=UTC)


def read_datetime(text: str) -> datetime | None:
    """Read what a client may write for a datetime, or None if it is none.

    Examples:
        >>> read_datetime("2026-01-05T10:00:00+01:00").isoformat()
        '2026-01-05T09:00:00+00:00'
        >>> read_datetime("2026-01-05 10:00") is None
        True
    """
    found = _DATETIME.match(text)
    if found is None:
        return None
    day, minute, second, zone = found.groups()
    try:
        at = datetime.fromisoformat(f"{day}T{minute}:{second or '00'}{zone or 'Z'}")
        return at.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter beyond the first and the last year
        return None


def read_date(text: str) -> str | None:
    """A date as stored, if the text is one; a datetime gives its day."""
    at = read_datetime(text if not _DATE.match(text) else f"{text}T00:00:00Z")
    return None if at is None else at.strftime("%Y-%m-%d")


def http_date(at: datetime) -> str:
    """A time in the form of the Date, Last-Modified and If-* headers."""
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)


def read_http_date(text: str | None) -> datetime | None:
    """Read an If-Unmodified-Since or If-Modified-Since header, or None if it is no date."""
    if not text:
        return None
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
