"""What a right rulebook may still do that its authors did not mean.

A finding is advice, not a refusal: the book works as it stands. `error` says that a part of it can
never do anything, `warning` that it may surprise, `note` that something is worth knowing. Whether
rules overlap or leave gaps is proved elsewhere; here every rule is looked at by itself and beside
its neighbours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from routing.reading import listed, shown
from routing.rulebook.conditions import All, AnyOf, Condition, Not, Operator, Test
from routing.rulebook.meaning import canonical_condition
from routing.rulebook.model import (
    Book,
    Choose,
    Fallback,
    FieldType,
    OffHours,
    Route,
    Rule,
    TargetKind,
)
from routing.rulebook.rows import facts_of
from routing.rulebook.vocabulary import Vocabulary


class Severity(StrEnum):
    """How much a finding matters. Add, never rename."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class LintCode(StrEnum):
    """What was found. Add, never rename."""

    NEVER_REACHED = "never_reached"
    SAME_CONDITION = "same_condition"
    NOT_MATCHES_MISSING = "not_matches_missing"
    SLA_NOT_ENFORCED = "sla_not_enforced"
    EXCLUSIVE_NOT_PROVED = "exclusive_not_proved"
    REVIEW_OVERDUE = "review_overdue"
    RULE_ENDED = "rule_ended"
    ODD_SKILL_FIELD = "odd_skill_field"
    UNUSED_POOL = "unused_pool"
    UNUSED_FIELD = "unused_field"
    ALL_WEIGHTS_ZERO = "all_weights_zero"
    CAP_ZERO = "cap_zero"
    FALLBACK_WITHOUT_QUEUE = "fallback_without_queue"
    OFF_HOURS_HOLD = "off_hours_hold"
    HOLD = "hold"
    POOL_ONLY = "pool_only"
    COUNTS_AS_TURN_IDLE = "counts_as_turn_idle"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth a look."""

    severity: Severity
    code: LintCode
    line: int  #: of the rule; 0 where it is about the whole book
    message: str  #: what it does, then what to do about it


Check = Callable[[Book, Route, datetime], Iterator[Finding]]

_DIRECT = (TargetKind.PERSON, TargetKind.ROLE, TargetKind.OWNER_OF)


def lint(book: Book, *, at: datetime) -> list[Finding]:
    """Look through a book for what may not be meant.

    Args:
        book: A book without mistakes.
        at: Today, for rules that ended and reviews that are due.

    Returns:
        The findings in order of line, those about the whole book first.
    """
    found = [
        finding for route in book.routes for check in _CHECKS for finding in check(book, route, at)
    ]
    found += _unused(book)
    found += _pools(book)
    found += _groups(book)
    found += _fallback(book.fallback, 0, "the book")
    return sorted(found, key=lambda each: each.line)


def _shadowed(_book: Book, route: Route, _at: datetime) -> Iterator[Finding]:
    """Rules behind one that takes every lead, for good."""
    for position, rule in enumerate(route.rules):
        behind = route.rules[position + 1 :]
        if behind and _takes_everything(rule):
            names = listed([shown(each.name) for each in behind], at_most=5)
            message = (
                f"{_rule(rule)} has no condition and takes every lead, so these are never reached:"
                f" {names}. Move it to the end."
            )
            yield Finding(Severity.ERROR, LintCode.NEVER_REACHED, rule.line, message)
            return


def _takes_everything(rule: Rule) -> bool:
    """Without a condition and an end, to a target that never passes a lead on."""
    passes_on = rule.to.kind in _DIRECT or rule.off_hours is OffHours.NEXT
    return rule.when is None and rule.starts_at is None and rule.ends_at is None and not passes_on


def _same_conditions(_book: Book, route: Route, _at: datetime) -> Iterator[Finding]:
    seen: dict[str, Rule] = {}
    for rule in route.rules:
        if rule.when is None or rule.starts_at is not None or rule.ends_at is not None:
            continue
        first = seen.setdefault(str(canonical_condition(rule.when)), rule)
        if first is not rule:
            message = (
                f"{_rule(rule)} has the condition of rule {shown(first.name)} on line"
                f" {first.line}, which comes first. Remove one of them, or tell them apart."
            )
            yield Finding(Severity.WARNING, LintCode.SAME_CONDITION, rule.line, message)


def _negations(_book: Book, route: Route, _at: datetime) -> Iterator[Finding]:
    for rule in route.rules:
        facts = {} if rule.when is None else dict.fromkeys(_negated(rule.when))
        if facts:
            names = listed([shown(fact) for fact in facts])
            message = (
                f"`not` in {_rule(rule)} also matches leads without {names}. Add"
                " {is_null: false} beside it, or use is_not or not_in, if that is not meant."
            )
            yield Finding(Severity.WARNING, LintCode.NOT_MATCHES_MISSING, rule.line, message)


def _negated(condition: Condition) -> Iterator[str]:
    """The facts whose absence makes a `not` true."""
    match condition:
        case Not():
            yield from (f for f in facts_of(condition.part) if not _asks_null(condition.part, f))
        case All() | AnyOf():
            for part in condition.parts:
                yield from _negated(part)
        case Test():
            return


def _asks_null(condition: Condition, fact: str) -> bool:
    match condition:
        case Test():
            return condition.fact == fact and condition.operator is Operator.IS_NULL
        case Not():
            return _asks_null(condition.part, fact)
        case _:
            return any(_asks_null(part, fact) for part in condition.parts)


def _times(_book: Book, route: Route, at: datetime) -> Iterator[Finding]:
    for rule in route.rules:
        if rule.ends_at is not None and rule.ends_at <= at:
            message = f"{_rule(rule)} ended on {rule.ends_at.date()}. Remove it, or extend `until`."
            yield Finding(Severity.WARNING, LintCode.RULE_ENDED, rule.line, message)
        review_by = rule.notes.get("review_by")
        if review_by is not None and date.fromisoformat(review_by) <= at.date():
            owner = rule.notes.get("owner")
            whom = f" by {owner}" if owner else ""
            message = f"{_rule(rule)} was to be reviewed{whom} by {review_by}. Review it."
            yield Finding(Severity.WARNING, LintCode.REVIEW_OVERDUE, rule.line, message)


def _promises(_book: Book, route: Route, _at: datetime) -> Iterator[Finding]:
    for rule in route.rules:
        if rule.sla is not None:
            message = f"`sla` of {_rule(rule)} is not enforced yet. Leads are routed without it."
            yield Finding(Severity.NOTE, LintCode.SLA_NOT_ENFORCED, rule.line, message)
        if rule.off_hours is OffHours.HOLD:
            message = (
                f"{_rule(rule)} holds leads until somebody in its pool comes on hours. Use"
                " `off_hours: assign` if they should not wait."
            )
            yield Finding(Severity.NOTE, LintCode.OFF_HOURS_HOLD, rule.line, message)
        if rule.to.kind is TargetKind.HOLD:
            message = f"{_rule(rule)} holds its leads until an operator or a new fact moves them."
            yield Finding(Severity.NOTE, LintCode.HOLD, rule.line, message)


def _skill_fields(book: Book, route: Route, _at: datetime) -> Iterator[Finding]:
    words = Vocabulary(book.fields)
    for rule in route.rules:
        for name in rule.skills.taken_from:
            field = words.field(name)
            if field is not None and field.type not in (FieldType.SET, FieldType.CHOICE):
                message = (
                    f"{_rule(rule)} takes skills from {shown(name)}, which is of type"
                    f" {field.type}: every rep needs its exact text as a skill. Use a choice or"
                    " a set."
                )
                yield Finding(Severity.WARNING, LintCode.ODD_SKILL_FIELD, rule.line, message)


def _idle_keys(_book: Book, route: Route, _at: datetime) -> Iterator[Finding]:
    """Keys that do nothing for the rule's kind of target."""
    for position, rule in enumerate(route.rules):
        to_pool = rule.to.kind is TargetKind.POOL
        skilled = bool(rule.skills.required or rule.skills.taken_from)
        idle = {
            "skills": skilled,
            "choose": rule.choose is not Choose.ROUND_ROBIN,
            "off_hours": rule.off_hours is not OffHours.ASSIGN,
        }
        for key in (key for key, is_set in idle.items() if is_set and not to_pool):
            message = f"`{key}` of {_rule(rule)} does nothing: only pools have it. Remove it."
            yield Finding(Severity.WARNING, LintCode.POOL_ONLY, rule.line, message)
        later_pool = any(each.to.kind is TargetKind.POOL for each in route.rules[position + 1 :])
        if rule.counts_as_turn and not to_pool and not later_pool:
            message = (
                f"`counts_as_turn` of {_rule(rule)} does nothing: no later rule names a pool whose"
                " turn it could be. Remove it."
            )
            yield Finding(Severity.WARNING, LintCode.COUNTS_AS_TURN_IDLE, rule.line, message)


def _rule_fallbacks(_book: Book, route: Route, _at: datetime) -> Iterator[Finding]:
    for rule in route.rules:
        yield from _fallback(rule.fallback, rule.line, _rule(rule))


def _fallback(fallback: Fallback | None, line: int, what: str) -> Iterator[Finding]:
    if fallback is not None and fallback.person is not None and fallback.queue is None:
        message = (
            f"The fallback of {what} is {shown(fallback.person)} alone: who gets the lead when"
            " they are away? Add `then: {queue: NAME}`."
        )
        yield Finding(Severity.WARNING, LintCode.FALLBACK_WITHOUT_QUEUE, line, message)


def _unused(book: Book) -> Iterator[Finding]:
    rules = [rule for route in book.routes for rule in route.rules]
    used_pools = {rule.to.name for rule in rules if rule.to.kind is TargetKind.POOL}
    for name in book.pools:
        if name not in used_pools:
            message = f"No rule sends leads to the pool {shown(name)}. Remove it, or use it."
            yield Finding(Severity.WARNING, LintCode.UNUSED_POOL, 0, message)
    used = {fact for rule in rules if rule.when is not None for fact in facts_of(rule.when)}
    used.update(name for rule in rules for name in rule.skills.taken_from)
    used.update(name for route in book.routes for name in route.entry.wait_for)
    for name in book.fields:
        if name not in used and name not in (book.value, "stage", "email"):
            message = f"No rule uses the field {shown(name)}. It is kept with every lead for the"
            yield Finding(
                Severity.NOTE, LintCode.UNUSED_FIELD, 0, f"{message} model and for later rules."
            )


def _pools(book: Book) -> Iterator[Finding]:
    for pool in book.pools.values():
        bars_all = pool.people and all(pool.weights.get(each, 1) == 0 for each in pool.people)
        if bars_all:
            message = f"Everybody in the pool {shown(pool.name)} has weight 0, so nobody is picked."
            yield Finding(Severity.ERROR, LintCode.ALL_WEIGHTS_ZERO, 0, f"{message} Raise one.")
        for window in (window for window, limit in sorted(pool.caps.items()) if limit == 0):
            message = f"The pool {shown(pool.name)} has a cap of 0 per {window}, so nobody is"
            yield Finding(Severity.ERROR, LintCode.CAP_ZERO, 0, f"{message} picked. Raise it.")


def _groups(book: Book) -> Iterator[Finding]:
    if book.exclusive:
        message = "The groups under `exclusive` are not proved yet: overlaps are not reported."
        yield Finding(Severity.NOTE, LintCode.EXCLUSIVE_NOT_PROVED, 0, message)


def _rule(rule: Rule) -> str:
    return f"rule {shown(rule.name)}"


_CHECKS: tuple[Check, ...] = (
    _shadowed,
    _same_conditions,
    _negations,
    _times,
    _promises,
    _skill_fields,
    _idle_keys,
    _rule_fallbacks,
)
