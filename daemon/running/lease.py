"""May this process write? Only while it holds the lease, by a deadline of its own.

The ledger holds one row per lease with a token that only grows; whoever renews it in time may
write. Because a process can stop for a minute without noticing, it does not trust its last answer
for as long as the row lasts: the deadline here is shorter, by the monotonic clock, and counts from
the moment before it asked. Each write carries the token, so that the ledger refuses a late one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from daemon.base.clock import Clock
from models.store.lease import Lease

#: The part of the lease that is not used: for a write that is under way when it ends.
_MARGIN = 0.2
#: The part of an interval by which a renewal may come early, so that replicas do not keep step.
_JITTER = 0.1


def _on_time() -> float:
    return 0.0


class LeaseStore(Protocol):
    """The row behind the lease; `models.store.lease.Leases` is one."""

    def acquire(self, holder: str, *, ttl: timedelta, at: datetime) -> Lease | None:
        """Take the lease if nobody holds it."""
        ...

    def renew(self, lease: Lease, *, ttl: timedelta, at: datetime) -> Lease | None:
        """Make it last from now on; None where it is not ours any more."""
        ...

    def release(self, lease: Lease, *, at: datetime) -> None:
        """Give it back at once."""
        ...


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """For whom, how long a lease lasts, and how often it is renewed."""

    holder: str
    ttl: timedelta
    renew_every: timedelta


class LeaseKeeper:
    """Takes, keeps and gives back one lease; `tick` it more often than it is to be renewed.

    Errors of the store pass through `tick`: the loop that calls it reports them, and the lease
    ends by its deadline if they go on.

    Args:
        store: The row behind the lease.
        terms: For whom and how long.
        clock: For the deadline.
        chance: A fraction in [0, 1), drawn anew for every renewal: how early it comes.
    """

    def __init__(
        self,
        store: LeaseStore,
        terms: LeaseTerms,
        clock: Clock,
        *,
        chance: Callable[[], float] = _on_time,
    ) -> None:
        self._store = store
        self._terms = terms
        self._clock = clock
        self._chance = chance
        self._lock = Lock()
        self._asking = Lock()  #: two threads that ask at once would each lose what the other got
        self._lease: Lease | None = None
        self._deadline = 0.0
        self._renew_at = 0.0

    @property
    def token(self) -> int | None:
        """The fencing token while the lease is held; None: do not write."""
        held = self._held()
        return None if held is None else held.token

    @property
    def seconds_left(self) -> float:
        """How long the lease is held without another renewal; 0 where it is not."""
        with self._lock:
            left = self._deadline - self._clock.monotonic()
            return max(left, 0.0) if self._lease is not None else 0.0

    def tick(self) -> int | None:
        """Take the lease, or renew it where that is due; the token where it is held.

        Raises:
            LedgerError: The ledger cannot be reached; what is held stays so until its deadline.
        """
        with self._asking:
            self._ask()
        return self.token

    def release(self) -> None:
        """Give the lease back, so that another process need not wait for its end."""
        with self._asking, self._lock:
            lease, self._lease, self._deadline = self._lease, None, 0.0
        if lease is not None:
            self._store.release(lease, at=self._clock.now())

    def _ask(self) -> None:
        started, at = self._clock.monotonic(), self._clock.now()
        held = self._held()
        if held is None:
            found = self._store.acquire(self._terms.holder, ttl=self._terms.ttl, at=at)
            self._keep(found, started)
        elif started >= self._renew_at:
            self._keep(self._store.renew(held, ttl=self._terms.ttl, at=at), started)

    def _held(self) -> Lease | None:
        with self._lock:
            return self._lease if self._clock.monotonic() < self._deadline else None

    def _keep(self, lease: Lease | None, started: float) -> None:
        lasts_s = self._terms.ttl.total_seconds() * (1 - _MARGIN)
        every_s = self._terms.renew_every.total_seconds() * (1 - _JITTER * self._chance())
        with self._lock:
            self._lease = lease
            self._deadline = started + lasts_s if lease is not None else 0.0
            self._renew_at = started + every_s
