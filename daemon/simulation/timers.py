"""When the simulated world has to look again though nothing happens in the file.

Only while leads wait or can be recalled: then the next instant at which somebody may come free.
Everything else (a cap's window, an absence, hours) is a question about `at` and needs no timer.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter

from daemon.desk import Desk
from routing.roster.model import Roster
from routing.state import WINDOWS


def next_wake(desk: Desk, roster: Roster, now: datetime) -> datetime | None:
    """The first instant after `now` at which a lead that waits may find somebody."""
    if not desk.state.waits and not desk.state.recall:
        return None
    return min((at for at in _instants(desk, roster, now) if at > now), default=None)


def _instants(desk: Desk, roster: Roster, now: datetime) -> Iterator[datetime]:
    for waiting in desk.state.waits.values():
        if waiting.wait.until is not None:
            yield waiting.wait.until
    yield from desk.absences.changes_after(now)
    yield from (at for at in roster.changes_at if at > now)
    yield from _calendar_changes(desk, now)
    yield from _ends_of_windows(desk, now)
    for rule in (rule for route in desk.guide.book.routes for rule in route.rules):
        if rule.starts_at is not None:
            yield rule.starts_at
        if rule.ends_at is not None:
            yield rule.ends_at


def _calendar_changes(desk: Desk, now: datetime) -> Iterator[datetime]:
    calendars = {id(rep.calendar): rep.calendar for rep in desk.staff.reps.values()}
    for calendar in calendars.values():
        change = None if calendar is None else calendar.next_change_after(now)
        if change is not None:
            yield change


def _ends_of_windows(desk: Desk, now: datetime) -> Iterator[datetime]:
    """For each cap that counts a rep, when the oldest assignment in its window leaves it."""
    pooled: dict[str, set[str]] = {}
    for pool in desk.staff.pools.values():
        for rep_id in pool.members if pool.caps else ():
            pooled.setdefault(rep_id, set()).update(window for window, _ in pool.caps)
    for rep in desk.staff.reps.values():
        marks = desk.state.marks.get(rep.id, ())
        for window in {window for window, _ in rep.caps} | pooled.get(rep.id, set()):
            span = WINDOWS[window]
            oldest = bisect_right(marks, now - span, key=itemgetter(0))
            if oldest < len(marks):
                yield marks[oldest].at + span
