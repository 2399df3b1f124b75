"""Who wants something: versions of records as read, persons, their records, leads.

Everything here may be deleted when a person asks for it: records and journal hold internal ids
and commitments only.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field

from models.tables.base import Row, Sequence, crm_text, instant, json, lane, only, serial

#: Routed leads that somebody holds who is no rep. Spelled as SQLite's partial index wants it.
HELD_BY_NO_REP = "open AND owner_rep IS NULL AND passed_over IS NULL AND holder IS NOT NULL"


class InboxRow(Row, table=True):
    """A version of a lead's record, whole, as read; and whether it was looked at.

    It is inbox and history in one: a version stays after it was looked at. Salesforce stamps
    seconds only, so that two versions may bear one stamp: the hash tells them apart.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("crm_id", "version", "fact_hash", "object", "connection"),
        Index("ix_inbox_pending", "lane", "seq", "connection", **only("done_at IS NULL")),
    )

    seq: int | None = serial()  #: order of arrival
    connection: str
    object: str  #: `sf.lead`, `sf.contact`, `hs.contact`
    crm_id: str = crm_text()
    version: str = crm_text()  #: the CRM's own mark
    fact_hash: bytes  #: of the record whole
    body: bytes  #: the record whole, JSON
    read_at: datetime = instant()  #: the CRM's clock when it was read
    taken_at: datetime = instant()  #: when it was stored here
    done_at: datetime | None = instant(default=None)  #: when it was looked at
    record_id: str | None = None  #: internal id of the record, once it was looked at
    lane: str = lane()


class Person(Row, table=True):
    """A prospect, however many records they have in how many CRMs."""

    __tablename__ = "people"

    id: str = Field(primary_key=True)
    created_at: datetime = instant()
    erased_at: datetime | None = instant(default=None)  #: when their personal rows were deleted


class Record(Row, table=True):
    """A person's record in a CRM, as last observed. Ties an internal id to a CRM id."""

    __tablename__ = "records"
    __table_args__ = (
        UniqueConstraint("crm_id", "object", "connection"),
        Index(None, "lead_id"),
    )

    id: str = Field(primary_key=True)
    connection: str
    object: str
    crm_id: str = crm_text()
    person_id: str = Field(foreign_key="people.id")
    lead_id: str = Field(foreign_key="leads.id")
    version: str = crm_text()  #: of the last version looked at
    fact_hash: bytes  #: of the last version looked at
    inbox_seq: int | None = Field(default=None, sa_type=Sequence)  #: row of that version
    read_at: datetime | None = instant(default=None)  #: the CRM's clock when that version was read
    stage: str | None = crm_text(default=None)
    created_at: datetime = instant()  #: at the source
    modified_at: datetime = instant()  #: at the source
    seen_at: datetime = instant()  #: when this ledger last looked at it
    deleted: bool = False
    converted: bool = False
    merged_into: str | None = crm_text(default=None)  #: CRM id
    converted_to: Any = json(default=None)  #: object -> CRM id


class RegisterRow(Row, table=True):
    """Who owns a record, by the newest version that is known; see `routing.life.register`."""

    __tablename__ = "registers"
    __table_args__ = (PrimaryKeyConstraint("record_id", "slot"),)

    record_id: str = Field(foreign_key="records.id")
    slot: str  #: `owner`, or the CRM field that a route writes
    owner: str | None = crm_text(default=None)  #: CRM id
    version_at: datetime = instant()  #: the CRM's instant of the change at which it stood
    read_at: datetime = instant()  #: the CRM's clock when that was read or answered
    known_by: str  #: how it is known
    set_by: str  #: who set it
    decision_id: str | None = None  #: whose write it was, where we set it


class LeadRow(Row, table=True):
    """A person as we route them: who is believed to hold them, and whether they are open work."""

    __tablename__ = "leads"
    __table_args__ = (
        Index("ix_leads_load", "owner_rep", "open", **only("open AND owner_rep IS NOT NULL")),
        Index("ix_leads_passed_over", "passed_over", **only("passed_over IS NOT NULL")),
        Index("ix_leads_held", "connection", "holder", **only(HELD_BY_NO_REP)),
        Index(None, "person_id"),
    )

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="people.id")
    connection: str  #: the one that assigns
    record_id: str  #: the record that carries it
    owner_rep: str | None = None  #: rep last observed as owner
    holder: str | None = crm_text(default=None)  #: None, a rep's id, `queue:NAME`, or a CRM id
    stage: str | None = crm_text(default=None)
    open: bool  #: open work: counts as load of its owner
    passed_over: str | None = None  #: why it is not routed at all: `older`, `test`, ...
    created_at: datetime = instant()  #: at the source
    first_seen_at: datetime = instant()
    closed_at: datetime | None = instant(default=None)


class Personal(Row, table=True):
    """A personal fact that a record or an entry commits to: HMAC-SHA256(salt, body).

    Deleting the row leaves a commitment that nobody can open, and every hash as it was.
    """

    __tablename__ = "personal"
    __table_args__ = (Index(None, "subject"),)

    seq: int | None = serial()
    commitment: str  #: hex; what the record holds. Found by subject: an index of hashes is slow
    subject: str  #: internal id of the person, lead or rep it is about
    kind: str  #: what it is: `lead_facts`, `crm_ids`, `name`
    body: bytes  #: canonical JSON
    salt: bytes  #: random, of this row alone
    kept_at: datetime = instant()
