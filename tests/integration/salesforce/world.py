"""A simulated org that stands still in time, its humans, and a connector to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.salesforce import (
    ClientCredentials,
    SalesforceConnector,
    SalesforceSettings,
    StaticToken,
    contact_object,
    lead_object,
)
from connectors.simulator.clock import SimulatorClock
from connectors.simulator.options import SimulatorOptions
from connectors.simulator.server import SalesforceSimulator
from routing.facts.crm import Mapped
from tests.fakes.clock import SettableClock

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

MAPPED = (
    Mapped("country", "sf.lead", "Country"),
    Mapped("employees", "sf.lead", "NumberOfEmployees"),
    Mapped("score", "sf.lead", "Score__c"),
    Mapped("sdr", "sf.account", "SDR__c"),
)
WRITTEN = (
    Mapped("decision", "sf.lead", "Signalbox_Decision__c"),
    Mapped("reason", "sf.lead", "Signalbox_Reason__c"),
)


class SimulatedWorld:
    """Salesforce as the contract wants it; `simulator` for everything else."""

    object = "sf.lead"
    field = "OwnerId"
    text_field = "Country"

    def __init__(self, **options: Any) -> None:
        chosen = {"people": 8, "accounts": 4, "leads": 0, **options}
        self.clock = SettableClock(NINE)
        self.simulator = SalesforceSimulator(SimulatorOptions(**chosen), clock=SimulatorClock(NINE))
        self.address = self.simulator.start()
        self.unrouted: str | None = self.simulator.world.queues["web-inbound"]
        self.opened: list[SalesforceConnector] = []
        self.connector = self.connect()

    def settings(self, **changes: Any) -> SalesforceSettings:
        """What a connection to this org is told."""
        grant = ClientCredentials(self.address.client_id, self.address.client_secret)
        told = SalesforceSettings(
            base_url=self.address.base_url,
            grant=grant,
            route_from=NINE - timedelta(hours=1),
            routed=(lead_object(), contact_object(owner_field="SDR__c", stage_field="Stage__c")),
            mapped=MAPPED,
            written=WRITTEN,
            named_field="Named__c",
            timeout_s=5.0,
        )
        return replace(told, **changes)

    def connect(self, **changes: Any) -> SalesforceConnector:
        """A fresh connector, as after a restart."""
        connector = SalesforceConnector(self.settings(**changes), self.clock)
        self.opened.append(connector)
        return connector

    def connect_with(self, **rights: Any) -> SalesforceConnector:
        """A connector whose key has fewer rights."""
        grant = self.simulator.grant(**rights)
        return self.connect(grant=ClientCredentials(grant.client_id, grant.client_secret))

    def close(self) -> None:
        """Stop everything."""
        for connector in self.opened:
            connector.close()
        self.simulator.stop()

    def pass_time(self, seconds: float) -> None:
        """Let time pass in the org and for the connector."""
        self.simulator.clock.advance(seconds)
        self.clock.advance(seconds)
        self.simulator.tick()

    def lead(self, **fields: Any) -> str:
        """A new lead of a web form, held by the inbound queue, three seconds old."""
        given = {**self.simulator.world.next_lead(), "OwnerId": self.unrouted, **fields}
        made = self.simulator.acts.create("Lead", given, by=self.simulator.world.marketing_user_id)
        self.pass_time(3)
        return str(made)

    def rep(self) -> str:
        """A user who may own leads, a new one each time."""
        number = len(self.simulator.org.store.table("User").rows)
        fields = {
            "LastName": f"Rep {number}",
            "Alias": f"rep{number}",
            "Email": f"rep{number}@northbeam.test",
            "Username": f"rep{number}@northbeam.test",
            "ProfileId": next(iter(self.simulator.org.store.table("Profile").rows)),
            "TimeZoneSidKey": "UTC",
            "UserType": "Standard",
        }
        made = self.simulator.acts.create("User", fields, unchecked=True)
        self.pass_time(1)
        return str(made)

    def human_gives(self, record: str, owner: str) -> None:
        """A human sets the owner, three seconds ago."""
        self.simulator.acts.change_owner(record, owner)
        self.pass_time(3)

    def human_gives_between_read_and_write(self, record: str, owner: str) -> None:
        """The next save of this record finds that a human was faster."""
        self.simulator.fault("human_edit", owner=owner, match={"id": record}, times=1)

    def delete(self, record: str) -> None:
        """A human deletes a lead."""
        self.simulator.acts.delete(record)
        self.pass_time(3)

    def merge(self, loser: str, winner: str) -> None:
        """A human merges two leads."""
        self.simulator.acts.merge(winner, [loser])
        self.pass_time(3)

    def convert(self, record: str) -> None:
        """A human takes a lead and converts it."""
        owner = self.simulator.world.admin_id
        self.simulator.acts.convert(record, by=owner, owner_id=owner)
        self.pass_time(3)

    def deactivate(self, rep: str) -> None:
        """A user leaves."""
        self.simulator.acts.set_active(rep, active=False)
        self.pass_time(3)

    def row(self, record: str) -> dict[str, Any]:
        """The record as the org holds it."""
        return dict(self.simulator.org.store.get(record) or {})

    def owner(self, record: str) -> str | None:
        """Who holds it, as the org holds it."""
        return self.row(record).get("OwnerId")

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

    def lose_the_answer(self) -> None:
        """The next composite write lands; the connection breaks before the answer."""
        self.simulator.fault("ambiguous_write", match={"path": "*/composite"}, times=1)

    def go_away(self) -> None:
        """503 for everything."""
        self.simulator.fault("garbage", variant="unavailable")

    def come_back(self) -> None:
        """All faults lifted, and a while has passed."""
        self.simulator.book.remove()
        self.pass_time(30)

    def lock_out(self) -> None:
        """Every session is refused by policy."""
        self.simulator.fault("session_policy")

    def requests(self) -> dict[str, int]:
        """How many requests of each kind the org has served."""
        return dict(self.simulator.org.usage.kinds)

    def static_token(self) -> StaticToken:
        """The token that the simulator printed when it started."""
        return StaticToken(self.address.access_token)
