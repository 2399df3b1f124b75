"""When reps are away, from whom we know it, and since when.

Absences come from a CRM, from the roster, or from a command. A change is a new row; the old one
is forgotten at that instant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from models.journal.entries import ENTER, Act, EntryKind, entered
from models.store.statements import changing, inserting
from models.store.transactions import Store
from models.store.writes import Writes
from models.tables import Absence, CrmAbsence, RepIdentity

_ABSENCE = inserting(Absence)
_FORGET = changing(Absence, ("seq",), ("forgotten_at",))


@dataclass(frozen=True, slots=True)
class Away:
    """A rep is away in [starts_at, ends_at); without an end, until they are back."""

    rep: str
    starts_at: datetime
    ends_at: datetime | None
    external_id: str | None = None  #: its id at the source


@dataclass(frozen=True, slots=True)
class KnownAbsence:
    """An absence with who said it, and when the ledger learned it."""

    away: Away
    source: str
    known_at: datetime


class AbsenceBook:
    """Reads and changes absences."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self, *, until_after: datetime | None = None) -> tuple[KnownAbsence, ...]:
        """What is known now; only what has not ended by an instant, where one is given."""
        c = Absence.__table__.c
        query = select(Absence.__table__).where(c.forgotten_at.is_(None)).order_by(c.seq)
        if until_after is not None:
            query = query.where(c.ends_at.is_(None) | (c.ends_at > until_after))
        with self._store.read() as database:
            return tuple(
                KnownAbsence(
                    Away(row.rep_id, row.starts_at, row.ends_at, row.external_id),
                    row.source,
                    row.known_at,
                )
                for row in database.execute(query)
            )

    def said(self, absences: Sequence[Away], *, source: str, act: Act) -> int:
        """Make a source's absences these; how many were added or withdrawn."""
        with self._store.write(act.token) as database:
            return _replace(database, absences, source=source, act=act)

    def added(self, away: Away, *, source: str, act: Act) -> None:
        """One more absence, as `people away` says."""
        with self._store.write(act.token) as database:
            kept = [_away(row) for row in _rows(database, source)]
            _replace(database, [*kept, away], source=source, act=act)

    def back(self, rep: str, *, source: str, act: Act) -> int:
        """A rep is back: end what that source says of now and withdraw what is yet to come."""
        with self._store.write(act.token) as database:
            kept = [_ended(_away(row), rep, act.at) for row in _rows(database, source)]
            absences = [away for away in kept if away is not None]
            return _replace(database, absences, source=source, act=act)

    def taken_from_crm(self, connection: str, *, act: Act) -> int:
        """Make the absences of a connection's users those of the reps they are."""
        c, i = CrmAbsence.__table__.c, RepIdentity.__table__.c
        query = (
            select(i.rep_id, c.starts_at, c.ends_at, c.crm_id)
            .join_from(
                CrmAbsence.__table__,
                RepIdentity.__table__,
                (i.crm_user == c.crm_user) & (i.connection == c.connection),
            )
            .where(c.connection == connection, c.enabled)
        )
        with self._store.write(act.token) as database:
            absences = [Away(*row) for row in database.execute(query)]
            return _replace(database, absences, source=connection, act=act)


def _replace(database: Connection, absences: Sequence[Away], *, source: str, act: Act) -> int:
    writes, new = Writes(), dict.fromkeys(absences)
    touched: list[str] = []
    for row in _rows(database, source):
        away = _away(row)
        if away in new:
            del new[away]
            continue
        writes.add(_FORGET, {"key_seq": row.seq, "forgotten_at": act.at})
        touched.append(away.rep)
    for away in new:
        writes.add(
            _ABSENCE,
            {
                "rep_id": away.rep,
                "starts_at": away.starts_at,
                "ends_at": away.ends_at,
                "external_id": away.external_id,
                "known_at": act.at,
                "forgotten_at": None,
                "source": source,
            },
        )
        touched.append(away.rep)
    for rep in sorted(set(touched)):
        entry = entered(act, EntryKind.ROSTER, rep, changed=["absence"], source=source)
        writes.add(ENTER, entry)
    writes.flush(database)
    return len(touched)


def _rows(database: Connection, source: str) -> Sequence[Any]:
    c = Absence.__table__.c
    query = select(Absence.__table__).where(c.forgotten_at.is_(None), c.source == source)
    return database.execute(query.order_by(c.seq)).all()


def _away(row: Any) -> Away:
    return Away(row.rep_id, row.starts_at, row.ends_at, row.external_id)


def _ended(away: Away, rep: str, at: datetime) -> Away | None:
    over = away.ends_at is not None and away.ends_at <= at
    if away.rep != rep or over:
        return away
    if away.starts_at >= at:
        return None
    return Away(away.rep, away.starts_at, at, away.external_id)
