"""What people ask of the ledger: one lead with everything about it, and how things stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, text

from models.leads import known
from models.leads.known import KnownLead, KnownRecord, RecordKey
from models.leads.last_versions import occasions_of
from models.leads.settlement import CONFIRMED
from models.store.transactions import Store
from models.tables import (
    HELD_BY_NO_REP,
    OPEN,
    STUCK,
    AssignmentRow,
    Counter,
    CrmQueue,
    CrmUser,
    DecisionRow,
    EffectRow,
    InboxRow,
    JournalRow,
    LeadRow,
    Milestones,
    OccasionRow,
    OutcomeRow,
    OwnershipRow,
    Personal,
    RecallRow,
    Record,
    RegisterRow,
    TouchRow,
    TurnRow,
    WaitRow,
)
from routing.facts import Occasion
from routing.life.register import OWNER

#: A row as it is stored, by column name; the columns' meanings stand in `models.tables`.
Stored = Mapping[str, Any]

_SALESFORCE_SHORT = 15  # characters of an id without its check suffix


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the ledger holds about one lead, each list in the order in which it happened."""

    lead: KnownLead
    records: tuple[KnownRecord, ...]
    occasions: tuple[Stored, ...]
    decisions: tuple[Stored, ...]  #: with `record`, the exact bytes
    turns: tuple[Stored, ...]
    assignments: tuple[Stored, ...]
    effects: tuple[Stored, ...]
    ownership: tuple[Stored, ...]
    milestones: tuple[Stored, ...]
    outcomes: tuple[Stored, ...]
    touches: tuple[Stored, ...]
    wait: Stored | None
    recall: Stored | None
    personal: tuple[Stored, ...]
    journal: tuple[Stored, ...]


@dataclass(frozen=True, slots=True)
class InLane:
    """What waits in one lane."""

    inbox: int
    oldest_inbox_at: datetime | None
    writes: int
    oldest_write_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand."""

    assignments: Mapping[str, int]  #: by state
    effects: Mapping[str, int]  #: those that are not done: by state
    oldest_pending_at: datetime | None  #: of the effects
    lanes: Mapping[str, InLane]
    inbox: int  #: versions nobody has looked at
    oldest_inbox_at: datetime | None
    waiting: int
    recallable: int
    passed_over: Mapping[str, int]  #: leads that are not routed, by why; `older` among them


class Reading:
    """Answers questions; never writes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, text_: str) -> tuple[str, ...]:
        """Leads by internal id or CRM id (also of a person, record or decision), sorted."""
        wanted = text_.strip()
        records, leads, decisions = Record.__table__.c, LeadRow.__table__.c, DecisionRow.__table__.c
        crm_id = records.crm_id == wanted
        if len(wanted) == _SALESFORCE_SHORT:
            crm_id = (records.crm_id >= wanted) & (records.crm_id < wanted + "~")
        queries = (
            select(leads.id).where(or_(leads.id == wanted, leads.person_id == wanted)),
            select(records.lead_id).where(or_(crm_id, records.id == wanted)),
            select(decisions.lead_id).where(decisions.id == wanted),
        )
        with self._store.read() as database:
            return tuple(sorted({row[0] for query in queries for row in database.execute(query)}))

    def records(self, keys: tuple[RecordKey, ...]) -> dict[RecordKey, KnownRecord]:
        """The records among these that the ledger knows."""
        with self._store.read() as database:
            return known.records_of(database, keys)

    def leads(self, ids: tuple[str, ...]) -> dict[str, KnownLead]:
        """These leads, as they stand."""
        with self._store.read() as database:
            return known.leads_of(database, ids)

    def occasion(self, id_: str) -> Occasion | None:
        """An occasion by its id."""
        with self._store.read() as database:
            return occasions_of(database, [id_]).get(id_)

    def open_leads_of(self, rep: str) -> tuple[str, ...]:
        """Open leads whose last observed owner is this rep, oldest first."""
        c = LeadRow.__table__.c
        query = select(c.id).where(text("open AND owner_rep IS NOT NULL"), c.owner_rep == rep)
        with self._store.read() as database:
            return tuple(row.id for row in database.execute(query.order_by(c.created_at, c.id)))

    def strays(self, connection: str, *, lead: str | None = None) -> dict[str, tuple[str, ...]]:
        """Open leads by owner, where the owner is neither a user nor a queue of their CRM.

        Args:
            connection: Whose leads.
            lead: Ask about this one only.
        """
        with self._store.read() as database:
            return _strays(database, connection, lead)

    def story(self, lead: str) -> Story | None:
        """Everything about one lead; None where there is no such lead."""
        with self._store.read() as database:
            found = known.leads_of(database, (lead,)).get(lead)
            return None if found is None else _story(database, found)

    def standing(self) -> Standing:
        """Counts for `status`; looks at indexes only, however many leads there are."""
        with self._store.read() as database:
            return _standing(database)


def _strays(database: Connection, connection: str, only: str | None) -> dict[str, tuple[str, ...]]:
    lead, owned = LeadRow.__table__.c, RegisterRow.__table__.c
    is_main = and_(owned.record_id == lead.record_id, owned.slot == OWNER)
    query = (
        select(owned.owner, lead.id)
        .join_from(LeadRow.__table__, RegisterRow.__table__, is_main)
        .where(
            text(HELD_BY_NO_REP),
            lead.connection == connection,
            lead.holder.in_(_unknown_holders(database, connection)),
            lead.holder == owned.owner,  # who is known by a name is no stray: a placeholder, say
        )
        .order_by(lead.created_at, lead.id)
    )
    if only is not None:
        query = query.where(lead.id == only)
    found: dict[str, list[str]] = {}
    for owner, lead_id in database.execute(query):
        found.setdefault(owner, []).append(lead_id)
    return {owner: tuple(leads) for owner, leads in found.items()}


def _unknown_holders(database: Connection, connection: str) -> list[str]:
    """Who holds leads and is neither user nor queue; read from the index of holders alone."""
    lead = LeadRow.__table__.c
    users, queues = CrmUser.__table__.c, CrmQueue.__table__.c
    held = (
        select(lead.holder)
        .where(text(HELD_BY_NO_REP), lead.connection == connection)
        .distinct()
        .subquery()
    )
    query = select(held.c.holder).where(
        held.c.holder.not_in(select(users.crm_id).where(users.connection == connection)),
        held.c.holder.not_in(select(queues.crm_id).where(queues.connection == connection)),
    )
    return [row.holder for row in database.execute(query)]


def _story(database: Connection, lead: KnownLead) -> Story:
    decisions = _all(database, DecisionRow, "lead_id", lead.id, "sequence")
    turns = select(TurnRow.__table__).where(
        TurnRow.__table__.c.decision_id.in_([row["id"] for row in decisions])
    )
    about = (lead.id, lead.person)
    personal = select(Personal.__table__).where(Personal.__table__.c.subject.in_(about))
    waits = _all(database, WaitRow, "lead_id", lead.id, "opened_at")
    recall = _all(database, RecallRow, "lead_id", lead.id, "sequence")
    return Story(
        lead=lead,
        records=tuple(known.records_of_leads(database, (lead.id,)).get(lead.id, ())),
        occasions=_all(database, OccasionRow, "lead_id", lead.id, "opened_at"),
        decisions=decisions,
        turns=_stored(database, turns.order_by("seq")),
        assignments=_all(database, AssignmentRow, "lead_id", lead.id, "created_at"),
        effects=_effects(database, [row["id"] for row in decisions]),
        ownership=_all(database, OwnershipRow, "lead_id", lead.id, "seq"),
        milestones=_all(database, Milestones, "lead_id", lead.id, "occasion_id"),
        outcomes=_all(database, OutcomeRow, "lead_id", lead.id, "at"),
        touches=_all(database, TouchRow, "lead_id", lead.id, "at"),
        wait=next(iter(waits), None),
        recall=next(iter(recall), None),
        personal=_stored(database, personal.order_by("kept_at")),
        journal=_all(database, JournalRow, "subject", lead.id, "seq"),
    )


def _all(database: Connection, row: Any, column: str, value: str, order: str) -> tuple[Stored, ...]:
    table = row.__table__
    return _stored(database, select(table).where(table.c[column] == value).order_by(order))


def _effects(database: Connection, decisions: list[str]) -> tuple[Stored, ...]:
    c = EffectRow.__table__.c
    query = select(EffectRow.__table__).where(c.decision_id.in_(decisions))
    return _stored(database, query.order_by(c.created_at, c.id))


def _stored(database: Connection, query: Select[Any]) -> tuple[Stored, ...]:
    return tuple(row._asdict() for row in database.execute(query))


def _standing(database: Connection) -> Standing:
    e, leads = EffectRow.__table__.c, LeadRow.__table__.c
    unsettled = "effects.state IN ('pending', 'sent')"
    stuck = "effects.state IN ('conflict', 'dead')"
    lanes = _lanes(database)
    since = [each.oldest_inbox_at for each in lanes.values() if each.oldest_inbox_at is not None]
    return Standing(
        assignments=_assignments(database),
        effects={
            **_counts(
                database, select(e.state, func.count()).where(text(unsettled)).group_by(e.state)
            ),
            **_counts(database, select(e.state, func.count()).where(text(stuck)).group_by(e.state)),
        },
        oldest_pending_at=database.scalar(select(func.min(e.created_at)).where(text(unsettled))),
        lanes=lanes,
        inbox=sum(each.inbox for each in lanes.values()),
        oldest_inbox_at=min(since, default=None),
        waiting=_how_many(database, WaitRow),
        recallable=_how_many(database, RecallRow),
        passed_over=_counts(
            database,
            select(leads.passed_over, func.count())
            .where(leads.passed_over.is_not(None))
            .group_by(leads.passed_over),
        ),
    )


def _assignments(database: Connection) -> dict[str, int]:
    """By state; the confirmed ones, which are nearly all, were counted as they came."""
    a, c = AssignmentRow.__table__.c, Counter.__table__.c
    other = select(a.state, func.count()).where(text(STUCK)).group_by(a.state)
    confirmed = database.scalar(select(c.value).where(c.name == CONFIRMED))
    return {**({"confirmed": confirmed} if confirmed else {}), **_counts(database, other)}


def _lanes(database: Connection) -> dict[str, InLane]:
    i, e = InboxRow.__table__.c, EffectRow.__table__.c
    inbox = (
        select(i.lane, func.count(), func.min(i.taken_at))
        .where(i.done_at.is_(None))
        .group_by(i.lane)
    )
    owed = (
        select(e.lane, func.count(), func.min(e.created_at))
        .where(text(f"effects.{OPEN}"))
        .group_by(e.lane)
    )
    read, written = (
        {row[0]: row[1:] for row in database.execute(query)} for query in (inbox, owed)
    )
    return {
        lane.value: InLane(*read.get(lane, (0, None)), *written.get(lane, (0, None)))
        for lane in known.Lane
    }


def _counts(database: Connection, query: Select[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in database.execute(query)}


def _how_many(database: Connection, row: Any) -> int:
    return database.scalar(select(func.count()).select_from(row.__table__)) or 0
