"""Entry layer: does this route take this lead now?

It takes what nobody works on: leads without an owner, with a placeholder, in a queue, or of a rep
who is inactive. Anybody else is a human, and nobody overwrites a human. Converted leads and test
records are never taken. Inputs that the route waits for are waited for, for so long; so is a
person's record in another CRM, where the shell says that it may still come.
"""

from dataclasses import dataclass
from enum import StrEnum

from routing.candidates import Candidates
from routing.decision import Wait, WaitFor
from routing.facts import Cause
from routing.question import Question
from routing.rulebook.model import Fallback, Route, TakesFrom

QUEUE = "queue:"  #: how an owner that is a queue is written


class Refusal(StrEnum):
    """Why a route does not take a lead. Add, never rename."""

    CONVERTED = "converted"
    TEST_RECORD = "test_record"
    STAGE = "stage"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The lead is none of this route's business now; that is not a decision."""

    code: Refusal
    detail: str = ""


def why_not_taken(
    question: Question,
    route: Route,
    candidates: Candidates,
    *,
    fallbacks: tuple[Fallback, ...] = (),
) -> NotTaken | None:
    """Say why a route does not take this lead now, or None where it does.

    Args:
        question: The lead and the occasion.
        route: The route that is asked.
        candidates: Tells whether the owner is a rep, and active.
        fallbacks: Where the route's leads fall back to beside its rules' own fallbacks; who is
            named there holds them for us.
    """
    lead = question.lead
    if lead.converted:
        return NotTaken(Refusal.CONVERTED)
    if lead.test:
        return NotTaken(Refusal.TEST_RECORD)
    stages = route.entry.stages
    if stages is not None and lead.stage not in stages:
        stage = "no stage" if lead.stage is None else f'stage "{lead.stage}"'
        return NotTaken(Refusal.STAGE, f"{stage}, where the route takes {', '.join(stages)}")
    if _is_free(question, route.takes_from, candidates) or _is_ours(
        question, route, candidates, fallbacks
    ):
        return None
    return NotTaken(Refusal.HELD, f"held by {lead.owner}")


def what_to_wait_for(question: Question, route: Route) -> Wait | None:
    """What this route still waits for, or None where it can decide now.

    The person's record in the CRM that assigns comes first: it may bring the inputs along.
    """
    partner_until = question.partner_until
    if partner_until is not None and question.at < partner_until:
        return Wait(WaitFor.PARTNER, partner_until)
    until = question.waits_until(route.entry.at_most)
    if question.at >= until:
        return None
    facts = question.lead.facts
    missing = tuple(
        name for name in route.entry.wait_for if name not in facts or facts[name].value is None
    )
    return Wait(WaitFor.FIELDS, until, missing) if missing else None


def _is_free(question: Question, takes_from: TakesFrom, candidates: Candidates) -> bool:
    owner = question.lead.owner
    if question.occasion.cause in (Cause.OPERATOR, Cause.RECALLED):
        return True  # an operator's word, or the fallback that still holds the lead
    if owner is None:
        return takes_from.nobody
    if owner.startswith(QUEUE):
        return takes_from.queues is None or owner.removeprefix(QUEUE) in takes_from.queues
    if owner in takes_from.placeholders:
        return True
    rep = candidates.rep(owner)
    return rep is not None and not rep.active and takes_from.inactive


def _is_ours(
    question: Question, route: Route, candidates: Candidates, fallbacks: tuple[Fallback, ...]
) -> bool:
    """Whether the lead changed while one of our own fallbacks holds it."""
    owner = question.lead.owner
    if owner is None or question.occasion.cause is not Cause.CHANGED:
        return False
    own = (rule.fallback for rule in route.rules if rule.fallback is not None)
    return any(_holds(fallback, owner, candidates) for fallback in (*fallbacks, *own))


def _holds(fallback: Fallback, owner: str, candidates: Candidates) -> bool:
    if owner.startswith(QUEUE):
        return fallback.queue == owner.removeprefix(QUEUE)
    return fallback.person is not None and candidates.named(fallback.person) == owner
