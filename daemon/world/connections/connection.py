"""One CRM connection as the loops see it.

Parts are values and are replaced whole when something changed, always under the world's lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.port import Connector
from daemon.settings import ConnectionConfig, Mode
from daemon.world.connections.health import ConnectionHealth
from daemon.world.connections.lead_facts import Reading
from daemon.world.connections.owners import Holders
from daemon.world.connections.poll_schedule import PollSchedule
from daemon.world.matching.index import AccountIndex
from models.leads.known import Mode as DecisionMode
from routing.facts import Stream


@dataclass(slots=True)
class Connection:
    """One connection."""

    name: str
    config: ConnectionConfig
    connector: Connector
    mode: Mode
    route_from: datetime
    reading: Reading
    index: AccountIndex
    poll_schedule: PollSchedule
    holders: Holders = field(default_factory=Holders)
    reads: ConnectionHealth = field(default_factory=ConnectionHealth)
    writes: ConnectionHealth = field(default_factory=ConnectionHealth)
    paused: bool = False
    read_once: set[Stream] = field(default_factory=set)  #: read to their end by this process
    read_at: dict[Stream, datetime] = field(default_factory=dict)
    #: when what was last read to its end had been asked for
    unknown_owners: dict[str, datetime] = field(default_factory=dict)
    #: owner ids that are neither user nor queue yet -> since when
    told_of: set[str] = field(default_factory=set)  #: those that an alert named already
    push_at: datetime | None = None  #: when its next new effect leaves its quarantine
    sweep_at: datetime | None = None  #: when it is compared with the ledger; None: not yet known
    written: Mapping[str, Sequence[tuple[str, str]]] = field(init=False)
    #: what is written beside the owner: object -> (thing, field)

    def __post_init__(self) -> None:
        written: dict[str, list[tuple[str, str]]] = {}
        for each in self.config.mapped_back():
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
        described = self.config.objects.get(object)  # type: ignore[call-overload]
        return "OwnerId" if described is None else described.owner

    def has_user(self, rep: str) -> bool:
        """Whether a rep has a user in this CRM."""
        return rep in self.holders.users
