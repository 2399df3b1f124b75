"""From a lead to the few who could take it: entry, then the rules in order, then the layers.

The first rule that matches decides. A rule about an account, a role or an owner that leads to
nobody we know is passed over, as a rule that does not match; a pool that has nobody left goes to
the fallback, never to the next rule, unless the rule says so for off hours.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypedDict, Unpack

from routing.candidates import Answers, Candidates, Consulted
from routing.decision import Code, Drop, Layer, Wait, WaitFor
from routing.facts import Candidate, Value
from routing.layers.availability import why_not_reachable
from routing.layers.entry import NotTaken, what_to_wait_for, why_not_taken
from routing.layers.identity import why_cannot_own
from routing.narrowing import narrow
from routing.question import Question
from routing.rulebook.model import Book, Fallback, Route, Rule, TargetKind, WhenAway
from routing.rulebook.view import facts_view


class RuleIndex(Protocol):
    """The compiled conditions of a route."""

    def matching(self, facts: Mapping[str, Value | None], at: datetime) -> Iterator[int]:
        """Positions of the rules that match, in order."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A rulebook ready for use: the book and the compiled conditions of each route."""

    book: Book
    indexes: Mapping[str, RuleIndex]

    def route(self, name: str) -> Route:
        """The route of that name.

        Raises:
            KeyError: The book has no such route.
        """
        return next(route for route in self.book.routes if route.name == name)


class Conclusion(StrEnum):
    """What the rules came to."""

    RANK = "rank"
    DIRECT = "direct"
    QUEUE = "queue"
    NOBODY = "nobody"
    WAIT = "wait"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Turnable:
    """A pool in which a direct pick counts as a turn: its eligible reps at that instant."""

    pool: str
    eligible: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Who could take the lead, or what else the rules say, and why everybody else could not."""

    question: Question
    conclusion: Conclusion
    rule: Rule | None = None
    pool: str | None = None
    eligible: tuple[Candidate, ...] = ()  #: for `rank`: at least one
    direct: str | None = None  #: for `direct` and for a fallback to a person: who
    queue: str | None = None  #: for `queue` and for a fallback to a queue
    nobody: str | None = None
    wait: Wait | None = None
    turn: Turnable | None = None
    recall: bool = False  #: fell back because everyone was away or full
    drops: tuple[Drop, ...] = ()
    flags: tuple[tuple[str, Code], ...] = ()
    answers: Answers = Answers()


class _Found(TypedDict, total=False):
    """What the way through the rules adds to a shortlist."""

    eligible: tuple[Candidate, ...]
    direct: str | None
    queue: str | None
    nobody: str | None
    wait: Wait | None
    turn: Turnable | None
    recall: bool
    flags: tuple[tuple[str, Code], ...]


def shortlist(question: Question, guide: Guide, candidates: Candidates) -> Shortlist | NotTaken:
    """Narrow the reps for one lead.

    Args:
        question: The lead, its account, the occasion and the instant.
        guide: The rulebook in force, compiled.
        candidates: Answers about reps as of `question.at`.

    Returns:
        The shortlist, or why this route does not take the lead now.
    """
    route = guide.route(question.occasion.route)
    consulted = Consulted(candidates)
    fallbacks = _fallbacks(guide.book, route)
    refusal = why_not_taken(question, route, consulted, fallbacks=fallbacks)
    if refusal is not None:
        return refusal
    return _Walk(question, guide, route, consulted).run()


class _Walk:
    """One lead's way through the rules of its route."""

    def __init__(
        self, question: Question, guide: Guide, route: Route, candidates: Consulted
    ) -> None:
        self.question = question
        self.book = guide.book
        self.route = route
        self.candidates = candidates
        self.drops: dict[str, Drop] = {}
        self.recall = False  # somebody was away or full, under whichever rule
        self.last: Rule | None = None
        facts = facts_view(question.lead, question.account, question.occasion)
        self.matching = guide.indexes[route.name].matching(facts, question.at)

    def run(self) -> Shortlist:
        wait = what_to_wait_for(self.question, self.route)
        if wait is not None:
            return self._end(Conclusion.WAIT, wait=wait)
        for position in self.matching:
            found = self._follow(self.route.rules[position])
            if found is not None:
                return found
        return self._fall_back(self.last)

    def _follow(self, rule: Rule) -> Shortlist | None:
        match rule.to.kind:
            case TargetKind.POOL:
                return self._through_pool(rule)
            case TargetKind.QUEUE:
                return self._end(Conclusion.QUEUE, rule, queue=rule.to.name)
            case TargetKind.NOBODY:
                return self._end(Conclusion.NOBODY, rule, nobody=rule.to.name)
            case TargetKind.HOLD:
                return self._end(Conclusion.WAIT, rule, wait=Wait(WaitFor.HOLD, None))
            case _:
                return self._to_somebody(rule)

    def _through_pool(self, rule: Rule) -> Shortlist | None:
        found = narrow(self.candidates.members(rule.to.name), rule, self.question)
        self._remember(found.drops)
        if found.go_on:
            self.last = rule
            return None
        if found.wait is not None:
            return self._end(Conclusion.WAIT, rule, wait=found.wait)
        if not found.eligible:
            return self._fall_back(rule)
        flags = tuple(sorted(found.flags))
        return self._end(Conclusion.RANK, rule, eligible=found.eligible, flags=flags)

    def _to_somebody(self, rule: Rule) -> Shortlist | None:
        """A person reached by account, role, name or an open lead of their company."""
        owner = self._who(rule)
        rep = None if owner is None else self.candidates.rep(owner)
        if rep is None:
            return None
        taker = rep if self._can_take(rep) else self._stand_in(rule, rep)
        if taker is not None:
            turn = self._turn_for(rule, taker)
            return self._end(Conclusion.DIRECT, rule, direct=taker.id, turn=turn)
        return None if WhenAway.RULES in rule.when_away else self._fall_back(rule)

    def _who(self, rule: Rule) -> str | None:
        account = self.question.account
        match rule.to.kind:
            case TargetKind.PERSON:
                return self.candidates.named(rule.to.name)
            case TargetKind.OWNER_OF:
                return self.candidates.owner_of(self.question.lead, rule.to)
            case _ if account is None:
                return None
            case _:
                source = self.book.roles.get(rule.to.name, "account.owner")
                field = source.removeprefix("account.")
                return account.owner if field == "owner" else dict(account.roles).get(field)

    def _stand_in(self, rule: Rule, rep: Candidate) -> Candidate | None:
        for step in rule.when_away:
            if step is WhenAway.RULES:
                return None
            for name in self._stand_ins(step, rep):
                other = self.candidates.rep(name)
                if other is not None and self._can_take(other):
                    return other
        return None

    def _stand_ins(self, step: WhenAway, rep: Candidate) -> Sequence[str]:
        if step is WhenAway.BACKUP:
            return () if rep.backup is None else (rep.backup,)
        account = self.question.account
        return () if account is None else account.team

    def _can_take(self, rep: Candidate) -> bool:
        drop = self._why_not(rep)
        if drop is not None:
            self._remember((drop,))
        return drop is None

    def _why_not(self, rep: Candidate) -> Drop | None:
        return why_cannot_own(rep, self.question.occasion.without) or why_not_reachable(rep)

    def _turn_for(self, rule: Rule, taker: Candidate) -> Turnable | None:
        """The next matching rule's pool, where this rule counts picks as turns there."""
        if not rule.counts_as_turn:
            return None
        for position in self.matching:
            other = self.route.rules[position]
            if other.to.kind is TargetKind.POOL:
                pool = other.to.name
                found = narrow(self.candidates.members(pool), other, self.question)
                among = any(rep.id == taker.id for rep in found.eligible)
                return Turnable(pool, found.eligible) if among else None
        return None

    def _fall_back(self, rule: Rule | None) -> Shortlist:
        person, queue = self._first_fallback(rule)
        recall = self.recall and person is None
        return self._end(Conclusion.FALLBACK, rule, direct=person, queue=queue, recall=recall)

    def _first_fallback(self, rule: Rule | None) -> tuple[str | None, str | None]:
        """The rule's, then the route's, then the book's; the book's person when all else fails."""
        own = () if rule is None or rule.fallback is None else (rule.fallback,)
        last_resort = None
        for fallback in (*own, *_fallbacks(self.book, self.route)):
            person = None if fallback.person is None else self.candidates.named(fallback.person)
            rep = None if person is None else self.candidates.rep(person)
            drop = None if rep is None else self._why_not(rep)
            if rep is not None and drop is None:
                return rep.id, None
            if drop is not None:
                self.drops.setdefault(drop.person, drop)
            if fallback.queue is not None:
                return None, fallback.queue
            last_resort = person or last_resort
        return last_resort, None

    def _remember(self, drops: Sequence[Drop]) -> None:
        self.drops.update((drop.person, drop) for drop in drops)
        self.recall = self.recall or is_recallable(drops)

    def _end(
        self, conclusion: Conclusion, rule: Rule | None = None, **found: Unpack[_Found]
    ) -> Shortlist:
        return Shortlist(
            question=self.question,
            conclusion=conclusion,
            rule=rule,
            pool=rule.to.name if rule is not None and rule.to.kind is TargetKind.POOL else None,
            drops=self._drops_but_of(found),
            answers=self.candidates.answers(),
            **found,
        )

    def _drops_but_of(self, found: _Found) -> tuple[Drop, ...]:
        """Who was removed, sorted; a rep removed under one rule may stay under another."""
        drops = self.drops
        if drops:
            staying = {rep.id for rep in found.get("eligible", ())} | {found.get("direct")}
            drops = {rep: drop for rep, drop in drops.items() if rep not in staying}
        return tuple([drops[rep] for rep in sorted(drops)])


def _fallbacks(book: Book, route: Route) -> tuple[Fallback, ...]:
    return (book.fallback,) if route.or_else is None else (route.or_else, book.fallback)


def is_recallable(drops: Sequence[Drop]) -> bool:
    """Whether somebody may take the lead later: a drop for availability or load says so.

    Weight zero is no such reason: it bars pool picks until somebody changes the roster.
    """
    return any(
        drop.layer in (Layer.AVAILABILITY, Layer.LOAD) and drop.code is not Code.WEIGHT_ZERO
        for drop in drops
    )
