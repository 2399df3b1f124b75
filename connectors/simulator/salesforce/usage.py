"""API usage: the rolling 24-hour count, and the header that reports it a little wrong.

The real header is eventually consistent: in a third of recorded consecutive responses it
went backwards. So does this one, by a few calls, drawn from the seed.
"""

from collections import Counter, deque
from datetime import datetime, timedelta
from random import Random

from connectors.simulator.salesforce.refusals import Refused

_DAY = timedelta(hours=24)


class Usage:
    """Counts calls against the daily limit."""

    def __init__(self, limit: int, chance: Random) -> None:
        self.limit = limit
        self.kinds: Counter[str] = Counter()
        self.jitter = 3  #: how far the header may lag behind, in calls
        self._chance = chance
        self._used = 0
        self._exhausted_until: datetime | None = None
        self._minutes: deque[tuple[datetime, int]] = deque()

    def used(self, now: datetime) -> int:
        """Calls in the last 24 hours."""
        if self._exhausted_until is not None and now < self._exhausted_until:
            return self.limit + 1
        while self._minutes and now - self._minutes[0][0] >= _DAY:
            self._used -= self._minutes.popleft()[1]
        return self._used

    def count(self, kind: str, now: datetime, calls: int = 1) -> None:
        """Count a call, by kind for the statistics."""
        self.kinds[kind] += calls
        self.add(now, calls)

    def add(self, now: datetime, calls: int) -> None:
        """Count calls made by somebody else in the same org."""
        minute = now.replace(second=0, microsecond=0)
        self._used += calls
        if self._minutes and self._minutes[-1][0] == minute:
            calls += self._minutes.pop()[1]
        self._minutes.append((minute, calls))

    def exhaust(self, until: datetime) -> None:
        """Let others have used up the day's calls, until then."""
        if self._exhausted_until is None or until > self._exhausted_until:
            self._exhausted_until = until

    def check(self, now: datetime) -> None:
        """Refuse the call if the org has none left."""
        if self.used(now) >= self.limit:
            raise daily_limit_refusal()

    def header(self, now: datetime) -> str:
        """The value of Sforce-Limit-Info."""
        lag = self._chance.randint(0, self.jitter) if self.jitter else 0
        return f"api-usage={max(0, self.used(now) - lag)}/{self.limit}"


def daily_limit_refusal() -> Refused:
    """403: no calls left today."""
    return Refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)


def concurrent_limit_refusal() -> Refused:
    """403: too many long-running calls at once."""
    message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    return Refused("REQUEST_LIMIT_EXCEEDED", message, status=403)
