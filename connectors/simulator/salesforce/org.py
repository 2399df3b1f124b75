"""Everything a simulated org remembers, in one place, behind one lock.

Requests, the acts of humans and the life of the world all hold the lock while they read
or change it; none of them waits for anything while holding it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from random import Random
from threading import RLock
from typing import Any

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce.access import Access
from connectors.simulator.salesforce.bulk_jobs import BulkJobs
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.cursors import Cursors
from connectors.simulator.salesforce.dml import Dml
from connectors.simulator.salesforce.ids import IdMint
from connectors.simulator.salesforce.objects import standard_schema
from connectors.simulator.salesforce.rules import OrgRules
from connectors.simulator.salesforce.schema import SObject
from connectors.simulator.salesforce.sessions import Sessions
from connectors.simulator.salesforce.soql.engine import Engine
from connectors.simulator.salesforce.soql.scope import World
from connectors.simulator.salesforce.stamps import wire
from connectors.simulator.salesforce.store import Store
from connectors.simulator.salesforce.usage import Usage
from connectors.simulator.truth import TruthJournal

BeforeSave = Callable[[Call, SObject, str, Mapping[str, Any]], None]
VERSIONS = tuple(f"{number}.0" for number in range(31, 68))  #: v21-30 are retired


@dataclass(slots=True)
class OrgSettings:
    """What an administrator, or the operator of the service, decides about the org."""

    base_url: str = "http://127.0.0.1"
    instance_url: str = ""  #: what logins are told, if not the base URL (a failover)
    page_rows: int = 2000
    latency_s: float = 0.0  #: every data call is held back this long
    bulk_ready_after_polls: int = 1


class Org:
    """The state of one org."""

    def __init__(
        self, *, seed: int, clock: SimulatorClock, daily_limit: int, session_s: float
    ) -> None:
        self.lock = RLock()
        self.clock = clock
        self.chance = Random(seed)
        self.schema = standard_schema()
        mint = IdMint(seed)
        self.id = mint.mint("00D")
        self.store = Store(self.schema, mint)
        self.truth = TruthJournal()
        self.rules = OrgRules()
        self.dml = Dml(self.store, self.truth, clock, self.rules)
        self.sessions = Sessions(self.id, Random(seed + 1), lasts_s=session_s)
        self.usage = Usage(daily_limit, Random(seed + 2))
        self.cursors = Cursors(mint)
        self.jobs = BulkJobs()
        self.settings = OrgSettings()
        self.started_at = clock.now()
        self.before_save: BeforeSave = _no_one_interferes
        self.answer: Callable[[Call], Reply] = _nobody_answers  #: set by whoever builds the org

    def engine(self, access: Access, *, version: str, deleted_too: bool = False) -> Engine:
        """What runs a query for a user with these rights."""
        world = World(self.store, access, self.clock.now())
        return Engine(world, version=version, deleted_too=deleted_too)

    def sobject(self, name: str, access: Access) -> SObject | None:
        """The object of that name, if it exists for this user."""
        found = self.schema.find(name)
        return found if found is not None and access.shows_object(found) else None

    @property
    def instance_url(self) -> str:
        """The address that logins are told to use."""
        return self.settings.instance_url or self.settings.base_url

    def purge(self, record_id: str) -> None:
        """Remove a record from the recycle bin: only getDeleted still knows of it."""
        sobject = self.schema.of_id(record_id)
        if sobject is not None:
            self.store.table(sobject.name).drop(record_id, at=wire(self.clock.now()))

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """Changes that may be taken back together, with what the truth journal says of them."""
        transaction = Transaction(len(self.truth))
        self.store.remember()
        try:
            yield transaction
        finally:
            self.store.forget(roll_back=transaction.rolled_back)
            if transaction.rolled_back:
                self.truth.forget_after(transaction.began_at)

    def now(self) -> datetime:
        """The org's time; open transactions that are due have committed by then."""
        now = self.clock.now()
        self.store.settle(now)
        return now


class Transaction:
    """Whether changes are to be taken back."""

    def __init__(self, began_at: int) -> None:
        self.began_at = began_at
        self.rolled_back = False

    def roll_back(self) -> None:
        """Take everything back at the end."""
        self.rolled_back = True


def _no_one_interferes(
    call: Call, sobject: SObject, record_id: str, values: Mapping[str, Any]
) -> None:
    del call, sobject, record_id, values


def _nobody_answers(call: Call) -> Reply:
    raise RuntimeError(
        f"Nobody answers {call.method} {call.path}: the org was not built by org_at."
    )
