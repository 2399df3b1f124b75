"""What a user object says of when somebody works and when they are away.

Both are JSON inside of text, the second in shapes that nobody documents. What cannot be read is
unknown, and unknown is never available.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from connectors.hubspot.rows import Row, flag, text
from connectors.hubspot.stamps import moment

_STARTS: Final = ("startTimestamp", "startTime", "start", "startDate", "from")
_ENDS: Final = ("endTimestamp", "endTime", "end", "endDate", "to")
_AWAY: Final = "away"
_SHORTEST: Final = timedelta(0)
_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "MONDAY": ("mon",),
    "TUESDAY": ("tue",),
    "WEDNESDAY": ("wed",),
    "THURSDAY": ("thu",),
    "FRIDAY": ("fri",),
    "SATURDAY": ("sat",),
    "SUNDAY": ("sun",),
    "MONDAY_TO_FRIDAY": _WEEK[:5],
    "SATURDAY_SUNDAY": _WEEK[5:],
    "EVERY_DAY": _WEEK,
}
_DAY: Final = 24 * 60


def is_away(row: Row) -> bool | None:
    """Whether somebody set themselves away until further notice; None: it cannot be told."""
    said = (text(row, "hs_availability_status") or "").strip().lower()
    out = flag(row, "hs_is_out_of_office")
    if said == _AWAY or out is True:
        return True
    return False if said in ("", "available") else None


def hours_in(said: str | None) -> dict[str, str] | None:
    """Working hours as a roster writes them; empty: none are said; None: they cannot be read.

    Examples:
        >>> hours_in('[{"days": "SATURDAY_SUNDAY", "startMinute": 540, "endMinute": 1020}]')
        {'sat': '09:00-17:00', 'sun': '09:00-17:00'}
        >>> hours_in(None), hours_in("nine to five") is None
        ({}, True)
    """
    blocks: dict[str, list[str]] = {}
    for told in _listed(said or "[]"):
        days = _DAYS.get(str(told.get("days"))) if isinstance(told, Mapping) else None
        block = _block(told) if days else None
        if days is None or block is None:
            return None
        for day in days:
            blocks.setdefault(day, []).append(block)
    return {day: ", ".join(blocks[day]) for day in _WEEK if day in blocks}


def times_in(said: Any) -> tuple[tuple[datetime, datetime | None], ...] | None:
    """Out-of-office times in whatever shape; None: they cannot be read.

    Examples:
        >>> times_in('[{"startTimestamp": 1767603600000, "endTimestamp": 1767690000000}]')[0][0]
        datetime.datetime(2026, 1, 5, 9, 0, tzinfo=datetime.timezone.utc)
        >>> times_in(""), times_in("[]"), times_in("soon") is None
        ((), (), True)
    """
    if said is None or said == "":
        return ()
    found = [_range(each) for each in _listed(said)]
    if any(each is None for each in found):
        return None
    return tuple(sorted((each for each in found if each is not None), key=lambda each: each[0]))


def _range(said: Any) -> tuple[datetime, datetime | None] | None:
    if not isinstance(said, Mapping):
        return None
    starts_at = next((at for key in _STARTS if (at := moment(said.get(key)))), None)
    end = next((said[key] for key in _ENDS if said.get(key) not in (None, "")), None)
    ends_at = moment(end)
    if starts_at is None or (end is not None and ends_at is None):
        return None
    if ends_at is not None and ends_at - starts_at <= _SHORTEST:
        return None
    return starts_at, ends_at


def _listed(said: Any) -> list[Any]:
    """The parts of a list in JSON; what is no list is one part that nobody can read."""
    try:
        found = orjson.loads(said) if isinstance(said, str) else said
    except orjson.JSONDecodeError:
        return [None]
    return found if isinstance(found, list) else [found]


def _block(told: Mapping[str, Any]) -> str | None:
    start, end = told.get("startMinute"), told.get("endMinute")
    if not (isinstance(start, int) and isinstance(end, int)):
        return None
    return f"{_clock(start)}-{_clock(end)}" if 0 <= start < end <= _DAY else None


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
