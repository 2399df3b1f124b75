"""The candidates of a live decision: roster, calendars, absences and state, as of one instant.

Simulations, what-if and the daemon ask through the same class, so they cannot differ in what a
rep's hours or load mean. It is made anew for every decision and costs what is asked of it, less
what an earlier decision of the same instant was told already.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from daemon.world.staff.absences import Absences
from daemon.world.staff.calendars import Calendar
from routing.facts import Candidate, CapUse, Lead
from routing.rulebook.model import Target
from routing.state import WINDOWS, Mark, State, Turn

Cap = tuple[str, int]  #: window, limit
Present = tuple[Any, ...]
_NO_TURN = Turn()
_at_of, _pool_of = map(itemgetter, map(Mark._fields.index, ("at", "pool")))
_UNCOUNTED: Sequence[Mark] = []  #: not the marks of anybody
_candidate = tuple.__new__  #: of a `Candidate`: in half the time of its own constructor


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
    names_of: Mapping[str, str] = field(init=False, repr=False, compare=False)  #: the other way

    def __post_init__(self) -> None:
        names_of = {rep: name for name, rep in self.names.items()}
        object.__setattr__(self, "names_of", names_of)


OwnerOf = Callable[[Lead, Target], str | None]


def _nobody(lead: Lead, target: Target) -> str | None:
    del lead, target
    return None


def _everybody(rep: str) -> bool:
    del rep
    return True


@dataclass(slots=True)
class Seats:
    """The members of a pool, sorted, with what no decision changes about them: side by side.

    The use of caps follows the marks that it was counted from.
    """

    ids: Sequence[str]
    firsts: Sequence[Present]
    loads: Sequence[tuple[int, int | None]]  #: open leads that the ledger does not know; capacity
    marks: list[Sequence[Mark]]
    caps: list[tuple[CapUse, ...]]


@dataclass(slots=True)
class Memory:
    """What the decisions of one instant share: who is there, and how far caps are used.

    A decision moves claims, load, and the marks of one rep. All else stays as it is until the
    clock moves, or somebody changes the staff or an absence.
    """

    seats: dict[str, Seats] = field(default_factory=dict)
    _when: tuple[Staff, Absences, int, datetime] | None = None

    def come_to(self, staff: Staff, absences: Absences, at: datetime) -> None:
        """Forget what was said of another instant, staff, or time away."""
        when, changes = self._when, absences.changes
        if (
            when is None
            or when[0] is not staff
            or when[1] is not absences
            or when[2:] != (changes, at)
        ):
            self._when = (staff, absences, changes, at)
            self.seats.clear()


@dataclass(frozen=True, slots=True)
class LiveCandidates:
    """Answers about reps at `at`."""

    staff: Staff
    absences: Absences
    state: State
    at: datetime
    has_identity: Callable[[str], bool] = _everybody  #: has a user in the lead's CRM
    open_lead_owner: OwnerOf = _nobody
    memory: Memory = field(default_factory=Memory)

    def __post_init__(self) -> None:
        self.memory.come_to(self.staff, self.absences, self.at)

    def members(self, pool: str) -> Sequence[Candidate]:
        """Members of a pool, at this instant."""
        facts = self.staff.pools.get(pool)
        if facts is None:
            return ()
        seats = self.memory.seats.get(pool)
        if seats is None:
            seats = self.memory.seats[pool] = self._seats(facts)
        self._count(seats, pool, facts)
        load_of, turn_of = self.state.load.get, self.state.turns.get(pool, {}).get
        has_identity = self.has_identity
        return [
            _candidate(
                Candidate,
                (
                    *first,
                    own + load_of(rep, 0),
                    capacity,
                    caps,
                    *turn_of(rep, _NO_TURN),
                    has_identity(rep),
                    None,  # a backup is followed for a rep reached directly, only
                ),
            )
            for rep, first, (own, capacity), caps in zip(
                seats.ids, seats.firsts, seats.loads, seats.caps, strict=True
            )
        ]

    def rep(self, rep_id: str) -> Candidate | None:
        """A rep outside any pool, at this instant."""
        rep = self.staff.reps.get(rep_id)
        if rep is None:
            return None
        return Candidate._make(
            (
                *self._present(rep, rep.weight),
                rep.open_leads + self.state.load.get(rep.id, 0),
                rep.capacity,
                tuple(self._own(rep.caps, self.state.marks.get(rep.id, ()))),
                *_NO_TURN,
                self.has_identity(rep.id),
                rep.backup,
            )
        )

    def named(self, name: str) -> str | None:
        """The id behind a name, at this instant."""
        return self.staff.names.get(name)

    def owner_of(self, lead: Lead, target: Target) -> str | None:
        """Who holds the open lead that is meant, at this instant."""
        return self.open_lead_owner(lead, target)

    def _seats(self, pool: PoolFacts) -> Seats:
        reps = [self.staff.reps[rep] for rep in sorted(pool.members)]
        return Seats(
            ids=[rep.id for rep in reps],
            firsts=[self._present(rep, pool.weights.get(rep.id, rep.weight)) for rep in reps],
            loads=[(rep.open_leads, rep.capacity) for rep in reps],
            marks=[_UNCOUNTED] * len(reps),
            caps=[()] * len(reps),
        )

    def _count(self, seats: Seats, pool: str, facts: PoolFacts) -> None:
        """Count anew how far the caps are used of whom got a lead since."""
        marks_of = self.state.marks.get
        for place, (rep, before) in enumerate(zip(seats.ids, seats.marks, strict=True)):
            marks = marks_of(rep, ())
            if marks is not before:
                own = self._own(self.staff.reps[rep].caps, marks)
                seats.marks[place] = marks
                seats.caps[place] = (*own, *self._pooled(facts.caps, marks, pool))

    def _present(self, rep: RepFacts, weight: int) -> Present:
        """A candidate's first facts, up to the skills: what no decision changes."""
        absence = self.absences.away(rep.id, self.at)
        on_hours: bool | None = True
        holiday, next_on_at = None, None
        if rep.calendar is not None:
            on_hours, holiday, next_on_at = rep.calendar.presence(self.at)
        if on_hours and not rep.availability_known:
            on_hours = None
        return (
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
        )

    def _own(self, caps: Iterable[Cap], marks: Sequence[Mark]) -> Iterator[CapUse]:
        for window, most in caps:
            yield CapUse("person", window, len(marks) - self._first(marks, window), most)

    def _pooled(self, caps: Iterable[Cap], marks: Sequence[Mark], pool: str) -> Iterator[CapUse]:
        for window, most in caps:
            recent = marks[self._first(marks, window) :]
            yield CapUse(pool, window, list(map(_pool_of, recent)).count(pool), most)

    def _first(self, marks: Sequence[Mark], window: str) -> int:
        """Where (at - window, at] begins; marks stand in the order in which they were made."""
        return bisect_right(marks, self.at - WINDOWS[window], key=_at_of)
