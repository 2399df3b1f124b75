"""Working hours around every clock change, against a clock that is simply watched."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.world.staff.calendars import Calendar, Workplace
from routing.roster.hours import Week, read_week, week_of

ZONES = (
    "Africa/Cairo",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Amman",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kolkata",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
)
WEEKS = (
    read_week({"mon-sun": "00:00-24:00"}),
    read_week({"mon-sun": "02:30-05:00"}),
    read_week({"mon-sun": "22:00-02:15"}),
    read_week({"mon-sun": "00:15-00:45, 01:10-01:50, 02:10-02:50, 23:30-00:05"}),
)
MINUTE = timedelta(minutes=1)


@lru_cache(maxsize=64)
def clock_changes(zone: str) -> tuple[datetime, ...]:
    """Every instant from 2008 to 2032 at which the zone's offset changes."""
    found = []
    at, tz = datetime(2008, 1, 1, tzinfo=UTC), ZoneInfo(zone)
    while at.year < 2032:
        after = at + timedelta(days=5)
        if at.astimezone(tz).utcoffset() != after.astimezone(tz).utcoffset():
            found.append(first_change(at, after, tz))
        at = after
    return tuple(found)


def first_change(low: datetime, high: datetime, tz: ZoneInfo) -> datetime:
    offset = low.astimezone(tz).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(tz).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def furthest_reading(at: datetime, tz: ZoneInfo) -> datetime:
    """The furthest time that the local clock has shown so far: a clock set back is ignored."""
    seen = [at - n * MINUTE for n in range(0, 200, 10)]
    return max(instant.astimezone(tz).replace(tzinfo=None) for instant in seen)


def watched(week: Week, at: datetime, tz: ZoneInfo) -> bool:
    """On, if the clock has reached the start of some block and not yet its end."""
    now = furthest_reading(at, tz)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return any(
        day + block.start * MINUTE <= now < day + block.end * MINUTE
        for day in (midnight - timedelta(days=1), midnight)
        for block in week
        if block.weekday == day.weekday()
    )


@pytest.mark.parametrize("zone", ZONES)
def test_around_every_clock_change_a_shift_is_what_the_watched_clock_says(zone):
    instants = [
        change + timedelta(minutes=minutes, seconds=second)
        for change in clock_changes(zone)
        for minutes in range(-180, 181, 30)
        for second in (-1, 0)
    ]
    for week in WEEKS:
        tz, calendar = ZoneInfo(zone), Calendar(Workplace(zone, week))
        wrong = [at for at in instants if calendar.on_hours(at) != watched(week, at, tz)]

        assert wrong == []


blocks = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(
    lambda block: (block[0], block[0] + block[1])
)
weeks = st.dictionaries(st.integers(0, 6), st.lists(blocks, min_size=1, max_size=3), min_size=1)
moments = st.integers(0, 25 * 365 * 86_400).map(
    lambda second: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
)


@settings(max_examples=100, deadline=None)
@given(zone=st.sampled_from(ZONES), days=weeks, at=moments)
def test_the_next_time_on_is_on_and_nothing_before_it_is(zone, days, at):
    calendar = Calendar(Workplace(zone, week_of(days)))
    coming = calendar.next_on_at(at)
    if coming is None:
        assert calendar.on_hours(at)
        return
    step = (coming - at) / 7

    assert calendar.on_hours(coming)
    assert not any(calendar.on_hours(at + n * step) for n in range(7))
    assert not calendar.on_hours(coming - timedelta(microseconds=1))


@settings(max_examples=100, deadline=None)
@given(zone=st.sampled_from(ZONES), days=weeks, at=moments)
def test_between_two_changes_every_instant_has_one_answer(zone, days, at):
    calendar = Calendar(Workplace(zone, week_of(days)))
    change = calendar.next_change_after(at)
    if change is None:
        return
    last = change - timedelta(microseconds=1)

    assert calendar.on_hours(at) == calendar.on_hours(last) != calendar.on_hours(change)


@settings(max_examples=30, deadline=None)
@given(zone=st.sampled_from(ZONES), days=weeks, asked=st.lists(moments, max_size=20), at=moments)
def test_the_order_of_questions_changes_no_answer(zone, days, asked, at):
    workplace = Workplace(zone, week_of(days))
    busy = Calendar(workplace)
    for other in asked:
        busy.presence(other)

    assert busy.presence(at) == Calendar(workplace).presence(at)
