"""What is in force and who asked for what: rulebooks, models, operators' requests."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from models.tables.base import Row, crm_text, instant, json, only, serial


class RulebookVersion(Row, table=True):
    """A version of a rulebook: its exact source, and what became of it."""

    __tablename__ = "rulebook_versions"
    __table_args__ = (
        Index("uq_rulebook_versions_in_force", "book", unique=True, **only("status = 'in_force'")),
    )

    hash: str = Field(primary_key=True)  #: over source, tables and field mapping
    book: str  #: the rulebook's name
    source: bytes  #: exact
    parts: Any = json()  #: what else the hash covers: name -> sha256 of a kept content
    status: str  #: `draft`, `approved`, `in_force`, `retired`
    author: str
    created_at: datetime = instant()
    approved_by: str | None = None
    approved_at: datetime | None = instant(default=None)
    published_by: str | None = None
    published_at: datetime | None = instant(default=None)
    note: str | None = crm_text(default=None)  #: why


class ModelInForce(Row, table=True):
    """Which model ranked from when to when; at most one at a time."""

    __tablename__ = "models_in_force"
    __table_args__ = (
        Index("uq_models_in_force_now", "name", unique=True, **only("until IS NULL")),
    )

    seq: int | None = serial()
    name: str  #: what it ranks: a route
    version: str
    artifact: str  #: hash of the artifact
    since: datetime = instant()
    until: datetime | None = instant(default=None)
    actor: str
    why: str


class ModelVersion(Row, table=True):
    """A model that was trained, whole, with what is known about it. Never written again."""

    __tablename__ = "model_versions"

    name: str = Field(primary_key=True)  #: what it ranks: a route
    version: str = Field(primary_key=True)  #: `2026-01-05.1`: the day, and which of that day
    artifact: str  #: hex SHA-256 of the document, which records name
    tables_sha256: str
    document: bytes  #: what it knows and how it reads facts; exact, JSON
    tables: bytes  #: its numbers; exact, npz
    verdict: str  #: `promote`, `scores_only`, `refuse`
    why: str  #: the verdict in a sentence
    report: Any = json()  #: figures of the evaluation and the gate
    card: str = crm_text()  #: for people, Markdown
    data_sha256: str  #: over the canonical training rows
    rows: int  #: decided leads it was trained on
    rulebook: str  #: hash of the book in force when it was trained
    run: str | None = None  #: where the tracking server has it
    created_at: datetime = instant()


class RankingHold(Row, table=True):
    """Why a route is rotated although a model is in force: switched off, or an alarm."""

    __tablename__ = "ranking_holds"
    __table_args__ = (
        Index("uq_ranking_holds_now", "name", "cause", unique=True, **only("until IS NULL")),
    )

    seq: int | None = serial()
    name: str  #: the route
    cause: str  #: `off`, `stale`, `drift`, `damaged`
    version: str | None = None  #: of the model that an alarm is about
    why: str
    since: datetime = instant()
    until: datetime | None = instant(default=None)
    actor: str


class RequestRow(Row, table=True):
    """What an operator asked for; the holder of the lease does it."""

    __tablename__ = "requests"
    __table_args__ = (Index("ix_requests_open", "seq", **only("finished_at IS NULL")),)

    seq: int | None = serial()
    id: str = Field(unique=True)
    kind: str  #: `reassign`, `pause`, `resume`, `away`, `back`, ...
    arguments: Any = json()
    actor: str
    on_behalf_of: str | None = None
    channel: str  #: `cli`, `console`, `api`
    state: str  #: `asked`, `claimed`, `done`, `refused`
    asked_at: datetime = instant()
    claimed_at: datetime | None = instant(default=None)
    finished_at: datetime | None = instant(default=None)
    answer: Any = json(default=None)  #: what came of it
