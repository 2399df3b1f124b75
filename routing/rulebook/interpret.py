"""Conditions, evaluated as they are written: the oracle of the index and the explainer.

Two-valued. A missing value matches nothing but `is_null` (and a negative test that says
`or_missing`); `not` is the exact complement.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from routing.facts import Value
from routing.rulebook.conditions import All, AnyOf, Condition, Not, Operator, Test
from routing.rulebook.model import Route, Rule

Facts = Mapping[str, Value | None]


def holds(condition: Condition, facts: Facts, at: datetime) -> bool:
    """Whether a condition is true of these facts at that instant.

    Examples:
        >>> from datetime import UTC, datetime
        >>> at = datetime(2026, 1, 5, tzinfo=UTC)
        >>> not_us = Test("country", Operator.IS_NOT, "US")
        >>> holds(not_us, {"country": "DE"}, at), holds(not_us, {}, at), holds(Not(not_us), {}, at)
        (True, False, True)
    """
    match condition:
        case Test():
            return test_holds(condition, facts.get(condition.fact), at)
        case Not():
            return not holds(condition.part, facts, at)
        case All():
            return all(holds(part, facts, at) for part in condition.parts)
        case AnyOf():
            return any(holds(part, facts, at) for part in condition.parts)


def test_holds(test: Test, value: Value | None, at: datetime) -> bool:
    """Whether one test is true of a value."""
    if test.operator is Operator.IS_NULL:
        return (value is None) is test.operand
    if value is None:
        return test.or_missing
    return _ANSWERS[test.operator](value, test.operand, at)


def in_force(rule: Rule, at: datetime) -> bool:
    """Whether a rule counts at that instant: from `from`, which is included, to before `until`."""
    return (rule.starts_at is None or rule.starts_at <= at) and (
        rule.ends_at is None or at < rule.ends_at
    )


def matching(route: Route, facts: Facts, at: datetime) -> Iterator[int]:
    """Positions of the rules that match, in order, by plain reading."""
    for position, rule in enumerate(route.rules):
        if in_force(rule, at) and (rule.when is None or holds(rule.when, facts, at)):
            yield position


@dataclass(frozen=True, slots=True)
class Explained:
    """One test of a condition, the value it saw and whether it held."""

    test: Test
    value: Value | None
    held: bool


def explain(condition: Condition | None, facts: Facts, at: datetime) -> tuple[Explained, ...]:
    """Every test of a condition with its answer, in the order in which they are written."""
    if condition is None:
        return ()
    match condition:
        case Test():
            value = facts.get(condition.fact)
            return (Explained(condition, value, test_holds(condition, value, at)),)
        case Not():
            return explain(condition.part, facts, at)
        case _:
            return tuple(each for part in condition.parts for each in explain(part, facts, at))


def is_under(host: str, domains: tuple[str, ...]) -> bool:
    """Whether a host is one of some domains, or a subdomain of one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def age_of(day: date, at: datetime) -> timedelta:
    """How long ago a day began, in UTC; negative for one to come."""
    return at - datetime.combine(day, time(0), tzinfo=UTC)


def _is_within(day: date, window: timedelta, at: datetime) -> bool:
    return timedelta(0) <= age_of(day, at) < window


Answer = Callable[[Any, Any, datetime], bool]

#: what each operator asks; the reader has checked that value and operand are of one type
_ANSWERS: Mapping[Operator, Answer] = MappingProxyType(
    {
        Operator.IS: lambda value, operand, _at: value == operand,
        Operator.IS_NOT: lambda value, operand, _at: value != operand,
        Operator.IN: lambda value, operand, _at: value in operand,
        Operator.NOT_IN: lambda value, operand, _at: value not in operand,
        Operator.AT_LEAST: lambda value, operand, _at: value >= operand,
        Operator.AT_MOST: lambda value, operand, _at: value <= operand,
        Operator.BETWEEN: lambda value, operand, _at: operand[0] <= value <= operand[1],
        Operator.ANY_OF: lambda value, operand, _at: any(each in value for each in operand),
        Operator.ALL_OF: lambda value, operand, _at: all(each in value for each in operand),
        Operator.NONE_OF: lambda value, operand, _at: not any(each in value for each in operand),
        Operator.DOMAIN_IN: lambda value, operand, _at: is_under(value.lower(), operand),
        Operator.ENDS_WITH: lambda value, operand, _at: value.endswith(operand),
        Operator.STARTS_WITH: lambda value, operand, _at: value.startswith(operand),
        Operator.WITHIN_LAST: _is_within,
    }
)
