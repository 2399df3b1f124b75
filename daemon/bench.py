"""The bench of a live decision: roster, calendars, absences and state, as of one instant.

Simulations, what-if and the daemon ask through the same class, so they cannot differ in what a
rep's hours or load mean. It is made anew for every decision and costs what is asked of it.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from daemon.absences import Absences
from daemon.calendars import Calendar
from routing.facts import Candidate, CapUse, Lead
from routing.rulebook.model import Target
from routing.state import WINDOWS, Mark, State

Cap = tuple[str, int]  #: window, limit


class RepFacts(NamedTuple):
    """A rep as the roster has them now, ready for use."""

    id: str
    calendar: Calendar | None = None  #: None: always on
    active: bool = True
    paused: bool = False
    weight: int = 1
    skills: tuple[str, ...] = ()  #: sorted
    open_leads: int = 0  #: open work that the ledger does not know of
    capacity: int | None = None
    caps: tuple[Cap, ...] = ()
    backup: str | None = None
    availability_known: bool = True  #: False: hours or absences could not be read


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """A pool's members and what the book changes about them."""

    members: tuple[str, ...]
    weights: Mapping[str, int] = field(default_factory=dict)
    caps: tuple[Cap, ...] = ()


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody who can own, by internal id, and the pools of the book in force."""

    reps: Mapping[str, RepFacts]
    pools: Mapping[str, PoolFacts]
    names: Mapping[str, str]  #: roster id, as rulebooks write it -> internal id


OwnerOf = Callable[[Lead, Target], str | None]


def _nobody(lead: Lead, target: Target) -> str | None:
    del lead, target
    return None


def _everybody(rep: str) -> bool:
    del rep
    return True


@dataclass(frozen=True, slots=True)
class LiveBench:
    """Answers about reps at `at`."""

    staff: Staff
    absences: Absences
    state: State
    at: datetime
    has_identity: Callable[[str], bool] = _everybody  #: has a user in the lead's CRM
    open_lead_owner: OwnerOf = _nobody

    def members(self, pool: str) -> Sequence[Candidate]:
        """Members of a pool, at this instant."""
        facts = self.staff.pools.get(pool)
        if facts is None:
            return ()
        return [self._candidate(self.staff.reps[rep], pool, facts) for rep in facts.members]

    def rep(self, rep_id: str) -> Candidate | None:
        """A rep outside any pool, at this instant."""
        facts = self.staff.reps.get(rep_id)
        return None if facts is None else self._candidate(facts, None, None)

    def named(self, name: str) -> str | None:
        """The id behind a name, at this instant."""
        return self.staff.names.get(name)

    def owner_of(self, lead: Lead, target: Target) -> str | None:
        """Who holds the open lead that is meant, at this instant."""
        return self.open_lead_owner(lead, target)

    def _candidate(self, rep: RepFacts, pool: str | None, facts: PoolFacts | None) -> Candidate:
        absence = self.absences.away(rep.id, self.at)
        on_hours: bool | None = True
        holiday, next_on_at = None, None
        if rep.calendar is not None:
            on_hours, holiday, next_on_at = rep.calendar.presence(self.at)
        if not rep.availability_known:
            on_hours = None
        weight, claim, served = rep.weight, 0, 0
        if pool is not None and facts is not None:
            weight = facts.weights.get(rep.id, weight)
            claim, served = self.state.turn(pool, rep.id)
        return Candidate(
            rep.id,
            rep.active,
            None if absence is None else absence.ends_at,
            absence is not None,
            holiday,
            rep.paused,
            on_hours,
            next_on_at,
            weight,
            rep.skills,
            rep.open_leads + self.state.load.get(rep.id, 0),
            rep.capacity,
            self._caps(rep, pool, facts),
            claim,
            served,
            self.has_identity(rep.id),
            rep.backup if pool is None else None,  # followed for a rep reached directly, only
        )

    def _caps(self, rep: RepFacts, pool: str | None, facts: PoolFacts | None) -> tuple[CapUse, ...]:
        own = rep.caps
        pooled = () if facts is None else facts.caps
        if not own and not pooled:
            return ()
        marks = self.state.marks.get(rep.id, ())
        uses = [
            CapUse("person", window, len(marks) - self._first(marks, window), most)
            for window, most in own
        ]
        for window, most in () if pool is None else pooled:
            recent = marks[self._first(marks, window) :]
            used = sum([mark.pool == pool for mark in recent])
            uses.append(CapUse(pool or "", window, used, most))
        return tuple(uses)

    def _first(self, marks: Sequence[Mark], window: str) -> int:
        """Where (at - window, at] begins; marks stand in the order in which they were made."""
        return bisect_right(marks, self.at - WINDOWS[window], key=itemgetter(0))
