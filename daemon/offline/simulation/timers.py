"""When the simulated world has to look again though nothing happens in the file.

Only while leads wait or can be recalled: then the next instant at which somebody may come free.
Everything else (a cap's window, an absence, hours) is a question about `at` and needs no timer.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, time, timedelta
from operator import itemgetter

from daemon.world.router import Router
from routing.roster.model import Roster
from routing.rulebook.columns import tests_of
from routing.rulebook.conditions import Operator
from routing.rulebook.model import Book
from routing.state import WINDOWS

_DAY = timedelta(days=1)


def next_wake(
    router: Router, roster: Roster, now: datetime, *, birthdays: Collection[timedelta] = ()
) -> datetime | None:
    """The first instant after `now` at which a lead that waits may find somebody.

    Args:
        router: Who waits, and for what.
        roster: Knows its dated changes.
        now: The instant that was looked at last.
        birthdays: The times of day at which a date can come to an age that a rule asks about.
    """
    if not router.state.waits and not router.state.recall:
        return None
    instants = (*_instants(router, roster, now), *_birthdays_after(now, birthdays))
    return min((at for at in instants if at > now), default=None)


def birthdays_of(book: Book) -> frozenset[timedelta]:
    """The times of day, in UTC, at which a date can come to an age that a rule asks about."""
    conditions = (rule.when for route in book.routes for rule in route.rules)
    tests = (test for when in conditions if when is not None for test in tests_of(when))
    windows = {
        test.operand
        for test in tests
        if test.operator is Operator.WITHIN_LAST and isinstance(test.operand, timedelta)
    }
    return frozenset(age % _DAY for age in (timedelta(0), *windows)) if windows else frozenset()


def _birthdays_after(now: datetime, birthdays: Collection[timedelta]) -> Iterator[datetime]:
    midnight = datetime.combine(now.astimezone(UTC), time(0), tzinfo=UTC)
    for time_of_day in birthdays:
        yield midnight + time_of_day
        yield midnight + _DAY + time_of_day


def _instants(router: Router, roster: Roster, now: datetime) -> Iterator[datetime]:
    for waiting in router.state.waits.values():
        if waiting.wait.until is not None:
            yield waiting.wait.until
    yield from router.absences.changes_after(now)
    yield from (at for at in roster.changes_at if at > now)
    yield from _calendar_changes(router, now)
    yield from _ends_of_windows(router, now)
    for rule in (rule for route in router.guide.book.routes for rule in route.rules):
        if rule.starts_at is not None:
            yield rule.starts_at
        if rule.ends_at is not None:
            yield rule.ends_at


def _calendar_changes(router: Router, now: datetime) -> Iterator[datetime]:
    calendars = {id(rep.calendar): rep.calendar for rep in router.staff.reps.values()}
    for calendar in calendars.values():
        change = None if calendar is None else calendar.next_change_after(now)
        if change is not None:
            yield change


def _ends_of_windows(router: Router, now: datetime) -> Iterator[datetime]:
    """For each cap that counts a rep, when the oldest assignment in its window leaves it."""
    pooled: dict[str, set[str]] = {}
    for pool in router.staff.pools.values():
        for rep_id in pool.members if pool.caps else ():
            pooled.setdefault(rep_id, set()).update(window for window, _ in pool.caps)
    for rep in router.staff.reps.values():
        marks = router.state.marks.get(rep.id, ())
        for window in {window for window, _ in rep.caps} | pooled.get(rep.id, set()):
            span = WINDOWS[window]
            oldest = bisect_right(marks, now - span, key=itemgetter(0))
            if oldest < len(marks):
                yield marks[oldest].at + span
