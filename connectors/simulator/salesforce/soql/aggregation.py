"""Queries about groups of rows: COUNT(), GROUP BY, HAVING."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import Field, Row, Stored
from connectors.simulator.salesforce.soql.filters import Filters
from connectors.simulator.salesforce.soql.functions import AGGREGATES, aggregate
from connectors.simulator.salesforce.soql.scope import Bound, Scope
from connectors.simulator.salesforce.soql.syntax import Call, Path, Query

_MAX_GROUPS: Final = 2000


def is_aggregate(query: Query) -> bool:
    """Whether the query is about groups of rows."""
    return bool(query.group_by) or any(
        isinstance(one, Call) and one.function in AGGREGATES for one in query.select
    )


def aggregated(query: Query, scope: Scope, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """One record for each group, in the order of the grouping values."""
    keys = [scope.bind(path) for path in query.group_by]
    columns = _columns(query, scope)
    groups: dict[tuple[Stored, ...], list[Row]] = {} if keys else {(): list(rows)}
    for row in rows if keys else ():
        groups.setdefault(tuple(key.get(row) for key in keys), []).append(row)
    if len(groups) > _MAX_GROUPS:
        raise Refused(
            "EXCEEDED_ID_LIMIT", "Aggregate query has too many rows for direct assignment"
        )
    kept = _having(query, scope)
    records = []
    for key in sorted(
        groups, key=lambda values: [(value is not None, str(value)) for value in values]
    ):
        members = groups[key]
        if kept(members):
            record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
            records.append(record | {name: make(members) for name, make in columns})
    return records


def _columns(query: Query, scope: Scope) -> list[tuple[str, Callable[[Sequence[Row]], Stored]]]:
    grouped = {scope.names(path)[-1].lower() for path in query.group_by}
    columns: list[tuple[str, Callable[[Sequence[Row]], Stored]]] = []
    unnamed = 0
    for one in query.select:
        if isinstance(one, Call):
            columns.append((one.alias or f"expr{unnamed}", aggregate(scope, one)))
            unnamed += one.alias is None
        elif isinstance(one, Path) and scope.names(one)[-1].lower() in grouped:
            columns.append((scope.bind(one).field.name, _first(scope.bind(one))))
        else:
            name = ".".join(one.names) if isinstance(one, Path) else "field"
            message = f"Field must be grouped or aggregated: {name}"
            raise Refused("MALFORMED_QUERY", message)
    return columns


def _first(bound: Bound) -> Callable[[Sequence[Row]], Stored]:
    return lambda rows: bound.get(rows[0])


def _having(query: Query, scope: Scope) -> Callable[[list[Row]], bool]:
    if query.having is None:
        return bool
    columns: dict[str, Callable[[Sequence[Row]], Stored]] = {}

    def operand(call: Call) -> Bound:
        name = f"{call.function}#{len(columns)}"
        columns[name] = aggregate(scope, call)
        return Bound(Field(name, "double"), scope.sobject, lambda row: row.get(name))

    def no_subselect(_: Query) -> set[Stored]:
        raise Refused("MALFORMED_QUERY", "Semi joins are not allowed in HAVING.")

    predicate = Filters(scope, no_subselect, operand).predicate(query.having)
    return lambda rows: predicate({**rows[0], **{n: make(rows) for n, make in columns.items()}})
