"""When the simulated world has to look again though nothing happens in the file.

Only while leads wait or can be recalled: then the next instant at which somebody may come free.
Everything else (a cap's window, an absence, hours) is a question about `at` and needs no timer.
"""

from collections.abc import Iterator
from datetime import datetime

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
    for rep in desk.staff.reps.values():
        pools = (pool.caps for pool in desk.staff.pools.values() if rep.id in pool.members)
        windows = {window for caps in (rep.caps, *pools) for window, _ in caps}
        for window in sorted(windows):
            span = WINDOWS[window]
            ends = (mark.at + span for mark in desk.state.marks.get(rep.id, ()))
            yield from (end for end in ends if end > now)
