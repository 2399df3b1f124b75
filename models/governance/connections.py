"""The ends as the ledger knows them: connections and their modes, users, queues, accounts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models.governance.books import went_live
from models.journal.entries import ENTER, Act, EntryKind, entered
from models.store.statements import changing, putting
from models.store.transactions import Store
from models.store.writes import Writes
from models.tables import AccountRow, Connection, CrmQueue, CrmUser
from models.tables.stored import unpack_account
from routing.facts import AccountSeen, QueueSeen, UserSeen

_LIVE = "live"
_DECLARED = putting(Connection, ("name",), columns=("kind", "mode"))
_PAUSED = changing(Connection, ("name",), ("paused_at", "paused_by"))


@dataclass(frozen=True, slots=True)
class DeclaredConnection:
    """A connection as it stands."""

    name: str
    kind: str  #: `salesforce` or `hubspot`
    mode: str  #: `off`, `shadow` or `live`
    route_from: datetime  #: set when it was first declared; later settings do not move it
    paused_at: datetime | None = None
    paused_by: str | None = None


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account under its internal id."""

    id: str
    seen: AccountSeen
    changed_at: datetime


class Connections:
    """Reads and changes what is known of the CRMs themselves."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def declare(self, connections: Sequence[DeclaredConnection], *, act: Act) -> None:
        """Make the connections what the settings say; a change of mode is journalled.

        What leads wait for follows their connection from shadow to live.
        """
        writes = Writes()
        with self._store.write(act.token) as database:
            known = {row.name: row for row in database.execute(select(Connection.__table__))}
            for end in connections:
                row = {
                    "name": end.name,
                    "kind": end.kind,
                    "mode": end.mode,
                    "route_from": end.route_from,
                    "created_at": act.at,
                }
                writes.add(_DECLARED, row)
                before = known.get(end.name)
                if before is None or before.mode != end.mode:
                    said = entered(
                        act, EntryKind.SETTINGS, None, connection=end.name, mode=end.mode
                    )
                    writes.add(ENTER, said)
                if end.mode == _LIVE:
                    went_live(database, end.name)
            writes.flush(database)

    def all(self) -> dict[str, DeclaredConnection]:
        """Every connection, by name."""
        with self._store.read() as database:
            return {
                row.name: DeclaredConnection(
                    row.name, row.kind, row.mode, row.route_from, row.paused_at, row.paused_by
                )
                for row in database.execute(select(Connection.__table__))
            }

    def pause(self, names: Sequence[str], *, paused: bool, act: Act) -> None:
        """Stop or start writing; takes effect with the next claim."""
        writes = Writes()
        since, by = (act.at, act.actor.name) if paused else (None, None)
        for name in names:
            writes.add(_PAUSED, {"key_name": name, "paused_at": since, "paused_by": by})
            said = entered(act, EntryKind.SETTINGS, None, connection=name, paused=paused)
            writes.add(ENTER, said)
        with self._store.write(act.token) as database:
            writes.flush(database)

    def users(self, connection: str) -> tuple[UserSeen, ...]:
        """A connection's users, as last read."""
        c = CrmUser.__table__.c
        query = select(CrmUser.__table__).where(c.connection == connection).order_by(c.crm_id)
        with self._store.read() as database:
            return tuple(
                UserSeen(
                    id=row.crm_id,
                    active=row.active,
                    name=row.name,
                    email=row.email,
                    manager=row.manager,
                    timezone=row.timezone,
                    can_own=row.can_own,
                    modified_at=row.modified_at,
                    hours=row.hours,
                    unreadable=tuple(row.unreadable or ()),
                )
                for row in database.execute(query)
            )

    def queues(self, connection: str) -> tuple[QueueSeen, ...]:
        """A connection's queues, as last read."""
        c = CrmQueue.__table__.c
        query = select(CrmQueue.__table__).where(c.connection == connection).order_by(c.crm_id)
        with self._store.read() as database:
            return tuple(
                QueueSeen(
                    id=row.crm_id,
                    name=row.name,
                    label=row.label,
                    objects=tuple(row.objects),
                    members=tuple(row.members),
                )
                for row in database.execute(query)
            )

    def accounts(
        self, connection: str, *, since: datetime | None = None
    ) -> Iterator[StoredAccount]:
        """Accounts as last read, streamed; only those stored at or after an instant, if given."""
        c = AccountRow.__table__.c
        query = select(c.id, c.body, c.changed_at).where(c.connection == connection)
        if since is not None:
            query = query.where(c.changed_at >= since)
        with self._store.read() as database:
            rows = database.execution_options(yield_per=1000).execute(
                query.order_by(c.changed_at, c.id)
            )
            for row in rows:
                yield StoredAccount(row.id, unpack_account(row.body), row.changed_at)
