"""Where reading stands: what is read at a poll, what is read again, and what is safe."""

import json
from dataclasses import replace

from connectors.salesforce.cursor import (
    Cursor,
    Mark,
    Pace,
    Scan,
    end_again,
    end_fresh,
    fresh_scan,
    from_position,
    read_page,
    taken_over,
    to_position,
)

PACE = Pace(near_s=10, overlap_s=600, beat_s=60)
NINE = "2026-01-05T09:00:00Z"
ROW = Mark("2026-01-05T08:59:58Z", "00Q5g00000AbCdEEAV")


def ended(scan: Scan, cursor: Cursor | None = None, *, since: str | None = None) -> Cursor:
    return end_fresh(cursor or Cursor(), scan, since=since, pace=PACE)


def test_an_empty_bookmark_starts_where_the_connection_starts():
    scan = fresh_scan(Cursor(), since=NINE, now=None, pace=PACE)

    assert scan == Scan(low=NINE)


def test_a_quiet_stream_is_read_strictly_after_its_last_row():
    scan = fresh_scan(Cursor(top=ROW), since=None, now="2026-01-05T09:30:00Z", pace=PACE)

    assert (scan.after, scan.low) == (ROW, None)


def test_while_the_last_row_is_young_the_last_seconds_are_read_again():
    scan = fresh_scan(Cursor(top=ROW), since=None, now=NINE, pace=PACE)

    assert (scan.after, scan.low) == (None, "2026-01-05T08:59:50Z")


def test_reading_again_never_reaches_below_the_start_of_the_connection():
    scan = fresh_scan(Cursor(top=ROW), since="2026-01-05T08:59:55Z", now=NINE, pace=PACE)

    assert scan.low == "2026-01-05T08:59:55Z"


def test_the_place_to_restart_from_never_passes_the_time_the_scan_began():
    young = Mark("2026-01-05T09:00:07Z", "00Q5g00000AbCdFEAV")

    scan = read_page(Scan(low=NINE), [ROW, young], date=NINE, next_url=None)

    assert scan.after == ROW


def test_a_page_that_moves_nothing_keeps_the_count_of_restarts():
    scan = read_page(Scan(after=ROW, restarts=2), [], date=NINE, next_url="/services/data/x")

    assert scan.restarts == 2


def test_the_first_watermark_lies_an_overlap_before_the_first_reading():
    cursor = ended(read_page(Scan(), [ROW], date=NINE, next_url=None))

    assert cursor.safe == "2026-01-05T08:50:00Z"


def test_the_first_watermark_does_not_lie_before_the_start_of_the_connection():
    cursor = ended(read_page(Scan(), [ROW], date=NINE, next_url=None), since=ROW.stamp)

    assert cursor.safe == ROW.stamp


def test_the_overlap_is_read_again_when_a_beat_has_passed():
    young = Cursor(top=ROW, safe="2026-01-05T08:50:00Z", beat="2026-01-05T08:59:30Z")
    due = replace(young, beat="2026-01-05T08:59:00Z")
    scan = read_page(Scan(after=ROW), [], date=NINE, next_url=None)

    assert ended(scan, young).again is None
    assert ended(scan, due).again == Scan(low="2026-01-05T08:50:00Z", high=ROW.stamp)


def test_the_watermark_follows_the_slowest_of_three_bounds():
    cursor = Cursor(top=ROW, safe="2026-01-05T08:00:00Z")
    scan = Scan(high=ROW.stamp, started=NINE)

    by_overlap = end_again(cursor, scan, pace=PACE)
    by_transaction = end_again(cursor, replace(scan, covered="2026-01-05T08:30:00Z"), pace=PACE)
    by_rows = end_again(cursor, replace(scan, high="2026-01-05T08:10:00Z"), pace=PACE)

    assert by_overlap.safe == "2026-01-05T08:50:00Z"
    assert by_transaction.safe == "2026-01-05T08:30:00Z"
    assert by_rows.safe == "2026-01-05T08:10:00Z"


def test_the_watermark_never_goes_back():
    cursor = Cursor(top=ROW, safe="2026-01-05T08:45:00Z")
    scan = Scan(high=ROW.stamp, started=NINE, covered="2026-01-05T08:30:00Z")

    assert end_again(cursor, scan, pace=PACE).safe == "2026-01-05T08:45:00Z"


def test_a_cursor_survives_the_ledger_s_json():
    cursor = Cursor(
        top=ROW,
        safe=NINE,
        beat=NINE,
        fresh=Scan(after=ROW, started=NINE, next="/services/data/v64.0/query/0r8-2000"),
        again=Scan(low=NINE, high=NINE, covered=NINE, restarts=1),
    )
    position = to_position(cursor)

    assert from_position(json.loads(json.dumps(position))) == cursor
    assert json.loads(json.dumps(position)) == position


def test_who_takes_over_reads_the_whole_overlap_at_once():
    before = Cursor(top=ROW, safe="2026-01-05T08:50:00Z", beat=NINE)
    scan = read_page(Scan(after=ROW), [], date=NINE, next_url=None)

    cursor = ended(scan, taken_over(before))

    assert cursor.again == Scan(low="2026-01-05T08:50:00Z", high=ROW.stamp)


def test_who_takes_over_begins_the_overlap_anew_and_keeps_the_backlog():
    under_way = Cursor(ROW, NINE, NINE, fresh=Scan(next="/a"), again=Scan(low=NINE, next="/b"))

    cursor = taken_over(under_way)

    assert (cursor.fresh, cursor.again, cursor.top) == (under_way.fresh, None, ROW)


def test_there_is_nothing_to_take_over_before_the_first_reading():
    assert taken_over(Cursor()) == Cursor()
