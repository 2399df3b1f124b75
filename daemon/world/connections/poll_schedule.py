"""When each stream of a connection is asked again, and how the call quota stretches that.

With half of our share of the quota left, every stream keeps its beat. Below that the beat slows
down in proportion, a minute of it for a second at most: leads come later, never not at all.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from connectors.port import Budget
from routing.facts import Stream

_PLENTY = 0.5
_SLOWEST = 60.0
_EARLIEST = timedelta(seconds=1)  #: hints come by the hundred; a poll is for all of them


def stretch(budget: Budget) -> float:
    """By how much beats are stretched; 1 while the quota allows the full pace.

    Examples:
        >>> stretch(Budget(used=10, limit=1000, own=10, share=0.2, left=150))
        1.0
        >>> stretch(Budget(used=190, limit=1000, own=190, share=0.2, left=10))
        10.0
    """
    if budget.left is None or budget.limit is None:
        return 1.0
    granted = max(budget.limit * budget.share, 1.0)
    part = max(budget.left, 0) / granted
    return 1.0 if part >= _PLENTY else min(_PLENTY / max(part, 1e-9), _SLOWEST)


class PollSchedule:
    """The next time for each stream of one connection."""

    def __init__(self, every_s: Mapping[Stream, float]) -> None:
        self.every_s = dict(every_s)
        self._next: dict[Stream, datetime] = {}
        self._asked: dict[Stream, datetime] = {}
        self.early_at: datetime | None = None  #: when a stream is asked before its beat

    def due(self, now: datetime) -> tuple[Stream, ...]:
        """Streams whose time has come, those of people first and leads last.

        A lead that arrives together with its owner's absence must find it known.
        """
        return tuple(
            stream
            for stream in _ORDER
            if stream in self.every_s and now >= self._next.get(stream, now)
        )

    def asked(self, stream: Stream, now: datetime, *, more: bool, stretched: float = 1.0) -> None:
        """A page came; the next one is due at once while there is more."""
        self._asked[stream] = now
        if self.early_at is not None and self.early_at <= now:
            self.early_at = None
        pause_s = 0.0 if more else self.every_s[stream] * stretched
        self._next[stream] = now + timedelta(seconds=pause_s)

    def hint(self, stream: Stream, now: datetime) -> None:
        """Ask this stream before its beat: at once, or a second after it was asked last."""
        last = self._asked.get(stream)
        at = now if last is None else max(now, last + _EARLIEST)
        if at < self._next.get(stream, now):
            self._next[stream] = at
            self.early_at = at

    def next_at(self, now: datetime) -> datetime:
        """When the next stream is due."""
        return min((self._next.get(stream, now) for stream in self.every_s), default=now)


_ORDER = (
    Stream.PEOPLE,
    Stream.ABSENCES,
    Stream.ACCOUNTS,
    Stream.LEADS,
    Stream.OUTCOMES,
    Stream.TOUCHES,
)
