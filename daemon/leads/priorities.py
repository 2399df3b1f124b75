"""Two lanes: somebody may be waiting for an answer, or there are many and nobody is.

A version of a record is bulk where it is one of many that the same hand changed within seconds (an
import, a mass update, an integration catching up), or where it had changed long before we read it
(a backlog after a long stop, a sweep). All others are interactive. The hand is the CRM's user; the
seconds are the CRM's own. So a demo request in the middle of an import came from somebody else, and
one by the same hand a moment after it stands alone; both are interactive.

Lanes only order work. Interactive comes first, bulk after so many pages in a row of the other, so
that neither waits for ever; turns and claims are one sequence whatever the lane.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from models.leads.known import Lane
from routing.facts import Page, RecordSeen

_LONG_AGO: Final = timedelta(minutes=15)  #: what changed before was not waited for
_TOGETHER_S: Final = 10  #: what was changed within counts as one arrival
_FLOWING_S: Final = 2  #: an arrival goes on while a tenth of its least size came within
_KEPT_S: Final = 60
_IN_A_ROW: Final = 4  #: interactive pages before bulk has its turn


class _Moment(NamedTuple):
    """A second in which a hand changed records. No hand: the CRM does not say whose it was."""

    hand: str | None
    second: int


class Lanes:
    """Tells the lane of what is read; one object for all connections.

    Args:
        bulk_from: More records than this, changed together by one hand, are bulk.
    """

    def __init__(self, bulk_from: int) -> None:
        self._bulk_from = bulk_from
        self._changed: dict[str, Counter[_Moment]] = {}  #: by connection

    def of(self, connection: str, page: Page) -> Callable[[RecordSeen], Lane]:
        """The lane of each version on a page that was just read.

        A page that is not the last counts for one more, because more will come.
        """
        moments = [_moment(seen) for seen in page.seen if isinstance(seen, RecordSeen)]
        changed = self._changed.setdefault(connection, Counter())
        changed.update(moments)
        many = {each for each in set(moments) if self._is_flood(each, changed, more=page.more)}
        newest = max((each.second for each in changed), default=0)
        for old in [each for each in changed if each.second < newest - _KEPT_S]:
            del changed[old]
        return lambda seen: _lane(seen, is_one_of_many=_moment(seen) in many)

    def _is_flood(self, moment: _Moment, changed: Counter[_Moment], *, more: bool) -> bool:
        together = _within(_TOGETHER_S, moment, changed) + more
        flowing = _within(_FLOWING_S, moment, changed) + more
        return together > self._bulk_from and flowing * 10 > self._bulk_from


class Turn:
    """Which lane is served next."""

    def __init__(self) -> None:
        self._in_a_row = 0  #: interactive pages since bulk was served

    def order(self) -> tuple[Lane, Lane]:
        """The lanes in the order in which they are looked at now.

        Examples:
            >>> turn = Turn()
            >>> for _ in range(4):
            ...     turn.served(turn.order()[0])
            >>> [lane.value for lane in turn.order()]
            ['bulk', 'interactive']
        """
        if self._in_a_row >= _IN_A_ROW:
            return Lane.BULK, Lane.INTERACTIVE
        return Lane.INTERACTIVE, Lane.BULK

    def served(self, lane: Lane) -> None:
        """A page of this lane was found; the other one, if looked at before, was empty."""
        first, _ = self.order()
        is_bulk_done = lane is Lane.BULK or first is Lane.BULK
        self._in_a_row = 0 if is_bulk_done else self._in_a_row + 1


def _lane(seen: RecordSeen, *, is_one_of_many: bool) -> Lane:
    is_old = seen.read_at - seen.modified_at > _LONG_AGO
    return Lane.BULK if is_one_of_many or is_old else Lane.INTERACTIVE


def _moment(seen: RecordSeen) -> _Moment:
    return _Moment(seen.modified_by, _second(seen.modified_at))


def _within(seconds: int, last: _Moment, changed: Counter[_Moment]) -> int:
    """How many records the hand changed in the seconds up to this one."""
    first = last.second - seconds + 1
    return sum(changed[_Moment(last.hand, each)] for each in range(first, last.second + 1))


def _second(at: datetime) -> int:
    return int(at.timestamp())
