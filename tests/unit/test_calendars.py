"""Working hours and holidays of one rep, asked at instants."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from daemon.world.staff.calendars import (
    PLACES,
    Calendar,
    Calendars,
    Presence,
    UnknownPlace,
    Workplace,
    is_holidays,
    is_zone,
)
from routing.roster.hours import read_week

OFFICE = read_week({"mon-fri": "09:00-17:30"})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def calendar(zone: str | None = "Europe/Berlin", hours=None, holidays=None) -> Calendar:
    week = OFFICE if hours is None else read_week(hours)
    return Calendar(Workplace(zone, week, holidays))


@pytest.mark.parametrize(
    ("at", "on"),
    [
        pytest.param("2026-01-05T07:59:59", False, id="a second before nine in Berlin"),
        pytest.param("2026-01-05T08:00:00", True, id="nine sharp"),
        pytest.param("2026-01-05T16:29:59", True, id="a second before half past five"),
        pytest.param("2026-01-05T16:30:00", False, id="the end is excluded"),
        pytest.param("2026-01-10T12:00:00", False, id="a Saturday"),
        pytest.param("2026-07-06T07:00:00", True, id="nine in summer time"),
    ],
)
def test_hours_are_those_of_the_reps_own_clock_with_the_end_excluded(at, on):
    assert calendar().on_hours(utc(at)) is on


def test_a_rep_without_hours_is_always_on():
    always = Calendar(Workplace())

    assert always.presence(utc("2026-01-04T03:00:00")) == Presence(
        on_hours=True, holiday=None, next_on_at=None
    )
    assert always.next_change_after(utc("2026-01-04T03:00:00")) is None


def test_a_lunch_break_is_off_and_the_end_of_it_is_known():
    noon = utc("2026-01-05T11:30:00")
    berlin = calendar(hours={"mon": "09:00-12:00, 13:00-17:30"})

    assert not berlin.on_hours(noon)
    assert berlin.next_on_at(noon) == utc("2026-01-05T12:00:00")


def test_an_overnight_block_belongs_to_the_day_it_starts_on():
    night = calendar(hours={"fri": "22:00-06:00"})

    assert night.on_hours(utc("2026-01-10T04:59:59"))
    assert not night.on_hours(utc("2026-01-10T05:00:00"))
    assert not night.on_hours(utc("2026-01-09T04:00:00"))


def test_a_whole_week_of_whole_days_never_changes():
    always = calendar(hours={"mon-sun": "00:00-24:00"})

    assert always.next_change_after(utc("2026-03-28T12:00:00")) is None


def test_hours_that_start_in_the_skipped_hour_start_when_the_clock_has_jumped():
    early = calendar(hours={"sun": "02:30-05:00"})

    assert not early.on_hours(utc("2026-03-29T00:59:59"))
    assert early.on_hours(utc("2026-03-29T01:00:00"))


def test_hours_inside_the_skipped_hour_do_not_happen():
    lost = calendar(hours={"sun": "02:10-02:50", "wed": "09:00-10:00"})

    assert lost.next_on_at(utc("2026-03-29T00:00:00")) == utc("2026-04-01T07:00:00")


def test_hours_that_start_in_the_repeated_hour_start_the_first_time_and_last_an_hour_longer():
    early = calendar(hours={"sun": "02:30-05:00"})

    assert not early.on_hours(utc("2026-10-25T00:29:59"))
    assert early.on_hours(utc("2026-10-25T00:30:00"))
    assert early.on_hours(utc("2026-10-25T03:59:59"))
    assert not early.on_hours(utc("2026-10-25T04:00:00"))


def test_the_local_day_of_the_rep_decides_a_holiday():
    tokyo = calendar("Asia/Tokyo", holidays="JP")

    assert tokyo.holiday(utc("2025-12-31T15:00:00")) == "New Year's Day"
    assert tokyo.holiday(utc("2025-12-31T14:59:59")) is None


def test_working_hours_go_on_through_a_holiday_and_the_next_time_on_is_after_it():
    labour_day = utc("2026-05-01T09:00:00")
    berlin = calendar(holidays="DE-BE")

    assert berlin.on_hours(labour_day)
    assert berlin.holiday(labour_day) == "Labor Day"
    assert berlin.next_on_at(labour_day) == utc("2026-05-04T07:00:00")


def test_an_overnight_shift_out_of_a_holiday_comes_on_at_midnight():
    night = calendar(hours={"fri": "22:00-06:00"}, holidays="DE")

    assert night.next_on_at(utc("2026-05-01T21:00:00")) == utc("2026-05-01T22:00:00")


def test_a_part_of_a_country_has_holidays_of_its_own():
    corpus_christi = utc("2026-06-04T10:00:00")

    assert calendar(holidays="DE-BY").holiday(corpus_christi) == "Corpus Christi"
    assert calendar(holidays="DE-BE").holiday(corpus_christi) is None


def test_the_next_change_is_the_end_of_the_block_or_the_start_of_the_holiday():
    berlin = calendar(hours={"thu-fri": "00:00-24:00"}, holidays="DE")

    assert berlin.next_change_after(utc("2026-04-30T10:00:00")) == utc("2026-04-30T22:00:00")
    assert berlin.next_change_after(utc("2026-05-01T10:00:00")) == utc("2026-05-01T22:00:00")


def test_one_workplace_has_one_calendar():
    calendars = Calendars()

    assert calendars.of(Workplace("Asia/Tokyo", OFFICE)) is calendars.of(
        Workplace("Asia/Tokyo", OFFICE)
    )


@pytest.mark.parametrize(
    "name", ["Europe/Berln", "", "..", "Europe", "/etc/passwd", "a\0b", "x" * 5000]
)
def test_what_is_no_time_zone_is_refused_by_name(name):
    with pytest.raises(UnknownPlace, match="Time zone"):
        Calendar(Workplace(name))


@pytest.mark.parametrize("name", ["", "U", "us", "US-", "US-XX", "Germany", "SUM", "US-CA-1"])
def test_what_is_no_country_is_refused_by_name(name):
    with pytest.raises(UnknownPlace, match="Holidays"):
        Calendar(Workplace("UTC", None, name))


def test_places_know_what_exists_and_can_list_it():
    assert is_zone("Europe/Berlin")
    assert is_holidays("US-CA")
    assert is_holidays("UK")
    assert "Europe/Berlin" in PLACES.zones()
    assert {"US", "US-CA", "DE-BY"} <= set(PLACES.holidays())


def test_the_machines_language_does_not_change_a_holidays_name():
    script = (
        "from datetime import UTC, datetime; from daemon.world.staff.calendars import *;"
        "at = datetime(2026, 5, 1, 12, tzinfo=UTC);"
        "print([Calendar(Workplace('UTC', None, c)).holiday(at) for c in ('DE', 'FR', 'SE', 'MX')])"
    )

    def said(language: str) -> str:
        env = {**os.environ, "LANGUAGE": language, "LANG": language, "LC_ALL": language}
        run = [sys.executable, "-c", script]
        return subprocess.run(run, env=env, check=True, capture_output=True, text=True).stdout

    assert said("de") == said("th") == said("C")
    assert "Labor Day" in said("de")


def test_answers_do_not_depend_on_what_was_asked_before():
    at = utc("2026-03-29T00:30:00")
    asked = calendar(holidays="DE")
    for hours in range(-2000, 2000, 7):
        asked.presence(at + timedelta(hours=hours))

    assert asked.presence(at) == calendar(holidays="DE").presence(at)
