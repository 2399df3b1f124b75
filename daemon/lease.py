"""May this process write? Only while it holds the lease, by a deadline of its own.

The ledger holds one row per lease with a token that only grows; whoever renews it in time may
write. Because a process can stop for a minute without noticing, it does not trust its last answer
for as long as the row lasts: the deadline here is shorter, by the monotonic clock, and counts from
the moment before it asked. Each write carries the token, so that the ledger refuses a late one.
"""

from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Protocol

from daemon.clock import Clock

#: The part of the lease that is not used: for a write that is under way when it ends.
_MARGIN = 0.2


class LeaseStore(Protocol):
    """The rows behind leases."""

    def acquire(self, name: str, holder: str, ttl: timedelta) -> int | None:
        """Take the lease if it is free, over, or ours already; the token, or None."""
        ...

    def renew(self, name: str, holder: str, token: int, ttl: timedelta) -> bool:
        """Make it last from now on; False where it is not ours any more."""
        ...

    def release(self, name: str, holder: str, token: int) -> None:
        """Give it back at once, if it is still ours."""
        ...


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """Which lease, for whom, how long it lasts and how often it is renewed."""

    name: str
    holder: str
    ttl: timedelta
    renew_every: timedelta


class LeaseKeeper:
    """Takes, keeps and gives back one lease; `tick` it more often than it is to be renewed.

    Errors of the store pass through `tick`: the loop that calls it reports them, and the lease
    ends by its deadline if they go on.
    """

    def __init__(self, store: LeaseStore, terms: LeaseTerms, clock: Clock) -> None:
        self._store = store
        self._terms = terms
        self._clock = clock
        self._lock = Lock()
        self._token: int | None = None
        self._deadline = 0.0
        self._renew_at = 0.0

    @property
    def token(self) -> int | None:
        """The fencing token while the lease is held; None: do not write."""
        with self._lock:
            return self._token if self._clock.monotonic() < self._deadline else None

    @property
    def seconds_left(self) -> float:
        """How long the lease is held without another renewal; 0 where it is not."""
        with self._lock:
            left = self._deadline - self._clock.monotonic()
        return max(left, 0.0) if self._token is not None else 0.0

    def tick(self) -> int | None:
        """Take the lease, or renew it where that is due; the token where it is held.

        Raises:
            Exception: Whatever the store raises when it cannot be reached.
        """
        started = self._clock.monotonic()
        held = self.token
        if held is None:
            self._taken(self._store.acquire(*self._asked(), self._terms.ttl), started)
        elif started >= self._renew_at:
            renewed = self._store.renew(*self._asked(), held, self._terms.ttl)
            self._taken(held if renewed else None, started)
        return self.token

    def release(self) -> None:
        """Give the lease back, so that another process need not wait for its end."""
        with self._lock:
            token, self._token, self._deadline = self._token, None, 0.0
        if token is not None:
            self._store.release(*self._asked(), token)

    def _asked(self) -> tuple[str, str]:
        return self._terms.name, self._terms.holder

    def _taken(self, token: int | None, started: float) -> None:
        lasts_s = self._terms.ttl.total_seconds() * (1 - _MARGIN)
        with self._lock:
            self._token = token
            self._deadline = started + lasts_s if token is not None else 0.0
            self._renew_at = started + self._terms.renew_every.total_seconds()
