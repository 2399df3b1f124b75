"""Who can own: reps under random ids, what is known of them and since when, their absences.

Two times stand beside every attribute: when it is valid, and when the ledger learned of it.
Nothing is overwritten; what turned out otherwise is forgotten at an instant, so a past decision
can be told with what was known then.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from models.journal.entries import ENTER, Act, EntryKind, entered
from models.staff.identities import HISTORY, Identity, rejoin, rep_by_user
from models.store.ids import InternalIds
from models.store.prepared import Values
from models.store.statements import changing, inserting
from models.store.transactions import Store
from models.store.writes import Writes
from models.tables import Rep, RepAttribute, RepIdentity
from models.tables.stored import pack

_REP = inserting(Rep)
_LEFT = changing(Rep, ("id",), ("left_at",))
_ATTRIBUTE = inserting(RepAttribute)
_FORGET = changing(RepAttribute, ("seq",), ("forgotten_at",))


@dataclass(frozen=True, slots=True)
class Dated:
    """A value of an attribute, valid in [valid_from, valid_to)."""

    value: Any  #: JSON
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """What a source says of one person. Only the attributes it names are that source's."""

    roster_id: str
    attributes: Mapping[str, Sequence[Dated]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """An attribute's value with who said it, and when the ledger learned it."""

    dated: Dated
    source: str
    known_at: datetime


@dataclass(frozen=True, slots=True)
class KnownRep:
    """A rep with everything that is known now; identities by connection, attributes by name."""

    id: str
    roster_id: str
    left_at: datetime | None
    identities: Mapping[str, str]
    attributes: Mapping[str, tuple[Known, ...]]


class Roster:
    """Reads and changes what is known of the reps."""

    def __init__(self, store: Store, ids: InternalIds) -> None:
        self._store = store
        self._ids = ids

    def sync(self, entries: Sequence[RosterEntry], *, source: str, act: Act) -> dict[str, str]:
        """Make the roster what this source says; changes are journalled, sameness is not.

        Args:
            entries: Everybody the source knows. A rep it no longer names has left the roster.
            source: `roster`; its attributes are compared with its own earlier ones only.
            act: Who changed it, and when it became known.

        Returns:
            Internal id by roster id, for everybody who is on the roster.
        """
        writes = Writes()
        with self._store.write(act.token) as database:
            known = {rep.roster_id: rep for rep in _reps(database)}
            ids = self._registered(entries, known, writes, act.at)
            kept = _rows_by_rep(database, source)
            for entry in entries:
                rep = ids[entry.roster_id]
                changed = _replace(writes, rep, entry, kept.get(rep, []), (source, act.at))
                if changed or entry.roster_id not in known:
                    writes.add(ENTER, _noted(act, rep, sorted(changed), source))
            _note_who_left(writes, known, ids, act)
            writes.flush(database)
        return ids

    def identify(self, connection: str, identities: Sequence[Identity], *, act: Act) -> bool:
        """Make these the users of a connection's reps, and no others; whether that was news.

        Open leads are with whoever their owner's user is from now on.
        """
        if self.rep_of(connection) == {each.crm_user: each.rep for each in identities}:
            return False
        with self._store.write(act.token) as database:
            return bool(rejoin(database, connection, identities, act))

    def reps(self) -> tuple[KnownRep, ...]:
        """Everybody who is or was on the roster, by roster id."""
        with self._store.read() as database:
            return tuple(_reps(database))

    def rep_of(self, connection: str) -> dict[str, str]:
        """Rep by CRM user, of one connection."""
        with self._store.read() as database:
            return rep_by_user(database, connection)

    def said(self, rep: str, entry: RosterEntry, *, source: str, act: Act) -> None:
        """Some attributes of one rep, from a command; they replace what that source said."""
        writes = Writes()
        with self._store.write(act.token) as database:
            named = _rows_by_rep(database, source).get(rep, [])
            kept = [row for row in named if row.name in entry.attributes]
            changed = _replace(writes, rep, entry, kept, (source, act.at))
            if changed:
                writes.add(ENTER, _noted(act, rep, sorted(changed), source))
            writes.flush(database)

    def _registered(
        self,
        entries: Sequence[RosterEntry],
        known: Mapping[str, KnownRep],
        writes: Writes,
        at: datetime,
    ) -> dict[str, str]:
        taken = {rep.id for rep in known.values()}
        ids: dict[str, str] = {}
        for entry in entries:
            rep = known.get(entry.roster_id)
            if rep is None:
                ids[entry.roster_id] = self._new_rep(taken)
                row = {"id": ids[entry.roster_id], "roster_id": entry.roster_id}
                writes.add(_REP, row | {"created_at": at, "left_at": None})
                continue
            ids[entry.roster_id] = rep.id
            if rep.left_at is not None:
                writes.add(_LEFT, {"key_id": rep.id, "left_at": None})
        return ids

    def _new_rep(self, taken: set[str]) -> str:
        rep = self._ids.rep()
        while rep in taken:
            rep = self._ids.rep()
        taken.add(rep)
        return rep


def _note_who_left(
    writes: Writes, known: Mapping[str, KnownRep], present: Collection[str], act: Act
) -> None:
    for roster_id, rep in known.items():
        if roster_id not in present and rep.left_at is None:
            writes.add(_LEFT, {"key_id": rep.id, "left_at": act.at})
            writes.add(ENTER, _noted(act, rep.id, ["left"], "roster"))


def _noted(act: Act, rep: str, changed: Sequence[str], source: str) -> Values:
    return entered(act, EntryKind.ROSTER, rep, changed=[*changed], source=source)


def _replace(
    writes: Writes, rep: str, entry: RosterEntry, kept: Sequence[Any], said: tuple[str, datetime]
) -> set[str]:
    """Forget what is no longer said, add what is new; the names of what changed."""
    source, at = said
    new = {
        (name, pack(dated.value), dated.valid_from, dated.valid_to): dated
        for name, values in entry.attributes.items()
        for dated in values
    }
    changed = set()
    for row in kept:
        key = (row.name, pack(row.value), row.valid_from, row.valid_to)
        if new.pop(key, None) is None:
            writes.add(_FORGET, {"key_seq": row.seq, "forgotten_at": at})
            changed.add(row.name)
    for (name, _, _, _), dated in new.items():
        writes.add(_ATTRIBUTE, _attribute_row(rep, name, dated, (source, at)))
        changed.add(name)
    return changed


def _attribute_row(rep: str, name: str, dated: Dated, said: tuple[str, datetime]) -> Values:
    return {
        "rep_id": rep,
        "name": name,
        "value": dated.value,
        "valid_from": dated.valid_from,
        "valid_to": dated.valid_to,
        "known_at": said[1],
        "forgotten_at": None,
        "source": said[0],
    }


def _current(source: str | None = None) -> Select[Any]:
    c = RepAttribute.__table__.c
    query = select(RepAttribute.__table__).where(c.forgotten_at.is_(None)).order_by(c.seq)
    return query if source is None else query.where(c.source == source)


def _rows_by_rep(database: Connection, source: str) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {}
    for row in database.execute(_current(source)):
        rows.setdefault(row.rep_id, []).append(row)
    return rows


def _reps(database: Connection) -> Iterable[KnownRep]:
    identities: dict[str, dict[str, str]] = {}
    for row in database.execute(select(RepIdentity.__table__)):
        identities.setdefault(row.rep_id, {})[row.connection] = row.crm_user
    attributes: dict[str, dict[str, tuple[Known, ...]]] = {}
    for row in database.execute(_current()):
        if row.name.startswith(HISTORY):
            continue
        known = Known(Dated(row.value, row.valid_from, row.valid_to), row.source, row.known_at)
        own = attributes.setdefault(row.rep_id, {})
        own[row.name] = (*own.get(row.name, ()), known)
    reps = database.execute(select(Rep.__table__).order_by(Rep.__table__.c.roster_id)).all()
    for row in reps:
        yield KnownRep(
            row.id,
            row.roster_id,
            row.left_at,
            identities.get(row.id, {}),
            attributes.get(row.id, {}),
        )
