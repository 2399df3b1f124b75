"""Which rules passed a lead by, and the facts that they asked for.

From the decision's own record and the rulebook that it names; nothing is decided again. Text that
was sealed is looked up where it still lies, and counts as missing where it was erased.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from daemon.base.decision_text import how_long
from routing.canonical import parse
from routing.facts import Value
from routing.record.writing import read
from routing.rulebook.conditions import All, AnyOf, Condition, Operator, Test
from routing.rulebook.interpret import holds, in_force
from routing.rulebook.model import Book, Rule, TargetKind
from routing.rulebook.view import facts_view

_WORDS = {
    Operator.IS: "to be",
    Operator.IS_NOT: "not to be",
    Operator.IN: "among",
    Operator.NOT_IN: "not among",
    Operator.AT_LEAST: "at least",
    Operator.AT_MOST: "at most",
    Operator.BETWEEN: "between",
    Operator.ANY_OF: "with any of",
    Operator.ALL_OF: "with all of",
    Operator.NONE_OF: "with none of",
    Operator.DOMAIN_IN: "under",
    Operator.ENDS_WITH: "to end with",
    Operator.STARTS_WITH: "to begin with",
    Operator.WITHIN_LAST: "within the last",
}


@dataclass(frozen=True, slots=True)
class PassedBy:
    """A rule that did not match, and what it asked for."""

    rule: str
    wants: str  #: in words, with the values that were there

    @property
    def said(self) -> str:
        """A sentence."""
        return f'Rule "{self.rule}" wants {self.wants}.'


class _Opened(dict[str, Value | None]):
    """Sealed facts that were erased count as missing."""

    def __missing__(self, _key: str) -> None:
        return None


def passed_by(
    book: Book, record: bytes, personal: Sequence[Mapping[str, Any]]
) -> tuple[PassedBy, ...]:
    """Rules of the route whose condition was not met, in order, as of the decision.

    Args:
        book: The rulebook that the record names.
        record: The decision's record.
        personal: The lead's rows of personal facts.
    """
    inputs = read(record, opened=opened(personal))
    question = inputs.question
    facts = facts_view(question.lead, question.account, question.occasion)
    route = next((each for each in book.routes if each.name == question.occasion.route), None)
    rules = () if route is None else route.rules
    return tuple(
        PassedBy(rule.name, _wants(rule, facts, question.at))
        for rule in rules
        if not in_force(rule, question.at)
        or (rule.when is not None and not holds(rule.when, facts, question.at))
    )


def opened(personal: Sequence[Mapping[str, Any]]) -> Mapping[str, Value | None]:
    """Values of a lead's sealed facts, as far as they still lie there."""
    return _Opened(_known(personal))


def reaching(book: Book, *, person: str, teams: Collection[str]) -> frozenset[str]:
    """Names of the rules that can bring a lead to somebody: by their pool, or by name."""
    pools = {
        name for name, pool in book.pools.items() if person in pool.people or pool.team in teams
    }
    return frozenset(
        rule.name
        for route in book.routes
        for rule in route.rules
        if (rule.to.kind is TargetKind.POOL and rule.to.name in pools)
        or (rule.to.kind is TargetKind.PERSON and rule.to.name == person)
    )


def _known(personal: Sequence[Mapping[str, Any]]) -> dict[str, Value | None]:
    found: dict[str, Value | None] = {}
    for row in personal:
        body: Any = parse(bytes(row["body"]))
        found |= {name: _opened(value) for name, value in body.items()}
    return found


def _opened(value: Any) -> Value:
    """A sealed value: text, or a set, which JSON keeps as a list."""
    return tuple(map(str, value)) if isinstance(value, list) else str(value)


def _wants(rule: Rule, facts: Mapping[str, Value | None], at: Any) -> str:
    if not in_force(rule, at):
        return "another time: it was not in force"
    return " and ".join(dict.fromkeys(_unmet(rule.when, facts, at))) or "other facts"


def _unmet(
    condition: Condition | None, facts: Mapping[str, Value | None], at: Any
) -> Iterator[str]:
    """What is missing; of alternatives all are named, for any of them would do."""
    if condition is None or holds(condition, facts, at):
        return
    match condition:
        case Test():
            yield _asked(condition, facts.get(condition.fact))
        case All():
            for part in condition.parts:
                yield from _unmet(part, facts, at)
        case AnyOf():
            yield " or ".join(" and ".join(_unmet(part, facts, at)) for part in condition.parts)
        case _:
            yield "what it rules out not to be so"


def _asked(test: Test, value: Value | None) -> str:
    was = "missing" if value is None else _plain(value)
    if test.operator is Operator.IS_NULL:
        return f"{test.fact} {'missing' if test.operand else 'filled in'} (was {was})"
    return f"{test.fact} {_WORDS[test.operator]} {_plain(test.operand)} (was {was})"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return how_long(value)
    if isinstance(value, (tuple, list)):
        shown = [_plain(each) for each in value[:8]]
        return ", ".join(shown) + (", ..." if len(value) > len(shown) else "")
    if isinstance(value, (int, Decimal, date)):
        return str(value)
    return f'"{value}"'
