"""Models that rank: every version whole, which is in force for a route, and what holds it back.

A version is never written again. Which one ranks changes by a row of its own, so that the ledger
can say of any instant what was in force; each change is one transaction with its entry, its actor
and its reason. A hold sends a route back to round robin without touching what is in force.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select

from models.journal.entries import ENTER, Act, EntryKind, entered
from models.store.statements import changing, inserting
from models.store.transactions import Store
from models.tables import ModelInForce, ModelVersion, RankingHold
from routing.canonical import Json

_VERSION = inserting(ModelVersion)
_IN_FORCE = inserting(ModelInForce)
_NO_MORE = changing(ModelInForce, ("seq",), ("until",))
_HOLD = inserting(RankingHold)
_RELEASE = changing(RankingHold, ("seq",), ("until",))
ALIASES = "aliases"  #: the job that moves a registry's names; its outcome is the period done
_LISTED = ("name", "version", "artifact", "verdict", "why", "rows", "created_at", "run")


class Verdict(StrEnum):
    """What the gate said of a version. Add, never rename."""

    PROMOTE = "promote"
    SCORES_ONLY = "scores_only"  # good at leads, but it cannot tell reps apart
    REFUSE = "refuse"


class Cause(StrEnum):
    """Why rotation decides although a model is in force. Add, never rename."""

    OFF = "off"  # an operator's word
    STALE = "stale"
    DRIFT = "drift"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class NewModel:
    """What training made, and what the gate said of it."""

    document: bytes
    tables: bytes
    verdict: Verdict
    why: str  #: the verdict in a sentence, with its figures
    report: Mapping[str, Any]
    card: str
    data_sha256: str
    rows: int
    rulebook: str
    run: str | None = None  #: where the tracking server has it


@dataclass(frozen=True, slots=True)
class Listed:
    """A version without its bytes."""

    name: str
    version: str
    artifact: str
    verdict: Verdict
    why: str
    rows: int
    created_at: datetime
    run: str | None


@dataclass(frozen=True, slots=True)
class Artifact:
    """The bytes that rank."""

    document: bytes
    tables: bytes
    sha256: str  #: of the document, as it was when the version was kept
    tables_sha256: str  #: of the tables

    @property
    def is_whole(self) -> bool:
        """Whether the bytes are still those that were kept."""
        parts = ((self.document, self.sha256), (self.tables, self.tables_sha256))
        return all(_sha256(body) == kept for body, kept in parts)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known about a version, for people."""

    listed: Listed
    report: Mapping[str, Any]
    card: str
    data_sha256: str
    rulebook: str


@dataclass(frozen=True, slots=True)
class InForce:
    """The version that ranks, and since when."""

    version: str
    artifact: str
    since: datetime
    trained_at: datetime | None  #: None: the version is gone

    @property
    def period(self) -> str:
        """The version and when it came into force: different each time."""
        return f"{self.version} since {self.since:%Y-%m-%dT%H:%M:%S.%f}"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why rotation decides."""

    cause: Cause
    why: str
    since: datetime
    version: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What ranks a route now: the version in force, unless something holds it back."""

    in_force: InForce | None = None
    previous: str | None = None  #: the version that `rollback` would put in force
    holds: tuple[Hold, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class _Change:
    """A version that is to be in force."""

    version: str
    artifact: str
    why: str
    kind: EntryKind = EntryKind.MODEL_PROMOTED


class Rankers:
    """Keeps versions and says which is in force."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, name: str, new: NewModel, *, act: Act, promote: bool = False) -> str:
        """Keep a version with its verdict, and put it in force if that is wanted; its number.

        Args:
            name: The route.
            new: What training made.
            act: Who trained it.
            promote: Whether to put it in force in the same transaction.
        """
        artifact = _sha256(new.document)
        with self._store.write(act.token) as database:
            version = _next_version(database, name, act.at)
            row: dict[str, Any] = {
                "name": name,
                "version": version,
                "artifact": artifact,
                "document": new.document,
                "tables": new.tables,
                "tables_sha256": _sha256(new.tables),
                "verdict": new.verdict,
                "why": new.why,
                "report": dict(new.report),
                "card": new.card,
                "data_sha256": new.data_sha256,
                "rows": new.rows,
                "rulebook": new.rulebook,
                "run": new.run,
                "created_at": act.at,
            }
            _VERSION.run(database, [row])
            said = ("artifact", "verdict", "why", "data_sha256", "rows", "rulebook")
            about: dict[str, Json] = {"route": name, "version": version}
            about |= {each: row[each] for each in said}
            kinds = [EntryKind.MODEL_TRAINED]
            if new.verdict is not Verdict.PROMOTE:
                kinds.append(EntryKind.MODEL_REFUSED)
            ENTER.run(database, [entered(act, kind, None, **about) for kind in kinds])
            if promote:
                _put_in_force(database, name, _Change(version, artifact, new.why), act)
        return version

    def promote(self, name: str, version: str, *, why: str, act: Act) -> bool:
        """Put a kept version in force; False if it is in force already.

        Raises:
            LookupError: There is no such version.
        """
        with self._store.write(act.token) as database:
            artifact = _artifact_of(database, name, version)
            now = _in_force(database, name)
            if now is not None and now.version == version:
                return False
            _put_in_force(database, name, _Change(version, artifact, why), act)
        return True

    def rollback(self, name: str, *, why: str, act: Act) -> str:
        """Put the version before this one in force again; its number.

        Raises:
            LookupError: None was in force before, or it is gone.
        """
        with self._store.write(act.token) as database:
            before = _previous(database, name)
            if before is None:
                raise LookupError("no other version was in force before")
            artifact = _artifact_of(database, name, before)
            change = _Change(before, artifact, why, EntryKind.MODEL_ROLLED_BACK)
            _put_in_force(database, name, change, act)
        return before

    def hold(
        self, name: str, cause: Cause, *, why: str, act: Act, version: str | None = None
    ) -> bool:
        """Send a route back to round robin; False if that cause holds already.

        An alarm about a version is raised once: who switched ranking on again has seen it.
        """
        c = RankingHold.__table__.c
        known = select(c.seq).where(c.name == name, c.cause == cause)
        held = c.until.is_(None) if version is None else c.version == version
        with self._store.write(act.token) as database:
            if database.execute(known.where(held).limit(1)).first() is not None:
                return False
            row = {"name": name, "cause": cause, "version": version, "why": why}
            _HOLD.run(database, [row | {"since": act.at, "until": None, "actor": act.actor.name}])
            about = {"route": name, "cause": cause.value, "version": version, "why": why}
            ENTER.run(database, [entered(act, EntryKind.MODEL_OFF, None, **about)])
        return True

    def release(self, name: str, *, why: str, act: Act) -> tuple[Cause, ...]:
        """Let the version in force rank again, whatever held it back; what that was."""
        with self._store.write(act.token) as database:
            causes = _released(database, name, set(Cause), act.at)
            if causes:
                about: dict[str, Json] = {"route": name, "why": why}
                about["causes"] = [cause.value for cause in causes]
                ENTER.run(database, [entered(act, EntryKind.MODEL_ON, None, **about)])
        return causes

    def standing(self, name: str) -> Standing:
        """What ranks a route now."""
        c = RankingHold.__table__.c
        held = select(RankingHold.__table__).where(c.name == name, c.until.is_(None))
        with self._store.read() as database:
            rows = database.execute(held.order_by(c.seq)).all()
            return Standing(
                _in_force(database, name),
                _previous(database, name),
                tuple(Hold(Cause(r.cause), r.why, r.since, r.version, r.actor) for r in rows),
            )

    def artifact(self, name: str, version: str) -> Artifact | None:
        """A version's bytes; None where it is gone."""
        c = ModelVersion.__table__.c
        query = select(c.document, c.tables, c.artifact, c.tables_sha256)
        with self._store.read() as database:
            row = database.execute(query.where(c.name == name, c.version == version)).one_or_none()
        return None if row is None else Artifact(*row)

    def run_of(self, name: str, version: str) -> str | None:
        """Where the tracking server has a version; None where it has not."""
        c = ModelVersion.__table__.c
        with self._store.read() as database:
            query = select(c.run).where(c.name == name, c.version == version)
            run: str | None = database.scalar(query)
        return run

    def versions(self, name: str) -> tuple[Listed, ...]:
        """Every version of a route, newest first."""
        c = ModelVersion.__table__.c
        query = select(*(c[each] for each in _LISTED)).where(c.name == name)
        with self._store.read() as database:
            rows = database.execute(query.order_by(c.created_at.desc(), c.version.desc())).all()
        return tuple(_listed(row) for row in rows)

    def told(self, name: str, version: str) -> Told | None:
        """What is known about a version."""
        c = ModelVersion.__table__.c
        columns = (*_LISTED, "report", "card", "data_sha256", "rulebook")
        query = select(*(c[each] for each in columns))
        with self._store.read() as database:
            row = database.execute(query.where(c.name == name, c.version == version)).one_or_none()
        if row is None:
            return None
        return Told(_listed(row), row.report, row.card, row.data_sha256, row.rulebook)


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _next_version(database: Connection, name: str, at: datetime) -> str:
    c = ModelVersion.__table__.c
    day = f"{at:%Y-%m-%d}"
    query = select(func.count()).where(c.name == name, c.version.startswith(f"{day}."))
    return f"{day}.{(database.scalar(query) or 0) + 1}"


def _artifact_of(database: Connection, name: str, version: str) -> str:
    c = ModelVersion.__table__.c
    query = select(c.artifact).where(c.name == name, c.version == version)
    artifact: str | None = database.scalar(query)
    if artifact is None:
        raise LookupError(f"there is no version {version}")
    return artifact


def _put_in_force(database: Connection, name: str, change: _Change, act: Act) -> None:
    """One version ends, another begins, and alarms about the old one end with it."""
    before = _in_force(database, name)
    _ended(database, name, act.at)
    _released(database, name, set(Cause) - {Cause.OFF}, act.at)
    said = {"version": change.version, "artifact": change.artifact, "why": change.why}
    row = {"name": name, "since": act.at, "until": None, "actor": act.actor.name}
    _IN_FORCE.run(database, [row | said])
    about: dict[str, Json] = {**said, "route": name}
    about["before"] = None if before is None else before.version
    ENTER.run(database, [entered(act, change.kind, None, **about)])


def _ended(database: Connection, name: str, at: datetime) -> None:
    c = ModelInForce.__table__.c
    query = select(c.seq).where(c.name == name, c.until.is_(None))
    _NO_MORE.run(database, [{"key_seq": row.seq, "until": at} for row in database.execute(query)])


def _released(
    database: Connection, name: str, causes: Collection[Cause], at: datetime
) -> tuple[Cause, ...]:
    c = RankingHold.__table__.c
    query = select(c.seq, c.cause).where(c.name == name, c.until.is_(None)).order_by(c.seq)
    found = [row for row in database.execute(query) if row.cause in causes]
    _RELEASE.run(database, [{"key_seq": row.seq, "until": at} for row in found])
    return tuple(Cause(row.cause) for row in found)


def _in_force(database: Connection, name: str) -> InForce | None:
    now, kept = ModelInForce.__table__, ModelVersion.__table__
    same = (kept.c.name == now.c.name) & (kept.c.version == now.c.version)
    query = (
        select(now.c.version, now.c.artifact, now.c.since, kept.c.created_at)
        .select_from(now.outerjoin(kept, same))
        .where(now.c.name == name, now.c.until.is_(None))
    )
    row = database.execute(query).one_or_none()
    return None if row is None else InForce(*row)


def _previous(database: Connection, name: str) -> str | None:
    """The last version that was in force and is another than that of now."""
    c = ModelInForce.__table__.c
    now = select(c.version).where(c.name == name, c.until.is_(None)).scalar_subquery()
    query = select(c.version).where(c.name == name, c.until.is_not(None))
    version: str | None = database.scalar(
        query.where(c.version != func.coalesce(now, "")).order_by(c.seq.desc()).limit(1)
    )
    return version


def _listed(row: Any) -> Listed:
    return Listed(
        name=row.name,
        version=row.version,
        artifact=row.artifact,
        verdict=Verdict(row.verdict),
        why=row.why,
        rows=row.rows,
        created_at=row.created_at,
        run=row.run,
    )
