"""What the CRMs said about all but leads: users, queues, absences, accounts, outcomes, touches.

One row each, overwritten by the next version; what a decision used of them stands in its record.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from models.tables.base import Row, crm_text, instant, json, only


class CrmUser(Row, table=True):
    """A user of a CRM, as read; may be joined to a rep."""

    __tablename__ = "crm_users"

    connection: str = Field(primary_key=True)
    crm_id: str = crm_text(primary_key=True)
    active: bool
    can_own: bool  #: False: a licence or type that cannot own a lead
    name: str = crm_text()
    email: str | None = crm_text(default=None)
    manager: str | None = crm_text(default=None)  #: CRM id
    timezone: str | None = crm_text(default=None)
    hours: Any = json(default=None)  #: day -> blocks of working hours, where the CRM knows them
    unreadable: Any = json(default=None)  #: what it says of hours and absences and nobody can read
    modified_at: datetime | None = instant(default=None)
    seen_at: datetime = instant()


class CrmQueue(Row, table=True):
    """A queue of a CRM, as read."""

    __tablename__ = "crm_queues"

    connection: str = Field(primary_key=True)
    crm_id: str = crm_text(primary_key=True)
    name: str = crm_text()  #: developer name, which rulebooks use
    label: str = crm_text()
    objects: Any = json()  #: which objects it can own
    members: Any = json()  #: CRM user ids
    seen_at: datetime = instant()


class CrmAbsence(Row, table=True):
    """An absence as a CRM knows it; `absences` holds what became of it for a rep."""

    __tablename__ = "crm_absences"

    connection: str = Field(primary_key=True)
    crm_id: str = crm_text(primary_key=True)
    crm_user: str = crm_text()
    starts_at: datetime = instant()
    ends_at: datetime | None = instant(default=None)
    enabled: bool
    version: str = crm_text()
    seen_at: datetime = instant()


class AccountRow(Row, table=True):
    """An account as read, whole; matching reads them all into an index."""

    __tablename__ = "accounts"
    __table_args__ = (Index(None, "connection", "changed_at"),)

    connection: str = Field(primary_key=True)
    crm_id: str = crm_text(primary_key=True)
    id: str = Field(unique=True)  #: random internal id, which records name
    version: str = crm_text()
    body: bytes  #: the account as read, JSON
    deleted: bool = False
    changed_at: datetime = instant()  #: when this ledger last stored another version


class OutcomeRow(Row, table=True):
    """What became of a lead: converted, an opportunity opened, won or lost."""

    __tablename__ = "outcomes"
    __table_args__ = (
        Index(None, "lead_id"),
        Index("ix_outcomes_unsettled", "seen_at", **only("settled_at IS NULL")),
    )

    connection: str = Field(primary_key=True)
    crm_id: str = crm_text(primary_key=True)  #: opportunity or deal, or the converted record
    kind: str = Field(primary_key=True)  #: `converted`, `opportunity`, `won`, `lost`
    at: datetime = instant()
    version: str = crm_text()
    crm_record: str | None = crm_text(default=None)  #: the lead's or contact's CRM id
    crm_account: str | None = crm_text(default=None)
    crm_owner: str | None = crm_text(default=None)
    amount: str | None = crm_text(default=None)  #: decimal text in the CRM's currency
    seen_at: datetime = instant()
    lead_id: str | None = None  #: once it is known whose it is
    settled_at: datetime | None = instant(default=None)  #: when it reached the lead's milestones


class TouchRow(Row, table=True):
    """Somebody acted on a lead, or opened its record."""

    __tablename__ = "touches"
    __table_args__ = (
        Index(None, "lead_id"),
        Index("ix_touches_unsettled", "seen_at", **only("settled_at IS NULL")),
    )

    connection: str = Field(primary_key=True)
    crm_id: str = crm_text(primary_key=True)
    kind: str = Field(primary_key=True)  #: `task`, `event`, `call`, `email`, `read`
    at: datetime = instant()
    crm_user: str | None = crm_text(default=None)  #: who acted
    crm_record: str = crm_text()
    version: str = crm_text()
    human: bool  #: False where the CRM says that an automation wrote it
    seen_at: datetime = instant()
    lead_id: str | None = None  #: once it is known whose it is
    settled_at: datetime | None = instant(default=None)  #: when it reached the lead's milestones
