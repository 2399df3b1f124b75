"""The roll: every lead with each of its decisions, what was to be written, and how that ended.

For whoever compares the ledger with its CRMs, lead by lead: the demo, and proofs that nothing was
lost. One row a lead and final live decision; a lead without one has one row that says why. Beside
it stands every record of the person, with each owner that was to be written on it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from models.leads.known import Mode
from models.leads.pair_writer import JOINED
from models.store.transactions import Store
from models.tables import (
    AssignmentRow,
    DecisionRow,
    EffectRow,
    LeadRow,
    Milestones,
    Record,
    WaitRow,
)
from routing.decision import Method
from routing.facts import EffectKind


@dataclass(frozen=True, slots=True)
class RollRow:
    """A lead, and one decision about it where there is any."""

    lead: str
    record: str  #: the carrying record's CRM id
    object: str
    decision: str | None
    sequence: int  #: order of decisions; 0 without one
    cause: str | None
    method: str | None
    rule: str | None
    pool: str | None
    owner: str | None  #: the chosen rep
    queue: str | None
    state: str  #: the assignment's; `waiting`, `not_routed`, or `undecided` without one
    expected: str | None  #: CRM id of the owner that the decision saw
    value: str | None  #: CRM id of the owner to be written
    created_at: datetime  #: at the source
    visible_at: datetime | None
    decided_at: datetime | None
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record of a lead's person, and one owner write that a decision owed it, if any did."""

    connection: str
    record: str  #: CRM id
    lead: str
    decision: str | None = None
    state: str | None = None  #: the write's
    expected: str | None = None  #: CRM id of the owner that the decision saw
    value: str | None = None  #: CRM id of the owner to be written


class Roll:
    """Reads the roll; never writes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def rows(self, created_since: datetime, *, after: int = 0) -> tuple[RollRow, ...]:
        """Leads created since an instant, decided ones in the order of their decisions.

        Args:
            created_since: At the source.
            after: Only decisions behind this sequence, and no leads without one; 0: everything.
        """
        with self._store.read() as database:
            decided = _decided(database, created_since, after)
            return decided if after else (*_undecided(database, created_since), *decided)

    def records(self, created_since: datetime) -> tuple[RecordRow, ...]:
        """Every record created since an instant, once for each owner write owed to it."""
        record, effect = Record.__table__, EffectRow.__table__
        owed = and_(effect.c.record_id == record.c.id, effect.c.kind == EffectKind.OWNER)
        query = (
            select(record.c.connection, record.c.crm_id, record.c.lead_id)
            .add_columns(effect.c.decision_id, effect.c.state, effect.c.expected, effect.c.value)
            .join_from(record, effect, owed, isouter=True)
            .where(record.c.created_at >= created_since)
            .order_by(record.c.connection, record.c.crm_id, effect.c.created_at, effect.c.id)
        )
        with self._store.read() as database:
            return tuple(RecordRow(*found) for found in database.execute(query))


def _decided(database: Connection, since: datetime, after: int) -> tuple[RollRow, ...]:
    lead, decision = LeadRow.__table__, DecisionRow.__table__
    record, effect = Record.__table__, EffectRow.__table__
    assignment, steps = AssignmentRow.__table__, Milestones.__table__
    query = (
        select(lead.c.id, record.c.crm_id, record.c.object, lead.c.created_at)
        .add_columns(decision.c.id.label("decision"), decision.c.sequence, decision.c.cause)
        .add_columns(decision.c.method, decision.c.rule, decision.c.pool)
        .add_columns(decision.c.owner, decision.c.queue, decision.c.decided_at)
        .add_columns(assignment.c.state, effect.c.expected, effect.c.value)
        .add_columns(steps.c.visible_at, steps.c.written_at)
        .join_from(decision, lead, lead.c.id == decision.c.lead_id)
        .outerjoin(assignment, assignment.c.decision_id == decision.c.id)
        .outerjoin(effect, and_(effect.c.decision_id == decision.c.id, _is_owner_write()))
        .join(record, record.c.id == func.coalesce(effect.c.record_id, lead.c.record_id))
        .outerjoin(steps, steps.c.occasion_id == decision.c.occasion_id)
        .where(decision.c.mode == Mode.LIVE, decision.c.method != Method.WAITING)
        .where(lead.c.created_at >= since, decision.c.sequence > after)
        .order_by(decision.c.sequence, effect.c.id)
    )
    return tuple(_row(found) for found in database.execute(query))


def _undecided(database: Connection, since: datetime) -> tuple[RollRow, ...]:
    lead, record, wait = LeadRow.__table__, Record.__table__, WaitRow.__table__
    decision = DecisionRow.__table__
    final = and_(
        decision.c.lead_id == lead.c.id,
        decision.c.mode == Mode.LIVE,
        decision.c.method != Method.WAITING,
    )
    query: Select[Any] = (
        select(lead.c.id, record.c.crm_id, record.c.object, lead.c.created_at)
        .add_columns(wait.c.lead_id.label("waits"))
        .join_from(lead, record, record.c.id == lead.c.record_id)
        .outerjoin(wait, wait.c.lead_id == lead.c.id)
        .where(lead.c.created_at >= since, ~select(decision.c.id).where(final).exists())
        .where(lead.c.passed_over.is_distinct_from(JOINED))
        .order_by(lead.c.created_at, lead.c.id)
    )
    return tuple(_bare(found) for found in database.execute(query))


def _is_owner_write() -> Any:
    """The write that the assignment hangs on; what is owed beside it has rows of its own."""
    effect = EffectRow.__table__.c
    same = effect.connection == AssignmentRow.__table__.c.connection
    return and_(effect.kind == EffectKind.OWNER, same)


def _row(found: Any) -> RollRow:
    nothing_to_write = "confirmed" if found.state is None else found.state
    return RollRow(
        lead=found.id,
        record=found.crm_id,
        object=found.object,
        decision=found.decision,
        sequence=found.sequence,
        cause=found.cause,
        method=found.method,
        rule=found.rule,
        pool=found.pool,
        owner=found.owner,
        queue=found.queue,
        state=nothing_to_write,
        expected=found.expected,
        value=found.value,
        created_at=found.created_at,
        visible_at=found.visible_at,
        decided_at=found.decided_at,
        written_at=found.written_at,
    )


def _bare(found: Any) -> RollRow:
    return RollRow(
        lead=found.id,
        record=found.crm_id,
        object=found.object,
        decision=None,
        sequence=0,
        cause=None,
        method=None,
        rule=None,
        pool=None,
        owner=None,
        queue=None,
        state="not_routed" if found.waits is None else "waiting",
        expected=None,
        value=None,
        created_at=found.created_at,
        visible_at=None,
        decided_at=None,
        written_at=None,
    )
