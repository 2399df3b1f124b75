"""Decided leads as a model may learn from them: what the records say, and what became of it.

Facts, eligible reps and the chance of the pick come from the decision's own record, never from
the CRM again; what the record holds sealed is not opened. Decisions stream in the order in which
they were made, some hundred at a time, so that a million of them need no more room than that.

A decision whose write was given back says nothing of its rep, and is left out; so is one that
another decision about the lead followed before anything came of it. One whose record cannot be
read teaches nothing either: it is told by its id and passed over, and stops nobody's learning.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from sys import intern
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from models.leads.known import Mode
from models.store.statements import chunks
from models.store.transactions import Store
from models.tables import DecisionRow, ModelVersion, OutcomeRow
from routing.decision import Method
from routing.facts import Value
from routing.record import Skimmed, skim

_AT_ONCE = 500
_LOST = "lost"
_MILLION = 1_000_000
#: What a record that is not ours to read raises, whatever is wrong with it.
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError)

_Alike = dict[tuple[str, ...], tuple[str, ...]]  #: who could get a lead, kept once for all of them


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decisions."""

    route: str
    wins: tuple[str, ...] = ("won",)  #: kinds of outcome that count as a win
    since: datetime | None = None
    until: datetime | None = None  #: decided before


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """A decision that gave a lead to a rep."""

    decision: str
    lead: str
    route: str
    at: datetime
    rep: str
    method: str
    eligible: tuple[str, ...]  #: who could have got it, sorted
    pick_probability_ppm: int | None  #: None: nothing was left open, or it cannot be said
    facts: Mapping[str, Value | None]
    won: bool | None  #: None: not known yet
    outcome_at: datetime | None
    model: str | None = None  #: version and hash of the model that ranked


def decided_rows(
    store: Store, wanted: Wanted, *, spoiled: Callable[[str], object] = lambda _: None
) -> Iterator[DecidedRow]:
    """Decisions in the order in which they were made.

    Args:
        store: The ledger's.
        wanted: Which decisions.
        spoiled: Told the id of each whose record cannot be read.
    """
    after: tuple[datetime, str] | None = None
    alike: _Alike = {}
    while True:
        with store.read() as database:
            rows = _page(database, wanted, after)
            outcomes = _outcomes(database, rows)
            followed = _followed(database, rows)
        for row in rows:
            came = outcomes.get(row.lead_id, ())
            try:
                made = _decided(row, wanted, came, followed.get(row.id), alike)
            except _UNREADABLE:
                spoiled(row.id)
                continue
            if made is not None:
                yield made
        if len(rows) < _AT_ONCE:
            return
        after = (rows[-1].decided_at, rows[-1].id)


def newest_since(store: Store, wanted: Wanted, *, limit: int) -> datetime | None:
    """Since when the newest so many decisions were made; None where there are fewer."""
    c = DecisionRow.__table__.c
    query = select(c.decided_at).where(*_given(wanted.route))
    if wanted.until is not None:
        query = query.where(c.decided_at < wanted.until)
    with store.read() as database:
        at: datetime | None = database.scalar(
            query.order_by(c.decided_at.desc(), c.id.desc()).offset(limit - 1).limit(1)
        )
    return at


def ripened(store: Store, route: str, *, ripe_at: datetime) -> int:
    """How many decisions that gave a lead to a rep are as old as this: one look at an index."""
    c = DecisionRow.__table__.c
    query = select(func.count()).where(*_given(route), c.decided_at <= ripe_at)
    with store.read() as database:
        return database.scalar(query) or 0


def last_trained_at(store: Store, route: str) -> datetime | None:
    """When the newest version was made."""
    c = ModelVersion.__table__.c
    with store.read() as database:
        at: datetime | None = database.scalar(select(func.max(c.created_at)).where(c.name == route))
    return at


def _given(route: str) -> tuple[Any, ...]:
    c = DecisionRow.__table__.c
    return (
        c.mode == Mode.LIVE,
        c.route == route,
        c.owner.is_not(None),
        c.method != Method.WAITING,
        c.gave_back_at.is_(None),
    )


def _page(
    database: Connection, wanted: Wanted, after: tuple[datetime, str] | None
) -> Sequence[Any]:
    c = DecisionRow.__table__.c
    columns = (c.id, c.lead_id, c.route, c.decided_at, c.owner, c.method, c.record)
    query = select(*columns).where(*_given(wanted.route)).order_by(c.decided_at, c.id)
    if wanted.since is not None:
        query = query.where(c.decided_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(c.decided_at < wanted.until)
    if after is not None:
        at, id_ = after
        query = query.where(or_(c.decided_at > at, and_(c.decided_at == at, c.id > id_)))
    return database.execute(query.limit(_AT_ONCE)).all()


def _outcomes(database: Connection, rows: Sequence[Any]) -> dict[str, list[Any]]:
    c = OutcomeRow.__table__.c
    found: dict[str, list[Any]] = {}
    for portion in chunks(sorted({row.lead_id for row in rows})):
        query = select(c.lead_id, c.kind, c.at).where(c.lead_id.in_(portion))
        for row in database.execute(query.order_by(c.at, c.crm_id)):
            found.setdefault(row.lead_id, []).append(row)
    return found


def _followed(database: Connection, rows: Sequence[Any]) -> dict[str, datetime]:
    """When another decision gave the same lead to somebody, by decision."""
    c = DecisionRow.__table__.c
    given: dict[str, list[Any]] = {}
    for portion in chunks(sorted({row.lead_id for row in rows})):
        query = select(c.id, c.lead_id, c.decided_at).where(
            c.lead_id.in_(portion), c.mode == Mode.LIVE, c.method != Method.WAITING
        )
        for row in database.execute(query.order_by(c.decided_at, c.sequence)):
            given.setdefault(row.lead_id, []).append(row)
    return {
        row.id: following.decided_at
        for several in given.values()
        for row, following in pairwise(several)
    }


def _decided(
    row: Any, wanted: Wanted, outcomes: Sequence[Any], followed: datetime | None, alike: _Alike
) -> DecidedRow | None:
    own = [
        each
        for each in outcomes
        if each.at >= row.decided_at and (followed is None or each.at < followed)
    ]
    win = next((each for each in own if each.kind in wanted.wins), None)
    end = win or next((each for each in own if each.kind == _LOST), None)
    if end is None and followed is not None:
        return None
    record = skim(row.record)
    weights = dict(record.left)
    if row.owner not in weights:  # no pool was asked
        weights = {row.owner: 1}
    eligible = tuple(map(intern, weights))
    return DecidedRow(
        decision=row.id,
        lead=row.lead_id,
        route=row.route,
        at=row.decided_at,
        rep=intern(row.owner),
        method=row.method,
        eligible=alike.setdefault(eligible, eligible),
        pick_probability_ppm=_chance(row, record, weights),
        facts=_facts(record.facts),
        won=None if end is None else end is win,
        outcome_at=None if end is None else end.at,
        model=record.model and intern(record.model),
    )


def _facts(facts: Mapping[str, Value | None]) -> dict[str, Value | None]:
    """By name. Names and values that many leads share are kept once for all."""
    return {
        intern(name): intern(value) if isinstance(value, str) else value
        for name, value in facts.items()
    }


def _chance(row: Any, record: Skimmed, weights: Mapping[str, int]) -> int | None:
    """The chance of the pick: as recorded where a model ranked, else its share of the rotation.

    Rotation without a model is certain once the claims are known, and the record says so. It takes
    no notice of the lead, though, and comes round to everybody by weight: to an estimate of
    another policy it is a draw by weight.
    """
    if record.model is not None:
        return record.pick_probability_ppm
    total = sum(weights.values())
    if row.method != Method.ROUND_ROBIN or not total:
        return None
    return _MILLION * weights[row.owner] // total
