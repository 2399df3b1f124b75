"""The world as the loops see it: connections, and the two books in which their leads are decided.

Parts are values and are replaced whole when something changed, always under the world's lock. Two
routers stand side by side: what connections in shadow decide charges shadow claims and nothing
else.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Protocol

from daemon.settings import Mode
from daemon.world.companies import Companies
from daemon.world.connections.connection import Connection
from daemon.world.connections.pairing import Pairing
from daemon.world.router import Router
from daemon.world.staff.absences import Absences
from daemon.world.staff.candidates import Staff
from routing.shortlist import Guide
from routing.state import Closed, Event, OwnerObserved, State, apply


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

    live: Router
    shadow: Router
    connections: Mapping[str, Connection]
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

    def router(self, connection: Connection) -> Router:
        """Where leads of a connection are decided, with its own users known."""
        router = self.live if connection.mode is Mode.LIVE else self.shadow
        router.identities = lambda _object: connection.has_user
        return router

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
        for router in (self.live, self.shadow):
            router.staff = staff
            if absences is not None:
                router.absences = absences

    def working(self) -> Iterable[Connection]:
        """Connections that are not off."""
        return (
            connection
            for connection in self.connections.values()
            if connection.mode is not Mode.OFF
        )
