"""A pool under a rule: the layers run one after the other, each on what the last one left.

Order: who can own it, skill, presence, hours, room. Two answers are the rule's: what to do when
nobody is on hours, and whether a missing skill is waited for and then waived.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from routing.decision import Code, Drop, Wait, WaitFor
from routing.facts import Candidate
from routing.layers.availability import keep_present_reps, keep_reps_on_hours
from routing.layers.identity import keep_reps_who_can_own
from routing.layers.load import keep_reps_with_room
from routing.layers.skill import keep_skilled_reps, needed_skills
from routing.layers.verdict import Verdict
from routing.question import Question
from routing.rulebook.model import OffHours, Rule


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is left of a pool, and what the rule says where nobody is."""

    eligible: tuple[Candidate, ...]
    drops: tuple[Drop, ...]
    flags: tuple[tuple[str, Code], ...] = ()
    go_on: bool = False  #: nobody is on hours and the rule sends the lead to the next one
    wait: Wait | None = None


@dataclass(slots=True)
class _Sieve:
    """Runs layers over what is left and collects what they say."""

    left: tuple[Candidate, ...]
    drops: tuple[Drop, ...] = ()
    flags: tuple[tuple[str, Code], ...] = ()

    def through(self, layer: Callable[[Sequence[Candidate]], Verdict]) -> None:
        self.take(layer(self.left))

    def take(self, verdict: Verdict) -> None:
        self.left = verdict.kept
        self.drops += verdict.drops
        self.flags += verdict.flags


def narrow(members: Sequence[Candidate], rule: Rule, question: Question) -> Narrowed:
    """Run the layers; where nobody is left for want of a skill, wait for it or waive it."""
    strict = _run(members, rule, question, needed_skills(rule.skills, question.lead))
    relax_after = rule.skills.relax_after
    lacks_skill = any(drop.code is Code.SKILL for drop in strict.drops)
    if strict.eligible or relax_after is None or not lacks_skill:
        return strict
    until = question.waits_until(relax_after)
    if question.at < until:
        return Narrowed((), strict.drops, wait=Wait(WaitFor.SKILL, until))
    return _run(members, rule, question, ())


def _run(
    members: Sequence[Candidate], rule: Rule, question: Question, skills: Sequence[str]
) -> Narrowed:
    without = question.occasion.without
    sieve = _Sieve(tuple(members))
    sieve.through(lambda reps: keep_reps_who_can_own(reps, without=without))
    required = rule.skills.required
    sieve.through(lambda reps: keep_skilled_reps(reps, skills, sayable=required))
    sieve.through(keep_present_reps)
    hours = keep_reps_on_hours(sieve.left)
    if hours.kept or not sieve.left:
        sieve.take(hours)
    elif rule.off_hours is OffHours.NEXT:
        return Narrowed((), sieve.drops + hours.drops, go_on=True)
    elif rule.off_hours is OffHours.HOLD:
        return _hold(sieve, hours.drops)
    sieve.through(keep_reps_with_room)
    return Narrowed(sieve.left, sieve.drops, sieve.flags)


def _hold(sieve: _Sieve, drops: tuple[Drop, ...]) -> Narrowed:
    """Wait for the first to come on; where nobody ever does, there is nothing to wait for."""
    until = _first(rep.next_on_at for rep in sieve.left)
    wait = None if until is None else Wait(WaitFor.HOURS, until)
    return Narrowed((), sieve.drops + drops, wait=wait)


def _first(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)
