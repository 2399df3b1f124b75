"""Who is away when: the start is included, the end is not; and what `back` does to absences."""

from datetime import UTC, datetime, timedelta

import pytest

from daemon.world.staff.absences import Absence, Absences

NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
TEN, NOON, EVENING = (NINE + timedelta(hours=hours) for hours in (1, 3, 9))
TICK = timedelta(microseconds=1)


def away(*absences: Absence) -> Absences:
    known = Absences()
    for each in absences:
        known.put("ada", each)
    return known


@pytest.mark.parametrize(
    ("at", "is_away"),
    [(NINE - TICK, False), (NINE, True), (TEN - TICK, True), (TEN, False)],
)
def test_an_absence_begins_at_its_start_and_is_over_at_its_end(at: datetime, is_away: bool):
    assert (away(Absence(NINE, TEN)).away("ada", at) is not None) is is_away


def test_who_is_away_twice_is_away_until_the_later_end():
    found = away(Absence(NINE, NOON), Absence(NINE, TEN)).away("ada", NINE)

    assert found is not None
    assert found.ends_at == NOON


def test_an_absence_without_an_end_outlasts_one_with_an_end():
    found = away(Absence(NINE, None), Absence(NINE, TEN)).away("ada", NINE)

    assert found is not None
    assert found.ends_at is None


def test_back_ends_what_holds_now_and_leaves_what_is_to_come():
    known = away(Absence(NINE, None), Absence(EVENING, None))
    ended = known.end("ada", NOON)

    assert ended
    assert known.away("ada", NOON) is None
    assert known.away("ada", EVENING) is not None
    assert known.away("ada", TEN) is not None


def test_back_at_the_very_start_leaves_no_absence():
    known = away(Absence(NINE, TEN))
    known.end("ada", NINE)

    assert known.away("ada", NINE) is None


def test_back_without_an_absence_ends_nothing():
    assert not away().end("ada", NINE)


def test_an_absence_of_the_same_key_replaces_the_one_before():
    known = away(Absence(NINE, EVENING, "crm-1"), Absence(NINE, TEN, "crm-1"))

    assert known.away("ada", TEN) is None


def test_changes_are_the_starts_and_ends_still_to_come():
    known = away(Absence(NINE, NOON), Absence(EVENING, None))

    assert sorted(known.changes_after(TEN)) == [NOON, EVENING]
