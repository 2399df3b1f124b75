"""Conditions made into predicates over rows, with the type checks the service makes.

Text compares without regard to case. Null matches nothing but `= null`, except that `!=`
and NOT IN do let it through, as the service does.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final, assert_never

from connectors.simulator.salesforce.ids import canonical
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import NUMBER_TYPES, TEXT_TYPES, Field, Row, Stored
from connectors.simulator.salesforce.soql.functions import scalar
from connectors.simulator.salesforce.soql.periods import span
from connectors.simulator.salesforce.soql.scope import Bound, Getter, Scope
from connectors.simulator.salesforce.soql.syntax import (
    Both,
    Call,
    Comparison,
    Condition,
    Constant,
    Either,
    Negated,
    Path,
    Query,
    SemiJoin,
)
from connectors.simulator.salesforce.stamps import wire

Predicate = Callable[[Row], bool]
Subselect = Callable[[Query], set[Stored]]

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_WANTED: Final = {"datetime": "dateTime", "boolean": "boolean", "date": "date", "int": "int"}


class Filters:
    """Compiles the conditions of one FROM clause."""

    def __init__(
        self,
        scope: Scope,
        subselect: Subselect,
        operand: Callable[[Call], Bound] | None = None,
    ) -> None:
        self._scope = scope
        self._subselect = subselect
        self._operand = operand or partial(scalar, scope)

    def predicate(self, condition: Condition) -> Predicate:
        """What rows satisfy the condition."""
        if isinstance(condition, Both):
            parts = [self.predicate(part) for part in condition.parts]
            return lambda row: all(part(row) for part in parts)
        if isinstance(condition, Either):
            parts = [self.predicate(part) for part in condition.parts]
            return lambda row: any(part(row) for part in parts)
        if isinstance(condition, Negated):
            inner = self.predicate(condition.part)
            return lambda row: not inner(row)
        if isinstance(condition, SemiJoin):
            return self._semi_join(condition)
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        assert_never(condition)

    def _semi_join(self, join: SemiJoin) -> Predicate:
        bound = self._bound(join.operand)
        found = self._subselect(join.query)
        get, negated = bound.get, join.negated
        return lambda row: (get(row) in found) is not negated

    def _bound(self, operand: Path | Call) -> Bound:
        if isinstance(operand, Call):
            return self._operand(operand)
        bound = self._scope.bind(operand)
        if not self._scope.world.access.may_filter(bound.sobject, bound.field):
            message = f"field '{bound.field.name}' can not be filtered in a query call"
            raise Refused("INVALID_FIELD", message)
        return bound

    def _comparison(self, comparison: Comparison) -> Predicate:
        bound = self._bound(comparison.operand)
        _check_operator(bound.field, comparison.op)
        if any(value.kind == "period" for value in comparison.values):
            return self._in_period(bound, comparison)
        values = [_comparable(bound.field, value) for value in comparison.values]
        get = _folded(bound)
        op = comparison.op
        if op in ("=", "IN"):
            return _member(get, values)
        if op in ("!=", "NOT IN"):
            equal = _member(get, values)
            return lambda row: not equal(row)
        if op == "LIKE":
            return _like(get, str(values[0] or ""))
        if op in ("INCLUDES", "EXCLUDES"):
            return _includes(get, values, wanted=op == "INCLUDES")
        return _ordered(get, op, values[0])

    def _in_period(self, bound: Bound, comparison: Comparison) -> Predicate:
        value = comparison.values[0]
        if bound.field.type not in ("date", "datetime") or len(comparison.values) > 1:
            raise _wrong_kind(bound.field)
        width = 10 if bound.field.type == "date" else 28
        start, end = (
            wire(at)[:width] for at in span(str(value.value), value.n, self._scope.world.now)
        )
        get, op = bound.get, comparison.op

        def check(row: Row) -> bool:
            at = get(row)
            if at is None:
                return op == "!="
            at = str(at)
            inside = start <= at < end
            return {
                "=": inside,
                "!=": not inside,
                "<": at < start,
                "<=": at < end,
                ">": at >= end,
                ">=": at >= start,
            }[op]

        return check


def _check_operator(field: Field, op: str) -> None:
    if op in ("INCLUDES", "EXCLUDES") and field.type != "multipicklist":
        message = "includes/excludes operators only valid on multipicklist field"
        raise Refused("INVALID_QUERY_FILTER_OPERATOR", message)
    if op == "LIKE" and field.type not in TEXT_TYPES:
        kind = "id" if field.type in ("id", "reference") else field.type
        raise Refused("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {kind} field")


def _comparable(field: Field, literal: Constant) -> Stored:
    if literal.kind == "null":
        return None
    if field.type in ("id", "reference"):
        return _comparable_id(field, literal)
    if field.type in TEXT_TYPES:
        if literal.kind != "string":
            raise _wrong_kind(field)
        return str(literal.value).lower() or None
    wanted = {"datetime": "datetime", "date": "date", "boolean": "boolean"}
    kind = "number" if field.type in NUMBER_TYPES else wanted.get(field.type)
    if literal.kind != kind:
        raise _wrong_kind(field)
    return literal.value


def _comparable_id(field: Field, literal: Constant) -> Stored:
    if literal.kind != "string":
        raise _wrong_kind(field)
    if literal.value == "":
        return None
    record_id = canonical(str(literal.value))
    if record_id is None:
        raise Refused("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {literal.value}")
    return record_id


def _wrong_kind(field: Field) -> Refused:
    if field.type in TEXT_TYPES or field.type in ("id", "reference"):
        wanted = "string and should be enclosed in quotes"
    else:
        kind = _WANTED.get(field.type, "double")
        wanted = f"{kind} and should not be enclosed in quotes"
    message = f"value of filter criterion for field '{field.name}' must be of type {wanted}"
    return Refused("INVALID_FIELD", message)


def _folded(bound: Bound) -> Getter:
    get = bound.get
    if bound.field.type not in TEXT_TYPES:
        return get

    def folded(row: Row) -> Stored:
        value = get(row)
        return value.lower() or None if isinstance(value, str) else value

    return folded


def _member(get: Getter, values: list[Stored]) -> Predicate:
    if len(values) == 1:
        only = values[0]
        return lambda row: get(row) == only
    members = set(values)
    return lambda row: get(row) in members


def _ordered(get: Getter, op: str, limit: Stored) -> Predicate:
    compare = _COMPARE[op]

    def check(row: Row) -> bool:
        value = get(row)
        return value is not None and limit is not None and compare(value, limit)

    return check


def _like(get: Getter, pattern: str) -> Predicate:
    parts = (".*" if one == "%" else "." if one == "_" else re.escape(one) for one in pattern)
    matcher = re.compile("".join(parts) + r"\Z", re.DOTALL)

    def check(row: Row) -> bool:
        value = get(row)
        return isinstance(value, str) and matcher.match(value) is not None

    return check


def _includes(get: Getter, values: list[Stored], *, wanted: bool) -> Predicate:
    groups = [set(str(value).split(";")) for value in values]

    def check(row: Row) -> bool:
        chosen = set(str(get(row) or "").split(";"))
        return any(group <= chosen for group in groups) is wanted

    return check
