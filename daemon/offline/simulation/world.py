"""Plays the events of a scenario in their order, and what follows from them.

Timers due (the end of an absence, of a wait, of a cap's window, the start of working hours) take
effect at their own instant, before events at that instant. After each of them the leads that wait
and the recall list are looked at again. The scenario ends with its last event.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from daemon.offline.simulation.cases import Case, Reader
from daemon.offline.simulation.timers import birthdays_of, next_wake
from daemon.world.router import Router
from daemon.world.staff.absences import Absence
from daemon.world.staff.calendars import Calendars
from daemon.world.staff.staffing import staff_of
from routing.decision import Decision, Method, Wait
from routing.engine import Made, guide_to
from routing.facts import AccountSeen, Cause, Lead
from routing.question import Question
from routing.roster.model import PersonChange, Roster, Step
from routing.rulebook.model import Book, Target, TargetKind
from routing.scenario.model import (
    QUEUE,
    Away,
    Back,
    Close,
    Event,
    LeadArrives,
    Leave,
    OwnerChanged,
    PersonJoins,
)
from routing.state import Closed, OwnerObserved, apply


@dataclass(frozen=True, slots=True)
class Start:
    """What there is before anything happens."""

    book: Book
    roster: Roster
    accounts: tuple[AccountSeen, ...] = ()


class World:
    """The simulated world. `play` yields every decision as it is made."""

    def __init__(self, start: Start) -> None:
        self._book = start.book
        self._roster = start.roster
        self._calendars = Calendars()
        self._reader = Reader(start.book, start.accounts, start.roster.people)
        self._cases: dict[str, Case] = {}
        self._by_domain: dict[str, dict[str, Case]] = {}
        self._now: datetime | None = None
        self._birthdays = birthdays_of(start.book)
        self._asks_companies = any(
            rule.to.kind is TargetKind.OWNER_OF for r in start.book.routes for rule in r.rules
        )
        staff = staff_of(self._roster.at(_BEFORE), start.book.pools, self._calendars)
        self.router = Router(guide_to(start.book), staff, open_lead_owner=self._open_lead_owner)

    def play(self, events: Iterable[Event]) -> Iterator[Made]:
        """Every decision, in the order in which they are made."""
        for event in events:
            yield from self._pass_time(event.at)
            self._step_to(event.at)
            if not self._is_too_early(event):
                yield from self._happens(event)
            yield from self._find_homes(event.at)

    def _pass_time(self, until: datetime) -> Iterator[Made]:
        while self._now is not None:
            wake = next_wake(self.router, self._roster, self._now, birthdays=self._birthdays)
            if wake is None or wake > until:
                return
            self._step_to(wake)
            for waiting in self.router.due(wake):
                yield from self._decide(self._cases[waiting.lead], Cause.CHANGED)
            yield from self._find_homes(wake)

    def _step_to(self, at: datetime) -> None:
        before, self._now = self._now, at
        if before is None or any(before < change <= at for change in self._roster.changes_at):
            self._restaff()

    def _restaff(self) -> None:
        people = self._roster.at(self._at)
        self.router.staff = staff_of(people, self._book.pools, self._calendars)

    @property
    def _at(self) -> datetime:
        return self._now or _BEFORE

    def _happens(self, event: Event) -> Iterator[Made]:
        match event:
            case LeadArrives():
                yield from self._lead(event)
            case OwnerChanged(_, lead, to):
                yield from self._owner_changed(self._cases[lead], to)
            case Close(_, lead):
                self._close(self._cases[lead])
            case Away(at, person, until):
                self.router.absences.put(person, Absence(at, until))
            case Back(at, person):
                self.router.absences.end(person, at)
            case PersonJoins(_, change):
                self._change(change)
            case Leave(_, person, place):
                self._change(PersonChange(person, _INACTIVE, place))

    def _is_too_early(self, event: Event) -> bool:
        """Whether it happens to a lead that only arrives later: then nothing happens."""
        return isinstance(event, Close | OwnerChanged) and event.lead not in self._cases

    def _change(self, change: PersonChange) -> None:
        self._roster = self._roster.changed(change)
        self._restaff()

    def _lead(self, event: LeadArrives) -> Iterator[Made]:
        known = self._cases.get(event.lead)
        case = known or Case(event.lead, event.at)
        self._cases[event.lead] = case
        case.given.update(event.given)
        case.touched_at = event.at
        self._index(case)
        if known is None:
            self._hold(case, _owner(event))
            yield from self._decide(case, Cause.FIRST_SIGHT)
        elif "owner" in event.given and _owner(event) != case.owner:
            yield from self._owner_changed(case, _owner(event))
        elif not case.closed and (not case.decided or case.open or case.fell_back):
            cause = Cause.CHANGED if case.decided or case.open else Cause.STAGE
            yield from self._decide(case, cause)

    def _owner_changed(self, case: Case, to: str | None) -> Iterator[Made]:
        if to == case.owner:
            return
        self._hold(case, to)
        case.open, case.fell_back = None, False
        if not case.closed:
            yield from self._decide(case, Cause.RELEASED)

    def _hold(self, case: Case, owner: str | None) -> None:
        """Somebody else's hand: the load moves, and the lead is no longer ours to recall."""
        before, case.owner = case.owner, owner
        if not case.closed:
            observed = OwnerObserved(case.id, self._rep(before), self._rep(owner))
            self.router.state = apply(self.router.state, observed)

    def _close(self, case: Case) -> None:
        if not case.closed:
            case.closed, case.open = True, None
            self.router.state = apply(self.router.state, Closed(case.id, self._rep(case.owner)))

    def _decide(self, case: Case, cause: Cause) -> Iterator[Made]:
        """Decide a lead. One that goes on waiting as before is no decision."""
        made = self.router.decide(self._question(case, cause))
        if not isinstance(made, Made):
            return
        if not self._waits_on(case, made.decision.wait):
            yield self._settle(case, made)

    def _waits_on(self, case: Case, wait: Wait | None) -> bool:
        known = self.router.state.waits.get(case.id)
        if known is None or wait is None:
            return False
        return (known.wait.reason, known.wait.until) == (wait.reason, wait.until)

    def _find_homes(self, at: datetime) -> Iterator[Made]:
        """Until nobody finds one: who does may bring along others of the same company."""
        found = bool(self.router.state.waits or self.router.state.recall)
        while found:
            found = False
            for made in self.router.takers(self._ask, at):
                found = self._asks_companies
                yield self._settle(self._cases[made.decision.lead], made)

    def _ask(self, lead: str) -> Question | None:
        return self._question(self._cases[lead], Cause.RECALLED)

    def _question(self, case: Case, cause: Cause) -> Question:
        if case.open is not None:
            cause = case.open.cause
        return self._reader.question(case, cause, self._book.routes[0].name, self._at)

    def _settle(self, case: Case, made: Made) -> Made:
        decision, occasion = made.decision, made.inputs.question.occasion
        value = self._reader.value(made.inputs.question.lead)
        self.router.settle(made, value=value, before=self._rep(case.owner))
        case.counts[occasion.cause] = occasion.n
        case.open = occasion if decision.method is Method.WAITING else None
        case.touched_at = decision.at
        if case.open is None:
            case.decided = case.decided or decision.nobody is None
            case.fell_back = decision.method is Method.FALLBACK
            case.owner = _holder_after(decision, case.owner)
        return made

    def _rep(self, owner: str | None) -> str | None:
        return owner if owner in self._roster.people else None

    def _index(self, case: Case) -> None:
        self._by_domain.get(case.domain or "", {}).pop(case.id, None)
        case.domain = self._reader.lead(case).domain
        if case.domain is not None:
            self._by_domain.setdefault(case.domain, {})[case.id] = case

    def _open_lead_owner(self, lead: Lead, target: Target) -> str | None:
        """The rep who holds the open lead of the same company that was touched last."""
        others = self._by_domain.get(lead.domain or "", {}).values()
        since = None if target.touched_within is None else self._at - target.touched_within
        held = [
            (case.touched_at, case.id, case.owner)
            for case in others
            if case.id != lead.id
            and not case.closed
            and case.touched_at is not None
            and (since is None or case.touched_at > since)
            and self._rep(case.owner) is not None
        ]
        return max(held)[2] if held else None


_INACTIVE = {"active": (Step(starts_at=None, value=False),)}
_BEFORE = datetime.min.replace(tzinfo=UTC)


def _owner(event: LeadArrives) -> str | None:
    owner = event.given.get("owner")
    return owner if isinstance(owner, str) and owner else None


def _holder_after(decision: Decision, before: str | None) -> str | None:
    if decision.nobody is not None:
        return before
    return decision.owner if decision.queue is None else f"{QUEUE}{decision.queue}"
