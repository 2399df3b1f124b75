"""Who is on the roster, as of now: what the file says, and what the ledger heard since."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from daemon.base.file_reading import read_text
from daemon.settings import Settings
from daemon.world.staff.absences import Absence, Absences
from daemon.world.staff.calendars import PLACES
from models.ledger import Ledger
from models.staff.roster import KnownRep
from routing.roster import PersonAsOf, Roster, read_roster

_OPERATOR = "operator"


class RosterMistakes(Exception):
    """The roster's file has mistakes; the message lists all of them."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person of the roster."""

    id: str
    name: str
    teams: tuple[str, ...]
    skills: tuple[str, ...]
    weight: int
    state: str  #: `there`, `away`, `away until ...`, `paused`, `inactive`
    users: Mapping[str, str]  #: connection -> CRM user
    manager: str | None
    backup: str | None

    def as_object(self) -> dict[str, object]:
        """As JSON says it."""
        return asdict(self)


def colleagues(settings: Settings, ledger: Ledger, *, at: datetime) -> tuple[Colleague, ...]:
    """Everybody on the roster, in id order.

    Raises:
        RosterMistakes: The roster's file has mistakes.
        UnreadableFile: It cannot be read.
    """
    known = {rep.roster_id: rep for rep in ledger.roster.reps()}
    away = _away(ledger, at)
    active = {
        (connection, user.id): user.active
        for connection in settings.connections
        for user in ledger.connections.users(connection)
    }
    people = _roster(settings).at(at).people
    return tuple(
        _colleague(person, known.get(person.id), away, active) for person in people.values()
    )


def _roster(settings: Settings) -> Roster:
    read = read_roster(read_text(settings.roster), name=str(settings.roster), places=PLACES)
    if read.roster is None:
        raise RosterMistakes("\n".join(str(mistake) for mistake in read.mistakes))
    return read.roster


def _away(ledger: Ledger, at: datetime) -> dict[str, datetime | None]:
    """Reps who are away now, and until when; None: without a known end."""
    absences = Absences()
    said = [known.away for known in ledger.absences.known(until_after=at)]
    for number, each in enumerate(said):
        absences.put(each.rep, Absence(each.starts_at, each.ends_at, str(number)))
    holding = {each.rep: absences.away(each.rep, at) for each in said}
    return {rep: found.ends_at for rep, found in holding.items() if found is not None}


def _colleague(
    person: PersonAsOf,
    rep: KnownRep | None,
    away: Mapping[str, datetime | None],
    active: Mapping[tuple[str, str], bool],
) -> Colleague:
    users = {} if rep is None else dict(rep.identities)
    return Colleague(
        id=person.id,
        name=person.name,
        teams=person.teams,
        skills=person.skills,
        weight=person.weight,
        state=_state(person, rep, away, any_active=_any_active(users, active)),
        users=users,
        manager=person.manager,
        backup=person.backup,
    )


def _any_active(users: Mapping[str, str], active: Mapping[tuple[str, str], bool]) -> bool:
    return not users or any(active.get(identity, True) for identity in users.items())


def _state(
    person: PersonAsOf,
    rep: KnownRep | None,
    away: Mapping[str, datetime | None],
    *,
    any_active: bool,
) -> str:
    if not person.active or not any_active or (rep is not None and rep.left_at is not None):
        return "inactive"
    if _is_paused(person, rep):
        return "paused"
    if rep is not None and rep.id in away:
        ends_at = away[rep.id]
        return "away" if ends_at is None else f"away until {ends_at.isoformat(timespec='minutes')}"
    return "there"


def _is_paused(person: PersonAsOf, rep: KnownRep | None) -> bool:
    known = () if rep is None else rep.attributes.get("paused", ())
    said = [each for each in known if each.source == _OPERATOR]
    return bool(said[-1].dated.value) if said else person.paused
