"""Transactions 3 and 4 of a lead's path: an effect is claimed before it leaves, then settled.

Claiming records the attempt and its token before any byte leaves. Settling stores the result
with everything that follows from it. A result that names another attempt than the last is stale
and changes nothing. What a dead process had sent is claimed again by its successor: the end
reads before it writes, so twice is once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, text

from models.leads.at_hand import Claimed
from models.leads.known import NOTHING, Depth, Lane
from models.leads.settlement import PATIENCE, Finished, Retries, settle
from models.store.ids import InternalIds
from models.store.prepared import Values
from models.store.statements import changing
from models.store.transactions import Store
from models.tables import OPEN, AssignmentRow, Connection, EffectRow, Record
from routing.facts import Effect, EffectKind, EffectResult

_STALE = timedelta(minutes=5)
_SENT = changing(
    EffectRow, ("id",), ("state", "attempts", "attempt_token", "fencing_token", "sent_at")
)
_ASSIGNMENT_SENT = changing(AssignmentRow, ("decision_id", "connection"), ("state", "sent_at"))
_FIRST = EffectRow.__table__.alias("first")
_DEPENDENCY_MET = (
    select(_FIRST.c.id)
    .where(_FIRST.c.id == EffectRow.__table__.c.depends_on, _FIRST.c.state == "confirmed")
    .exists()
)


class EffectState(StrEnum):
    """Where an effect stands. Add, never rename."""

    PENDING = "pending"
    SENT = "sent"
    CONFIRMED = "confirmed"
    CONFLICT = "conflict"
    REFUSED = "refused_by_crm"
    DEAD = "dead"
    SUPERSEDED = "superseded"  # withdrawn: another decision, or what it depended on failed


class Wanted(NamedTuple):
    """What a pusher asks for: a page of the first lane in which anything is due."""

    connection: str
    pages: Sequence[tuple[Lane, int]]  #: lanes in the order in which they are served, and how much
    decision: str | None = None  #: only what this one owes


class Outbox:
    """Claims effects and settles them."""

    def __init__(self, store: Store, ids: InternalIds) -> None:
        self._store = store
        self._ids = ids

    def claim(self, wanted: Wanted, *, at: datetime, token: int) -> tuple[Claimed, ...]:
        """Mark what a connection is due as sent, oldest first, before anything leaves.

        Only where it is live and not paused; an effect waits for the one it depends on, and for
        its `not_before`. What was sent under another lease, or long ago, is due.
        """
        c = EffectRow.__table__.c
        due = _due(wanted.connection, at, token)
        if wanted.decision is not None:
            due = due.where(c.decision_id == wanted.decision)
        with self._store.write(token) as database:
            rows: Sequence[Row[Any]] = ()
            for lane, limit in wanted.pages:
                rows = rows or database.execute(due.where(c.lane == lane).limit(limit)).all()
            claimed = tuple(_claimed(row, self._ids.new("t")) for row in rows)
            _SENT.run(database, [_sent_row(each, at, token) for each in claimed])
            owners = [each for each in claimed if each.effect.kind is EffectKind.OWNER]
            _ASSIGNMENT_SENT.run(
                database,
                [
                    {
                        "key_decision_id": each.decision,
                        "key_connection": each.connection,
                        "state": EffectState.SENT,
                        "sent_at": at,
                    }
                    for each in owners
                ],
            )
        return claimed

    def finish(
        self,
        results: Sequence[tuple[Claimed, EffectResult]],
        *,
        at: datetime,
        token: int,
        retries: Retries = PATIENCE,
    ) -> tuple[Finished, ...]:
        """Store results with assignment, ownership, give-back, milestones and entries.

        Returns:
            One for each result that was not stale, in order; `Finished` says which events of
            the state follow.

        Raises:
            Fenced: Another process holds the lease; nothing was written.
        """
        with self._store.write(token) as database:
            return settle(database, results, at=at, retries=retries)

    def depths(self, connection: str, *, at: datetime) -> dict[Lane, Depth]:
        """How many of its effects are not settled, and since when the oldest due one waits."""
        c = EffectRow.__table__.c
        query = (
            select(c.lane, func.count(), func.min(c.created_at).filter(c.next_at <= at))
            .select_from(EffectRow.__table__)
            .where(text(f"effects.{OPEN}"), c.connection == connection)
            .group_by(c.lane)
        )
        with self._store.read() as database:
            found = {row[0]: Depth(*row[1:]) for row in database.execute(query)}
        return {lane: found.get(lane, NOTHING) for lane in Lane}

    def is_empty(self, connection: str) -> bool:
        """Whether nothing is owed to this connection's CRM."""
        c = EffectRow.__table__.c
        query = select(c.id).where(text(f"effects.{OPEN}"), c.connection == connection).limit(1)
        with self._store.read() as database:
            return database.execute(query).first() is None


def _due(connection: str, at: datetime, token: int) -> Select[Any]:
    e, records = EffectRow.__table__.c, Record.__table__
    ends = Connection.__table__
    return (
        select(EffectRow.__table__, records.c.crm_id)
        .join_from(EffectRow.__table__, records, records.c.id == e.record_id)
        .join(ends, ends.c.name == e.connection)
        .where(
            text(f"effects.{OPEN}"),
            e.connection == connection,
            e.next_at <= at,
            ends.c.mode == "live",
            ends.c.paused_at.is_(None),
            or_(e.state == EffectState.PENDING, _left_behind(at, token)),
            or_(e.depends_on.is_(None), _DEPENDENCY_MET),
        )
        .order_by(e.next_at, e.id)
    )


def _left_behind(at: datetime, token: int) -> ColumnElement[bool]:
    e = EffectRow.__table__.c
    return or_(e.fencing_token != token, e.sent_at < at - _STALE)


def _claimed(row: Row[Any], attempt: str) -> Claimed:
    effect = Effect(
        id=row.id,
        kind=EffectKind(row.kind),
        object=row.object,
        record=row.crm_id,
        field=row.field,
        expected=row.expected,
        value=row.value,
        also=row.also,
        token=attempt,
    )
    return Claimed(
        effect=effect,
        connection=row.connection,
        lead=row.lead_id,
        decision=row.decision_id,
        record=row.record_id,
        attempts=row.attempts + 1,
        lane=Lane(row.lane),
    )


def _sent_row(claimed: Claimed, at: datetime, token: int) -> Values:
    return {
        "key_id": claimed.effect.id,
        "state": EffectState.SENT,
        "attempts": claimed.attempts,
        "attempt_token": claimed.effect.token,
        "fencing_token": token,
        "sent_at": at,
    }
