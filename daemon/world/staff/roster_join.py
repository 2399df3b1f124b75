"""The roster and the users of one CRM become one staff: who is who, and whose word counts.

Joined by an explicit id (`crm: {salesforce: 005...}`), else by e-mail. The roster's word counts on
teams, skills, weight, caps, capacity, hours, backup and manager; the CRM's on who is active, for
everybody it knows, and on hours where the roster gives none. Who has no user keeps the roster's
word and cannot own a lead there. Absences are kept elsewhere, with their times.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from routing.facts import UserSeen
from routing.roster import PersonAsOf, StaffAsOf
from routing.roster.hours import HoursMistake, Week, read_week

_SHORT_ID = 15  #: Salesforce shows ids in this length; the rest is a checksum
_SANDBOX = ".invalid"  #: what a Salesforce sandbox appends to every address


class JoinCode(StrEnum):
    """What somebody should look at after a join. Add, never rename."""

    NO_USER = "no_user"  # nobody in the CRM has this address
    UNKNOWN_ID = "unknown_id"  # the roster names an id that the CRM does not have
    AMBIGUOUS_EMAIL = "ambiguous_email"  # several users share the address
    SHARED_USER = "shared_user"  # two people of the roster would be the same user
    CANNOT_OWN = "cannot_own"  # the user's licence does not let them own a lead
    ACTIVE_DIFFERS = "active_differs"  # the roster says inactive, the CRM says active


@dataclass(frozen=True, slots=True)
class JoinNote:
    """Something about one person that somebody should look at."""

    person: str
    code: JoinCode
    said: str  #: a sentence with what to do


@dataclass(frozen=True, slots=True)
class Joined:
    """The staff as one CRM knows it."""

    people: Mapping[str, PersonAsOf]  #: the roster's people, with the CRM's word on `active`
    users: Mapping[str, str]  #: person -> CRM user id; who is missing cannot own a lead there
    identities: Mapping[str, str]  #: the same, with those whose licence does not let them own one
    notes: tuple[JoinNote, ...] = ()  #: in the order of the roster
    unsure: frozenset[str] = frozenset()  #: people whose availability this CRM tells unreadably


def join_users(
    people: Iterable[PersonAsOf], users: Iterable[UserSeen], *, connection: str
) -> Joined:
    """Find each person's user in one CRM.

    Args:
        people: The roster at an instant.
        users: All users of the CRM, as last seen.
        connection: Under which name an explicit id stands in the roster.

    Examples:
        >>> ada = PersonAsOf("ada", email="Ada@acme.test")
        >>> user = UserSeen(id="005A", active=False, name="Ada", email="ada@acme.test")
        >>> joined = join_users([ada], [user], connection="salesforce")
        >>> joined.users["ada"], joined.people["ada"].active
        ('005A', False)
    """
    directory = _Directory(users)
    staff = list(people)
    found: dict[str, UserSeen] = {}
    notes: list[JoinNote] = []
    for person in staff:
        user = directory.find(person, connection)
        if isinstance(user, JoinNote):
            notes.append(user)
        else:
            found[person.id] = user
    notes.extend(_without_shared(staff, found))
    notes.extend(_doubts(staff, found))
    return Joined(
        people=MappingProxyType({person.id: _seen(person, found) for person in staff}),
        users=MappingProxyType({id_: user.id for id_, user in found.items() if user.can_own}),
        identities=MappingProxyType({id_: user.id for id_, user in found.items()}),
        notes=_in_order(notes, staff),
        unsure=frozenset(p.id for p in staff if p.id in found and _is_unsure(p, found[p.id])),
    )


def with_hours(people: StaffAsOf, joined: Iterable[Joined]) -> StaffAsOf:
    """The roster, with the hours that a CRM knows for whom the roster gives none."""
    told = dict(people.people)
    for found in joined:
        for id_, seen in found.people.items():
            if told[id_].hours is None and seen.hours is not None:
                told[id_] = replace(told[id_], hours=seen.hours, timezone=seen.timezone)
    return replace(people, people=told)


class _Directory:
    """The CRM's users by id and by address."""

    def __init__(self, users: Iterable[UserSeen]) -> None:
        self._by_id: dict[str, UserSeen] = {}
        self._by_email: dict[str, list[UserSeen]] = {}
        for user in users:
            self._by_id[user.id] = user
            self._by_id.setdefault(user.id[:_SHORT_ID], user)
            if user.email:
                self._by_email.setdefault(_address(user.email), []).append(user)

    def find(self, person: PersonAsOf, connection: str) -> UserSeen | JoinNote:
        """The person's user, or why there is none."""
        explicit = person.crm.get(connection)
        if explicit is not None:
            return self._by_id.get(explicit) or JoinNote(
                person.id,
                JoinCode.UNKNOWN_ID,
                f"{connection} has no user {explicit[:40]}. Correct the id in the roster, or "
                "leave it out to join by e-mail.",
            )
        same = self._by_email.get(_address(person.email), []) if person.email else []
        working = [user for user in same if user.active and user.can_own] or same
        if len(working) == 1:
            return working[0]
        return _several(person, len(working)) if working else _nobody(person, connection)


def _several(person: PersonAsOf, count: int) -> JoinNote:
    said = (
        f"{count} users share the e-mail address of {person.id}. Name one by its id in the roster."
    )
    return JoinNote(person.id, JoinCode.AMBIGUOUS_EMAIL, said)


def _nobody(person: PersonAsOf, connection: str) -> JoinNote:
    what = "no user has their e-mail address" if person.email else "the roster has no address"
    said = f"{person.id} cannot own leads in {connection}: {what}. Add it, or name the user's id."
    return JoinNote(person.id, JoinCode.NO_USER, said)


def _without_shared(staff: Sequence[PersonAsOf], found: dict[str, UserSeen]) -> Iterable[JoinNote]:
    """Take a user away from everybody who would share it: nobody can tell whose lead it is."""
    by_user: dict[str, list[str]] = {}
    for person in staff:
        if person.id in found:
            by_user.setdefault(found[person.id].id, []).append(person.id)
    notes = []
    for user, sharing in by_user.items():
        for person_id in sharing if len(sharing) > 1 else ():
            others = ", ".join(other for other in sharing if other != person_id)
            said = f"{person_id} and {others} are the same user {user}. Correct the roster."
            notes.append(JoinNote(person_id, JoinCode.SHARED_USER, said))
            del found[person_id]
    return notes


def _doubts(staff: Sequence[PersonAsOf], found: Mapping[str, UserSeen]) -> Iterable[JoinNote]:
    for person in staff:
        user = found.get(person.id)
        if user is None:
            continue
        if not user.can_own:
            said = f"The licence of user {user.id} does not let {person.id} own a lead. Change it."
            yield JoinNote(person.id, JoinCode.CANNOT_OWN, said)
        if user.active and not person.active:
            said = (
                f"{person.id} is inactive in the roster and active in the CRM, whose word counts. "
                "Write paused: true to keep leads from them."
            )
            yield JoinNote(person.id, JoinCode.ACTIVE_DIFFERS, said)


def _seen(person: PersonAsOf, found: Mapping[str, UserSeen]) -> PersonAsOf:
    user = found.get(person.id)
    if user is None:
        return person
    person = replace(person, active=user.active)
    week = _week(user) if person.hours is None else None
    zone = person.timezone or user.timezone
    return person if week is None or zone is None else replace(person, hours=week, timezone=zone)


def _week(user: UserSeen) -> Week | None:
    """The CRM's working hours; None where it has none that can be read."""
    try:
        return None if user.hours is None else read_week(user.hours)
    except HoursMistake:
        return None


def _is_unsure(person: PersonAsOf, user: UserSeen) -> bool:
    """Whether the CRM says something about their availability that nobody can read."""
    hours = person.hours is None and ("hours" in user.unreadable or _has_no_zone(person, user))
    return hours or "absences" in user.unreadable


def _has_no_zone(person: PersonAsOf, user: UserSeen) -> bool:
    """Whether there are hours, and nobody says in which time zone."""
    return user.hours is not None and not (person.timezone or user.timezone)


def _in_order(notes: Iterable[JoinNote], staff: Sequence[PersonAsOf]) -> tuple[JoinNote, ...]:
    place = {person.id: n for n, person in enumerate(staff)}
    return tuple(sorted(notes, key=lambda note: (place[note.person], note.code)))


def _address(email: str) -> str:
    return email.strip().casefold().removesuffix(_SANDBOX)
