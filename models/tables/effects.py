"""What we do about a decision in the CRM, and what is seen there."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from models.tables.base import Row, big, crm_text, instant, json, lane, only, serial

#: What is not settled yet. SQLite takes a partial index only for the very same words.
OPEN = "state IN ('pending', 'sent')"
#: Assignments that are not, or not yet, where they should be.
STUCK = "state NOT IN ('confirmed')"


class EffectRow(Row, table=True):
    """One write that is owed to a CRM: the outbox."""

    __tablename__ = "effects"
    __table_args__ = (
        Index("ix_effects_due", "connection", "lane", "next_at", **only(OPEN)),
        Index(None, "decision_id"),
        Index("ix_effects_stuck", "state", **only("state IN ('conflict', 'dead')")),
    )

    id: str = Field(primary_key=True)
    decision_id: str = Field(foreign_key="decisions.id")
    lead_id: str
    connection: str
    kind: str  #: `owner`, `field`, `task`, `notify`
    object: str
    record_id: str  #: internal id; the CRM id stands in `records`
    field: str  #: CRM field that is written
    expected: str | None = crm_text(default=None)  #: CRM id of the owner the decision saw
    value: str | None = crm_text(default=None)  #: CRM id, or text
    also: Any = json()  #: fields written in the same guarded request
    depends_on: str | None = None  #: the effect that must be confirmed first
    state: str  #: see `EffectState`
    attempts: int  #: how often it left, or may have left
    attempt_token: str | None = None  #: of the last attempt; a result must name it
    fencing_token: int | None = big(default=None)  #: under which lease it was claimed
    next_at: datetime = instant()  #: not before
    created_at: datetime = instant()
    sent_at: datetime | None = instant(default=None)  #: when the last attempt was recorded
    settled_at: datetime | None = instant(default=None)
    code: str | None = crm_text(default=None)  #: the CRM's error code
    last_error: str | None = crm_text(default=None)
    lane: str = lane()


class AssignmentRow(Row, table=True):
    """The write of a decision into the CRM. At most one open per lead and route."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index(
            "uq_assignments_open",
            "lead_id",
            "route",
            unique=True,
            **only(OPEN),
        ),
        Index("ix_assignments_stuck", "state", **only(STUCK)),
    )

    decision_id: str = Field(primary_key=True, foreign_key="decisions.id")
    lead_id: str
    route: str
    occasion_id: str
    connection: str
    rep_id: str | None = None  #: whom it goes to; None: a queue, or nobody
    queue: str | None = None
    state: str  #: pending, sent, confirmed, conflict, refused_by_crm, dead
    created_at: datetime = instant()
    sent_at: datetime | None = instant(default=None)
    settled_at: datetime | None = instant(default=None)
    code: str | None = crm_text(default=None)  #: why it ended as it did
    detail: str | None = crm_text(default=None)


class OwnershipRow(Row, table=True):
    """Who was seen to own a record, from when on, and by whose doing."""

    __tablename__ = "ownership"
    __table_args__ = (Index(None, "lead_id"),)

    seq: int | None = serial()
    lead_id: str
    record_id: str
    before: str | None = crm_text(default=None)  #: CRM id of the owner seen before
    owner: str | None = crm_text(default=None)  #: CRM id
    rep_id: str | None = None  #: where the owner is a rep
    observed_at: datetime = instant()
    changed_at: datetime | None = instant(default=None)  #: at the source, where it says
    changed_by: str | None = crm_text(default=None)  #: CRM id of who changed it
    ours: bool  #: we wrote it
    decision_id: str | None = None  #: where the owner is the one that it meant
