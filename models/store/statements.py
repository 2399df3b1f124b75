"""Statements of the hot path: written once, prepared for both databases, run for many rows.

A `Change` is one kind of statement on one table; rows are plain dicts. Column names stand for
values; `key_` before a column's name stands for the value that finds the row.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    literal_column,
    select,
    text,
)
from sqlalchemy import (
    Row as Found,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import ClauseElement

from models.store.prepared import Prepared, Values
from models.tables import OPEN, EffectRow, LeadRow, OwnershipRow, Record, Row

#: Parents before children, as foreign keys want it.
_RANKS = {table.name: rank for rank, table in enumerate(Row.metadata.sorted_tables)}
_DIALECTS = ("sqlite", "postgresql")
_MOST = 500  # host parameters of one statement; SQLite before 3.32 allows 999
T = TypeVar("T")


def chunks(values: Sequence[T], size: int = _MOST) -> Iterator[list[T]]:
    """Values in portions, as large as one statement can take where nothing else is said."""
    rest = iter(values)
    while portion := list(islice(rest, size)):
        yield portion


def rows_among(
    connection: Connection, query: Select[Any], values: Sequence[str]
) -> Iterator[Found[Any]]:
    """The rows of a query that is asked for `values`, portion by portion."""
    for portion in chunks(values):
        yield from connection.execute(query, {"values": portion})


class Change:
    """One kind of statement; `rank` orders tables so that a parent's row comes first."""

    def __init__(self, rank: int, by_dialect: Mapping[str, ClauseElement]) -> None:
        self.rank = rank
        self._by_dialect = by_dialect
        self._prepared: dict[tuple[str, tuple[str, ...]], Prepared] = {}

    def run(self, connection: Connection, rows: Sequence[Values]) -> int:
        """Run it for every row, in one call; how many rows it changed.

        Args:
            connection: In a transaction.
            rows: All with the same keys, in the same order.
        """
        if not rows:
            return 0
        keys = (connection.dialect.name, tuple(rows[0]))
        prepared = self._prepared.get(keys)
        if prepared is None:
            statement = self._by_dialect[connection.dialect.name]
            prepared = Prepared(statement, connection.dialect, keys[1])
            self._prepared[keys] = prepared
        return prepared.run(connection, rows)


def inserting(row: type[Row]) -> Change:
    """New rows."""
    return _same(row.__table__, row.__table__.insert())


def inserting_new(row: type[Row], keys: Collection[str]) -> Change:
    """New rows, and nothing where the key is there already."""
    table = row.__table__
    return Change(
        _RANKS[table.name],
        {
            "sqlite": sqlite.insert(table).on_conflict_do_nothing(index_elements=list(keys)),
            "postgresql": postgresql.insert(table).on_conflict_do_nothing(
                index_elements=list(keys)
            ),
        },
    )


def putting(
    row: type[Row], keys: Collection[str], *, columns: Collection[str], add: Collection[str] = ()
) -> Change:
    """New rows; where the key is there already, these columns are overwritten or added to."""
    table = row.__table__
    by_dialect: dict[str, ClauseElement] = {}
    for dialect in _DIALECTS:
        statement: Any = (sqlite if dialect == "sqlite" else postgresql).insert(table)
        new = statement.excluded
        changed = {name: new[name] for name in columns}
        changed |= {name: table.c[name] + new[name] for name in add}
        by_dialect[dialect] = statement.on_conflict_do_update(
            index_elements=list(keys), set_=changed
        )
    return Change(_RANKS[table.name], by_dialect)


def changing(row: type[Row], keys: Collection[str], columns: Collection[str]) -> Change:
    """Columns of rows that are there; the keys' values are given as `key_...`."""
    table = row.__table__
    found = and_(*(table.c[key] == bindparam(f"key_{key}") for key in keys))
    return _same(
        table, table.update().where(found).values({name: bindparam(name) for name in columns})
    )


def deleting(row: type[Row], keys: Collection[str]) -> Change:
    """Rows that are to go; the keys' values are given as `key_...`."""
    table = row.__table__
    found = and_(*(table.c[key] == bindparam(f"key_{key}") for key in keys))
    return _same(table, table.delete().where(found))


def _same(table: Table, statement: ClauseElement) -> Change:
    return Change(_RANKS[table.name], dict.fromkeys(_DIALECTS, statement))


def _withdrawing() -> Change:
    effects = EffectRow.__table__
    found = and_(
        effects.c.decision_id == bindparam("key_decision_id"),
        text(f"effects.{OPEN}"),
    )
    changed: Values = {
        "state": literal_column("'superseded'"),
        "settled_at": bindparam("settled_at"),
    }
    return _same(effects, effects.update().where(found).values(changed))


def _following() -> Change:
    records, leads = Record.__table__, LeadRow.__table__
    of_person = select(leads.c.id).where(leads.c.person_id == bindparam("key_person_id"))
    found = records.c.lead_id.in_(of_person)
    changed: Values = {"person_id": bindparam("person_id")}
    return _same(records, records.update().where(found).values(changed))


#: Records belong to the person whose lead they are.
RECORDS_FOLLOW = _following()


def _withdrawing_one() -> Change:
    effects = EffectRow.__table__
    found = and_(
        effects.c.id == bindparam("key_id"), effects.c.state == literal_column("'pending'")
    )
    changed: Values = {
        "state": literal_column("'superseded'"),
        "settled_at": bindparam("settled_at"),
    }
    return _same(effects, effects.update().where(found).values(changed))


#: Withdraw one write, unless it left already.
WITHDRAW_ONE = _withdrawing_one()

#: Another lead's records become this one's.
RECORDS_MOVE = changing(Record, ("lead_id",), ("lead_id",))

#: And what is known of their owners.
OWNERSHIP_MOVES = changing(OwnershipRow, ("lead_id",), ("lead_id",))

#: Withdraw what a decision still owes.
WITHDRAW = _withdrawing()
