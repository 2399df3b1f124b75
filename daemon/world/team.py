"""Who can own right now: the roster file joined to the CRMs' users, with what was said since.

The roster wins on teams, skills, weight, caps, hours, backup; a CRM on who is active and on the
absences it knows; an operator on who is paused. A rep is joined to a user by explicit id, else by
e-mail where exactly one user has it. Internal ids come from the ledger, which remembers them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from daemon.settings import ConnectionConfig
from daemon.world.connections.connection import Connection
from daemon.world.connections.owners import DEPARTED, Holders, QueuePlace
from daemon.world.staff.absences import Absence, Absences
from daemon.world.staff.calendars import Calendars
from daemon.world.staff.candidates import RepFacts, Staff
from daemon.world.staff.roster_join import Joined, JoinNote, join_users, with_hours
from daemon.world.staff.staffing import staff_of
from daemon.world.world import World
from models.journal.entries import Act
from models.ledger import Ledger
from models.staff.identities import Identity
from models.staff.roster import KnownRep
from routing.facts import QueueSeen, UserSeen
from routing.roster.model import Roster, StaffAsOf
from routing.rulebook.model import Book, Fallback, TargetKind

OPERATOR = "operator"  #: source of what commands say


@dataclass(frozen=True, slots=True)
class Changed:
    """What a refresh found."""

    left: tuple[str, ...] = ()  #: reps who were active and are not any more


class Team:
    """Keeps the world's staff, absences and holders in step with roster, CRMs and operators."""

    def __init__(
        self, ledger: Ledger, world: World, roster: Roster, ids: Mapping[str, str]
    ) -> None:
        self._ledger = ledger
        self._world = world
        self._calendars = Calendars()
        self._refreshed_at: datetime | None = None
        self.roster = roster
        self.ids = ids  #: roster id -> rep
        self.notes: Mapping[str, tuple[JoinNote, ...]] = {}  #: by connection

    def is_outdated(self, now: datetime) -> bool:
        """Whether a dated value of the roster has come into force since the last look."""
        since = self._refreshed_at
        return since is None or any(since < at <= now for at in self.roster.changes_at)

    def refresh(self, act: Act) -> Changed:
        """Look at everything anew, under the world's lock; who is new in a CRM is kept."""
        people = self.roster.at(act.at)
        joined = self._joined(people)
        is_news = [self._identify(name, found, people, act) for name, found in joined.items()]
        for connection in joined:
            self._ledger.absences.taken_from_crm(connection, act=act)
        if any(is_news):
            self._world.reload(act.at)  # whose user holds a lead decides whose load it is
        return self._employ(people, joined, act.at)

    def look(self, at: datetime) -> Changed:
        """The same from what the ledger holds already: nothing is written."""
        people = self.roster.at(at)
        return self._employ(people, self._joined(people), at)

    def rep(self, name: str) -> str | None:
        """The rep whom an operator names by roster id."""
        return self.ids.get(name)

    def _joined(self, people: StaffAsOf) -> Mapping[str, Joined]:
        """Who is who in each CRM."""
        return {
            name: join_users(
                people.people.values(), self._ledger.connections.users(name), connection=name
            )
            for name in self._world.connections
        }

    def _identify(self, connection: str, found: Joined, people: StaffAsOf, act: Act) -> bool:
        """The join of now replaces whatever was joined before; whether it differs."""
        now = [
            Identity(self.ids[person], connection, user, _joined_by(people, person, connection))
            for person, user in found.identities.items()
        ]
        return self._ledger.roster.identify(connection, now, act=act)

    def _employ(self, people: StaffAsOf, joined: Mapping[str, Joined], at: datetime) -> Changed:
        self._refreshed_at = at
        self.notes = {name: found.notes for name, found in joined.items()}
        known = {rep.id: rep for rep in self._ledger.roster.reps()}
        before = self._world.live.staff
        staff = self._staff(people, known, joined)
        for connection in self._world.connections.values():
            users = self._ledger.connections.users(connection.name)
            connection.holders = self._holders(connection, users, joined[connection.name], staff)
        self._world.employ(staff, self._absences(at))
        return Changed(_who_left(before, staff))

    def _staff(
        self, people: StaffAsOf, known: Mapping[str, KnownRep], joined: Mapping[str, Joined]
    ) -> Staff:
        pools = self._world.guide.book.pools
        told = with_hours(people, joined.values())
        staff = staff_of(told, pools, self._calendars, lambda name: self.ids.get(name, name))
        active = {
            self.ids.get(person, person): any(f.people[person].active for f in joined.values())
            for person in (people.people if joined else ())
        }
        reps = {
            rep: _as_said(facts, known.get(rep), is_active=active.get(rep, facts.active))
            for rep, facts in staff.reps.items()
        }
        for person in sorted({person for found in joined.values() for person in found.unsure}):
            rep = self.ids.get(person, person)
            reps[rep] = reps[rep]._replace(availability_known=False)
        return replace(staff, reps={**reps, DEPARTED.id: DEPARTED})

    def _absences(self, at: datetime) -> Absences:
        absences = Absences()
        for number, known in enumerate(self._ledger.absences.known(until_after=at)):
            away = known.away
            key = f"{known.source}:{away.external_id or number}"
            absences.put(away.rep, Absence(away.starts_at, away.ends_at, key))
        return absences

    def _holders(
        self, connection: Connection, users: tuple[UserSeen, ...], found: Joined, staff: Staff
    ) -> Holders:
        """The map of one connection; who works only elsewhere has no user here to own with."""
        ids = self.ids
        left = {user.id for user in users if not user.active}
        by_user = {user: ids[who] for who, user in found.identities.items() if who in ids}
        by_rep = {ids[who]: user for who, user in found.users.items() if who in ids}
        by_rep = {
            rep: user
            for rep, user in by_rep.items()
            if user not in left or rep not in staff.reps or not staff.reps[rep].active
        }
        queues = self._ledger.connections.queues(connection.name)
        everybody = frozenset(user.id for user in users)
        places = {
            (name, str(object_)): self._place(name, object_, connection.config, queues, by_rep)
            for name in sorted({*connection.config.queues, *queues_of(self._world.guide.book)})
            for object_ in sorted(connection.config.objects)
        }
        named = {place.owner: name for (name, _), place in places.items() if place.owner}
        return Holders(
            reps=by_user,
            queues={queue.id: named.get(queue.id, queue.name) for queue in queues},
            placeholders={crm_id: name for name, crm_id in connection.config.placeholders.items()},
            departed=frozenset(
                user.id for user in users if not user.active and user.id not in by_user
            ),
            places=places,
            users=by_rep,
            people=everybody,
        )

    def _place(
        self,
        name: str,
        object_: str,
        connection: ConnectionConfig,
        queues: Sequence[QueueSeen],
        users: Mapping[str, str],
    ) -> QueuePlace:
        told = connection.queue_target(name, object_)
        if told is not None and told.unowned:
            return QueuePlace(unowned=True)
        if told is not None and told.owner is not None:
            rep = self.ids.get(told.owner)
            return QueuePlace(told.owner if rep is None else users.get(rep))
        wanted = name if told is None or told.queue is None else told.queue
        return _queue_called(wanted, object_, queues)


def _queue_called(wanted: str, object_: str, queues: Sequence[QueueSeen]) -> QueuePlace:
    found = next((queue for queue in queues if wanted in (queue.id, queue.name)), None)
    found = found or next((q for q in queues if _plain(wanted) == _plain(q.name)), None)
    if found is None:
        return QueuePlace(problem=f'no queue of this CRM is called "{wanted}"')
    if object_ not in found.objects:
        said = f'the queue "{wanted}" cannot hold a {object_}'
        return QueuePlace(problem=f"{said}; name an owner in objects.{object_}.queues")
    return QueuePlace(found.id)


def queues_of(book: Book) -> set[str]:
    """Every queue that the rulebook names."""
    fallbacks: list[Fallback | None] = [book.fallback]
    found: set[str] = set()
    for route in book.routes:
        fallbacks.append(route.or_else)
        for rule in route.rules:
            fallbacks.append(rule.fallback)
            if rule.to.kind is TargetKind.QUEUE:
                found.add(rule.to.name)
    return found | {each.queue for each in fallbacks if each is not None and each.queue}


def _joined_by(people: StaffAsOf, person: str, connection: str) -> str:
    return "roster" if connection in people.people[person].crm else "email"


def _as_said(facts: RepFacts, known: KnownRep | None, *, is_active: bool) -> RepFacts:
    """Laid over the roster: a CRM says who is active, an operator who is paused."""
    if known is None:
        return facts._replace(active=is_active)
    said = [k for k in known.attributes.get("paused", ()) if k.source == OPERATOR]
    paused = bool(said[-1].dated.value) if said else facts.paused
    return facts._replace(active=is_active and known.left_at is None, paused=paused)


def _who_left(before: Staff, now: Staff) -> tuple[str, ...]:
    return tuple(
        rep
        for rep, facts in sorted(now.reps.items())
        if not facts.active and (rep not in before.reps or before.reps[rep].active)
        if rep != DEPARTED.id
    )


def _plain(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")
