"""What reports are made of: shadow against the CRM's own result, tallies, speed to owner."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from models.leads.known import Mode
from models.store.statements import chunks
from models.store.transactions import Store
from models.tables import DecisionRow, LeadRow, Milestones, OwnershipRow, Record
from routing.decision import Method


@dataclass(frozen=True, slots=True)
class Compared:
    """A shadow decision beside what the CRM did with the lead."""

    lead: str
    record: str  #: the CRM's id of the record that carries it
    occasion: str
    decided_at: datetime
    route: str
    rule: str | None
    pool: str | None
    method: str
    chosen: str | None  #: a rep's id, or `queue:NAME`
    observed: str | None  #: the holder as last observed: a rep's id, `queue:NAME`, or a CRM id
    observed_at: datetime | None  #: when the owner was first seen to change after the decision

    @property
    def agrees(self) -> bool:
        """Whether the CRM gave it to whom we would have."""
        return self.chosen == self.observed


@dataclass(frozen=True, slots=True)
class Tally:
    """How many final decisions of a period are alike."""

    mode: str
    method: str
    rule: str | None
    pool: str | None
    owner: str | None
    queue: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Steps:
    """When what happened to a lead on one occasion."""

    lead: str
    occasion: str
    created_at: datetime | None
    visible_at: datetime | None
    decided_at: datetime | None
    written_at: datetime | None
    accepted_at: datetime | None
    first_touch_at: datetime | None
    outcome_at: datetime | None
    outcome: str | None


class Reports:
    """Reads for reports; never writes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def compared(self, since: datetime, until: datetime) -> tuple[Compared, ...]:
        """Shadow decisions in [since, until), the last of each lead and route, in their order."""
        with self._store.read() as database:
            return _compared(database, since, until)

    def tally(self, since: datetime, until: datetime) -> tuple[Tally, ...]:
        """Final decisions in [since, until), counted by how they came about and where they went."""
        c = DecisionRow.__table__.c
        alike = (c.mode, c.method, c.rule, c.pool, c.owner, c.queue)
        query = (
            select(*alike, func.count())
            .where(c.decided_at >= since, c.decided_at < until, c.method != Method.WAITING)
            .group_by(*alike)
            .order_by(*(column.nulls_first() for column in alike))
        )
        with self._store.read() as database:
            return tuple(Tally(*row) for row in database.execute(query))

    def steps(self, since: datetime, until: datetime) -> Iterator[Steps]:
        """Milestones of what was decided in [since, until), streamed."""
        c = Milestones.__table__.c
        query = (
            select(Milestones.__table__)
            .where(c.decided_at >= since, c.decided_at < until)
            .order_by(c.decided_at, c.occasion_id)
        )
        with self._store.read() as database:
            for row in database.execution_options(yield_per=1000).execute(query):
                yield Steps(*row)


def _compared(database: Connection, since: datetime, until: datetime) -> tuple[Compared, ...]:
    d, lead, record = DecisionRow.__table__.c, LeadRow.__table__.c, Record.__table__.c
    query = (
        select(d.lead_id, d.occasion_id, d.decided_at, d.route, d.rule, d.pool, d.method)
        .add_columns(d.owner, d.queue, lead.holder, record.crm_id, d.sequence)
        .join_from(DecisionRow.__table__, LeadRow.__table__, lead.id == d.lead_id)
        .join(Record.__table__, record.id == lead.record_id)
        .where(
            d.mode == Mode.SHADOW,
            d.method != Method.WAITING,
            d.decided_at >= since,
            d.decided_at < until,
        )
        .order_by(d.sequence)
    )
    last = {(row.lead_id, row.route): row for row in database.execute(query)}
    rows = sorted(last.values(), key=lambda row: row.sequence)
    changes = _changes(database, sorted({row.lead_id for row in rows}))
    return tuple(
        Compared(
            lead=row.lead_id,
            record=row.crm_id,
            occasion=row.occasion_id,
            decided_at=row.decided_at,
            route=row.route,
            rule=row.rule,
            pool=row.pool,
            method=row.method,
            chosen=row.owner if row.queue is None else f"queue:{row.queue}",
            observed=row.holder,
            observed_at=next(
                (at for at in changes.get(row.lead_id, ()) if at >= row.decided_at), None
            ),
        )
        for row in rows
    )


def _changes(database: Connection, leads: list[str]) -> dict[str, list[datetime]]:
    c = OwnershipRow.__table__.c
    changes: dict[str, list[datetime]] = {}
    for portion in chunks(leads):
        query = select(c.lead_id, c.observed_at).where(c.lead_id.in_(portion)).order_by(c.seq)
        for row in database.execute(query):
            changes.setdefault(row.lead_id, []).append(row.observed_at)
    return changes
