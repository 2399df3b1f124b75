"""Where reading stands, as plain values: fresh rows at every poll, late ones at every beat.

Stamps are whole seconds and a long transaction shows rows under a stamp that was passed long ago.
So three ranges are read. *Fresh*: above the highest row delivered, by (SystemModstamp, Id); while
that row is younger than `near_s`, the last `near_s` seconds again, for rows of the same second and
commits a moment late. *Again*: at every beat, and when another process takes over, from the safe
watermark up to the highest row. What was delivered and stored in the meantime is dropped before it
is handed out (`delivered`), so both overlaps cost a call, not work.

The safe watermark moves only when a reading of the overlap has ended, and never beyond
min(highest row, latestDateCovered, server time - overlap), all three taken before it began.
All stamps are query literals, which compare as text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from connectors.salesforce.stamps import seconds_between, shifted

_LONG_AGO = "1970-01-01T00:00:00Z"


class Mark(NamedTuple):
    """A row's place in reading order."""

    stamp: str
    id: str


@dataclass(frozen=True, slots=True)
class Scan:
    """One reading of a range, page by page."""

    low: str | None = None  #: rows at or after this stamp; None: from the beginning
    after: Mark | None = None  #: rows strictly after this one; wins over `low`
    high: str | None = None  #: rows at or before this stamp
    started: str | None = None  #: the server's time at the first page
    covered: str | None = None  #: latestDateCovered, asked before the first page
    next: str | None = None  #: where the next page is
    restarts: int = 0  #: times the locator died since `after` moved


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where one object of a stream was read up to."""

    top: Mark | None = None  #: the highest row delivered
    safe: str | None = None  #: nothing below is missing
    beat: str | None = None  #: when the overlap was last read again
    fresh: Scan | None = None  #: the reading under way
    again: Scan | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is read again, and how often; seconds."""

    near_s: int
    overlap_s: int
    beat_s: int


def taken_over(cursor: Cursor) -> Cursor:
    """The cursor of a process that did not write it: the whole overlap is due, from its start.

    Rows that became visible while nobody read lie anywhere in it.
    """
    return cursor if cursor.beat is None else replace(cursor, beat=_LONG_AGO, again=None)


def fresh_scan(cursor: Cursor, *, since: str | None, now: str | None, pace: Pace) -> Scan:
    """What to read at this poll.

    Args:
        cursor: Where reading stands, with no fresh scan under way.
        since: Where a connection begins; None: from the beginning.
        now: The server's time; None: not heard of yet.
        pace: How much is read again.

    Examples:
        >>> quiet = Cursor(top=Mark("2026-01-05T09:00:00Z", "00Q1"))
        >>> pace = Pace(near_s=10, overlap_s=600, beat_s=60)
        >>> fresh_scan(quiet, since=None, now="2026-01-05T09:05:00Z", pace=pace).after
        Mark(stamp='2026-01-05T09:00:00Z', id='00Q1')
        >>> fresh_scan(quiet, since=None, now="2026-01-05T09:00:03Z", pace=pace).low
        '2026-01-05T08:59:53Z'
    """
    if cursor.top is None:
        return Scan(low=since)
    near = shifted(now if now is not None else cursor.top.stamp, -pace.near_s)
    if cursor.top.stamp < near:
        return Scan(after=cursor.top)
    return Scan(low=near if since is None else max(near, since))


def read_page(scan: Scan, marks: Iterable[Mark], *, date: str, next_url: str | None) -> Scan:
    """The scan after a page.

    A row may show a stamp younger than its place in the result, because values are read when the
    page is served. The place to restart from therefore never passes the time the scan began.
    """
    started = scan.started if scan.started is not None else date
    passed = [mark for mark in marks if mark.stamp <= started]
    after = max([*passed, *([scan.after] if scan.after else [])], default=None)
    restarts = scan.restarts if after == scan.after else 0
    return replace(scan, started=started, after=after, next=next_url, restarts=restarts)


def end_fresh(cursor: Cursor, scan: Scan, *, since: str | None, pace: Pace) -> Cursor:
    """The cursor after the last page of fresh rows; a reading of the overlap when one is due."""
    started = scan.started or ""
    top = max((mark for mark in (cursor.top, scan.after) if mark is not None), default=None)
    safe = cursor.safe
    if safe is None:
        safe = _at_least(min([shifted(started, -pace.overlap_s), *_stamp(top)]), since)
    moved = replace(cursor, top=top, safe=safe, beat=cursor.beat or started, fresh=None)
    due = seconds_between(moved.beat or started, started) >= pace.beat_s
    if moved.again is None and due and top is not None:
        return replace(moved, again=Scan(low=safe, high=top.stamp))
    return replace(moved, beat=started) if due and top is None else moved


def end_again(cursor: Cursor, scan: Scan, *, pace: Pace) -> Cursor:
    """The cursor after the overlap was read again: the safe watermark moves, forwards only."""
    started = scan.started or ""
    bounds = [shifted(started, -pace.overlap_s), *([scan.high] if scan.high else [])]
    if scan.covered is not None:
        bounds.append(scan.covered)
    return replace(cursor, safe=_at_least(min(bounds), cursor.safe), beat=started, again=None)


def to_position(cursor: Cursor) -> dict[str, Any]:
    """The cursor as JSON values."""
    return _plain(asdict(cursor))


def from_position(position: Mapping[str, Any] | None) -> Cursor:
    """The cursor that `to_position` wrote; None is the beginning."""
    found = position or {}
    return Cursor(
        top=_mark(found.get("top")),
        safe=found.get("safe"),
        beat=found.get("beat"),
        fresh=_scan(found.get("fresh")),
        again=_scan(found.get("again")),
    )


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in found.items():
        if isinstance(value, Mapping):
            plain[key] = _plain(value)
        elif isinstance(value, tuple):
            plain[key] = list(value)
        elif value is not None:
            plain[key] = value
    return plain


def _mark(found: Any) -> Mark | None:
    return None if found is None else Mark(str(found[0]), str(found[1]))


def _scan(found: Mapping[str, Any] | None) -> Scan | None:
    return None if found is None else Scan(**{**found, "after": _mark(found.get("after"))})


def _stamp(mark: Mark | None) -> list[str]:
    return [] if mark is None else [mark.stamp]


def _at_least(stamp: str, floor: str | None) -> str:
    return stamp if floor is None else max(stamp, floor)
