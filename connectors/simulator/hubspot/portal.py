"""Everything a simulated portal remembers, in one place, behind one lock.

Requests, the acts of humans and the life of the world all hold the lock while they read
or change it; none of them waits for anything while holding it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from random import Random
from threading import RLock

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.hubspot.associations import Associations
from connectors.simulator.hubspot.index import SearchIndex
from connectors.simulator.hubspot.limits import Limits
from connectors.simulator.hubspot.objects import standard_objects
from connectors.simulator.hubspot.owners import Owners
from connectors.simulator.hubspot.properties import ObjectType, Property
from connectors.simulator.hubspot.records import Record, Table
from connectors.simulator.hubspot.stamps import milliseconds
from connectors.simulator.hubspot.tokens import Tokens
from connectors.simulator.hubspot.webhooks import Webhooks
from connectors.simulator.truth import TruthJournal

_FIRST_ID = 10_001


@dataclass(frozen=True, slots=True)
class RequiredWhen:
    """An administrator's rule: this property must have a value once another one has that."""

    object: str
    property: str
    when: str = ""  #: a property; empty means always
    equals: str = ""


@dataclass(slots=True)
class PortalSettings:
    """What an administrator, or the operator of the service, decides about the portal."""

    base_url: str = "http://127.0.0.1"
    zone: str = "America/New_York"
    latency_s: float = 0.0  #: every call is held back this long
    has_leads: bool = True  #: whether the Lead object is part of the subscription
    lead_owner_follows: bool = False  #: a contact's owner becomes that of its leads
    trace_ids_on_update: bool = False  #: whether trace ids let a part of an update go through
    survivor_gets_new_id: bool = False  #: what a merge does to the id of the record that stays
    rules: list[RequiredWhen] = field(default_factory=list)


class Portal:
    """The state of one portal."""

    def __init__(
        self,
        *,
        seed: int,
        clock: SimulatorClock,
        limits: Limits,
        lag_s: tuple[float, float],
    ) -> None:
        self.lock = RLock()
        self.clock = clock
        self.id = 8_000_000 + seed % 900_000
        self.objects = standard_objects()
        self.tables = {name: Table(one) for name, one in self.objects.items()}
        self.owners = Owners()
        self.associations = Associations()
        self.truth = TruthJournal()
        self.limits = limits
        self.tokens = Tokens(self.id, Random(f"tokens {seed}"))
        self.index = SearchIndex(list(self.objects), Random(f"index {seed}"), lag_s)
        self.settings = PortalSettings()
        self.webhooks = Webhooks(self.id, Random(f"webhooks {seed}"))
        self.erased_emails: set[str] = set()  #: of contacts erased for good: nobody may have them
        self._next_id = _FIRST_ID
        self._by_name = {
            key: one
            for one in self.objects.values()
            for key in (one.name, one.type_id, one.singular)
        }
        #: set by whoever scripts faults: how late a write reaches the index
        self.lag_of: Callable[[Record], tuple[float, float] | None] = _as_usual

    def object_type(self, name: str) -> ObjectType | None:
        """The object type of a name, singular or plural, or of a type id."""
        return self._by_name.get(name) or self._by_name.get(name.lower())

    def new_id(self) -> int:
        """The next record id; every object type draws from the same numbers."""
        self._next_id += 1
        return self._next_id

    def now_ms(self) -> int:
        """The portal's time; whatever was due has reached the index by then."""
        now_ms = milliseconds(self.clock.now())
        self.index.settle(now_ms)
        return now_ms

    def told(self) -> str:
        """The time that clients are told in the Date header."""
        return format_datetime(self.clock.told().replace(microsecond=0), usegmt=True)

    def changed(self, record: Record, now_ms: int) -> None:
        """Let a record that was written reach the index in a while."""
        self.index.expect(record, now_ms, self.lag_of(record))

    def define(self, name: str, definition: Property) -> None:
        """Add a property to an object type, or replace it by another of the same name."""
        properties = self.objects[name].properties
        if isinstance(properties, dict):
            properties[definition.name] = definition


def _as_usual(record: Record) -> tuple[float, float] | None:
    del record
    return None
