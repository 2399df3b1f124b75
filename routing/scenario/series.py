"""Events in the order in which they happen: by time, then by their place in the file, then by n.

`every: 1d, times: 30` is thirty events, with `{n}` in every text replaced by 1 to 30. They are made
when their turn comes: a scenario of a million events takes no more memory than its file.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import merge
from typing import Any, NamedTuple

from routing.roster.hours import Block
from routing.roster.model import PersonChange, Step
from routing.scenario.model import Close, Event, LeadArrives, OwnerChanged, PersonJoins

MARK = "{n}"  #: stands for the number of an event in its series


@dataclass(frozen=True, slots=True)
class Series:
    """One event of the file, or as many as `every` and `times` make of it."""

    order: int  #: its place in the file
    first: Event
    every: timedelta | None = None  #: None: it happens once, and `{n}` is plain text
    times: int = 1

    @property
    def ends_at(self) -> datetime:
        """When it happens for the last time."""
        return self.first.at + (self.every or timedelta(0)) * (self.times - 1)

    def ids(self, text: str) -> Iterator[str]:
        """The ids that a text of this event stands for."""
        if self.every is None or MARK not in text:
            yield text
        else:
            yield from (text.replace(MARK, str(n)) for n in range(1, self.times + 1))

    def turns(self) -> Iterator["_Turn"]:
        """Its events, in order of n."""
        if self.every is None:
            yield _Turn(self.first.at, self.order, 1, self.first)
            return
        for n in range(1, self.times + 1):
            at = self.first.at + self.every * (n - 1)
            yield _Turn(at, self.order, n, _numbered(self.first, str(n), at))


class _Turn(NamedTuple):
    at: datetime
    order: int
    n: int
    event: Event


def in_order(series: Iterable[Series]) -> Iterator[Event]:
    """All events of some series, in the order in which they happen."""
    once = sorted(turn for each in series if each.every is None for turn in each.turns())
    often = (each.turns() for each in series if each.every is not None)
    return (turn.event for turn in merge(once, *often))


def _numbered(event: Event, n: str, at: datetime) -> Event:
    match event:
        case LeadArrives(_, lead, given):
            return replace(event, at=at, lead=_filled(lead, n), given=_filled(given, n))
        case PersonJoins(_, change):
            said = PersonChange(
                change.id.replace(MARK, n), _filled(change.steps, n), change.place, change.places
            )
            return replace(event, at=at, change=said)
        case Close(_, lead):
            return replace(event, at=at, lead=_filled(lead, n))
        case OwnerChanged(_, lead, to):
            return replace(event, at=at, lead=_filled(lead, n), to=_filled(to, n))
        case _:
            return replace(event, at=at, person=event.person.replace(MARK, n))


def _filled(value: Any, n: str) -> Any:
    """A value in whose texts the number of the event stands."""
    if isinstance(value, str):
        return value.replace(MARK, n)
    if isinstance(value, Step):
        return Step(value.starts_at, _filled(value.value, n))
    if isinstance(value, Block):
        return value
    if isinstance(value, (tuple, list)):
        return type(value)(_filled(part, n) for part in value)
    if isinstance(value, Mapping):
        return {key: _filled(part, n) for key, part in value.items()}
    return value
