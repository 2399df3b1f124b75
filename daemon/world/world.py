"""One CRM connection as the loops see it, and the world of all of them.

Parts are values and are replaced whole when something changed, always under the world's lock. Two
desks stand side by side: what connections in shadow decide charges shadow claims and nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Protocol

from connectors.port import Connector
from daemon.settings import Connection, Mode
from daemon.world.companies import Companies
from daemon.world.connections.health import Standing
from daemon.world.connections.lead_facts import Reading
from daemon.world.connections.owners import Holders
from daemon.world.connections.pairing import Pairing
from daemon.world.connections.poll_schedule import Beats
from daemon.world.matching.index import AccountIndex
from daemon.world.router import Desk
from daemon.world.staff.absences import Absences
from daemon.world.staff.candidates import Staff
from models.leads.known import Mode as DecisionMode
from routing.facts import Stream
from routing.shortlist import Guide
from routing.state import Closed, Event, OwnerObserved, State, apply


@dataclass(slots=True)
class End:
    """One connection."""

    name: str
    told: Connection
    connector: Connector
    mode: Mode
    route_from: datetime
    reading: Reading
    index: AccountIndex
    beats: Beats
    holders: Holders = field(default_factory=Holders)
    reads: Standing = field(default_factory=Standing)
    writes: Standing = field(default_factory=Standing)
    paused: bool = False
    read_once: set[Stream] = field(default_factory=set)  #: read to their end by this process
    read_at: dict[Stream, datetime] = field(default_factory=dict)
    #: when what was last read to its end had been asked for
    strangers: dict[str, datetime] = field(default_factory=dict)
    #: owner ids that are neither user nor queue yet -> since when
    told_of: set[str] = field(default_factory=set)  #: those that an alert named already
    push_at: datetime | None = None  #: when its next new effect leaves its quarantine
    sweep_at: datetime | None = None  #: when it is compared with the ledger; None: not yet known
    written: Mapping[str, Sequence[tuple[str, str]]] = field(init=False)
    #: what is written beside the owner: object -> (thing, field)

    def __post_init__(self) -> None:
        written: dict[str, list[tuple[str, str]]] = {}
        for each in self.told.mapped_back():
            written.setdefault(each.object, []).append((each.fact, each.field))
        self.written = written

    @property
    def routes_from(self) -> datetime:
        """Leads created before are only counted. CRMs stamp whole seconds, so this is one too."""
        return self.route_from.replace(microsecond=0)

    @property
    def is_primed(self) -> bool:
        """Whether people and accounts are known, without which nothing should be decided."""
        return self.mode is Mode.OFF or {Stream.PEOPLE, Stream.ACCOUNTS} <= self.read_once

    @property
    def decides_as(self) -> DecisionMode:
        """The mode that its decisions are recorded under."""
        return DecisionMode.LIVE if self.mode is Mode.LIVE else DecisionMode.SHADOW

    @property
    def may_write(self) -> bool:
        """Whether effects of this connection may leave now."""
        return self.mode is Mode.LIVE and not self.paused

    def will_push(self, at: datetime) -> None:
        """A write is owed that may leave at this instant."""
        self.push_at = at if self.push_at is None else min(self.push_at, at)

    def pushed(self, now: datetime) -> None:
        """Whatever was due by now is looked at."""
        if self.push_at is not None and self.push_at <= now:
            self.push_at = None

    def owner_field(self, object: str) -> str:
        """The CRM field that a route writes on this kind of record."""
        described = self.told.objects.get(object)  # type: ignore[call-overload]
        return "OwnerId" if described is None else described.owner

    def has_user(self, rep: str) -> bool:
        """Whether a rep has a user in this CRM."""
        return rep in self.holders.users


class LoadState(Protocol):
    """How a book is read back from the ledger."""

    def __call__(self, *, at: datetime, shadow: bool = False) -> State:
        """The state as of the last commit."""
        ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a transaction may change in memory."""

    live: State
    shadow: State
    look_again: frozenset[str]


@dataclass(slots=True)
class World:
    """What is in force. `lock` is held by whoever decides or changes any of it."""

    live: Desk
    shadow: Desk
    ends: Mapping[str, End]
    companies: Companies
    load: LoadState  #: reads a book back from the ledger
    pairing: Pairing | None = None  #: two connections that know the same people
    lock: RLock = field(default_factory=RLock)
    look_again: set[str] = field(default_factory=set)
    #: leads whose facts changed while a write of theirs was under way

    @property
    def guide(self) -> Guide:
        """The rulebook in force."""
        return self.live.guide

    def desk(self, end: End) -> Desk:
        """Where leads of a connection are decided, with its own users known."""
        desk = self.live if end.mode is Mode.LIVE else self.shadow
        desk.identities = lambda _object: end.has_user
        return desk

    def observed(
        self, lead: str, before: str | None, after: str | None, *, is_given: bool = False
    ) -> None:
        """The lead was seen to belong to another rep, or to none.

        While a write gives it to a rep it counts as theirs, and only the shadow's book moves.
        """
        event = OwnerObserved(lead, before, after)
        self.shadow.state = apply(self.shadow.state, event)
        if not is_given:
            self.live.state = apply(self.live.state, event)

    def gone(self, lead: str, owner: str | None, *, is_given: bool = False) -> None:
        """The lead is no longer open work; a write under way learns it from its result."""
        event = Closed(lead, owner)
        self.shadow.state = apply(self.shadow.state, event)
        if not is_given:
            self.live.state = apply(self.live.state, event)

    def happened(self, event: Event) -> None:
        """Something happened that only the live book knows of."""
        self.live.state = apply(self.live.state, event)

    def shadowed(self, event: Event) -> None:
        """Something was observed that the live book knew before."""
        self.shadow.state = apply(self.shadow.state, event)

    def reload(self, at: datetime) -> None:
        """Both books are what the ledger says; what ran ahead of it never happened."""
        self.live.state = self.load(at=at, shadow=False)
        self.shadow.state = self.load(at=at, shadow=True)

    def states(self) -> tuple[State, State]:
        """The live book and the shadow's."""
        return self.live.state, self.shadow.state

    def snapshot(self) -> Snapshot:
        """What a transaction may change, to go back to."""
        return Snapshot(
            self.live.state,
            self.shadow.state,
            frozenset(self.look_again),
        )

    def back_to(self, kept: Snapshot) -> None:
        """Nothing of it happened."""
        self.live.state, self.shadow.state = kept.live, kept.shadow
        self.look_again = set(kept.look_again)

    @contextmanager
    def unless_it_fails(self) -> Iterator[None]:
        """Whatever the block changed is undone where it raises."""
        kept = self.snapshot()
        try:
            yield
        except BaseException:
            self.back_to(kept)
            raise

    def employ(self, staff: Staff, absences: Absences | None = None) -> None:
        """Other reps, pools or absences are in force from now on."""
        for desk in (self.live, self.shadow):
            desk.staff = staff
            if absences is not None:
                desk.absences = absences

    def working(self) -> Iterable[End]:
        """Connections that are not off."""
        return (end for end in self.ends.values() if end.mode is not Mode.OFF)
