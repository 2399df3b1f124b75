"""What a rulebook says, apart from how its file is laid out: one JSON value, and its hash.

Comments, order of keys, quotes and line numbers change nothing; a rule's place among the rules
does. The CRM fields that facts are read from belong to the meaning: the same words over another
field are another book.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from routing.canonical import digest, plain, stamp
from routing.facts.crm import Mapped
from routing.rulebook.conditions import All, AnyOf, Condition, Not, Test
from routing.rulebook.model import (
    Book,
    Fallback,
    Field,
    Pool,
    Route,
    Rule,
    Skills,
    Sla,
    Target,
)

FORMAT = 1  #: rises when the same book would be written down differently


def book_hash(book: Book, mapped: Sequence[Mapped] = ()) -> str:
    """SHA-256, in hex, of what the book says and where its facts are read from."""
    return digest(canonical_book(book, mapped))


def canonical_book(book: Book, mapped: Sequence[Mapped] = ()) -> dict[str, Any]:
    """The book as a JSON value that is the same for the same meaning."""
    return {
        "format": FORMAT,
        "rulebook": book.name,
        "fields": [_field(each) for _, each in sorted(book.fields.items())],
        "pools": [_pool(each) for _, each in sorted(book.pools.items())],
        "routes": [_route(each) for each in book.routes],
        "fallback": _fallback(book.fallback),
        "matching": [list(book.matching.match_by), list(book.matching.tie_break)],
        "roles": _pairs(book.roles),
        "value": book.value,
        "exclusive": sorted(sorted(group) for group in book.exclusive),
        "mapped": sorted([each.fact, each.object, each.field] for each in mapped),
    }


def canonical_condition(condition: Condition) -> list[Any]:
    """A condition as JSON; the order of its parts is kept."""
    match condition:
        case Test():
            return [
                "test",
                condition.fact,
                condition.operator.value,
                _operand(condition.operand),
                condition.or_missing,
            ]
        case Not():
            return ["not", canonical_condition(condition.part)]
        case All():
            return ["all", *(canonical_condition(part) for part in condition.parts)]
        case AnyOf():
            return ["any", *(canonical_condition(part) for part in condition.parts)]


def _operand(operand: object) -> object:
    if isinstance(operand, timedelta):
        return ["seconds", _seconds(operand)]
    if isinstance(operand, tuple):
        return [plain(each) for each in operand]
    return plain(operand)


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": field.type.value,
        "values": sorted(field.values),
        "open": field.open,
        "min": field.min,
        "max": field.max,
    }


def _pool(pool: Pool) -> dict[str, Any]:
    return {
        "name": pool.name,
        "team": pool.team,
        "people": sorted(pool.people),
        "weights": _pairs(pool.weights),
        "caps": _pairs(pool.caps),
    }


def _route(route: Route) -> dict[str, Any]:
    entry, takes_from = route.entry, route.takes_from
    return {
        "name": route.name,
        "rules": [_rule(rule) for rule in route.rules],
        "stages": None if entry.stages is None else sorted(entry.stages),
        "wait_for": sorted(entry.wait_for),
        "wait_at_most": _seconds(entry.at_most),
        "takes_nobody": takes_from.nobody,
        "takes_placeholders": sorted(takes_from.placeholders),
        "takes_queues": None if takes_from.queues is None else sorted(takes_from.queues),
        "takes_inactive": takes_from.inactive,
        "or_else": _fallback(route.or_else),
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "to": _target(rule.to),
        "when": None if rule.when is None else canonical_condition(rule.when),
        "skills": _skills(rule.skills),
        "choose": rule.choose.value,
        "off_hours": rule.off_hours.value,
        "fallback": _fallback(rule.fallback),
        "sla": _sla(rule.sla),
        "when_away": [each.value for each in rule.when_away],
        "counts_as_turn": rule.counts_as_turn,
        "from": None if rule.starts_at is None else stamp(rule.starts_at),
        "until": None if rule.ends_at is None else stamp(rule.ends_at),
        "notes": _pairs(rule.notes),
    }


def _target(target: Target) -> list[Any]:
    return [target.kind.value, target.name, _seconds(target.touched_within)]


def _skills(skills: Skills) -> dict[str, Any]:
    return {
        "required": sorted(skills.required),
        "from": sorted(skills.taken_from),
        "relax_after": _seconds(skills.relax_after),
    }


def _sla(sla: Sla | None) -> dict[str, Any] | None:
    if sla is None:
        return None
    return {
        "respond_within": _seconds(sla.respond_within),
        "remind_at": [_seconds(each) for each in sla.remind_at],
        "then": list(sla.then),
        "stop_after": sla.stop_after,
    }


def _fallback(fallback: Fallback | None) -> list[Any] | None:
    return None if fallback is None else [fallback.person, fallback.queue]


def _pairs(mapping: Mapping[str, Any]) -> list[list[Any]]:
    return [[key, value] for key, value in sorted(mapping.items())]


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else length // timedelta(seconds=1)
