"""Times on the wire: milliseconds in UTC, written in half a dozen ways.

Properties carry `2026-01-05T09:00:07.004Z`, the same without the fraction or with an offset, or
milliseconds since 1970; filters want the last, headers the HTTP date. Cursors keep one spelling
of one width, so that comparing text compares times.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_LONGEST: Final = 40


def moment(value: object) -> datetime | None:
    """A time in any of its spellings, aware, in UTC; None where it is none.

    Examples:
        >>> moment("2026-01-05T09:00:07.004Z") == moment(1767603607004) == moment("1767603607004")
        True
        >>> moment("2026-01-05T10:00:07+01:00").isoformat()
        '2026-01-05T09:00:07+00:00'
        >>> moment("yesterday") is None, moment("") is None, moment("9" * 30) is None
        (True, True, True)
    """
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text or len(text) > _LONGEST:
        return None
    try:
        if text.isascii() and text.isdigit():
            return _EPOCH + int(text) * _MILLISECOND
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def stamp(at: datetime) -> str:
    """A time in the cursor's spelling; parts of a millisecond are cut off.

    Examples:
        >>> stamp(datetime(2026, 1, 5, 9, 0, 7, 4900, tzinfo=UTC))
        '2026-01-05T09:00:07.004Z'
    """
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(stamped: str) -> datetime:
    """The time in the cursor's spelling."""
    return datetime.fromisoformat(stamped)


def epoch_ms(stamped: str) -> str:
    """The same as a filter wants it.

    Examples:
        >>> epoch_ms("2026-01-05T09:00:07.004Z")
        '1767603607004'
    """
    return str((instant(stamped) - _EPOCH) // _MILLISECOND)


def shifted(stamped: str, seconds: float) -> str:
    """So many seconds later.

    Examples:
        >>> shifted("2026-01-05T09:00:07.004Z", -10)
        '2026-01-05T08:59:57.004Z'
    """
    return stamp(instant(stamped) + timedelta(seconds=seconds))


def read_http_date(text: str | None) -> datetime | None:
    """The time in a Date header, or None if there is none."""
    if not text:
        return None
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
