"""People who can own leads, as a roster says it: every attribute may change at an instant.

Values only, already checked; reading files lives beside this. A roster is asked "as of": dated
values count from their `from` on, in UTC. A change that becomes known makes a new roster.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from routing.reading import Place
from routing.roster.hours import Week
from routing.rulebook.model import Pool

_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class PersonAsOf:
    """One person at one instant. What a roster leaves out has the value given here."""

    id: str
    name: str = ""
    email: str | None = None
    teams: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()  #: sorted
    weight: int = 1  #: 0 to 100; 0 bars pool picks only
    capacity: int | None = None  #: None: no limit
    caps: tuple[tuple[str, int], ...] = ()  #: (window, limit): hour, day, week, in this order
    open_leads: int = 0
    timezone: str | None = None
    hours: Week | None = None  #: None: always on
    holidays: str | None = None
    manager: str | None = None
    backup: str | None = None
    active: bool = True
    paused: bool = False
    crm: Mapping[str, str] = field(default_factory=dict)  #: CRM -> user id there
    attributes: Mapping[str, object] = field(default_factory=dict)


class Step(NamedTuple):
    """A value that holds from an instant on; None: from the beginning."""

    starts_at: datetime | None
    value: object


Steps = tuple[Step, ...]  #: by `starts_at`, earliest first


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What one entry of a roster says of a person, or what an event changes about them.

    `steps` holds what was said and nothing else, under the names of `PersonAsOf`.
    """

    id: str
    steps: Mapping[str, Steps]
    place: Place
    places: Mapping[str, Place] = field(default_factory=dict)  #: where each attribute is said


class Person:
    """One person through time.

    Examples:
        >>> from datetime import UTC
        >>> march = datetime(2027, 3, 1, tzinfo=UTC)
        >>> weight = (Step(None, 1), Step(march, 3))
        >>> ada = Person("ada", {"weight": weight})
        >>> ada.at(march).weight, ada.at(datetime(2027, 2, 28, 23, 59, tzinfo=UTC)).weight
        (3, 1)
    """

    __slots__ = ("_starts", "_versions", "id", "places", "steps")

    def __init__(
        self,
        id: str,
        steps: Mapping[str, Steps],
        places: Mapping[str, Place] | None = None,
    ) -> None:
        """Work out what holds in each stretch of time."""
        self.id = id
        self.steps = steps
        self.places = places or {}
        dated = {step.starts_at for each in steps.values() for step in each}
        self._starts = sorted(start for start in dated if start is not None)
        self._versions = tuple(
            PersonAsOf(id, **_in_force(steps, start))  # type: ignore[arg-type]
            for start in (None, *self._starts)
        )

    def at(self, instant: datetime) -> PersonAsOf:
        """What holds at an instant."""
        return self._versions[bisect_right(self._starts, instant)]

    @property
    def versions(self) -> tuple[PersonAsOf, ...]:
        """All that ever holds, in order."""
        return self._versions

    @property
    def changes_at(self) -> tuple[datetime, ...]:
        """The instants at which something changes."""
        return tuple(self._starts)

    def source(self, attribute: str) -> Place | None:
        """Where an attribute was said; None where it was left out."""
        return self.places.get(attribute)

    def changed(self, change: PersonChange) -> "Person":
        """The person after a change: what it names is replaced, dated values included."""
        return Person(self.id, {**self.steps, **change.steps}, {**self.places, **change.places})


@dataclass(frozen=True, slots=True)
class StaffAsOf:
    """Everybody at one instant, in id order."""

    people: Mapping[str, PersonAsOf]
    teams: Mapping[str, tuple[str, ...]]  #: team -> ids, sorted

    def members(self, pool: Pool) -> tuple[PersonAsOf, ...]:
        """Who belongs to a pool, inactive ones included, in id order."""
        ids = pool.people if pool.team is None else self.teams.get(pool.team, ())
        return tuple(self.people[id_] for id_ in sorted(set(ids)) if id_ in self.people)


class Roster:
    """All people, by id.

    Examples:
        >>> roster = Roster([Person("bob", {"teams": (Step(None, ("us",)),)}), Person("ada", {})])
        >>> sorted(roster.people), sorted(roster.teams)
        (['ada', 'bob'], ['us'])
    """

    def __init__(self, people: Iterable[Person] = ()) -> None:
        """Keep them in id order."""
        self.people: Mapping[str, Person] = {
            person.id: person for person in sorted(people, key=lambda person: person.id)
        }
        self._known: dict[int, StaffAsOf] = {}

    @cached_property
    def teams(self) -> frozenset[str]:
        """Every team that anybody is in at any time."""
        versions = (version for person in self.people.values() for version in person.versions)
        return frozenset(team for version in versions for team in version.teams)

    @cached_property
    def changes_at(self) -> tuple[datetime, ...]:
        """The instants at which anything changes, in order."""
        return tuple(
            sorted({instant for person in self.people.values() for instant in person.changes_at})
        )

    def at(self, instant: datetime) -> StaffAsOf:
        """Everybody as of an instant; the same answer until the next dated change."""
        version = bisect_right(self.changes_at, instant)
        found = self._known.get(version)
        if found is None:
            found = self._known[version] = _staff(
                person.at(instant) for person in self.people.values()
            )
        return found

    def changed(self, change: PersonChange) -> "Roster":
        """The roster after somebody joined or changed."""
        known = self.people.get(change.id, Person(change.id, _NO_STEPS))
        return Roster({**self.people, change.id: known.changed(change)}.values())


_NO_STEPS: Mapping[str, Steps] = {}


def _staff(people: Iterable[PersonAsOf]) -> StaffAsOf:
    by_id = {person.id: person for person in people}
    teams: dict[str, list[str]] = {}
    for person in by_id.values():
        for team in person.teams:
            teams.setdefault(team, []).append(person.id)
    return StaffAsOf(by_id, {team: tuple(ids) for team, ids in sorted(teams.items())})


def _in_force(steps: Mapping[str, Steps], instant: datetime | None) -> dict[str, object]:
    values: dict[str, object] = {}
    for attribute, each in steps.items():
        begun = [
            step
            for step in each
            if step.starts_at is None or (instant is not None and step.starts_at <= instant)
        ]
        if begun:
            values[attribute] = begun[-1].value
    return values
