"""How fast and how often we may call one portal, and when none may be made.

HubSpot counts calls in any ten seconds for each app, searches in any second for the whole portal,
and all calls of a day for the whole portal. We keep to our part of each and leave the rest to the
others who share it. The limits are learned from the headers of answers; searches carry none. A
refusal closes the gate for everybody who shares this connection: for searches, for all, or until
midnight where the portal is.
"""

from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

from connectors.errors import TryLater
from connectors.hubspot.refusals import CRM, Policy, Refusal
from connectors.port import Budget, Clock

_BURST: Final = 100  #: calls in any ten seconds that the smallest portal grants
_BURST_S: Final = 10.0
_SEARCHES: Final = 5
_SEARCH_S: Final = 1.0
_LONGEST_NAP_S: Final = 10.5  #: for our own pace
_SHORTEST_NAP_S: Final = 0.001  #: a shorter one may not move a clock at all
_SHORT_NAP_S: Final = 2.0  #: after a refusal; what takes longer is the caller's to plan
_DAY_S: Final = 86_400.0
_BUCKET_S: Final = 600.0


class Lane(StrEnum):
    """What a call counts against."""

    GENERAL = "general"
    SEARCH = "search"  # has a limit of its own, and is free of the general one


class Window:
    """At most so many calls in any span of so many seconds."""

    def __init__(self, calls: int, seconds: float) -> None:
        self.calls = calls
        self.seconds = seconds
        self._made: deque[float] = deque()

    def wait_s(self, now: float) -> float:
        """How long until one more may be made; 0: now."""
        while self._made and now - self._made[0] >= self.seconds:
            self._made.popleft()
        if len(self._made) < self.calls:
            return 0.0
        return self.seconds - (now - self._made[-self.calls])

    def count(self, now: float) -> None:
        """One was made."""
        self._made.append(now)


class Quota:
    """Counts calls, keeps the pace and the gates. Safe to share between threads.

    Args:
        share: Our part of the portal's daily calls.
        burst_share: Our part of what may be called at once.
        clock: The shell's clock.
    """

    def __init__(self, *, share: float, burst_share: float, clock: Clock) -> None:
        self._share = share
        self._burst_share = burst_share
        self._clock = clock
        self._lock = Lock()
        self._windows = {
            Lane.GENERAL: Window(self._part(_BURST), _BURST_S),
            Lane.SEARCH: Window(self._part(_SEARCHES), _SEARCH_S),
        }
        self._shut: dict[Lane, tuple[float, str, str]] = {}  #: until, why, code
        self._used: int | None = None
        self._limit: int | None = None
        self._own: deque[list[float]] = deque()  #: [start of ten minutes, calls]
        self.zone: ZoneInfo | None = None  #: the portal's, once it is known

    def admit(self, lane: Lane) -> None:
        """Count one call as soon as our pace allows it.

        Raises:
            TryLater: The gate is closed for longer than a nap.
        """
        while True:
            with self._lock:
                now = self._clock.monotonic()
                wait_s = self._gate_s(lane, now)
                if wait_s <= 0:
                    wait_s = self._windows[lane].wait_s(now)
                if wait_s <= 0:
                    self._windows[lane].count(now)
                    self._count(now)
                    return
            self._clock.sleep(max(_SHORTEST_NAP_S, min(wait_s, _LONGEST_NAP_S)))

    def heard(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer says of the limits."""
        burst = _number(headers.get("X-HubSpot-RateLimit-Max"))
        span_ms = _number(headers.get("X-HubSpot-RateLimit-Interval-Milliseconds"))
        limit = _number(headers.get("X-HubSpot-RateLimit-Daily"))
        left = _number(headers.get("X-HubSpot-RateLimit-Daily-Remaining"))
        with self._lock:
            general = self._windows[Lane.GENERAL]
            if burst:
                general.calls = self._part(burst)
            if span_ms:
                general.seconds = span_ms / 1000
            if limit is not None and left is not None:
                self._limit, self._used = limit, max(0, limit - left)

    def refused(self, refusal: Refusal, lane: Lane, draw: float) -> None:
        """Close the gate that a refusal is about.

        Args:
            refusal: It is `limited` or `moving`.
            lane: What the call counted against.
            draw: In [0, 1): spreads several callers over a tenth more than they must wait.
        """
        if refusal.policy == Policy.DAILY:
            wait_s = refusal.retry_after_s or self._until_midnight_s()
        else:
            wait_s = refusal.wait_s
        only_search = lane is Lane.SEARCH and refusal.policy == Policy.SECONDLY
        lanes = (Lane.SEARCH,) if only_search else tuple(Lane)
        with self._lock:
            until = self._clock.monotonic() + wait_s * (1 + draw / 10)
            for each in lanes:
                if until > self._shut.get(each, (0.0, "", ""))[0]:
                    self._shut[each] = (until, refusal.error.message, refusal.code)

    def budget(self) -> Budget:
        """What is known without asking."""
        with self._lock:
            now = self._clock.monotonic()
            self._forget(now)
            used, limit = self._used, self._limit
            own = int(sum(calls for _, calls in self._own))
            wait_s = max(0.0, self._shut.get(Lane.GENERAL, (0.0, "", ""))[0] - now)
        left = None
        if used is not None and limit is not None:
            left = max(0, min(limit - used, int(limit * self._share) - own))
        return Budget(used, limit, own=own, share=self._share, left=left, wait_s=wait_s)

    def _part(self, of: int) -> int:
        return max(1, round(of * self._burst_share))

    def _gate_s(self, lane: Lane, now: float) -> float:
        until, why, code = self._shut.get(lane, (0.0, "", ""))
        wait_s = until - now
        if wait_s > _SHORT_NAP_S:
            raise TryLater(CRM, why, wait_s, code=code)
        return wait_s

    def _until_midnight_s(self) -> float:
        here = self._clock.now().astimezone(self.zone or UTC)
        tomorrow = datetime.combine(here.date() + timedelta(days=1), datetime.min.time())
        midnight = tomorrow.replace(tzinfo=here.tzinfo).astimezone(UTC)
        return (midnight - here.astimezone(UTC)).total_seconds()

    def _count(self, now: float) -> None:
        if not self._own or now - self._own[-1][0] >= _BUCKET_S:
            self._own.append([now, 0])
        self._own[-1][1] += 1
        self._forget(now)

    def _forget(self, now: float) -> None:
        while self._own and now - self._own[0][0] > _DAY_S:
            self._own.popleft()


def _number(text: str | None) -> int | None:
    found = (text or "").strip()
    return int(found) if found.isascii() and found.isdigit() and len(found) < 12 else None
