"""Where reading stands: which windows are due, and what becomes of the lanes."""

import json

import pytest

from connectors.hubspot.cursor import (
    Cursor,
    Pace,
    Window,
    due,
    ended,
    from_position,
    pace_of,
    safe_until,
    taken_over,
    to_position,
    went_on,
)
from connectors.hubspot.stamps import shifted

NINE = "2026-03-02T09:00:00.000Z"
SINCE = "2026-03-01T00:00:00.000Z"
PACE: Pace = pace_of(near_s=30, overlap_s=600, beat_s=60, held_back_s=3600, held_beat_s=900)


def later(seconds: float) -> str:
    return shifted(NINE, seconds)


def windows(cursor: Cursor, at: str) -> dict[str, tuple[str, str]]:
    return {
        lane.name: (window.low, window.high)
        for lane, window in due(cursor, PACE, now=at, since=SINCE)
    }


def read_through(cursor: Cursor, at: str) -> Cursor:
    for lane, window in list(due(cursor, PACE, now=at, since=SINCE)):
        cursor = ended(cursor, PACE, lane, window, now=at)
    return cursor


@pytest.fixture
def begun() -> Cursor:
    """Read through once at nine."""
    return read_through({}, NINE)


def test_the_first_window_begins_where_the_connection_does():
    assert windows({}, NINE) == {"fresh": (SINCE, NINE)}


def test_every_poll_reads_from_a_little_before_the_last_end(begun):
    assert windows(begun, later(5)) == {"fresh": (later(-30), later(5))}


def test_nothing_before_the_connection_s_beginning_is_read_again(begun):
    (window,) = (w for lane, w in due(begun, PACE, now=later(5), since=NINE) if lane.name)

    assert window.low == NINE


def test_the_overlap_is_read_again_at_every_beat(begun):
    assert "again" not in windows(begun, later(59))
    assert windows(begun, later(60))["again"] == (later(-600), later(60))


def test_what_is_an_hour_old_is_read_once_more_without_gaps(begun):
    first = windows(begun, later(900))["held"]
    moved = read_through(begun, later(900))
    second = windows(moved, later(1800))["held"]

    assert first == (later(-3600), later(-2700))
    assert second == (later(-2700), later(-1800))


def test_the_last_day_is_read_once_more_every_day(begun):
    day = 86_400
    assert windows(begun, later(day))["daily"] == (
        max(SINCE, later(-3600 - day)),
        later(day - 3600),
    )
    assert "daily" not in windows(read_through(begun, later(day)), later(day + 900))


def test_a_window_under_way_goes_on_from_the_last_id_with_the_same_edges(begun):
    ((lane, window),) = due(begun, PACE, now=later(5), since=SINCE)
    cursor = went_on(begun, PACE, lane, Window(window.low, window.high, "4711"), now=later(5))

    ((_, following),) = due(cursor, PACE, now=later(9), since=SINCE)

    assert following == Window(later(-30), later(5), "4711")


def test_a_window_that_takes_long_leaves_no_gap_behind(begun):
    ((lane, window),) = due(begun, PACE, now=later(5), since=SINCE)
    cursor = went_on(begun, PACE, lane, Window(window.low, window.high, "4711"), now=later(5))
    cursor = ended(cursor, PACE, lane, Window(window.low, window.high, "9000"), now=later(50))

    assert windows(cursor, later(55))["fresh"] == (later(-25), later(55))


def test_while_a_long_window_is_walked_what_was_created_since_comes_beside_it(begun):
    ((lane, window),) = due(begun, PACE, now=later(5), since=SINCE)
    walking = went_on(begun, PACE, lane, Window(window.low, window.high, "4711"), now=later(5))

    assert "new" not in windows(walking, later(9))
    assert windows(walking, later(10))["new"] == (later(-25), later(10))


def test_without_a_long_window_new_records_need_no_lane_of_their_own(begun):
    assert set(windows(begun, later(30))) == {"fresh"}


def test_a_process_that_takes_over_reads_the_overlap_at_once(begun):
    assert windows(taken_over(begun), later(5))["again"] == (later(-600), later(5))


def test_only_what_was_read_when_search_had_caught_up_is_safe(begun):
    assert safe_until({}) is None
    assert safe_until(begun) == later(-3600)


def test_a_cursor_survives_a_bookmark(begun):
    ((lane, window),) = due(begun, PACE, now=later(5), since=SINCE)
    cursor = went_on(begun, PACE, lane, window, now=later(5))

    assert from_position(json.loads(json.dumps(to_position(cursor)))) == cursor
