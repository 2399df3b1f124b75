"""Both simulated CRMs of one company, served side by side on one clock."""

import signal
import sys
from dataclasses import asdict, replace
from threading import Event
from typing import Any

import orjson

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.exchange import Request
from connectors.simulator.hubspot_server import HubSpotAddress, HubSpotSimulator
from connectors.simulator.life import Life
from connectors.simulator.options import SimulatorOptions
from connectors.simulator.pairing import Deck, PairScene, pair_accounts
from connectors.simulator.server import SalesforceSimulator, SimulatorAddress
from connectors.simulator.serving import ThreadedServer
from connectors.simulator.sync import NativeSync


class SimulatedCrms:
    """A Salesforce org and a HubSpot portal of the same people and companies.

    Examples:
        >>> crms = SimulatedCrms(SimulatorOptions(people=5, accounts=3, leads=2))
        >>> [len(crms.salesforce.truth()), len(crms.hubspot.truth())]
        [2, 0]
    """

    def __init__(
        self, options: SimulatorOptions | None = None, *, clock: SimulatorClock | None = None
    ) -> None:
        self.options = options or SimulatorOptions()
        self.clock = clock or SimulatorClock()
        chosen = self.options
        quiet = replace(
            chosen, leads=0, rate=0.0, hubspot_leads=0, synced_pairs=0, unsynced_pairs=0
        )
        self.salesforce = SalesforceSimulator(quiet, clock=self.clock)
        self.hubspot = HubSpotSimulator(quiet, clock=self.clock)
        self.sync = NativeSync(
            self.salesforce, self.hubspot, delay_s=chosen.sync_delay_s, on=chosen.sync
        )
        pair_accounts(self.salesforce, self.hubspot, self.sync)
        scene = PairScene(self.salesforce, self.hubspot, self.sync, Deck(chosen))
        self.life = Life(scene, self.clock, seed=chosen.seed, leads=chosen.leads, rate=chosen.rate)
        for crm in (self.salesforce, self.hubspot):
            crm.control.offer("sync", self.sync.switch)
            crm.control.tell("sync", self._report)
            crm.control.tell("pairs", lambda _: scene.pairs())
        self._server: ThreadedServer | None = None

    def start(self) -> tuple[SimulatorAddress, HubSpotAddress]:
        """Serve both on loopback until `stop`; returns when requests are answered."""
        fronts = [self.salesforce.front(), self.hubspot.front()]
        server = ThreadedServer(fronts, self.tick, self.options.certificate)
        server.start()
        self._server = server
        salesforce, hubspot = server.base_urls
        return self.salesforce.settle_at(salesforce), self.hubspot.settle_at(hubspot)

    def stop(self) -> None:
        """Stop serving; both keep their state."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        self.hubspot.stop()

    def __enter__(self) -> tuple[SimulatorAddress, HubSpotAddress]:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _report(self, request: Request) -> dict[str, Any]:
        del request
        return asdict(self.sync.report)

    def tick(self) -> None:
        """Let life go on in both and between them; served CRMs do it by themselves."""
        self.salesforce.tick()
        self.hubspot.tick()
        with self.salesforce.org.lock, self.hubspot.portal.lock:
            self.life.tick()
            self.sync.tick()


def serve(options: SimulatorOptions) -> None:
    """Serve both CRMs until SIGINT or SIGTERM; prints one JSON line when ready.

    Raises:
        ValueError: The faults file has mistakes, or a port is taken.
    """
    crms = SimulatedCrms(options)
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    salesforce, hubspot = crms.start()
    line: dict[str, Any] = {"salesforce": asdict(salesforce), "hubspot": asdict(hubspot)}
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    sys.stdout.flush()
    stopped.wait()
    crms.stop()
