"""Times on the wire: whole seconds in UTC, in three spellings.

Rows carry `2026-01-05T09:00:07.000+0000`, queries want `2026-01-05T09:00:07Z`, headers the HTTP
date. Cursors keep the query's spelling: one width, one zone, so comparing text compares times.
"""

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime


def moment(text: str) -> datetime:
    """A datetime field of a row as an aware time in UTC.

    Raises:
        ValueError: The text is no datetime.

    Examples:
        >>> moment("2026-01-05T09:00:07.000+0000").isoformat()
        '2026-01-05T09:00:07+00:00'
    """
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def literal(at: datetime) -> str:
    """A time as a query literal; parts of a second are cut off.

    Examples:
        >>> literal(datetime(2026, 1, 5, 9, 0, 7, 900_000, tzinfo=UTC))
        '2026-01-05T09:00:07Z'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_of(text: str) -> str:
    """A row's stamp as a query literal.

    Examples:
        >>> stamp_of("2026-01-05T09:00:07.000+0000")
        '2026-01-05T09:00:07Z'
    """
    if len(text) == 28 and text.endswith(".000+0000"):
        return text[:19] + "Z"
    return literal(moment(text))


def shifted(stamp: str, seconds: float) -> str:
    """A query literal so many seconds later.

    Examples:
        >>> shifted("2026-01-05T09:00:07Z", -10)
        '2026-01-05T08:59:57Z'
    """
    return literal(moment(stamp) + timedelta(seconds=seconds))


def seconds_between(earlier: str, later: str) -> float:
    """How many seconds lie between two query literals."""
    return (moment(later) - moment(earlier)).total_seconds()


def http_date(at: datetime) -> str:
    """A time in the form of If-Unmodified-Since."""
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)


def read_http_date(text: str | None) -> datetime | None:
    """The time in a Date header, or None if there is none."""
    if not text:
        return None
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def midnight(text: str) -> datetime:
    """A date or datetime field as a time: a date means its first instant in UTC.

    Examples:
        >>> midnight("2026-01-05").isoformat()
        '2026-01-05T00:00:00+00:00'
    """
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), tzinfo=UTC)
    return moment(text)
