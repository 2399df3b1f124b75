"""How many of the org's daily calls are used, and when none may be made.

`Sforce-Limit-Info` counts late and sometimes backwards, so the largest figure of the last minutes
is believed. Our own calls are counted here, since this process began. A refusal for quota closes
the gate for everyone who shares this connection; nobody keeps knocking.
"""

import re
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Final

from connectors.errors import TryLater
from connectors.port import Budget

_USAGE: Final = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")
_WINDOW_S: Final = 300.0
_DAY_S: Final = 86_400.0
_BUCKET_S: Final = 600.0
_CROWDED_S: Final = (5.0, 30.0)  #: the first wait for other callers to finish, and the longest
_CALM_S: Final = 60.0  #: after so long without a refusal the first wait is the first again


class Quota:
    """Counts calls and keeps the gate. Safe to share between threads."""

    def __init__(self, *, share: float, monotonic: Callable[[], float]) -> None:
        self._share = share
        self._monotonic = monotonic
        self._lock = Lock()
        self._heard: deque[tuple[float, int, int]] = deque()
        self._own: deque[list[float]] = deque()  #: [start of ten minutes, calls]
        self._closed_until = 0.0
        self._why = ""
        self._crowded = 0  #: refusals for concurrency in a row
        self._crowded_at = 0.0

    def admit(self) -> None:
        """Count one call, or refuse it while the gate is closed."""
        with self._lock:
            now = self._monotonic()
            if now < self._closed_until:
                raise TryLater(
                    "Salesforce", self._why, self._closed_until - now, code="REQUEST_LIMIT_EXCEEDED"
                )
            self._count(now)

    def heard(self, header: str | None) -> None:
        """Take in a Sforce-Limit-Info header; other forms of it are skipped."""
        found = _USAGE.search(header or "")
        if found is None:
            return
        with self._lock:
            now = self._monotonic()
            self._heard.append((now, int(found[1]), int(found[2])))
            while now - self._heard[0][0] > _WINDOW_S:
                self._heard.popleft()

    def close(self, after_s: float, why: str) -> None:
        """No calls for so many seconds."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._monotonic() + after_s)
            self._why = why

    def crowded(self, draw: float, why: str) -> None:
        """Too many calls at once: wait, twice as long each time, with a part left to chance.

        Args:
            draw: In [0, 1): spreads several callers over the second half of the wait.
            why: What the org said.
        """
        first_s, longest_s = _CROWDED_S
        with self._lock:
            now = self._monotonic()
            if now - self._crowded_at > _CALM_S:
                self._crowded = 0
            wait_s = min(first_s * 2**self._crowded, longest_s / 2)
            self._crowded += 1
            self._crowded_at = now
        self.close(wait_s * (1 + draw), why)

    def budget(self) -> Budget:
        """What is known without asking."""
        with self._lock:
            now = self._monotonic()
            self._forget(now)
            used = max((used for _, used, _ in self._heard), default=None)
            limit = self._heard[-1][2] if self._heard else None
            own = int(sum(calls for _, calls in self._own))
            wait_s = max(0.0, self._closed_until - now)
        left = None
        if used is not None and limit is not None:
            left = max(0, min(limit - used, int(limit * self._share) - own))
        return Budget(used, limit, own=own, share=self._share, left=left, wait_s=wait_s)

    def _count(self, now: float) -> None:
        if not self._own or now - self._own[-1][0] >= _BUCKET_S:
            self._own.append([now, 0])
        self._own[-1][1] += 1
        self._forget(now)

    def _forget(self, now: float) -> None:
        while self._own and now - self._own[0][0] > _DAY_S:
            self._own.popleft()
