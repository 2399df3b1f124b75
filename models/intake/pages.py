"""Transaction 1 of a lead's path: what a CRM reported, and where to read on, in one piece.

Versions of lead records go to the inbox: each is decided about, in order, once. Everything else
goes straight to its own table: users, queues, accounts, outcomes, touches and absences are facts
of which only the latest counts, so storing them again changes nothing and a second queue would
only add a way to fall behind.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from models.leads.known import NOTHING, Depth, Lane
from models.store.ids import InternalIds
from models.store.prepared import Values
from models.store.statements import Change, inserting_new, putting
from models.store.transactions import Store
from models.tables import (
    AccountRow,
    BookmarkRow,
    CrmAbsence,
    CrmQueue,
    CrmUser,
    InboxRow,
    OutcomeRow,
    TouchRow,
)
from models.tables.stored import pack_account, pack_record
from routing.facts import (
    AbsenceSeen,
    AccountSeen,
    Bookmark,
    OutcomeSeen,
    Page,
    QueueSeen,
    RecordSeen,
    Seen,
    Stream,
    TouchSeen,
    UserSeen,
)

_INBOX = inserting_new(InboxRow, ("crm_id", "version", "fact_hash", "object", "connection"))
_BOOKMARK = putting(
    BookmarkRow, ("connection", "stream"), columns=("position", "safe_until", "stored_at")
)


def _latest(row: Any, keys: tuple[str, ...], never: tuple[str, ...] = ()) -> Change:
    kept = (*keys, *never)
    columns = [column.name for column in row.__table__.columns if column.name not in kept]
    return putting(row, keys, columns=columns)


_CRM_ID = ("connection", "crm_id")
_USER = _latest(CrmUser, _CRM_ID)
_QUEUE = _latest(CrmQueue, _CRM_ID)
_ABSENCE = _latest(CrmAbsence, _CRM_ID)
_ACCOUNT = _latest(AccountRow, _CRM_ID, never=("id",))
_SETTLED = ("lead_id", "settled_at", "seen_at")
_OUTCOME = _latest(OutcomeRow, (*_CRM_ID, "kind"), never=_SETTLED)
_TOUCH = _latest(TouchRow, (*_CRM_ID, "kind"), never=_SETTLED)


LaneOf = Callable[[RecordSeen], Lane]


def _first(_: RecordSeen) -> Lane:
    return Lane.INTERACTIVE


class Intake:
    """Stores pages as they come."""

    def __init__(self, store: Store, ids: InternalIds) -> None:
        self._store = store
        self._ids = ids

    def take_in(
        self, connection: str, page: Page, *, at: datetime, token: int, lane_of: LaneOf = _first
    ) -> int:
        """Store a page and its bookmark in one transaction.

        Args:
            connection: Whose page.
            page: As it was read.
            at: Now.
            token: Of the lease.
            lane_of: Which lane each version of a lead's record joins.

        Returns:
            How many versions of lead records were new to the inbox.

        Raises:
            Fenced: Another process holds the lease; nothing was written.
        """
        by_change: dict[Change, list[Values]] = {}
        for seen in page.seen:
            change, row = self._row_of(seen, connection, at)
            if isinstance(seen, RecordSeen):
                row["lane"] = lane_of(seen)
            by_change.setdefault(change, []).append(row)
        with self._store.write(token) as database:
            new = _INBOX.run(database, by_change.pop(_INBOX, ()))
            for change, rows in by_change.items():
                change.run(database, rows)
            _put_bookmark(database, connection, page.bookmark, at)
        return new

    def waiting(self, connection: str) -> int:
        """How many versions of a connection's records nobody has looked at yet."""
        return sum(depth.count for depth in self.depths(connection).values())

    def depths(self, connection: str) -> dict[Lane, Depth]:
        """The same lane by lane, and since when the oldest waits."""
        c = InboxRow.__table__.c
        query = (
            select(c.lane, func.count(), func.min(c.seq))
            .where(c.done_at.is_(None), c.connection == connection)
            .group_by(c.lane)
        )
        with self._store.read() as database:
            found = {row[0]: row[1:] for row in database.execute(query)}
            oldest = select(c.seq, c.taken_at).where(c.seq.in_([seq for _, seq in found.values()]))
            since = {row.seq: row.taken_at for row in database.execute(oldest)}
        return {
            lane: Depth(found[lane][0], since[found[lane][1]]) if lane in found else NOTHING
            for lane in Lane
        }

    def bookmark(self, connection: str, stream: Stream) -> Bookmark | None:
        """Where a stream was read up to; None before the first page."""
        c = BookmarkRow.__table__.c
        query = select(c.position, c.safe_until).where(
            c.connection == connection, c.stream == stream
        )
        with self._store.read() as database:
            row = database.execute(query).one_or_none()
        return None if row is None else Bookmark(stream, row.position, row.safe_until)

    def bookmark_moved(
        self, connection: str, bookmark: Bookmark, *, at: datetime, token: int
    ) -> None:
        """Move a bookmark where nothing was read, as when a stream starts at `route_from`."""
        with self._store.write(token) as database:
            _put_bookmark(database, connection, bookmark, at)

    def _row_of(self, seen: Seen, connection: str, at: datetime) -> tuple[Change, Values]:
        if isinstance(seen, RecordSeen):
            return _INBOX, _inbox_row(seen, connection, at)
        if isinstance(seen, AccountSeen):
            row = _account_row(seen) | {"id": self._ids.new("a"), "changed_at": at}
            return _ACCOUNT, row | {"connection": connection}
        change, row_of = _ROWS[type(seen)]
        return change, row_of(seen) | {"connection": connection, "seen_at": at}


def _put_bookmark(database: Connection, connection: str, bookmark: Bookmark, at: datetime) -> None:
    row = {
        "connection": connection,
        "stream": bookmark.stream,
        "position": bookmark.position,
        "safe_until": bookmark.safe_until,
        "stored_at": at,
    }
    _BOOKMARK.run(database, [row])


def _inbox_row(seen: RecordSeen, connection: str, at: datetime) -> Values:
    body, fact_hash = pack_record(seen)
    return {
        "connection": connection,
        "object": seen.object,
        "crm_id": seen.id,
        "version": seen.version,
        "fact_hash": fact_hash,
        "body": body,
        "read_at": seen.read_at,
        "taken_at": at,
        "done_at": None,
        "record_id": None,
    }


def _account_row(seen: AccountSeen) -> Values:
    return {
        "crm_id": seen.id,
        "version": seen.version,
        "body": pack_account(seen),
        "deleted": seen.deleted,
    }


def _user_row(seen: UserSeen) -> Values:
    return {
        "crm_id": seen.id,
        "active": seen.active,
        "can_own": seen.can_own,
        "name": seen.name,
        "email": seen.email,
        "manager": seen.manager,
        "timezone": seen.timezone,
        "hours": None if seen.hours is None else dict(seen.hours),
        "unreadable": list(seen.unreadable) or None,
        "modified_at": seen.modified_at,
    }


def _queue_row(seen: QueueSeen) -> Values:
    return {
        "crm_id": seen.id,
        "name": seen.name,
        "label": seen.label,
        "objects": seen.objects,
        "members": seen.members,
    }


def _outcome_row(seen: OutcomeSeen) -> Values:
    return {
        "crm_id": seen.id,
        "kind": seen.kind,
        "at": seen.at,
        "version": seen.version,
        "crm_record": seen.record,
        "crm_account": seen.account,
        "crm_owner": seen.owner,
        "amount": seen.amount,
    }


def _touch_row(seen: TouchSeen) -> Values:
    return {
        "crm_id": seen.id,
        "kind": seen.kind,
        "at": seen.at,
        "crm_user": seen.by,
        "crm_record": seen.record,
        "version": seen.version,
        "human": seen.human,
    }


def _absence_row(seen: AbsenceSeen) -> Values:
    return {
        "crm_id": seen.id,
        "crm_user": seen.user,
        "starts_at": seen.starts_at,
        "ends_at": seen.ends_at,
        "enabled": seen.enabled,
        "version": seen.version,
    }


_ROWS: Mapping[type[Any], tuple[Change, Callable[[Any], Values]]] = {
    UserSeen: (_USER, _user_row),
    QueueSeen: (_QUEUE, _queue_row),
    OutcomeSeen: (_OUTCOME, _outcome_row),
    TouchSeen: (_TOUCH, _touch_row),
    AbsenceSeen: (_ABSENCE, _absence_row),
}
