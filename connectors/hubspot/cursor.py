"""Where reading stands, as plain values: five lanes over the same records.

HubSpot's search shows a change late, and later changes sometimes before earlier ones. So each
lane reads closed windows of time, walked by record id, and the lanes differ in how far they hold
back and how much they read again. *Fresh*: at every poll, up to now, with `near_s` again. *Again*:
at every beat, up to now, with `overlap_s` again. *Held*: every quarter of an hour what is an hour
old, once more and without gaps; it finds what search was late with. *Daily*: the last day once
more. *New*: only while a long window is being walked, because HubSpot has stamped ten thousand
records at once, say: what was created since that window ended, so that a new lead does not wait
for the end of the walk. What was delivered and stored in the meantime is dropped before it is
handed out (`delivered`), so the overlaps cost calls, not work.

A window is walked by id and never by page number: so there is no end at 10,000 results, however
many rows share a time, and a row that is edited meanwhile leaves the window and stands in the
next, where it cannot shift anything. All times are stamps of one width, which compare as text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from connectors.hubspot.stamps import instant, shifted

FRESH: Final = "fresh"
NEW: Final = "new"
_NEW_S: Final = 5.0
AGAIN: Final = "again"
HELD: Final = ("held", "daily")
_LONG_AGO: Final = "1970-01-01T00:00:00.000Z"
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Lane:
    """How one lane reads."""

    name: str
    every_s: float  #: from the start of one window to the start of the next
    back_s: float  #: how much of the last window is read again
    held_s: float = 0  #: how old a change must be
    by_creation: bool = False  #: reads by the time of creation, beside a walk of the fresh lane


@dataclass(frozen=True, slots=True)
class Window:
    """A reading under way: rows changed in [low, high), by id."""

    low: str
    high: str
    last: str = "0"  #: the highest id that was read


@dataclass(frozen=True, slots=True)
class Place:
    """Where one lane stands."""

    until: str  #: read up to here
    begun: str  #: when its last window was begun
    window: Window | None = None


Cursor = Mapping[str, Place]  #: by lane; empty at the very beginning


@dataclass(frozen=True, slots=True)
class Pace:
    """The lanes of one connection, the fresh one first."""

    lanes: tuple[Lane, ...]

    @property
    def again_s(self) -> float:
        """How old a row may be that comes a second time; daily readings apart."""
        return max(lane.back_s + lane.held_s + lane.every_s for lane in self.lanes[:-1])


def pace_of(
    *, near_s: float, overlap_s: float, beat_s: float, held_back_s: float, held_beat_s: float
) -> Pace:
    """The five lanes."""
    return Pace(
        (
            Lane(FRESH, 0, near_s),
            Lane(NEW, _NEW_S, near_s, by_creation=True),
            Lane(AGAIN, beat_s, overlap_s),
            Lane("held", held_beat_s, 0, held_back_s),
            Lane("daily", _DAY_S, _DAY_S, held_back_s),
        )
    )


def due(cursor: Cursor, pace: Pace, *, now: str, since: str) -> Iterator[tuple[Lane, Window]]:
    """The windows to read a page of at this visit, those under way first in their lanes.

    Args:
        cursor: Where reading stands.
        pace: The lanes.
        now: The server's time.
        since: Where a connection begins.

    Examples:
        >>> pace = pace_of(near_s=30, overlap_s=600, beat_s=60, held_back_s=3600, held_beat_s=900)
        >>> nine, long_ago = "2026-01-05T09:00:00.000Z", "2026-01-01T00:00:00.000Z"
        >>> [(lane.name, window.low) for lane, window in due({}, pace, now=nine, since=long_ago)]
        [('fresh', '2026-01-01T00:00:00.000Z')]
    """
    for lane in pace.lanes:
        if lane.by_creation:
            yield from _beside(cursor, lane, now)
            continue
        place = cursor.get(lane.name)
        if place is None:
            if lane.name == FRESH:
                yield lane, Window(low=since, high=now)
            continue
        window = place.window or _next_window(lane, place, now, since)
        if window is not None:
            yield lane, window


def went_on(cursor: Cursor, pace: Pace, lane: Lane, window: Window, *, now: str) -> Cursor:
    """The cursor after a page that was not the last of its window."""
    before = cursor.get(lane.name)
    begun = before.begun if before is not None and before.window is not None else now
    until = window.low if before is None else before.until
    moved = {**cursor, lane.name: Place(until, begun, window)}
    return moved if before is not None else _with_others(moved, pace, window, now)


def ended(cursor: Cursor, pace: Pace, lane: Lane, window: Window, *, now: str) -> Cursor:
    """The cursor after the last page of a window."""
    before = cursor.get(lane.name)
    begun = before.begun if before is not None and before.window is not None else now
    moved = {**cursor, lane.name: Place(window.high, begun)}
    return moved if before is not None else _with_others(moved, pace, window, now)


def taken_over(cursor: Cursor) -> Cursor:
    """The cursor of a process that did not write it: the overlap is due at once."""
    again = cursor.get(AGAIN)
    if again is None or again.window is not None:
        return cursor
    return {**cursor, AGAIN: replace(again, begun=_LONG_AGO)}


def is_under_way(cursor: Cursor) -> bool:
    """Whether a window has more pages."""
    return any(place.window is not None for place in cursor.values())


def safe_until(cursor: Cursor) -> str | None:
    """The time before which nothing is missing: what was read when search had caught up."""
    held = cursor.get("held")
    fresh = cursor.get(FRESH)
    if held is None or fresh is None:
        return None
    return min(held.until, fresh.until)


def to_position(cursor: Cursor) -> dict[str, Any]:
    """The cursor as JSON values."""
    return {name: asdict(place) for name, place in cursor.items()}


def from_position(position: Mapping[str, Any] | None) -> Cursor:
    """The cursor that `to_position` wrote."""
    return {name: _place(found) for name, found in (position or {}).items()}


def _next_window(lane: Lane, place: Place, now: str, since: str) -> Window | None:
    if _seconds(place.begun, now) < lane.every_s:
        return None
    high = shifted(now, -lane.held_s)
    low = max(shifted(place.until, -lane.back_s), since)
    return Window(low, high) if low < high else None


def _beside(cursor: Cursor, lane: Lane, now: str) -> Iterator[tuple[Lane, Window]]:
    """What was created since the window that is being walked ended."""
    fresh, place = cursor.get(FRESH), cursor.get(lane.name)
    if place is not None and place.window is not None:
        yield lane, place.window
        return
    if fresh is None or fresh.window is None:
        return
    begun = fresh.begun if place is None else max(fresh.begun, place.begun)
    until = fresh.window.high if place is None else max(fresh.window.high, place.until)
    if _seconds(begun, now) >= lane.every_s:
        yield lane, Window(shifted(until, -lane.back_s), now)


def _with_others(cursor: Cursor, pace: Pace, first: Window, now: str) -> Cursor:
    """The other lanes begin where the first window ended, less what they hold back."""
    others = {
        lane.name: Place(shifted(first.high, -lane.held_s), now)
        for lane in pace.lanes
        if lane.name not in cursor and not lane.by_creation
    }
    return {**cursor, **others}


def _place(found: Mapping[str, Any]) -> Place:
    window = found.get("window")
    return Place(found["until"], found["begun"], None if window is None else Window(**window))


def _seconds(earlier: str, later: str) -> float:
    return (instant(later) - instant(earlier)).total_seconds()
