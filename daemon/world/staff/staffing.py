"""From the roster at an instant to the staff that decisions ask about.

Internal ids are handed in (files use their own), calendars are shared by all who have the same
hours. What somebody said since (inactive, paused, away) is laid over the roster by the caller.
"""

from collections.abc import Callable, Mapping

from daemon.world.staff.calendars import Calendars, Workplace
from daemon.world.staff.candidates import PoolFacts, RepFacts, Staff
from routing.roster.model import PersonAsOf, StaffAsOf
from routing.rulebook.model import Pool

Id = Callable[[str], str]


def staff_of(
    people: StaffAsOf, pools: Mapping[str, Pool], calendars: Calendars, id_of: Id = str
) -> Staff:
    """Everybody and every pool, by internal id."""
    return Staff(
        reps={
            id_of(person.id): rep_facts(person, calendars, id_of)
            for person in people.people.values()
        },
        pools={name: _pool_facts(pool, people, id_of) for name, pool in pools.items()},
        names={name: id_of(name) for name in people.people},
    )


def rep_facts(person: PersonAsOf, calendars: Calendars, id_of: Id = str) -> RepFacts:
    """One person, ready to be asked about."""
    workplace = Workplace(person.timezone, person.hours, person.holidays)
    always_on = person.hours is None and person.holidays is None
    return RepFacts(
        id=id_of(person.id),
        calendar=None if always_on else calendars.of(workplace),
        active=person.active,
        paused=person.paused,
        weight=person.weight,
        skills=person.skills,
        open_leads=person.open_leads,
        capacity=person.capacity,
        caps=person.caps,
        backup=None if person.backup is None else id_of(person.backup),
    )


def _pool_facts(pool: Pool, people: StaffAsOf, id_of: Id) -> PoolFacts:
    return PoolFacts(
        members=tuple(sorted(id_of(person.id) for person in people.members(pool))),
        weights={id_of(name): weight for name, weight in pool.weights.items()},
        caps=tuple(sorted(pool.caps.items())),
    )
