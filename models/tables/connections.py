"""The ends and the house-keeping: connections, bookmarks, leases, job runs, shared texts."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from models.tables.base import Row, big, instant, json


class Connection(Row, table=True):
    """A CRM we are connected to."""

    __tablename__ = "connections"

    name: str = Field(primary_key=True)  #: as the settings call it, `sf`
    kind: str  #: `salesforce` or `hubspot`
    mode: str  #: `off`, `shadow` (decides, writes nothing) or `live`
    route_from: datetime = instant()  #: leads created before are only routed on request
    paused_at: datetime | None = instant(default=None)  #: writing stopped by an operator since then
    paused_by: str | None = None  #: who paused it
    created_at: datetime = instant()  #: when this ledger first heard of it


class BookmarkRow(Row, table=True):
    """Where a stream of a connection was read up to; moves with what was read, or not at all."""

    __tablename__ = "bookmarks"

    connection: str = Field(primary_key=True, foreign_key="connections.name")
    stream: str = Field(primary_key=True)  #: `leads`, `people`, ...
    position: Any = json()  #: opaque to everyone but the connector
    safe_until: datetime | None = instant(default=None)  #: in the CRM's time
    stored_at: datetime = instant()  #: when the page before it was stored


class LeaseRow(Row, table=True):
    """Who may write: at most one holder per name, told apart by a token that only grows."""

    __tablename__ = "leases"

    name: str = Field(primary_key=True)
    holder: str  #: process that holds it, or held it last
    token: int = big()  #: the fencing token; a write with an older one is refused
    taken_at: datetime = instant()
    expires_at: datetime = instant()  #: by the database's clock on PostgreSQL, else the caller's


class JobRun(Row, table=True):
    """A periodic job that ran for a period; the same job and period run once."""

    __tablename__ = "job_runs"

    job: str = Field(primary_key=True)
    period: str = Field(primary_key=True)  #: `2026-01-05`, `2026-01-05T09`
    started_at: datetime = instant()
    finished_at: datetime | None = instant(default=None)
    outcome: str | None = None  #: what came of it, in a word


class Content(Row, table=True):
    """Something that many records name by its hash: a roster, a table, the salt of chance."""

    __tablename__ = "contents"

    sha256: str = Field(primary_key=True)  #: hex, of the bytes below
    kind: str  #: `roster`, `table`, `accounts`, `salt`
    body: bytes  #: exact
    kept_at: datetime = instant()


class Counter(Row, table=True):
    """A number that only grows: decisions, live and shadow apart; confirmed assignments."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True)
    value: int = big()
