"""What became of a lead, joined to it: touches and outcomes reach its milestones.

A touch or an outcome may be read before the lead it is about. It waits until the lead's record
is known, a day at most: what is about nobody we route is then let go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from models.store.prepared import Values
from models.store.statements import Change, changing, chunks
from models.store.transactions import Store
from models.tables import (
    LeadRow,
    Milestones,
    OutcomeRow,
    Record,
    RepIdentity,
    TouchRow,
)

_PATIENCE = timedelta(days=1)
_KEYS = ("connection", "crm_id", "kind")
_TOUCH = changing(TouchRow, _KEYS, ("lead_id", "settled_at"))
_OUTCOME = changing(OutcomeRow, _KEYS, ("lead_id", "settled_at"))
_STEPS = ("lead_id", "occasion_id")
_REACHED = changing(Milestones, _STEPS, ("accepted_at", "first_touch_at", "outcome_at", "outcome"))
_OPENED = "read"  #: the kind of touch that says no more than that the record was opened


@dataclass(frozen=True, slots=True)
class Settled:
    """How many found their lead."""

    touches: int
    outcomes: int


class FollowUps:
    """Joins touches and outcomes to leads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def settle(self, *, limit: int, at: datetime, token: int) -> Settled:
        """Join what was read and not joined yet, oldest first."""
        with self._store.write(token) as database:
            touches = _unsettled(database, TouchRow, limit)
            outcomes = _unsettled(database, OutcomeRow, limit)
            leads = _leads(database, [*touches, *outcomes])
            steps = _Steps(database, leads)
            for row in touches:
                steps.touched(row, leads.get((row.connection, row.crm_record)))
            for row in outcomes:
                steps.ended(row, leads.get((row.connection, row.crm_record)))
            _mark(database, _TOUCH, touches, leads, at)
            _mark(database, _OUTCOME, outcomes, leads, at)
            _REACHED.run(database, steps.changed())
        found = [
            sum((row.connection, row.crm_record) in leads for row in rows)
            for rows in (touches, outcomes)
        ]
        return Settled(*found)


class _Steps:
    """The milestones at hand, changed in memory."""

    def __init__(self, database: Connection, leads: Mapping[tuple[str, str], Row[Any]]) -> None:
        ids = sorted({row.lead_id for row in leads.values()})
        m, i = Milestones.__table__.c, RepIdentity.__table__
        self._by_lead: dict[str, list[Values]] = {}
        self._changed: dict[tuple[str, str], Values] = {}
        for portion in chunks(ids):
            query = select(Milestones.__table__).where(m.lead_id.in_(portion))
            for row in database.execute(query.order_by(m.decided_at)):
                self._by_lead.setdefault(row.lead_id, []).append(dict(row._asdict()))
        self._reps = {(r.connection, r.crm_user): r.rep_id for r in database.execute(select(i))}

    def touched(self, row: Row[Any], lead: Row[Any] | None) -> None:
        """The assignee acted: accepted at the first sign, touched at the first human act."""
        rep = self._reps.get((row.connection, row.crm_user))
        if lead is None or rep is None or rep != lead.owner_rep or not row.human:
            return
        steps = self._at(lead.lead_id, row.at)
        if steps is None:
            return
        self._earlier(steps, "accepted_at", row.at)
        if row.kind != _OPENED:
            self._earlier(steps, "first_touch_at", row.at)

    def ended(self, row: Row[Any], lead: Row[Any] | None) -> None:
        """Something came of the lead; the latest word counts."""
        steps = None if lead is None else self._at(lead.lead_id, row.at)
        if steps is None:
            return
        if steps["outcome_at"] is None or steps["outcome_at"] <= row.at:
            steps["outcome_at"], steps["outcome"] = row.at, row.kind
            self._changed[steps["lead_id"], steps["occasion_id"]] = steps

    def changed(self) -> list[Values]:
        """What is to be written."""
        wanted = ("accepted_at", "first_touch_at", "outcome_at", "outcome")
        return [
            {"key_lead_id": lead, "key_occasion_id": occasion}
            | {name: steps[name] for name in wanted}
            for (lead, occasion), steps in self._changed.items()
        ]

    def _at(self, lead: str, at: datetime) -> Values | None:
        """The last occasion that was decided by then."""
        decided = [
            steps
            for steps in self._by_lead.get(lead, ())
            if steps["decided_at"] is not None and steps["decided_at"] <= at
        ]
        return max(decided, key=lambda steps: steps["decided_at"], default=None)

    def _earlier(self, steps: Values, name: str, at: datetime) -> None:
        if steps[name] is None or at < steps[name]:
            steps[name] = at
            self._changed[steps["lead_id"], steps["occasion_id"]] = steps


def _unsettled(database: Connection, row: Any, limit: int) -> Sequence[Row[Any]]:
    c = row.__table__.c
    query = select(row.__table__).where(c.settled_at.is_(None)).order_by(c.seen_at).limit(limit)
    return database.execute(query).all()


def _leads(database: Connection, rows: Sequence[Row[Any]]) -> dict[tuple[str, str], Row[Any]]:
    r, lead = Record.__table__.c, LeadRow.__table__.c
    wanted = sorted({row.crm_record for row in rows if row.crm_record is not None})
    query: Select[Any] = select(r.connection, r.crm_id, r.lead_id, lead.owner_rep).join_from(
        Record.__table__, LeadRow.__table__, lead.id == r.lead_id
    )
    return {
        (row.connection, row.crm_id): row
        for portion in chunks(wanted)
        for row in database.execute(query.where(r.crm_id.in_(portion)))
    }


def _mark(
    database: Connection,
    change: Change,
    rows: Sequence[Row[Any]],
    leads: Mapping[tuple[str, str], Row[Any]],
    at: datetime,
) -> None:
    settled = []
    for row in rows:
        lead = leads.get((row.connection, row.crm_record))
        if lead is None and at - row.seen_at < _PATIENCE:
            continue
        key = {f"key_{name}": getattr(row, name) for name in _KEYS}
        lead_id = None if lead is None else lead.lead_id
        settled.append(key | {"lead_id": lead_id, "settled_at": at})
    change.run(database, settled)
