"""How a connection stands: working, waiting for a CRM that is busy, or stopped for a person.

Waiting doubles with every failure up to a minute, or is as long as the CRM asked for. A stopped
connection is tried again once a minute, so that a grant given in the CRM is noticed without a
restart. Bookmarks and effects are not touched: nothing is lost while it waits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from connectors.errors import NeedsOperator, TryLater

_FIRST_S = 1.0
_LONGEST_S = 60.0
_RETRY_STOPPED = timedelta(seconds=60)


class Works(StrEnum):
    """How a connection stands. Add, never rename."""

    WORKING = "working"
    WAITING = "waiting"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something does not go on, since when, and when it is tried again."""

    works: Works
    problem: str
    since: datetime
    until: datetime
    failures: int


class ConnectionHealth:
    """The standing of one connection for one kind of call. Safe to ask from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._trouble: Trouble | None = None

    @property
    def trouble(self) -> Trouble | None:
        """What is the matter; None while all is well."""
        return self._trouble

    @property
    def works(self) -> Works:
        """In one word."""
        trouble = self._trouble
        return Works.WORKING if trouble is None else trouble.works

    def may_run(self, now: datetime) -> bool:
        """Whether it is time for a call."""
        trouble = self._trouble
        return trouble is None or now >= trouble.until

    def recovered(self) -> bool:
        """A call succeeded. Says whether there had been trouble."""
        with self._lock:
            had, self._trouble = self._trouble is not None, None
            return had

    def failed(self, error: TryLater | NeedsOperator, now: datetime) -> bool:
        """A call failed. Says whether this is news: another problem than before."""
        with self._lock:
            before = self._trouble
            failures = 1 if before is None else before.failures + 1
            works, pause = self._answer(error, failures)
            news = before is None or before.works is not works
            since = now if before is None or news else before.since
            self._trouble = Trouble(works, str(error), since, now + pause, failures)
            return news

    def _answer(self, error: TryLater | NeedsOperator, failures: int) -> tuple[Works, timedelta]:
        if isinstance(error, NeedsOperator):
            return Works.STOPPED, _RETRY_STOPPED
        own_s = min(_FIRST_S * 2 ** min(failures - 1, 10), _LONGEST_S)
        return Works.WAITING, timedelta(seconds=max(own_s, error.after_s))
