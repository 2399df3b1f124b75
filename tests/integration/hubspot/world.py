"""A simulated portal that stands still in time, its humans, and a connector to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.hubspot import HubSpotConnector, HubSpotSettings, ServiceKey
from connectors.port import Connector
from connectors.simulator.clock import SimulatorClock
from connectors.simulator.hubspot.owners import Owner
from connectors.simulator.hubspot.records import Record
from connectors.simulator.hubspot_server import HubSpotSimulator
from connectors.simulator.options import SimulatorOptions
from routing.facts.crm import Mapped
from tests.fakes.clock import SettableClock

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MAPPED = (Mapped("country", "hs.contact", "country"),)
WRITTEN = (Mapped("reason", "hs.contact", "signalbox_reason"),)


class PortalClock(SettableClock):
    """A clock whose sleep lets time pass in the portal too."""

    def __init__(self, at: datetime, pass_time: Callable[[float], None]) -> None:
        super().__init__(at)
        self._pass_time = pass_time

    def sleep(self, seconds: float) -> None:
        """Let that much pass everywhere, and note it."""
        self.slept.append(seconds)
        self._pass_time(seconds)


class SimulatedPortal:
    """HubSpot as the contract wants it; `simulator` for everything else."""

    object = "hs.contact"
    field = "hubspot_owner_id"
    text_field = "country"
    unrouted: str | None = None

    def __init__(self, **options: Any) -> None:
        chosen = {"people": 8, "accounts": 4, "leads": 0, **options}
        self.clock = PortalClock(NINE, self.pass_time)
        self.simulator = HubSpotSimulator(SimulatorOptions(**chosen), clock=SimulatorClock(NINE))
        self.address = self.simulator.start()
        self.opened: list[HubSpotConnector] = []
        self.connector: Connector = self.connect()

    def settings(self, **changes: Any) -> HubSpotSettings:
        """What a connection to this portal is told."""
        told = HubSpotSettings(
            grant=ServiceKey(self.address.access_token),
            route_from=NINE - timedelta(hours=1),
            base_url=self.address.base_url,
            mapped=MAPPED,
            written=WRITTEN,
            named_field="named_account",
            archive_beat_s=5,
            timeout_s=5.0,
        )
        return replace(told, **changes)

    def connect(self, **changes: Any) -> HubSpotConnector:
        """A fresh connector, as after a restart."""
        connector = HubSpotConnector(self.settings(**changes), self.clock)
        self.opened.append(connector)
        return connector

    def connect_without(self, *scopes: str, **changes: Any) -> HubSpotConnector:
        """A connector whose key lacks some scopes."""
        held = self.simulator.portal.tokens.register(kind="private", scopes=None, user_id=1).scopes
        grant = self.simulator.grant(scopes=held - set(scopes))
        return self.connect(grant=ServiceKey(grant.access_token), **changes)

    def close(self) -> None:
        """Stop everything."""
        for connector in self.opened:
            connector.close()
        self.simulator.stop()

    def pass_time(self, seconds: float) -> None:
        """Let time pass in the portal and for the connector."""
        self.simulator.clock.advance(seconds)
        self.clock.advance(seconds)
        self.simulator.tick()

    def lead(self, **properties: Any) -> str:
        """A new contact of a web form with nobody, three seconds old."""
        number = len(self.simulator.portal.tables["contacts"].rows)
        given = {"email": f"kim{number}@acme.test", "lifecyclestage": "lead", **properties}
        made = self.simulator.acts.create("contacts", given)
        self.pass_time(3)
        return str(made)

    def rep(self) -> str:
        """An owner, a new one each time."""
        owners = self.simulator.portal.owners
        number = sum(1 for _ in owners)
        owner = Owner(
            id=77_000_000 + number,
            email=f"rep{number}@northbeam.test",
            first_name="Rep",
            last_name=str(number),
            user_id=88_000_000 + number,
            created_ms=0,
        )
        owners.add(owner)
        return str(owner.id)

    def human_gives(self, record: str, owner: str) -> None:
        """A human sets the owner, three seconds ago."""
        self.simulator.acts.change_owner("contacts", int(record), owner)
        self.pass_time(3)

    def human_gives_between_read_and_write(self, record: str, owner: str) -> None:
        """The next save of this record finds that a human was faster."""
        self.fault("human_edit", owner=owner, match={"id": record}, times=1)

    def delete(self, record: str) -> None:
        """A human deletes a contact, a while ago."""
        self.simulator.acts.archive("contacts", int(record))
        self.pass_time(40)

    def merge(self, loser: str, winner: str) -> None:
        """A human merges two contacts."""
        self.simulator.acts.merge("contacts", int(winner), int(loser))
        self.pass_time(3)

    def convert(self, record: str) -> None:
        """A human takes a contact and makes a customer of it."""
        owner = self.simulator.acts.somebody_but(set())
        done = {"lifecyclestage": "customer", "hubspot_owner_id": owner}
        self.simulator.acts.update("contacts", int(record), done)
        self.pass_time(3)

    def deactivate(self, rep: str) -> None:
        """A user leaves."""
        self.simulator.acts.archive_owner(rep)
        self.pass_time(3)

    def record(self, record: str, kind: str = "contacts") -> Record:
        """The record as the portal holds it."""
        return self.simulator.portal.tables[kind].rows[int(record)]

    def owner(self, record: str) -> str | None:
        """Who holds it, as the portal holds it."""
        return self.record(record).owner

    def owner_changes(self, client: str | None = None) -> list[dict[str, Any]]:
        """Owner changes in the truth journal, by our app unless told otherwise."""
        client = client or self.address.client_id
        return [
            entry
            for entry in self.simulator.truth()
            if entry["what"] == "owner_changed" and entry["client"] == client
        ]

    def writes(self) -> int:
        """Owner changes that our key made."""
        return len(self.owner_changes())

    def fault(self, kind: str, **script: Any) -> int:
        """Put a fault in force."""
        return self.simulator.fault(kind, **script)

    def lose_the_answer(self) -> None:
        """The next write lands; the connection breaks before the answer."""
        self.fault("lost_response", match={"path": "*/batch/update"}, times=1)

    def go_away(self) -> None:
        """503 for everything."""
        self.fault("server_error")

    def come_back(self) -> None:
        """All faults lifted, and a while has passed."""
        self.simulator.book.remove()
        self.pass_time(30)

    def lock_out(self) -> None:
        """Our key is taken away."""
        self.simulator.portal.tokens.end(self.address.access_token, self.clock.now())

    def requests(self) -> dict[str, int]:
        """How many requests of each kind the portal has served."""
        return dict(self.simulator.portal.limits.kinds)
