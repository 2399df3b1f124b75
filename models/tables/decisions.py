"""What was decided and why now: occasions, decisions, rotation, waits, recall.

Live and shadow keep separate books: a shadow decision charges shadow claims, so that a
connection in shadow shows what rotation would do without touching the rotation of another one.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from models.tables.base import Row, big, crm_text, instant, json, lane, only, serial


class OccasionRow(Row, table=True):
    """One reason to route a lead once."""

    __tablename__ = "occasions"
    __table_args__ = (UniqueConstraint("lead_id", "route", "cause", "n"),)

    id: str = Field(primary_key=True)
    lead_id: str = Field(foreign_key="leads.id")
    route: str
    cause: str
    n: int  #: counts occasions of the same lead, route and cause
    attempt: int  #: rises when the CRM refused the chosen rep
    without: Any = json()  #: reps it must not pick
    opened_at: datetime = instant()
    decided_at: datetime | None = instant(default=None)  #: None while it waits
    lane: str = lane()


class DecisionRow(Row, table=True):
    """A decision and the exact bytes of its record. Bytes and hash are never written again."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index(
            "uq_decisions_once",
            "occasion_id",
            "mode",
            unique=True,
            **only("method <> 'waiting'"),
        ),
        Index(None, "lead_id"),
        Index("ix_decisions_in_time", "decided_at", "id"),
    )

    id: str = Field(primary_key=True)
    occasion_id: str = Field(foreign_key="occasions.id")
    lead_id: str
    route: str
    mode: str  #: `live`, `shadow` or `backfill`
    batch: str | None = None  #: which import or reprocessing it was part of
    cause: str
    method: str
    rule: str | None = None
    pool: str | None = None
    owner: str | None = None  #: the chosen rep
    queue: str | None = None
    nobody: str | None = None  #: the status, where nobody shall own it
    sequence: int = big()  #: order of decisions, live and shadow apart
    decided_at: datetime = instant()
    engine: int
    rulebook: str  #: hash of the rulebook version
    sha256: str  #: hex, of the record
    gave_back_at: datetime | None = instant(default=None)  #: turn, cap, load
    record: bytes  #: exact canonical bytes; last, so that the rest is read without it


class TurnRow(Row, table=True):
    """One entry of the rotation's account; a claim is the sum of its entries."""

    __tablename__ = "turns"
    __table_args__ = (Index(None, "decision_id"),)

    seq: int | None = serial()
    shadow: bool  #: which book
    pool: str
    decision_id: str | None = None  #: None: credited by an operator
    chosen: str | None = None  #: who was served; None: nobody (a credit, a give-back)
    amounts: Any = json()  #: [[units, [rep, ...]], ...]: what each rep's claim changed by
    cost: int = big()  #: what the chosen one paid, within `amounts`
    claim_before: int = big()  #: of the chosen
    claim_after: int = big()
    served_only: bool  #: counts as served, moves no claim
    why: str  #: `rotation`, `gave_back`, `credited`
    sequence: int = big()  #: the decision's sequence
    at: datetime = instant()


class Claim(Row, table=True):
    """A rep's standing in a pool: kept in step with `turns`, never written on its own."""

    __tablename__ = "claims"

    shadow: bool = Field(primary_key=True)
    pool: str = Field(primary_key=True)
    rep_id: str = Field(primary_key=True)
    claim: int = big()  #: units of a lead; positive: the pool owes them
    served: int = big()  #: sequence of the last turn; 0: never


class WaitRow(Row, table=True):
    """A lead whose decision was put off."""

    __tablename__ = "waits"

    lead_id: str = Field(primary_key=True)
    occasion_id: str
    shadow: bool
    opened_at: datetime = instant()
    reason: str  #: `fields`, `skill`, `hours`, `hold`
    until: datetime | None = instant(default=None)  #: None: no known end
    fields: Any = json()


class RecallRow(Row, table=True):
    """A lead in a fallback queue that somebody may take later."""

    __tablename__ = "recall"

    lead_id: str = Field(primary_key=True)
    occasion_id: str
    shadow: bool
    queue: str
    value: int = big()  #: the book's `value` field in millionths; missing is lowest
    received_at: datetime = instant()
    sequence: int = big()


class Milestones(Row, table=True):
    """What happened to a lead on one occasion, and when, from the first day."""

    __tablename__ = "milestones"
    __table_args__ = ({"sqlite_with_rowid": False},)

    lead_id: str = Field(primary_key=True)
    occasion_id: str = Field(primary_key=True)
    created_at: datetime | None = instant(default=None)  #: at the source
    visible_at: datetime | None = instant(default=None)  #: read from the CRM
    decided_at: datetime | None = instant(default=None)
    written_at: datetime | None = instant(default=None)  #: the owner stood in the CRM
    accepted_at: datetime | None = instant(default=None)  #: the assignee opened or took it
    first_touch_at: datetime | None = instant(default=None)  #: first human touch by the assignee
    outcome_at: datetime | None = instant(default=None)
    outcome: str | None = crm_text(default=None)  #: the last known: `converted`, `won`, `lost`
