"""What the ledger knows of a person with records in two CRMs: who is tied to whom, who owns what.

A decision has one assignment, the write into the CRM that assigns. What it owes to the person's
record in the other CRM stands beside it: an owner effect in another connection than the
assignment's, which is settled on its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BindParameter, Connection, and_, bindparam, func, select, text

from models.leads.known import KnownRecord, records_of_leads
from models.store.statements import chunks
from models.store.transactions import Store
from models.tables import (
    OPEN,
    AssignmentRow,
    DecisionRow,
    DoubtRow,
    EffectRow,
    OccasionRow,
    OwnershipRow,
    TieRow,
)
from routing.facts import Cause, EffectKind


class Because(StrEnum):
    """Why two records are one person. Add, never rename."""

    NATIVE = "native"  # one of the CRMs names the other's record
    EMAIL = "email"  # they share an address, and no other record does


class Doubtful(StrEnum):
    """Why a record was tied to none. Add, never rename."""

    SEVERAL = "several"  # more than one person of the other CRM has its address
    TAKEN = "taken"  # who it would be has another record in this CRM already
    CONTRADICTS = "contradicts"  # its CRM names a partner, and it is tied to another one


@dataclass(frozen=True, slots=True)
class LastOwner:
    """How a record came by its owner."""

    seq: int  #: order of the changes of all records
    ours: bool  #: by us, or by the other road after us
    since: datetime  #: when it was seen; when it was decided, where we wrote it


@dataclass(frozen=True, slots=True)
class Owed:
    """An owner that is owed to a person's other record, beside the assignment."""

    effect: str
    record: str
    connection: str
    value: str | None
    sent: bool
    tried: bool  #: it has left at least once, and may have landed


@dataclass(frozen=True, slots=True)
class Paired:
    """All records of a lead, and what ties those of two connections."""

    records: tuple[KnownRecord, ...]  #: oldest first
    ties: Mapping[str, Because] = field(default_factory=dict)  #: by record, the stronger one
    owners: Mapping[str, LastOwner] = field(default_factory=dict)  #: by record, where it changed
    owed: tuple[Owed, ...] = ()

    def is_linked(self, record: str) -> bool:
        """Whether a CRM itself ties this record to its partner."""
        return self.ties.get(record) is Because.NATIVE


@dataclass(frozen=True, slots=True)
class First:
    """The effect that a decision's assignment hangs on."""

    effect: str
    state: str
    connection: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A record that would have to be guessed about."""

    record: str
    why: Doubtful
    others: tuple[str, ...]  #: internal ids of records


_e, _a = EffectRow.__table__.c, AssignmentRow.__table__.c
_made, _why = DecisionRow.__table__.c, OccasionRow.__table__.c
_o, _t, _d = OwnershipRow.__table__.c, TieRow.__table__.c, DoubtRow.__table__.c
_WANTED: BindParameter[str] = bindparam("values", expanding=True)
_TIES = select(_t.record_id, _t.because).where(_t.record_id.in_(_WANTED)).order_by(_t.because)
_LATEST = select(func.max(_o.seq)).where(_o.lead_id.in_(_WANTED)).group_by(_o.record_id)
_OWNERS = (
    select(_o.record_id, _o.seq, _o.ours, _o.observed_at, _made.decided_at)
    .join_from(
        OwnershipRow.__table__,
        DecisionRow.__table__,
        _made.id == _o.decision_id,
        isouter=True,
    )
    .where(_o.seq.in_(_LATEST))
)
_OWED = (
    select(
        *(_e.id, _e.lead_id, _e.record_id, _e.connection, _e.value, _e.state, _e.attempts),
    )
    .join_from(EffectRow.__table__, AssignmentRow.__table__, _a.decision_id == _e.decision_id)
    .where(
        text(f"effects.{OPEN}"),
        _e.kind == EffectKind.OWNER,
        _e.connection != _a.connection,
        _e.lead_id.in_(_WANTED),
    )
    .order_by(_e.id)
)


def paired_of(connection: Connection, leads: Iterable[str]) -> dict[str, Paired]:
    """All records of each of these leads, with ties, changes of owner and writes beside."""
    found = records_of_leads(connection, leads)
    if not found:
        return {}
    ties = _ties(connection, [each.id for records in found.values() for each in records])
    owners = _owners(connection, found)
    owed: dict[str, list[Owed]] = {}
    for portion in chunks(sorted(found)):
        for row in connection.execute(_OWED, {"values": portion}):
            owed.setdefault(row.lead_id, []).append(_owed(row))
    return {
        lead: Paired(
            records=tuple(records),
            ties={each.id: ties[each.id] for each in records if each.id in ties},
            owners={each.id: owners[each.id] for each in records if each.id in owners},
            owed=tuple(owed.get(lead, ())),
        )
        for lead, records in found.items()
    }


def first_of(connection: Connection, decision: str) -> First | None:
    """The effect of a decision in the connection of its assignment; None where it owes none."""
    same = and_(_a.decision_id == _e.decision_id, _a.connection == _e.connection)
    query = (
        select(_e.id, _e.state, _e.connection)
        .join_from(EffectRow.__table__, AssignmentRow.__table__, same)
        .where(_e.decision_id == decision, _e.kind == EffectKind.OWNER)
    )
    row = connection.execute(query).first()
    return None if row is None else First(row.id, row.state, row.connection)


def doubts_of(connection: Connection, records: Iterable[str]) -> dict[str, Doubt]:
    """What is in doubt about these records."""
    found: dict[str, Doubt] = {}
    for portion in chunks(sorted(set(records))):
        query = select(_d.record_id, _d.why, _d.others).where(_d.record_id.in_(portion))
        for row in connection.execute(query):
            found[row.record_id] = Doubt(row.record_id, Doubtful(row.why), tuple(row.others))
    return found


class Pairs:
    """Answers what people ask about pairs; never writes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, lead: str) -> Paired | None:
        """The lead's records in both CRMs; None where one CRM alone knows it."""
        with self._store.read() as database:
            found = paired_of(database, (lead,)).get(lead)
        connections = () if found is None else {each.key.connection for each in found.records}
        return found if len(connections) > 1 else None

    def among(self, leads: Iterable[str]) -> dict[str, Paired]:
        """Those of these leads whose person has records in both CRMs."""
        wanted = sorted(set(leads))
        if not wanted:
            return {}
        with self._store.read() as database:
            found = paired_of(database, wanted)
        return {
            lead: paired
            for lead, paired in found.items()
            if len({each.key.connection for each in paired.records}) > 1
        }

    def ordered(self, decisions: Iterable[str]) -> frozenset[str]:
        """Those of these decisions that an operator ordered."""
        found: set[str] = set()
        with self._store.read() as database:
            for portion in chunks(sorted(set(decisions))):
                query = (
                    select(_made.id)
                    .join_from(DecisionRow, OccasionRow, _made.occasion_id == _why.id)
                    .where(_made.id.in_(portion), _why.cause == Cause.OPERATOR)
                )
                found.update(database.scalars(query))
        return frozenset(found)

    def doubts(self, records: Iterable[str]) -> tuple[Doubt, ...]:
        """What is in doubt about these records."""
        with self._store.read() as database:
            return tuple(each for _, each in sorted(doubts_of(database, records).items()))

    def counts(self) -> dict[str, int]:
        """Ties by what they stand on, and `in_doubt`."""
        ties = select(_t.because, func.count()).group_by(_t.because)
        doubts = select(func.count()).select_from(DoubtRow.__table__)
        with self._store.read() as database:
            found = {row[0]: row[1] // 2 for row in database.execute(ties)}
            return {**found, "in_doubt": database.scalar(doubts) or 0}


def _owed(row: Any) -> Owed:
    return Owed(
        effect=row.id,
        record=row.record_id,
        connection=row.connection,
        value=row.value,
        sent=row.state == "sent",
        tried=row.attempts > 0,
    )


def _ties(connection: Connection, records: Iterable[str]) -> dict[str, Because]:
    """Why each record is tied; `native` is the last to be read and stands."""
    found: dict[str, Because] = {}
    for portion in chunks(sorted(records)):
        for row in connection.execute(_TIES, {"values": portion}):
            found[row.record_id] = Because(row.because)
    return found


def _owners(connection: Connection, leads: Iterable[str]) -> dict[str, LastOwner]:
    found: dict[str, LastOwner] = {}
    for portion in chunks(sorted(leads)):
        for row in connection.execute(_OWNERS, {"values": portion}):
            since = row.decided_at if row.ours and row.decided_at else row.observed_at
            found[row.record_id] = LastOwner(row.seq, bool(row.ours), since)
    return found
