"""Everything of a period, for somebody who must be able to tell that nothing is missing.

An export is one consistent view: its population (how many, first, last) and its lines are of
the same instant, whatever is written meanwhile. Bytes come out as they were stored and hashed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from models.store.transactions import Store
from models.tables import DecisionRow, JournalRow

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Population:
    """How many rows a period has, and which come first and last in the export's order."""

    count: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class JournalLine:
    """An entry of the journal as stored."""

    seq: int
    kind: str
    at: datetime
    actor: str
    on_behalf_of: str | None
    channel: str
    subject: str | None
    body: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision's record as stored."""

    id: str
    lead: str
    route: str
    mode: str
    cause: str
    method: str
    rule: str | None
    pool: str | None
    owner: str | None
    queue: str | None
    decided_at: datetime
    sha256: str
    record: bytes


class Export:
    """One view of a period [since, until)."""

    def __init__(self, database: Connection, since: datetime, until: datetime) -> None:
        self._database = database
        self._since = since
        self._until = until

    def journal_population(self) -> Population:
        """Of the journal, in the order of its numbers."""
        c = JournalRow.__table__.c
        within = (c.at >= self._since, c.at < self._until)
        count, first, last = self._database.execute(
            select(func.count(), func.min(c.seq), func.max(c.seq)).where(*within)
        ).one()
        return Population(count, _named(first), _named(last))

    def journal(self) -> Iterator[JournalLine]:
        """Entries, in the order of their numbers."""
        table = JournalRow.__table__
        query = (
            select(table)
            .where(table.c.at >= self._since, table.c.at < self._until)
            .order_by(table.c.seq)
        )
        for row in self._database.execute(query, execution_options={"yield_per": _AT_ONCE}):
            yield JournalLine(*row)

    def decisions_population(self) -> Population:
        """Of the decisions, in the order in which they were made."""
        c = DecisionRow.__table__.c
        within = (c.decided_at >= self._since, c.decided_at < self._until)
        in_order = (c.decided_at, c.id)
        ids = select(c.id).where(*within)
        return Population(
            self._database.scalar(select(func.count()).select_from(ids.subquery())) or 0,
            self._database.scalar(ids.order_by(*in_order).limit(1)),
            self._database.scalar(ids.order_by(*(column.desc() for column in in_order)).limit(1)),
        )

    def decisions(self) -> Iterator[DecisionLine]:
        """Decisions with their records, in the order in which they were made."""
        c = DecisionRow.__table__.c
        query = (
            select(c.id, c.lead_id, c.route, c.mode, c.cause, c.method, c.rule, c.pool)
            .add_columns(c.owner, c.queue, c.decided_at, c.sha256, c.record)
            .where(c.decided_at >= self._since, c.decided_at < self._until)
            .order_by(c.decided_at, c.id)
        )
        for row in self._database.execute(query, execution_options={"yield_per": _AT_ONCE}):
            yield DecisionLine(*row)


@contextmanager
def export(store: Store, since: datetime, until: datetime) -> Iterator[Export]:
    """One consistent view of a period; lines must be read before the block ends."""
    with store.read() as database:
        yield Export(database, since, until)


def _named(seq: int | None) -> str | None:
    return None if seq is None else str(seq)
