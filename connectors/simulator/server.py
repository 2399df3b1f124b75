"""The simulated Salesforce: one org, usable in process whether or not it is being served."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.control import Control
from connectors.simulator.faults import FaultBook
from connectors.simulator.life import Life
from connectors.simulator.options import SimulatorOptions, read_faults
from connectors.simulator.salesforce.access import FULL, Access
from connectors.simulator.salesforce.acts import Acts
from connectors.simulator.salesforce.bends import Bends
from connectors.simulator.salesforce.control import OrgControl
from connectors.simulator.salesforce.dispatch import Router
from connectors.simulator.salesforce.faults import KINDS
from connectors.simulator.salesforce.interference import Interference
from connectors.simulator.salesforce.occurrences import Occurrences
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.routes import data_routes, other_routes
from connectors.simulator.salesforce.scene import OrgScene
from connectors.simulator.salesforce.service import Service
from connectors.simulator.salesforce.world import World
from connectors.simulator.serving import Front, ThreadedServer


@dataclass(frozen=True, slots=True)
class SimulatorAddress:
    """Where the simulated Salesforce is, and how to get in."""

    base_url: str
    access_token: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token and the app that can get another one."""

    access_token: str
    client_id: str
    client_secret: str
    user_id: str
    refresh_token: str


class SalesforceSimulator:
    """One simulated org, usable in process whether or not it is being served.

    `acts` does what humans do, `book` holds the scripted faults, `world` knows the people,
    `org.truth` is the truth journal.

    Examples:
        >>> simulator = SalesforceSimulator(SimulatorOptions(people=5, accounts=3, leads=2))
        >>> len(simulator.org.truth.since())
        2
    """

    def __init__(
        self, options: SimulatorOptions | None = None, *, clock: SimulatorClock | None = None
    ) -> None:
        self.options = options or SimulatorOptions()
        self.clock = clock or SimulatorClock()
        seed = self.options.seed
        self.org = Org(
            seed=seed,
            clock=self.clock,
            daily_limit=self.options.daily_limit,
            session_s=self.options.session_s,
        )
        self.world = World(
            self.org, seed=seed, people=self.options.people, accounts=self.options.accounts
        )
        self.acts = Acts(self.org, admin_id=self.world.admin_id)
        self.book = FaultBook(seed, KINDS)
        self.scene = OrgScene(self.org, self.acts, self.world)
        leads, rate = self.options.leads, self.options.rate
        self.life = Life(self.scene, self.clock, seed=seed, leads=leads, rate=rate)
        occurrences = Occurrences(self.org, self.book, self.acts, self.world.next_lead)
        self._occurrences = occurrences
        self.org.before_save = Interference(self.org, self.book, self.acts).before_save
        router = Router(self.org, data_routes(), other_routes())
        self.service = Service(self.org, router, Bends(self.org, self.book), occurrences.tick)
        desk = OrgControl(self.org, acts=self.acts, world=self.world)
        self.control = Control(self.org, self.book, acts=desk.acts, answers=desk.answers)
        for script in read_faults(self.options.faults, "salesforce") if self.options.faults else []:
            self.book.add(script, self.clock.now())
        self._server: ThreadedServer | None = None

    def start(self) -> SimulatorAddress:
        """Serve on loopback until `stop`; returns when requests are answered."""
        front = self.front()
        server = ThreadedServer([front], self.tick, self.options.certificate)
        server.start()
        self._server = server
        return self.settle_at(server.base_urls[0])

    def front(self) -> Front:
        """The org as a server serves it."""
        return Front(self.service, self.control, self.options.salesforce_port)

    def settle_at(self, base_url: str) -> SimulatorAddress:
        """Tell the org its address, and let the first client in."""
        self.org.settings.base_url = base_url
        grant = self.grant()
        return SimulatorAddress(base_url, grant.access_token, grant.client_id, grant.client_secret)

    def stop(self) -> None:
        """Stop serving; the org keeps its state."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> SimulatorAddress:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def grant(
        self,
        *,
        access: Access = FULL,
        user_id: str | None = None,
        public_key: str | None = None,
    ) -> Grant:
        """Let another client in, with rights of its own, as a user (the integration user)."""
        with self.org.lock:
            user = user_id or self.world.integration_user_id
            app = self.org.sessions.register(user, access=access, public_key=public_key)
            session = self.org.sessions.open(app, self.clock.now())
            return Grant(session.token, app.client_id, app.client_secret, user, app.refresh_token)

    def fault(self, kind: str, **script: Any) -> int:
        """Put a fault in force, for example `fault("row_lock", match={"nth": 3})`."""
        with self.org.lock:
            return self.book.add({"kind": kind, **script}, self.clock.now()).number

    def roster(self) -> list[dict[str, Any]]:
        """The sales people as entries of a roster file."""
        return self.world.roster()

    def truth(self, since: int = 0) -> list[dict[str, Any]]:
        """The truth journal as plain data."""
        with self.org.lock:
            return self.org.truth.as_json(since)

    def act(self, act: Mapping[str, Any]) -> Any:
        """Do an act given as plain data, as POST /__simulator__/acts does."""
        with self.org.lock:
            return self.control.act(act)

    def tick(self) -> None:
        """Let life go on and whatever is due happen; a served simulator does it by itself."""
        with self.org.lock:
            self.org.now()
            self._occurrences.tick()
            self.life.tick()
