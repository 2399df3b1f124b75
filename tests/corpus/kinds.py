"""What is special about a decision, in words: so that a corpus can show that it has every kind."""

from collections.abc import Iterator
from typing import Any

from routing.canonical import parse
from routing.rulebook.model import Book

_WANTED = {
    "method": "account_owner exploration fallback holdout least_loaded manual model nobody person"
    " queue round_robin waiting",
    "cause": "changed first_sight held_elsewhere operator recalled refused released",
    "target": "hold nobody owner_of person pool queue role",
    "off_hours": "assign hold next",
    "when_away": "account_team backup rules",
    "choose": "least_loaded model round_robin",
    "drop": "availability/holiday availability/inactive availability/out_of_hours"
    " availability/paused availability/pto fallback/internal_error load/cap_reached"
    " load/capacity_full load/previous_owner rules/previous_owner skill/skill",
    "wait": "fields hold hours partner skill",
    "account": "crm_link domain name role",
    "candidate": "backup caps weights",
    "flag": "availability_unknown",
    "fallback": "person queue",
    "scores": "priced refused tied",
    "also": "counts_as_turn effect recall relaxed_after sealed served_only",
}

#: What a corpus of this engine must hold at least once.
WANTED = frozenset(f"{kind}:{each}" for kind, some in _WANTED.items() for each in some.split())


def kinds_of(record: bytes, book: Book) -> tuple[str, ...]:
    """The kinds of one decision, sorted."""
    said: Any = parse(record)
    inputs, result = said["inputs"], said["result"]
    found = {
        f"cause:{inputs['occasion']['cause']}",
        *_of_inputs(inputs),
        *_of_result(result),
        *_of_rule(result, book),
    }
    return tuple(sorted(found))


def _of_inputs(inputs: Any) -> Iterator[str]:
    account = inputs.get("account", {})
    if account.get("evidence"):
        yield f"account:{account['evidence'][0]}"
    if account.get("roles"):
        yield "account:role"
    if any(row[1] == "h" for row in inputs["lead"]["facts"]["rows"]):
        yield "also:sealed"
    yield from _of_scores(inputs.get("scores"))
    people = inputs["people"]
    for by in (*(by for _, by in people.get("pools", ()) if by), people.get("reps")):
        yield from _of_candidates(by)


def _of_scores(scores: Any) -> Iterator[str]:
    if scores is None:
        return
    if "refusal" in scores:
        yield "scores:refused"
    if scores.get("price"):
        yield "scores:priced"
    if len(scores.get("top", ())) > 1:
        yield "scores:tied"


def _of_candidates(by: Any) -> Iterator[str]:
    if not by:
        return
    if by.get("used"):
        yield "candidate:caps"
    if len({kind[0] for kind in by["who"]["kinds"]}) > 1:
        yield "candidate:weights"
    if any("backup" in odd for odd, _ in by["who"].get("odd", ())):
        yield "candidate:backup"


def _of_result(result: Any) -> Iterator[str]:
    yield f"method:{result['method']}"
    for layer, code, _ in result["drops"]:
        yield f"drop:{layer}/{code}"
    for _, code in result.get("flags", ()):
        yield f"flag:{code}"
    if result.get("wait"):
        yield f"wait:{result['wait']['reason']}"
    if result.get("recall"):
        yield "also:recall"
    if result.get("effects"):
        yield "also:effect"
    if result["method"] == "fallback":
        yield "fallback:person" if result["owner"] else "fallback:queue"
    if result.get("turn", {}).get("cost") == 0:
        yield "also:served_only"


def _of_rule(result: Any, book: Book) -> Iterator[str]:
    rules = [rule for rule in book.routes[0].rules if rule.name == result["rule"]]
    for rule in rules:
        yield f"target:{rule.to.kind.value}"
        yield from (f"when_away:{each.value}" for each in rule.when_away)
        if rule.to.kind.value == "pool":
            yield f"choose:{rule.choose.value}"
            yield f"off_hours:{rule.off_hours.value}"
        if rule.counts_as_turn and result.get("turn"):
            yield "also:counts_as_turn"
        if rule.skills.relax_after is not None:
            yield "also:relaxed_after"
