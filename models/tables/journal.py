"""The journal: one entry per act that someone may ask about. Append-only, by trigger."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from models.tables.base import Row, instant, serial


class JournalRow(Row, table=True):
    """An entry: its exact canonical bytes, and what is needed to find it."""

    __tablename__ = "journal"
    __table_args__ = (Index(None, "subject"), Index(None, "at"))

    seq: int | None = serial()
    kind: str  #: see `EntryKind`
    at: datetime = instant()
    actor: str  #: who did it: `signalbox`, an operator, a CRM user's internal id
    on_behalf_of: str | None = None
    channel: str  #: `daemon`, `cli`, `console`, `crm`
    subject: str | None = None  #: internal id of what it is mainly about
    body: bytes  #: canonical JSON; holds all of the above, and the rest
    sha256: str = Field(max_length=64)  #: hex, of the body
