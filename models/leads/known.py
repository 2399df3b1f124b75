"""What the ledger knows of a lead before it is decided: its record, occasions, last decisions.

One question per table for a whole page of leads, never one per lead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, select, text

from models.leads.registers import register_of, with_register
from models.store.statements import rows_among
from models.tables import (
    OPEN,
    AssignmentRow,
    DecisionRow,
    LeadRow,
    OccasionRow,
    RecallRow,
    Record,
    WaitRow,
)
from routing.decision import Method
from routing.life.register import Register


def _among(column: ColumnElement[str]) -> ColumnElement[bool]:
    """One of the values that a statement is run for."""
    return column.in_(bindparam("values", expanding=True))


# Made once: to put a statement together costs more than SQLite takes to answer it.
_o, _d, _a = OccasionRow.__table__.c, DecisionRow.__table__.c, AssignmentRow.__table__.c
_RECORD = with_register(select(Record.__table__))
_RECORDS = _RECORD.where(_among(Record.__table__.c.crm_id))
_RECORDS_OF = _RECORD.where(_among(Record.__table__.c.lead_id))
_LEADS = select(LeadRow.__table__).where(_among(LeadRow.__table__.c.id))
_OCCASIONS = (
    select(_o.lead_id, _o.route, _o.cause, func.max(_o.n).label("n"))
    .where(_among(_o.lead_id))
    .group_by(_o.lead_id, _o.route, _o.cause)
)
_DECISIONS = (
    select(
        *(_d.id, _d.occasion_id, _d.lead_id, _d.route, _d.mode, _d.method, _d.owner, _d.queue),
        *(_d.decided_at, _d.gave_back_at),
    )
    .where(_among(_d.lead_id))
    .order_by(_d.decided_at, _d.sequence)
)
_ASSIGNMENTS = select(AssignmentRow.__table__).where(_among(_a.lead_id), text(OPEN))
_WAITS, _RECALL = (
    select(each.__table__.c.lead_id, each.__table__.c.occasion_id).where(
        _among(each.__table__.c.lead_id)
    )
    for each in (WaitRow, RecallRow)
)


class Mode(StrEnum):
    """What a decision is for. Add, never rename."""

    LIVE = "live"
    SHADOW = "shadow"
    BACKFILL = "backfill"


class Lane(StrEnum):
    """Who goes first. Add, never rename."""

    INTERACTIVE = "interactive"  # somebody may be waiting for an answer
    BULK = "bulk"  # an import, a backlog, a recall: many at once, or long since


@dataclass(frozen=True, slots=True)
class Depth:
    """How much waits in one lane."""

    count: int
    oldest_at: datetime | None


NOTHING = Depth(0, None)


@dataclass(frozen=True, slots=True)
class RecordKey:
    """Where a record is found in the CRMs."""

    connection: str
    object: str
    crm_id: str


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """A record as last looked at."""

    id: str
    key: RecordKey
    person: str
    lead: str
    version: str
    fact_hash: bytes
    register: Register | None  #: who owns it; None: its CRM was not asked yet
    stage: str | None
    created_at: datetime
    modified_at: datetime
    read_at: datetime | None  #: when that version was read, by the CRM's clock
    deleted: bool
    converted: bool
    inbox: int | None = None  #: row of the inbox that said so

    @property
    def owner(self) -> str | None:
        """Who owns it by the newest version that is known: CRM id."""
        return None if self.register is None else self.register.owner


@dataclass(frozen=True, slots=True)
class LastDecision:
    """The last decision about a lead on one route, waiting ones included."""

    id: str
    occasion: str
    mode: Mode
    method: Method
    owner: str | None
    queue: str | None
    at: datetime
    gave_back: bool

    @property
    def stands(self) -> bool:
        """Whether it put the lead somewhere: no wait, not given back, not in shadow."""
        is_final = self.mode is Mode.LIVE and self.method is not Method.WAITING
        return is_final and not self.gave_back


@dataclass(frozen=True, slots=True)
class OpenAssignment:
    """A write that is pending or sent."""

    decision: str
    occasion: str
    rep: str | None
    queue: str | None
    sent: bool
    tried: bool = False  #: it has left at least once, and may have landed


@dataclass(frozen=True, slots=True)
class KnownLead:
    """A lead with all that its next decision may depend on."""

    id: str
    person: str
    connection: str  #: the one that assigns
    record: str  #: the record that carries it
    owner_rep: str | None  #: rep last observed as owner
    holder: str | None  #: None, a rep's id, `queue:NAME`, or a CRM id
    stage: str | None
    open: bool
    passed_over: str | None
    created_at: datetime
    first_seen_at: datetime
    occasions: Mapping[tuple[str, str], int] = field(default_factory=dict)  #: (route, cause) -> n
    last: Mapping[str, LastDecision] = field(default_factory=dict)  #: by route
    assignments: Mapping[str, OpenAssignment] = field(default_factory=dict)  #: open ones, by route
    waiting: str | None = None  #: the occasion that waits
    recallable: str | None = None  #: the occasion that fell back and is to be recalled

    def next_n(self, route: str, cause: str) -> int:
        """The number of the next occasion of this route and cause."""
        return self.occasions.get((route, cause), 0) + 1

    @property
    def believed(self) -> str | None:
        """Whose open work it is believed to be: the pending target, else the observed owner."""
        pending = next(iter(self.assignments.values()), None)
        if pending is not None:
            return pending.rep
        return self.owner_rep if self.open else None


def records_of(connection: Connection, keys: Iterable[RecordKey]) -> dict[RecordKey, KnownRecord]:
    """The records among these that the ledger knows."""
    wanted = set(keys)
    rows = rows_among(connection, _RECORDS, sorted({key.crm_id for key in wanted}))
    found = (known_record(row) for row in rows)
    return {record.key: record for record in found if record.key in wanted}


def records_of_leads(connection: Connection, leads: Iterable[str]) -> dict[str, list[KnownRecord]]:
    """All records of each lead, oldest first."""
    found: dict[str, list[KnownRecord]] = {}
    for row in rows_among(connection, _RECORDS_OF, sorted(set(leads))):
        found.setdefault(row.lead_id, []).append(known_record(row))
    return {lead: sorted(own, key=lambda r: r.created_at) for lead, own in found.items()}


def leads_of(connection: Connection, ids: Iterable[str]) -> dict[str, KnownLead]:
    """These leads, each with occasions, last decisions, open assignments and place in line."""
    wanted = sorted(set(ids))
    occasions = _occasions(connection, wanted)
    last = _last_decisions(connection, wanted)
    assignments = _open_assignments(connection, wanted)
    waits = _places(connection, _WAITS, wanted)
    recall = _places(connection, _RECALL, wanted)
    return {
        row.id: KnownLead(
            id=row.id,
            person=row.person_id,
            connection=row.connection,
            record=row.record_id,
            owner_rep=row.owner_rep,
            holder=row.holder,
            stage=row.stage,
            open=row.open,
            passed_over=row.passed_over,
            created_at=row.created_at,
            first_seen_at=row.first_seen_at,
            occasions=occasions.get(row.id, {}),
            last=last.get(row.id, {}),
            assignments=assignments.get(row.id, {}),
            waiting=waits.get(row.id),
            recallable=recall.get(row.id),
        )
        for row in rows_among(connection, _LEADS, wanted)
    }


def known_record(row: Row[Any]) -> KnownRecord:
    """A row of `records` as a value."""
    return KnownRecord(
        id=row.id,
        key=RecordKey(row.connection, row.object, row.crm_id),
        person=row.person_id,
        lead=row.lead_id,
        version=row.version,
        fact_hash=row.fact_hash,
        register=register_of(row),
        stage=row.stage,
        created_at=row.created_at,
        modified_at=row.modified_at,
        read_at=row.read_at,
        deleted=row.deleted,
        converted=row.converted,
        inbox=row.inbox_seq,
    )


def _occasions(
    connection: Connection, leads: Sequence[str]
) -> dict[str, dict[tuple[str, str], int]]:
    found: dict[str, dict[tuple[str, str], int]] = {}
    for row in rows_among(connection, _OCCASIONS, leads):
        found.setdefault(row.lead_id, {})[row.route, row.cause] = row.n
    return found


def _last_decisions(
    connection: Connection, leads: Sequence[str]
) -> dict[str, dict[str, LastDecision]]:
    found: dict[str, dict[str, LastDecision]] = {}
    for row in rows_among(connection, _DECISIONS, leads):
        found.setdefault(row.lead_id, {})[row.route] = LastDecision(
            id=row.id,
            occasion=row.occasion_id,
            mode=Mode(row.mode),
            method=Method(row.method),
            owner=row.owner,
            queue=row.queue,
            at=row.decided_at,
            gave_back=row.gave_back_at is not None,
        )
    return found


def _open_assignments(
    connection: Connection, leads: Sequence[str]
) -> dict[str, dict[str, OpenAssignment]]:
    found: dict[str, dict[str, OpenAssignment]] = {}
    for row in rows_among(connection, _ASSIGNMENTS, leads):
        found.setdefault(row.lead_id, {})[row.route] = OpenAssignment(
            decision=row.decision_id,
            occasion=row.occasion_id,
            rep=row.rep_id,
            queue=row.queue,
            sent=row.state == "sent",
            tried=row.sent_at is not None,
        )
    return found


def _places(connection: Connection, query: Select[Any], leads: Sequence[str]) -> dict[str, str]:
    return {row.lead_id: row.occasion_id for row in rows_among(connection, query, leads)}
