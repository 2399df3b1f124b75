"""Date literals: TODAY, LAST_N_DAYS:30 and their like, as half-open spans of time.

Days begin at midnight UTC and weeks on Sunday, the org's zone and locale being UTC and
en_US. A comparison with a span compares with its beginning or its end, as the operator asks.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

_UNITS: Final = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
PERIODS: Final = frozenset(
    {"TODAY", "YESTERDAY", "TOMORROW", "LAST_90_DAYS", "NEXT_90_DAYS"}
    | {f"{which}_{unit}" for which in ("LAST", "THIS", "NEXT") for unit in _UNITS[1:]}
    | {f"{which}_N_{unit}S" for which in ("LAST", "NEXT") for unit in _UNITS}
    | {f"N_{unit}S_AGO" for unit in _UNITS}
)


def span(word: str, n: int | None, now: datetime) -> tuple[datetime, datetime]:
    """The beginning and the end (excluded) of a date literal.

    Examples:
        >>> start, end = span("LAST_N_DAYS", 7, datetime(2026, 1, 15, 12, tzinfo=UTC))
        >>> start.date().isoformat(), end.date().isoformat()
        ('2026-01-08', '2026-01-16')
    """
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    named = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}
    if word in named:
        start = today + timedelta(days=named[word])
        return start, start + timedelta(days=1)
    if word.endswith("_90_DAYS"):
        return _days(word[:4], 90, today)
    if word.endswith("_AGO"):
        unit = word.split("_")[1].removesuffix("S")
        start = _step(_begin(unit, today), unit, -(n or 0))
        return start, _step(start, unit, 1)
    which, *_, last = word.split("_")
    unit = last.removesuffix("S")
    if n is not None and unit == "DAY":
        return _days(which, n, today)
    begin = _begin(unit, today)
    first, last_one = {"THIS": (0, 1), "LAST": (-(n or 1), 0), "NEXT": (1, 1 + (n or 1))}[which]
    return _step(begin, unit, first), _step(begin, unit, last_one)


def _days(which: str, n: int, today: datetime) -> tuple[datetime, datetime]:
    tomorrow = today + timedelta(days=1)
    if which == "LAST":
        return today - timedelta(days=n), tomorrow
    return tomorrow, tomorrow + timedelta(days=n)


def _begin(unit: str, today: datetime) -> datetime:
    if unit == "WEEK":
        return today - timedelta(days=(today.weekday() + 1) % 7)
    if unit == "MONTH":
        return today.replace(day=1)
    if unit == "QUARTER":
        return today.replace(day=1, month=(today.month - 1) // 3 * 3 + 1)
    return today.replace(day=1, month=1) if unit == "YEAR" else today


def _step(at: datetime, unit: str, count: int) -> datetime:
    if unit in ("DAY", "WEEK"):
        return at + timedelta(days=count * (7 if unit == "WEEK" else 1))
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit] * count
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1)
