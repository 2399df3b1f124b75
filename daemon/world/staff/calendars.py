"""When a rep is at work: working hours and holidays in the rep's own zone, as instants.

Routing asks what is true at an instant and reads no calendar itself. The local day decides a
holiday, so an overnight shift is on holiday only after midnight. A local time that the clock
skips or repeats stands for the first instant at which the clock reads it or later: shifts that
tile a day tile it on the days of a clock change too. Start included, end excluded.

Absences (PTO) are not here: the ledger and the CRM know them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import holidays as public_holidays

from routing.roster.hours import Week
from routing.roster.places import Places

_LOOK_AHEAD = timedelta(days=400)  #: nobody's next working day is further off than this
_DAY = timedelta(days=1)
_COUNTRY = re.compile("[A-Z]{2,3}")
_DAYS_KEPT = 64  #: local days remembered per calendar; a batch moves within two or three


class UnknownPlace(ValueError):
    """A time zone or a country that nobody here knows; the message names it."""


class Presence(NamedTuple):
    """What a calendar says of one instant."""

    on_hours: bool
    holiday: str | None  #: the holiday's name
    next_on_at: datetime | None  #: None while on hours and no holiday, or when no end is in sight


class _Span(NamedTuple):
    """A stretch of time in which the answer does not change."""

    starts_at: datetime
    ends_at: datetime
    on_hours: bool
    holiday: str | None


class _Day(NamedTuple):
    """One local day of one zone and week, in UTC."""

    starts_at: datetime
    ends_at: datetime
    holiday: str | None
    edges: tuple[datetime, ...]  #: of the blocks that start on this day: on, off, on, off ...


@dataclass(frozen=True, slots=True)
class Workplace:
    """What decides when a rep is on: zone, week and holidays. Left out: UTC, always, none."""

    timezone: str | None = None
    hours: Week | None = None
    holidays: str | None = None  #: `US`, `US-CA`, `DE-BY`


class Calendar:
    """The answers for one workplace, remembered for as long as they hold.

    Examples:
        >>> from routing.roster.hours import read_week
        >>> week = read_week({"mon-fri": "09:00-17:30"})
        >>> berlin = Calendar(Workplace("Europe/Berlin", week, "DE-BE"))
        >>> friday_evening = datetime(2026, 1, 9, 17, tzinfo=UTC)
        >>> berlin.on_hours(friday_evening), str(berlin.next_on_at(friday_evening))
        (False, '2026-01-12 08:00:00+00:00')
    """

    __slots__ = ("_days", "_held", "_holidays", "_week", "_zone")

    def __init__(self, workplace: Workplace) -> None:
        """Read the zone and the holidays once.

        Raises:
            UnknownPlace: The time zone or the country is unknown.
        """
        self._zone = _zone(workplace.timezone)
        self._week = workplace.hours
        self._holidays = None if workplace.holidays is None else _place(workplace.holidays)
        self._days: dict[date, _Day] = {}
        self._held: tuple[datetime, datetime, Presence] | None = None

    def presence(self, at: datetime) -> Presence:
        """Everything about one instant, at the price of two comparisons within a span."""
        held = self._held
        if held is None or not held[0] <= at < held[1]:
            span = self._span(at)
            found = Presence(span.on_hours, span.holiday, self._next_on_at(span))
            held = self._held = (span.starts_at, span.ends_at, found)
        return held[2]

    def on_hours(self, at: datetime) -> bool:
        """Whether `at` lies within working hours, holiday or not."""
        return self.presence(at).on_hours

    def holiday(self, at: datetime) -> str | None:
        """The name of the holiday that the rep's local date is, if it is one."""
        return self.presence(at).holiday

    def next_on_at(self, at: datetime) -> datetime | None:
        """The first later instant on hours and no holiday; None while `at` is one."""
        return self.presence(at).next_on_at

    def next_change_after(self, at: datetime) -> datetime | None:
        """The first later instant at which another answer holds; None if none is in sight."""
        now = self._span(at)
        for span in self._after(now):
            if (span.on_hours, span.holiday) != (now.on_hours, now.holiday):
                return span.starts_at
        return None

    def _next_on_at(self, now: _Span) -> datetime | None:
        if now.on_hours and now.holiday is None:
            return None
        for span in self._after(now):
            if span.on_hours and span.holiday is None:
                return span.starts_at
        return None

    def _after(self, span: _Span) -> Iterator[_Span]:
        if self._week is None and self._holidays is None:
            return
        until = span.ends_at + _LOOK_AHEAD
        while span.ends_at < until:
            span = self._span(span.ends_at)
            yield span

    def _span(self, at: datetime) -> _Span:
        local = at.astimezone(self._zone).date()
        day = self._day(local)
        if self._week is None:
            return _Span(day.starts_at, day.ends_at, on_hours=True, holiday=day.holiday)
        starts_at, ends_at, on_hours = day.starts_at, day.ends_at, False
        for edges in (self._day(local - _DAY).edges, day.edges):
            passed = bisect_right(edges, at)
            on_hours = on_hours or passed % 2 == 1
            if passed:
                starts_at = max(starts_at, edges[passed - 1])
            if passed < len(edges):
                ends_at = min(ends_at, edges[passed])
        return _Span(starts_at, ends_at, on_hours, day.holiday)

    def _day(self, local: date) -> _Day:
        found = self._days.get(local)
        if found is None:
            if len(self._days) >= _DAYS_KEPT:
                self._days = {}
            found = self._days[local] = self._make_day(local)
        return found

    def _make_day(self, local: date) -> _Day:
        edges: list[datetime] = []
        for block in self._week or ():
            if block.weekday == local.weekday():
                starts_at = _first_instant(self._zone, local, block.start)
                ends_at = _first_instant(self._zone, local, block.end)
                if starts_at < ends_at:  # equal when the clock skips the whole block
                    edges += (starts_at, ends_at)
        return _Day(
            _first_instant(self._zone, local, 0),
            _first_instant(self._zone, local, 24 * 60),
            None if self._holidays is None else _holiday(*self._holidays, local),
            tuple(edges),
        )


class Calendars:
    """One calendar per workplace, shared by all who work there.

    Examples:
        >>> calendars = Calendars()
        >>> calendars.of(Workplace("Asia/Tokyo")) is calendars.of(Workplace("Asia/Tokyo"))
        True
    """

    def __init__(self) -> None:
        """Know no workplace yet."""
        self._of: dict[Workplace, Calendar] = {}

    def of(self, workplace: Workplace) -> Calendar:
        """The calendar of a workplace.

        Raises:
            UnknownPlace: The time zone or the country is unknown.
        """
        found = self._of.get(workplace)
        if found is None:
            found = self._of[workplace] = Calendar(workplace)
        return found


def is_zone(name: str) -> bool:
    """Whether a time zone of this IANA name exists."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no path inside the data, a folder of it
        return False
    return True


def is_holidays(name: str) -> bool:
    """Whether the public holidays of `US`, `US-CA`, `DE-BY` are known."""
    country, _, part = name.partition("-")
    if _COUNTRY.fullmatch(country) is None or name.endswith("-"):
        return False
    try:
        public_holidays.country_holidays(country, subdiv=part or None, years=())
    except NotImplementedError:  # how the package says that it has no such country or part
        return False
    return True


def _all_holidays() -> tuple[str, ...]:
    countries = public_holidays.list_supported_countries(include_aliases=True)
    parts = (f"{code}-{part}" for code, all_parts in countries.items() for part in all_parts)
    return (*countries, *parts)


#: What exists in this installation, for the reader of a roster.
PLACES = Places(
    is_zone=is_zone,
    is_holidays=is_holidays,
    zones=available_timezones,
    holidays=_all_holidays,
)


def _zone(name: str | None) -> ZoneInfo:
    if name is None:
        return ZoneInfo("UTC")
    if not is_zone(name):
        raise UnknownPlace(
            f'Time zone "{name}" is unknown. Write an IANA name such as "Europe/Berlin".'
        )
    return ZoneInfo(name)


def _place(name: str) -> tuple[str, str | None]:
    if not is_holidays(name):
        raise UnknownPlace(
            f'Holidays "{name}" are unknown. Write a country such as "US", or "US-CA".'
        )
    country, dash, part = name.partition("-")
    return country, part if dash else None


def _holiday(country: str, part: str | None, local: date) -> str | None:
    return _holidays(country, part, local.year).get(local)


@lru_cache(maxsize=1024)
def _holidays(country: str, part: str | None, year: int) -> dict[date, str]:
    return dict(
        public_holidays.country_holidays(
            country, subdiv=part, years=year, expand=False, language=_language(country)
        )
    )


@lru_cache(maxsize=512)
def _language(country: str) -> str | None:
    """A language of our choice: left open, the package asks the machine's locale."""
    entity = public_holidays.country_holidays(country, years=())
    spoken = sorted(entity.supported_languages)
    english = [language for language in spoken if language.startswith("en")]
    return "en_US" if "en_US" in english else next(iter(english), entity.default_language)


def _first_instant(zone: ZoneInfo, local: date, minute: int) -> datetime:
    """The first instant at which the zone's clock reads this minute of the day, or later."""
    wall = datetime.combine(local, time()) + timedelta(minutes=minute)
    before = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if before <= after:  # an ordinary time, or the first of two
        return before
    # The clock skips this time: `before` is reckoned with the offset in force before the jump
    # and so lies after it, `after` lies before it. The jump is the answer.
    low, high = int(after.timestamp()), int(before.timestamp())
    offset = datetime.fromtimestamp(high, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)
