"""What routing remembers between two decisions, and the one function that changes it.

`apply(state, event) -> state` moves claims, caps, load, waits and the recall list. The ledger
stores what it says; simulations run the same function. Nothing is changed in place, so a lead
that fails half-way leaves the state it found.

Caps and absences need no timer here: a window counts decisions in (at - window, at], which is a
question about `at`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from routing.decision import Decision, Method, TurnCharge, Wait

WINDOWS: Mapping[str, timedelta] = MappingProxyType(
    {
        "hour": timedelta(seconds=3600),
        "day": timedelta(hours=24),
        "week": timedelta(hours=168),
    }
)
T = TypeVar("T")
_LONGEST = max(WINDOWS.values())


class Turn(NamedTuple):
    """A rep's standing in one pool."""

    claim: int = 0  #: units of a lead; positive: the pool owes them
    served: int = 0  #: sequence of their last turn; 0: never


_LEVEL = Turn()
_turn = tuple.__new__  #: of a `Turn`: in half the time of its own constructor


class Mark(NamedTuple):
    """One assignment, remembered for the caps."""

    at: datetime
    pool: str | None
    occasion: str


class Waiting(NamedTuple):
    """A lead whose decision was put off."""

    lead: str
    occasion: str
    opened_at: datetime
    wait: Wait


class Recallable(NamedTuple):
    """A lead in a fallback queue that somebody may take later."""

    lead: str
    occasion: str
    queue: str
    value: int  #: the book's `value` field in millionths, largest first; missing is lowest
    received_at: datetime
    sequence: int


@dataclass(frozen=True, slots=True)
class State:
    """Everything that one decision leaves for the next. All maps are keyed by internal ids."""

    sequence: int = 0
    turns: Mapping[str, Mapping[str, Turn]] = field(default_factory=dict)  #: pool -> rep -> turn
    marks: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)  #: rep -> last 168 h
    load: Mapping[str, int] = field(default_factory=dict)  #: rep -> open leads
    waits: Mapping[str, Waiting] = field(default_factory=dict)  #: lead -> waiting
    recall: Mapping[str, Recallable] = field(default_factory=dict)  #: lead -> recallable

    def turn(self, pool: str, rep: str) -> Turn:
        """A rep's claim and last turn in a pool; nothing yet is a claim of zero."""
        return self.turns.get(pool, {}).get(rep, _LEVEL)

    def used(self, rep: str, *, window: str, at: datetime, pool: str | None = None) -> int:
        """Assignments of a rep in (at - window, at], of one pool or of all."""
        since = at - WINDOWS[window]
        return sum(
            1
            for mark in self.marks.get(rep, ())
            if since < mark.at <= at and (pool is None or mark.pool == pool)
        )

    def recall_order(self) -> tuple[Recallable, ...]:
        """Leads to recall: by value descending, then oldest first, then as they fell back."""
        return in_recall_order(self.recall.values())


def in_recall_order(places: Iterable[Recallable]) -> tuple[Recallable, ...]:
    """Some leads to recall: by value descending, then oldest first, then as they fell back."""
    return tuple(
        sorted(places, key=lambda place: (-place.value, place.received_at, place.sequence))
    )


@dataclass(frozen=True, slots=True)
class Decided:
    """An occasion was decided. `before` is the rep believed to hold the lead until now."""

    decision: Decision
    opened_at: datetime
    received_at: datetime
    value: int = -1  #: of the book's `value` field; -1: missing
    before: str | None = None


@dataclass(frozen=True, slots=True)
class GaveBack:
    """A conflict, a refusal or a dead assignment: turn, cap and load are given back."""

    lead: str
    occasion: str
    owner: str
    charge: TurnCharge | None = None


@dataclass(frozen=True, slots=True)
class OwnerObserved:
    """Somebody else changed the owner: load moves; the lead is no longer ours to recall.

    `before` and `after` are reps' ids, None where it is not a rep.
    """

    lead: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Reassigned:
    """An operator moved a lead: it counts for caps and load; the old owner keeps their turn."""

    lead: str
    occasion: str
    before: str | None
    after: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """A lead is no longer open work."""

    lead: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class Credited:
    """An operator moved a claim by hand."""

    pool: str
    rep: str
    units: int


Event = Decided | GaveBack | OwnerObserved | Reassigned | Closed | Credited


def apply(state: State, event: Event) -> State:
    """The state after an event."""
    match event:
        case Decided():
            return _decided(state, event)
        case GaveBack():
            return _gave_back(state, event)
        case OwnerObserved(lead, before, after):
            return _forget(_handed(state, before, after), lead)
        case Reassigned():
            load = _moved(state.load, event.before, event.after)
            mark = Mark(event.at, None, event.occasion)
            marks = _with(state.marks, event.after, _marked(state, event.after, mark))
            return _forget(replace(state, load=load, marks=marks), event.lead)
        case Closed(lead, owner):
            return _forget(_handed(state, owner, None), lead)
        case Credited(pool, rep, units):
            return replace(state, turns=_charged(state, pool, {rep: units}))


def _decided(state: State, event: Decided) -> State:
    decision, sequence = event.decision, state.sequence + 1
    state = _forget(state, decision.lead)
    turns, marks, load, waits, recall = _parts(state)
    if decision.method is Method.WAITING and decision.wait is not None:
        waiting = Waiting(decision.lead, decision.occasion, event.opened_at, decision.wait)
        waits = _with(waits, decision.lead, waiting)
        return State(sequence, turns, marks, load, waits, recall)
    charge, owner = decision.charge, decision.owner
    if charge is not None:
        served = (charge.chosen, sequence)
        turns = _charged(state, charge.pool, charge.amounts(), served=served)
    if owner is not None:
        mark = Mark(decision.at, decision.pool, decision.occasion)
        marks = _with(marks, owner, _marked(state, owner, mark))
    if decision.recall and decision.queue is not None:
        at = (event.value, event.received_at, sequence)
        place = Recallable(decision.lead, decision.occasion, decision.queue, *at)
        recall = _with(recall, decision.lead, place)
    if decision.nobody is None:  # else nothing is written: whoever has the lead keeps it
        load = _moved(load, event.before, owner)
    return State(sequence, turns, marks, load, waits, recall)


def _gave_back(state: State, event: GaveBack) -> State:
    marks = tuple(m for m in state.marks.get(event.owner, ()) if m.occasion != event.occasion)
    state = replace(
        state,
        marks=_with(state.marks, event.owner, marks),
        load=_moved(state.load, event.owner, None),
    )
    if event.charge is None:
        return state
    back = {rep: -units for rep, units in event.charge.amounts().items()}
    return replace(state, turns=_charged(state, event.charge.pool, back))


def _charged(
    state: State,
    pool: str,
    amounts: Mapping[str, int],
    *,
    served: tuple[str, int] | None = None,
) -> Mapping[str, Mapping[str, Turn]]:
    """Claims after these amounts; `served` had their turn at this sequence."""
    turns = dict(state.turns.get(pool, {}))
    for rep, units in amounts.items():
        claim, last = turns.get(rep, _LEVEL)
        turns[rep] = _turn(Turn, (claim + units, last))
    if served is not None:
        rep, sequence = served
        turns[rep] = Turn(turns.get(rep, _LEVEL).claim, sequence)
    return _with(state.turns, pool, turns)


def _marked(state: State, rep: str, mark: Mark) -> tuple[Mark, ...]:
    known = state.marks.get(rep, ())
    return (*known[bisect_right(known, mark.at - _LONGEST, key=_at) :], mark)


_at = attrgetter("at")  #: marks stand in the order in which they were made
_parts = attrgetter("turns", "marks", "load", "waits", "recall")


def _handed(state: State, before: str | None, after: str | None) -> State:
    return state if before == after else replace(state, load=_moved(state.load, before, after))


def _moved(load: Mapping[str, int], before: str | None, after: str | None) -> Mapping[str, int]:
    if before == after:
        return load
    moved = dict(load)
    if before is not None:
        moved[before] = max(moved.get(before, 0) - 1, 0)
    if after is not None:
        moved[after] = moved.get(after, 0) + 1
    return moved


def _forget(state: State, lead: str) -> State:
    if lead in state.waits:
        state = replace(state, waits={k: v for k, v in state.waits.items() if k != lead})
    if lead in state.recall:
        state = replace(state, recall={k: v for k, v in state.recall.items() if k != lead})
    return state


def _with(mapping: Mapping[str, T], key: str, value: T) -> Mapping[str, T]:
    return {**mapping, key: value}
