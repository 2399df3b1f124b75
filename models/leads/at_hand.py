"""What the database knows of the effects whose results have come: one question per table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from models.leads import turns
from models.leads.known import Lane
from models.leads.registers import registers_of
from models.store.statements import chunks
from models.tables import (
    AssignmentRow,
    CrmQueue,
    EffectRow,
    LeadRow,
    RepIdentity,
    TurnRow,
)
from routing.decision import TurnCharge
from routing.facts import Applied, Effect, EffectResult
from routing.life.register import Register


@dataclass(frozen=True, slots=True)
class Claimed:
    """An effect that may leave: its attempt is recorded."""

    effect: Effect
    connection: str
    lead: str
    decision: str
    record: str  #: internal id
    attempts: int  #: this one included
    lane: Lane = Lane.INTERACTIVE


@dataclass(frozen=True, slots=True)
class AtHand:
    """What the database knows of the effects at hand."""

    effects: dict[str, Row[Any]]
    assignments: dict[str, Row[Any]]
    charges: dict[str, TurnCharge]
    owners: dict[tuple[str, str], str]  #: (connection, CRM user) -> rep
    queues: dict[tuple[str, str], str]  #: (connection, CRM queue) -> name
    carriers: dict[str, str]  #: lead -> the record that carries it; of writes beside only
    registers: dict[str, Register]  #: record -> who owns it, by the newest version


def look_up(
    database: Connection, results: Iterable[tuple[Claimed, EffectResult]], *, failed: Sequence[str]
) -> AtHand:
    """What the database knows of effects whose results came; `failed` decisions end badly."""
    listed = list(results)
    effects = [claimed.effect.id for claimed, _ in listed]
    decisions = [claimed.decision for claimed, _ in listed]
    found = sorted({r.owner for _, r in listed if r.applied is Applied.CONFLICT and r.owner})
    e, a = EffectRow.__table__.c, AssignmentRow.__table__.c
    lead = LeadRow.__table__.c
    t, i, q = TurnRow.__table__.c, RepIdentity.__table__.c, CrmQueue.__table__.c
    known = select(e.id, e.state, e.attempt_token)
    charges = select(TurnRow.__table__).where(t.why == turns.TurnReason.ROTATION)
    rotations = _rows(database, charges, t.decision_id, failed)
    assignments = {
        row.decision_id: row
        for row in _rows(database, select(AssignmentRow.__table__), a.decision_id, decisions)
    }
    beside = [
        claimed.lead
        for claimed, _ in listed
        if claimed.decision in assignments
        and assignments[claimed.decision].connection != claimed.connection
    ]
    return AtHand(
        effects={row.id: row for row in _rows(database, known, e.id, effects)},
        assignments=assignments,
        carriers={
            row.id: row.record_id
            for row in _rows(database, select(lead.id, lead.record_id), lead.id, beside)
        },
        registers=registers_of(database, [claimed.record for claimed, _ in listed]),
        charges={row.decision_id: turns.charge_of(row) for row in rotations if not row.shadow},
        owners={
            (row.connection, row.crm_user): row.rep_id
            for row in _rows(database, select(RepIdentity.__table__), i.crm_user, found)
        },
        queues={
            (row.connection, row.crm_id): row.name
            for row in _rows(database, select(CrmQueue.__table__), q.crm_id, found)
        },
    )


def _rows(
    database: Connection, query: Select[Any], column: Any, values: Sequence[str]
) -> list[Row[Any]]:
    return [
        row
        for portion in chunks(values)
        for row in database.execute(query.where(column.in_(portion)))
    ]
