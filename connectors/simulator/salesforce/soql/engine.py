"""Runs a query: finds rows, filters, orders and limits them, and says how to serve them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import Child, Row, SObject, Stored
from connectors.simulator.salesforce.soql.aggregation import aggregated, is_aggregate
from connectors.simulator.salesforce.soql.filters import Filters
from connectors.simulator.salesforce.soql.functions import scalar
from connectors.simulator.salesforce.soql.parser import parse
from connectors.simulator.salesforce.soql.projection import Project, Projection, Record
from connectors.simulator.salesforce.soql.scope import Scope, World
from connectors.simulator.salesforce.soql.syntax import (
    Both,
    Call,
    Comparison,
    Condition,
    Either,
    Path,
    Query,
)
from connectors.simulator.salesforce.soql.tokens import pointed

_MAX_OFFSET: Final = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query found: rows still to be projected, or finished records."""

    sobject: SObject
    total: int
    rows: Sequence[Row]
    project: Project | None  #: None if `records` are finished (aggregates)
    records: Sequence[Record] = ()


class Engine:
    """Runs the queries of one request."""

    def __init__(self, world: World, *, version: str, deleted_too: bool = False) -> None:
        self._world = world
        self._version = version
        self._deleted_too = deleted_too

    def run(self, text: str) -> Answer:
        """Run a query.

        Raises:
            Refused: The query is malformed or asks for what is not there.
        """
        query = parse(text)
        sobject = self._sobject(query)
        scope = Scope(self._world, sobject, text=text, alias=query.alias)
        if query.offset > _MAX_OFFSET:
            message = "Maximum SOQL offset allowed is 2000"
            raise Refused("NUMBER_OUTSIDE_VALID_RANGE", message)
        if is_aggregate(query):
            return self._aggregate(query, scope)
        project = self._projection(scope).of(query)
        rows = self._limited(query, self._ordered(query, scope, self._matching(query, scope)))
        return Answer(sobject, len(rows), rows, project)

    def _aggregate(self, query: Query, scope: Scope) -> Answer:
        rows = self._matching(query, scope)
        counted = query.select[0]
        if isinstance(counted, Call) and counted.function == "COUNT" and not counted.argument:
            return Answer(scope.sobject, len(self._limited(query, rows)), (), None)
        records = self._limited(query, aggregated(query, scope, rows))
        return Answer(scope.sobject, len(records), (), None, records)

    def _sobject(self, query: Query) -> SObject:
        sobject = self._world.store.schema.find(query.sobject)
        if sobject is None or not self._world.access.shows_object(sobject):
            message = (
                f"sObject type '{query.sobject}' is not supported. If you are attempting to use a"
                " custom object, be sure to append the '__c' after the entity name. Please"
                " reference your WSDL or the describe call for the appropriate names."
            )
            raise Refused("INVALID_TYPE", pointed(query.text, query.sobject_at, message))
        return sobject

    def _projection(self, scope: Scope) -> Projection:
        return Projection(scope, version=self._version, children=self._child_reader)

    def _matching(self, query: Query, scope: Scope, rows: Iterable[Row] | None = None) -> list[Row]:
        hidden = self._world.access.hidden_rows
        found = self._candidates(query, scope.sobject) if rows is None else rows
        if scope.sobject.soft_deleted and not self._deleted_too:
            found = (row for row in found if not row.get("IsDeleted"))
        if hidden:
            found = (row for row in found if row["Id"] not in hidden)
        if query.where is not None:
            found = filter(Filters(scope, self._subselect).predicate(query.where), found)
        return sorted(found, key=itemgetter("Id"))

    def _candidates(self, query: Query, sobject: SObject) -> Iterable[Row]:
        table = self._world.store.table(sobject.name)
        ids = None if query.where is None else _named_ids(query.where)
        if ids is not None:
            return [table.rows[one] for one in ids if one in table.rows]
        since = None if query.where is None else _touched_since(query.where)
        if since is not None and sobject.field("SystemModstamp"):
            return table.touched_since(since)
        return table.rows.values()

    def _subselect(self, query: Query) -> set[Stored]:
        sobject = self._sobject(query)
        scope = Scope(self._world, sobject, text=query.text, alias=query.alias)
        wanted = query.select[0]
        if len(query.select) != 1 or not isinstance(wanted, Path):
            raise Refused("MALFORMED_QUERY", "A semi join sub-select must select one field.")
        bound = scope.bind(wanted)
        if bound.field.type not in ("id", "reference"):
            message = (
                f"The left operand field in the where expression for outer query should be an id"
                f" field, cannot use: '{bound.field.name}'"
            )
            raise Refused("MALFORMED_QUERY", message)
        rows = self._limited(query, self._ordered(query, scope, self._matching(query, scope)))
        return {bound.get(row) for row in rows}

    def _ordered(self, query: Query, scope: Scope, rows: list[Row]) -> list[Row]:
        for order in reversed(query.order_by):
            bound = (
                scalar(scope, order.operand)
                if isinstance(order.operand, Call)
                else scope.bind(order.operand)
            )
            if not bound.field.sortable:
                message = f"field '{bound.field.name}' can not be sorted in a query call"
                raise Refused("INVALID_FIELD", message)
            known = [row for row in rows if bound.get(row) is not None]
            empty = [row for row in rows if bound.get(row) is None]
            known.sort(key=_sort_key(bound.field.type, bound.get), reverse=order.descending)
            rows = known + empty if order.nulls_last else empty + known
        return rows

    def _limited(self, query: Query, rows: list[Any]) -> list[Any]:
        end = None if query.limit is None else query.offset + query.limit
        return rows[query.offset : end]

    def _child_reader(self, query: Query, parent: SObject) -> Callable[[Row], Any]:
        child = self._child(query, parent)
        sobject = self._world.store.schema.find(child.sobject)
        if sobject is None:
            raise Refused("INVALID_TYPE", f"sObject type '{child.sobject}' is not supported.")
        scope = Scope(self._world, sobject, text=query.text, alias=query.alias)
        project = self._projection(scope).of(query)
        by_parent: dict[Stored, list[Row]] = {}
        for row in self._matching(
            query, scope, self._world.store.table(sobject.name).rows.values()
        ):
            by_parent.setdefault(row.get(child.field), []).append(row)

        def read(row: Row) -> Any:
            rows = self._limited(query, self._ordered(query, scope, by_parent.get(row["Id"], [])))
            if not rows:
                return None
            return {"totalSize": len(rows), "done": True, "records": [project(one) for one in rows]}

        return read

    def _child(self, query: Query, parent: SObject) -> Child:
        for child in self._world.store.schema.children(parent.name):
            if child.name.lower() == query.sobject.lower():
                return child
        message = (
            f"Didn't understand relationship '{query.sobject}' in FROM part of query call. If you"
            " are attempting to use a custom relationship, be sure to append the '__r' after the"
            " custom relationship name. Please reference your WSDL or the describe call for the"
            " appropriate names."
        )
        raise Refused("INVALID_TYPE", pointed(query.text, query.sobject_at, message))


def _sort_key(kind: str, get: Callable[[Row], Stored]) -> Callable[[Row], Any]:
    if kind in ("id", "reference", "datetime", "date", "boolean", "int", "double", "currency"):
        return get
    return lambda row: str(get(row)).lower()


def _named_ids(condition: Condition) -> list[str] | None:
    """The ids a condition names, if it can only be met by records with one of them."""
    if isinstance(condition, Both):
        for part in condition.parts:
            ids = _named_ids(part)
            if ids is not None:
                return ids
    if not isinstance(condition, Comparison) or condition.op not in ("=", "IN"):
        return None
    if not _is(condition.operand, "id"):
        return None
    texts = {str(value.value) for value in condition.values if value.kind == "string"}
    return sorted(texts) if all(len(text) == 18 for text in texts) else None


def _touched_since(condition: Condition) -> str | None:
    """The earliest SystemModstamp that can meet a condition, if it sets one."""
    if isinstance(condition, Both):
        bounds = [_touched_since(part) for part in condition.parts]
        return max((bound for bound in bounds if bound is not None), default=None)
    if isinstance(condition, Either):
        bounds = [_touched_since(part) for part in condition.parts]
        known = [bound for bound in bounds if bound is not None]
        return min(known) if len(known) == len(bounds) else None
    if not isinstance(condition, Comparison) or condition.op not in ("=", ">", ">="):
        return None
    value = condition.values[0]
    bounded = _is(condition.operand, "systemmodstamp") and value.kind == "datetime"
    return str(value.value) if bounded else None


def _is(operand: Path | Call, name: str) -> bool:
    return isinstance(operand, Path) and [one.lower() for one in operand.names] == [name]
