"""What routing remembered when the last process ended: the state, read back from the ledger.

Load is what the ledger believes: the pending target of a lead, else the owner last observed.
Live and shadow keep separate claims, caps, waits and recall; load is the same world for both,
save that a shadow decision moves nobody.
"""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from models.leads.known import Mode
from models.store.transactions import Store
from models.store.writes import counter_of
from models.tables import (
    OPEN,
    AssignmentRow,
    Claim,
    Counter,
    DecisionRow,
    LeadRow,
    RecallRow,
    WaitRow,
)
from routing.decision import Wait, WaitFor
from routing.state import WINDOWS, Mark, Recallable, State, Turn, Waiting

_LONGEST = max(WINDOWS.values())


def load_state(store: Store, *, at: datetime, shadow: bool = False) -> State:
    """The state as of the last commit.

    Args:
        store: The open database.
        at: Now; marks older than the longest cap's window are left out.
        shadow: Of the shadow's own book.
    """
    with store.read() as connection:
        return State(
            sequence=_sequence(connection, shadow=shadow),
            turns=_turns(connection, shadow=shadow),
            marks=_marks(connection, at, shadow=shadow),
            load=_load(connection, pending=not shadow),
            waits=_waits(connection, shadow=shadow),
            recall=_recall(connection, shadow=shadow),
        )


def _sequence(connection: Connection, *, shadow: bool) -> int:
    c = Counter.__table__.c
    query = select(c.value).where(c.name == counter_of(shadow=shadow))
    return connection.scalar(query) or 0


def _turns(connection: Connection, *, shadow: bool) -> dict[str, dict[str, Turn]]:
    c = Claim.__table__.c
    turns: dict[str, dict[str, Turn]] = {}
    query = select(c.pool, c.rep_id, c.claim, c.served).where(c.shadow == shadow)
    for pool, rep, claim, served in connection.execute(query):
        turns.setdefault(pool, {})[rep] = Turn(claim, served)
    return turns


def _marks(connection: Connection, at: datetime, *, shadow: bool) -> dict[str, tuple[Mark, ...]]:
    c = DecisionRow.__table__.c
    modes = (Mode.SHADOW,) if shadow else (Mode.LIVE, Mode.BACKFILL)
    query = (
        select(c.owner, c.decided_at, c.pool, c.occasion_id)
        .where(
            c.decided_at > at - _LONGEST,
            c.owner.is_not(None),
            c.gave_back_at.is_(None),
            c.mode.in_(modes),
        )
        .order_by(c.decided_at, c.sequence)
    )
    marks: defaultdict[str, list[Mark]] = defaultdict(list)
    for owner, decided_at, pool, occasion in connection.execute(query):
        marks[owner].append(Mark(decided_at, pool, occasion))
    return {owner: tuple(own) for owner, own in marks.items()}


def _load(connection: Connection, *, pending: bool) -> dict[str, int]:
    leads, assignments = LeadRow.__table__.c, AssignmentRow.__table__.c
    load: defaultdict[str, int] = defaultdict(int)
    owned = (
        select(leads.owner_rep, func.count())
        .where(text("open AND owner_rep IS NOT NULL"))
        .group_by(leads.owner_rep)
    )
    load.update((row[0], row[1]) for row in connection.execute(owned))
    if pending:
        query = (
            select(assignments.lead_id, assignments.rep_id, leads.owner_rep, leads.open)
            .join_from(AssignmentRow.__table__, LeadRow.__table__, leads.id == assignments.lead_id)
            .where(text(f"assignments.{OPEN}"))
        )
        moved = {row.lead_id: row for row in connection.execute(query)}
        for row in moved.values():
            if row.rep_id is not None:
                load[row.rep_id] += 1
            if row.open and row.owner_rep is not None:
                load[row.owner_rep] -= 1
    return {rep: count for rep, count in load.items() if count}


def _waits(connection: Connection, *, shadow: bool) -> dict[str, Waiting]:
    c = WaitRow.__table__.c
    return {
        row.lead_id: Waiting(
            row.lead_id,
            row.occasion_id,
            row.opened_at,
            Wait(WaitFor(row.reason), row.until, tuple(row.fields)),
        )
        for row in connection.execute(select(WaitRow.__table__).where(c.shadow == shadow))
    }


def _recall(connection: Connection, *, shadow: bool) -> dict[str, Recallable]:
    c = RecallRow.__table__.c
    return {
        row.lead_id: Recallable(
            row.lead_id,
            row.occasion_id,
            row.queue,
            row.value,
            row.received_at,
            row.sequence,
        )
        for row in connection.execute(select(RecallRow.__table__).where(c.shadow == shadow))
    }
