"""The lease: who may write, and the token by which every write proves it.

A lease runs out by the database's clock on PostgreSQL, where the replicas' clocks may differ,
and by the caller's on SQLite, where there is one machine. The holder stops earlier than that by
a deadline of its own, on its own monotonic clock; that is the daemon's business.

On PostgreSQL writers share the row's key (`Store.write`). Taking the lease locks the row whole,
so that it waits for none of them and passes none by; renewing it changes no key, so that a holder
is never kept waiting by its own writers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from models.store.statements import inserting_new
from models.store.transactions import LEASE, Store
from models.tables import LeaseRow

_FIRST = inserting_new(LeaseRow, ("name",))


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that is held, or was."""

    holder: str
    token: int
    expires_at: datetime


class Leases:
    """Takes, keeps and gives back the daemon's lease."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def acquire(self, holder: str, *, ttl: timedelta, at: datetime) -> Lease | None:
        """Take the lease if nobody holds it; None where somebody does.

        Args:
            holder: This process, told apart from any other and from its own last life.
            ttl: How long it is held without being renewed.
            at: Now; PostgreSQL goes by its own clock instead.
        """
        c = LeaseRow.__table__.c
        with self._store.append() as database:
            now = self._store.now(database, at)
            self._prepare(database, now)
            query = select(c.token, c.expires_at).where(c.name == LEASE)
            if not self._store.is_sqlite:
                query = query.with_for_update(skip_locked=True)  # its holder is writing
            row = database.execute(query).one_or_none()
            if row is None or row.expires_at > now:
                return None
            lease = Lease(holder, row.token + 1, now + ttl)
            database.execute(
                LeaseRow.__table__.update()
                .where(c.name == LEASE)
                .values(holder=holder, token=lease.token, taken_at=now, expires_at=lease.expires_at)
            )
        return lease

    def renew(self, lease: Lease, *, ttl: timedelta, at: datetime) -> Lease | None:
        """Keep a lease; None where it was taken by another meanwhile."""
        with self._store.append() as database:
            expires_at = self._store.now(database, at) + ttl
            kept = self._expire_at(database, lease, expires_at)
        return Lease(lease.holder, lease.token, expires_at) if kept else None

    def release(self, lease: Lease, *, at: datetime) -> None:
        """Give the lease back, so that the next holder need not wait."""
        with self._store.append() as database:
            self._expire_at(database, lease, self._store.now(database, at))

    def holder(self, *, at: datetime) -> Lease | None:
        """Who holds it now; None where nobody does. PostgreSQL goes by its own clock."""
        with self._store.read() as database:
            row = database.execute(select(LeaseRow.__table__)).one_or_none()
            if row is None or row.expires_at <= self._store.now(database, at):
                return None
        return Lease(row.holder, row.token, row.expires_at)

    def current(self) -> Lease | None:
        """Who holds it, or held it last; None before the first."""
        with self._store.read() as database:
            row = database.execute(select(LeaseRow.__table__)).one_or_none()
        return None if row is None else Lease(row.holder, row.token, row.expires_at)

    def _expire_at(self, database: Connection, lease: Lease, expires_at: datetime) -> bool:
        c = LeaseRow.__table__.c
        changed = database.execute(
            LeaseRow.__table__.update()
            .where(c.name == LEASE, c.token == lease.token)
            .values(expires_at=expires_at)
        )
        return changed.rowcount == 1

    def _prepare(self, database: Connection, now: datetime) -> None:
        """A row to take, with a token nobody ever held."""
        row = {"name": LEASE, "holder": "", "token": 0, "taken_at": now, "expires_at": now}
        _FIRST.run(database, [row])
