"""Who can own: reps, their CRM identities, what was known of them and when, absences."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from models.tables.base import Row, crm_text, instant, json, only, serial


class Rep(Row, table=True):
    """Somebody who can own. The id is random; the roster's id and the name can be deleted."""

    __tablename__ = "reps"

    id: str = Field(primary_key=True)  #: `r` and eight characters
    roster_id: str = Field(unique=True)  #: as the roster and rulebooks call them
    created_at: datetime = instant()
    left_at: datetime | None = instant(default=None)  #: when they left the roster


class RepIdentity(Row, table=True):
    """A rep's user in a CRM."""

    __tablename__ = "rep_identities"
    __table_args__ = (UniqueConstraint("rep_id", "connection"),)

    connection: str = Field(primary_key=True)
    crm_user: str = crm_text(primary_key=True)
    rep_id: str = Field(foreign_key="reps.id")
    joined_by: str  #: `email` or `roster`: how the two were joined
    known_at: datetime = instant()


class RepAttribute(Row, table=True):
    """A value of one attribute of a rep, valid for a time, known from an instant on."""

    __tablename__ = "rep_attributes"
    __table_args__ = (Index(None, "rep_id", "name", "valid_from"),)

    seq: int | None = serial()
    rep_id: str = Field(foreign_key="reps.id")
    name: str  #: `weight`, `teams`, `hours`, ...
    value: Any = json()
    valid_from: datetime | None = instant(default=None)  #: None: always
    valid_to: datetime | None = instant(default=None)  #: None: until further notice
    known_at: datetime = instant()  #: when this ledger learned it
    forgotten_at: datetime | None = instant(default=None)  #: when it was replaced or withdrawn
    source: str  #: `roster`, or the connection that said it


class Absence(Row, table=True):
    """A time in which a rep is away: [starts_at, ends_at). A change is a new row."""

    __tablename__ = "absences"
    __table_args__ = (
        Index("ix_absences_known", "source", "external_id", **only("forgotten_at IS NULL")),
        Index("ix_absences_rep", "rep_id", **only("forgotten_at IS NULL")),
    )

    seq: int | None = serial()
    rep_id: str = Field(foreign_key="reps.id")
    starts_at: datetime = instant()
    ends_at: datetime | None = instant(default=None)  #: None: until they are back
    known_at: datetime = instant()
    forgotten_at: datetime | None = instant(default=None)  #: when it was changed or withdrawn
    source: str  #: `roster`, `operator`, or the connection that knows it
    external_id: str | None = crm_text(default=None)  #: its id at the source
