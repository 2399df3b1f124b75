"""What a decision that follows another one must know: the occasion, and the version last seen.

An arrival brings both along. A recall, a refusal and an operator's request begin with a lead's id.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from models.leads.known import Lane
from models.leads.registers import OF_RECORD
from models.store.statements import chunks
from models.store.transactions import Store
from models.tables import AccountRow, InboxRow, LeadRow, OccasionRow, Record, RegisterRow
from models.tables.stored import unpack_account, unpack_record
from routing.facts import AccountSeen, Cause, Occasion, RecordSeen


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The record that carries a lead, as last looked at."""

    record: str  #: internal id
    connection: str
    owner: str | None  #: CRM id, our own confirmed writes included
    seen: RecordSeen
    taken_at: datetime


class StoredAccounts:
    """Reads accounts, whole; the index of all of them holds only keys."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def accounts(
        self, connection: str, crm_ids: Iterable[str]
    ) -> dict[str, tuple[str, AccountSeen]]:
        """Internal id of each account, and the account as last read, by CRM id."""
        c = AccountRow.__table__.c
        query = select(c.crm_id, c.id, c.body).where(c.connection == connection)
        with self._store.read() as database:
            return {
                row.crm_id: (row.id, unpack_account(row.body))
                for portion in chunks(sorted(set(crm_ids)))
                for row in database.execute(query.where(c.crm_id.in_(portion)))
            }


def occasions_of(connection: Connection, ids: Iterable[str]) -> dict[str, Occasion]:
    """These occasions, by id."""
    c = OccasionRow.__table__.c
    return {
        row.id: _occasion(row)
        for portion in chunks(sorted(set(ids)))
        for row in connection.execute(select(OccasionRow.__table__).where(c.id.in_(portion)))
    }


def lanes_of(connection: Connection, ids: Iterable[str]) -> dict[str, Lane]:
    """The lane of each of these occasions."""
    c = OccasionRow.__table__.c
    return {
        row.id: Lane(row.lane)
        for portion in chunks(sorted(set(ids)))
        for row in connection.execute(select(c.id, c.lane).where(c.id.in_(portion)))
    }


def last_seen_of(connection: Connection, leads: Iterable[str]) -> dict[str, LastSeen]:
    """What each lead's record said last, by lead."""
    lead, record, inbox = LeadRow.__table__, Record.__table__, InboxRow.__table__
    wanted = select(
        lead.c.id.label("lead"),
        record.c.id,
        record.c.connection,
        RegisterRow.__table__.c.owner,
        inbox.c.body,
        inbox.c.read_at,
        inbox.c.taken_at,
    ).select_from(
        lead.join(record, record.c.id == lead.c.record_id)
        .join(inbox, inbox.c.seq == record.c.inbox_seq)
        .join(RegisterRow.__table__, OF_RECORD, isouter=True)
    )
    return {
        row.lead: _last_seen(row)
        for portion in chunks(sorted(set(leads)))
        for row in connection.execute(wanted.where(lead.c.id.in_(portion)))
    }


def last_seen(store: Store, leads: Sequence[str]) -> Iterator[tuple[str, LastSeen]]:
    """What each lead's record said last, some at a time: for as many leads as there are."""
    for portion in chunks(leads):
        with store.read() as database:
            yield from last_seen_of(database, portion).items()


def _occasion(row: Row[Any]) -> Occasion:
    return Occasion(
        id=row.id,
        lead=row.lead_id,
        route=row.route,
        cause=Cause(row.cause),
        n=row.n,
        opened_at=row.opened_at,
        attempt=row.attempt,
        without=tuple(sorted(row.without)),
    )


def _last_seen(row: Any) -> LastSeen:
    return LastSeen(
        record=row.id,
        connection=row.connection,
        owner=row.owner,
        seen=unpack_record(row.body, row.read_at),
        taken_at=row.taken_at,
    )
