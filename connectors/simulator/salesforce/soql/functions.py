"""Functions of SOQL: those of one value, and those of a group of rows."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import Field, Row, Stored
from connectors.simulator.salesforce.soql.scope import Bound, Scope
from connectors.simulator.salesforce.soql.syntax import Call
from connectors.simulator.salesforce.soql.tokens import pointed

AGGREGATES: Final = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})
_PARTS: Final[dict[str, Callable[[str], Stored]]] = {
    "CALENDAR_YEAR": lambda at: int(at[:4]),
    "CALENDAR_MONTH": lambda at: int(at[5:7]),
    "CALENDAR_QUARTER": lambda at: (int(at[5:7]) + 2) // 3,
    "DAY_IN_MONTH": lambda at: int(at[8:10]),
    "DAY_ONLY": lambda at: at[:10],
    "HOUR_IN_DAY": lambda at: int(at[11:13]),
}


def scalar(scope: Scope, call: Call) -> Bound:
    """A function of one value of a row: a part of a date, or a label."""
    if call.argument is None or call.function not in {*_PARTS, "TOLABEL", "FORMAT"}:
        raise unknown(scope, call)
    bound = scope.bind(call.argument)
    if call.function in ("TOLABEL", "FORMAT"):
        return bound
    if bound.field.type not in ("date", "datetime"):
        message = f"field {bound.field.name} does not support function {call.function}"
        raise Refused("INVALID_FIELD", pointed(scope.text, call.at, message))
    part, get = _PARTS[call.function], bound.get

    def value(row: Row) -> Stored:
        at = get(row)
        return None if at is None else part(str(at))

    kind = "date" if call.function == "DAY_ONLY" else "int"
    return Bound(Field(bound.field.name, kind), bound.sobject, value)


def aggregate(scope: Scope, call: Call) -> Callable[[Sequence[Row]], Stored]:
    """A function of a group of rows."""
    if call.function not in AGGREGATES:
        raise unknown(scope, call)
    if call.argument is None:
        return len
    bound = scope.bind(call.argument)
    numeric = call.function in ("SUM", "AVG")
    if numeric and bound.field.type not in ("int", "double", "currency", "percent"):
        message = f"field {bound.field.name} does not support aggregate operator {call.function}"
        raise Refused("INVALID_FIELD", pointed(scope.text, call.at, message))
    return lambda rows: _aggregated(call.function, [bound.get(row) for row in rows])


def unknown(scope: Scope, call: Call) -> Refused:
    """400: no such function."""
    message = f"unknown function: {call.function}"
    return Refused("MALFORMED_QUERY", pointed(scope.text, call.at, message))


def _aggregated(function: str, values: Sequence[Stored]) -> Stored:
    known: list[Any] = [value for value in values if value is not None]
    if function == "COUNT":
        return len(known)
    if function == "COUNT_DISTINCT":
        return len(set(known))
    if not known:
        return None
    if function == "SUM":
        return float(sum(known))
    if function == "AVG":
        return float(sum(known)) / len(known)
    lowest: Stored = min(known)
    highest: Stored = max(known)
    return lowest if function == "MIN" else highest
