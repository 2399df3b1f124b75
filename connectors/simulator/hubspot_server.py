"""The simulated HubSpot: one portal, usable in process whether or not it is being served."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.control import Control
from connectors.simulator.faults import FaultBook
from connectors.simulator.hubspot.acts import PortalActs
from connectors.simulator.hubspot.bends import Bends
from connectors.simulator.hubspot.control import PortalControl
from connectors.simulator.hubspot.desk import Desk
from connectors.simulator.hubspot.faults import KINDS
from connectors.simulator.hubspot.interference import Interference
from connectors.simulator.hubspot.limits import Limits
from connectors.simulator.hubspot.occurrences import Occurrences
from connectors.simulator.hubspot.portal import Portal, PortalSettings
from connectors.simulator.hubspot.scene import PortalScene
from connectors.simulator.hubspot.service import PortalService
from connectors.simulator.hubspot.world import PortalWorld
from connectors.simulator.life import Life
from connectors.simulator.options import SimulatorOptions, read_faults
from connectors.simulator.serving import Front, ThreadedServer


@dataclass(frozen=True, slots=True)
class HubSpotAddress:
    """Where the simulated HubSpot is, and how to get in."""

    base_url: str
    access_token: str
    client_id: str  #: the app's id, under which the truth journal knows it
    client_secret: str


@dataclass(frozen=True, slots=True)
class HubSpotGrant:
    """An access token and the app it belongs to."""

    access_token: str
    client_id: str
    client_secret: str
    refresh_token: str  #: empty unless the app is an OAuth one


class HubSpotSimulator:
    """One simulated portal.

    `acts` does what humans do, `book` holds the scripted faults, `world` knows the people,
    `portal.truth` is the truth journal.

    Examples:
        >>> simulator = HubSpotSimulator(SimulatorOptions(people=5, accounts=3, leads=2))
        >>> len(simulator.truth())
        2
    """

    def __init__(
        self, options: SimulatorOptions | None = None, *, clock: SimulatorClock | None = None
    ) -> None:
        self.options = options or SimulatorOptions()
        self.clock = clock or SimulatorClock()
        chosen = self.options
        limits = Limits(
            zone=PortalSettings().zone,
            daily=chosen.hubspot_daily_limit,
            burst=chosen.hubspot_burst,
            searches=chosen.searches_per_s,
        )
        self.portal = Portal(
            seed=chosen.seed, clock=self.clock, limits=limits, lag_s=chosen.search_lag_s
        )
        self.desk = Desk(self.portal)
        self.world = PortalWorld(
            self.desk, seed=chosen.seed, people=chosen.people, accounts=chosen.accounts
        )
        self.acts = PortalActs(self.desk, admin_id=self.world.admin_id)
        self.book = FaultBook(chosen.seed, KINDS)
        Interference(self.desk, self.book, self.acts)
        occurrences = Occurrences(self.portal, self.book, self.acts, self.world.next_contact)
        self._occurrences = occurrences
        bends = Bends(self.portal, self.book, self.acts)
        self.service = PortalService(self.desk, bends, occurrences.tick)
        desk = PortalControl(self.portal, acts=self.acts, world=self.world)
        self.control = Control(self.portal, self.book, acts=desk.acts, answers=desk.answers)
        for script in read_faults(chosen.faults, "hubspot") if chosen.faults else []:
            self.book.add(script, self.clock.now())
        self.scene = PortalScene(self.portal, self.acts, self.world)
        self.life = Life(
            self.scene, self.clock, seed=chosen.seed, leads=chosen.leads, rate=chosen.rate
        )
        self._server: ThreadedServer | None = None

    def start(self) -> HubSpotAddress:
        """Serve on loopback until `stop`; returns when requests are answered."""
        server = ThreadedServer([self.front()], self.tick, self.options.certificate)
        server.start()
        self._server = server
        return self.settle_at(server.base_urls[0])

    def front(self) -> Front:
        """The portal as a server serves it."""
        return Front(self.service, self.control, self.options.hubspot_port)

    def settle_at(self, base_url: str) -> HubSpotAddress:
        """Tell the portal its address, and let the first client in."""
        self.portal.settings.base_url = base_url
        grant = self.grant()
        return HubSpotAddress(base_url, grant.access_token, grant.client_id, grant.client_secret)

    def stop(self) -> None:
        """Stop serving; the portal keeps its state, but tells nobody of it any more."""
        self.portal.webhooks.stop()
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> HubSpotAddress:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def grant(self, *, kind: str = "private", scopes: Iterable[str] | None = None) -> HubSpotGrant:
        """Let another client in: a private app, or an OAuth one; with scopes of its own."""
        with self.portal.lock:
            tokens = self.portal.tokens
            app = tokens.register(kind=kind, scopes=scopes, user_id=self.world.admin_id)
            token = tokens.open(app, self.clock.now())
            return HubSpotGrant(token.text, app.client_id, app.client_secret, app.refresh_token)

    def fault(self, kind: str, **script: Any) -> int:
        """Put a fault in force, for example `fault("secondly", match={"nth": 3})`."""
        with self.portal.lock:
            return self.book.add({"kind": kind, **script}, self.clock.now()).number

    def roster(self) -> list[dict[str, Any]]:
        """The sales people as entries of a roster file."""
        return self.world.roster()

    def truth(self, since: int = 0) -> list[dict[str, Any]]:
        """The truth journal as plain data."""
        with self.portal.lock:
            return self.portal.truth.as_json(since)

    def act(self, act: Mapping[str, Any]) -> Any:
        """Do an act given as plain data, as POST /__simulator__/acts does."""
        with self.portal.lock:
            return self.control.act(act)

    def tick(self) -> None:
        """Let life go on and whatever is due happen; a served simulator does it by itself."""
        with self.portal.lock:
            self.portal.now_ms()
            self._occurrences.tick()
            self.life.tick()
            self.portal.webhooks.tick(self.portal.now_ms())
