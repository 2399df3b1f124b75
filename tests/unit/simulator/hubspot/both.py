"""Both CRMs of a small company that nobody serves, on a clock that stands still."""

from typing import Any

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.crms import SimulatedCrms
from connectors.simulator.hubspot.records import Record
from connectors.simulator.options import SimulatorOptions
from connectors.simulator.sync import INCLUDED, MARK
from tests.unit.simulator.small import NINE


class Both:
    """An org and a portal of ten people, without leads unless asked."""

    def __init__(self, **options: Any) -> None:
        chosen = {"people": 10, "accounts": 8, "leads": 0, **options}
        self.crms = SimulatedCrms(SimulatorOptions(**chosen), clock=SimulatorClock(NINE))
        self.org = self.crms.salesforce
        self.hub = self.crms.hubspot
        self.sync = self.crms.sync

    def live(self, seconds: float) -> None:
        """Let so much time pass in steps of a tenth of a second."""
        for _ in range(int(seconds * 10)):
            self.crms.clock.advance(0.1)
            self.crms.tick()

    def slug(self, at: int = 0) -> str:
        """A rep who is there."""
        return self.org.scene.here()[at]

    def user(self, at: int = 0) -> str:
        return self.org.world.users[self.slug(at)]

    def owner(self, at: int = 0) -> str:
        return self.hub.world.owners[self.slug(at)]

    def lead(self, *, marked: bool = True, **fields: Any) -> str:
        """A Salesforce lead, by default one that the sync is to carry over."""
        given = {
            "LastName": "Voss", "Company": "Acme", "Email": "kim@acme.test",
            "OwnerId": self.org.world.queues["web-inbound"], MARK: marked, **fields,
        }  # fmt: skip
        return str(self.org.acts.create("Lead", given))

    def contact(self, **properties: Any) -> str:
        """A HubSpot contact that the sync is to carry over."""
        given = {"email": "kim@acme.test", INCLUDED: "true", **properties}
        return str(self.hub.acts.create("contacts", given))

    def row(self, lead: str) -> dict[str, Any]:
        return dict(self.org.org.store.get(lead) or {})

    def record(self, contact: str) -> Record:
        return self.hub.portal.tables["contacts"].rows[int(contact)]

    def partner_of_lead(self, lead: str) -> Record:
        contact = self.paired("salesforce", "Lead", lead)
        assert contact is not None
        return self.record(contact)

    def partner_of_contact(self, contact: str) -> dict[str, Any]:
        lead = self.paired("hubspot", "contacts", contact)
        assert lead is not None
        return self.row(lead)

    def paired(self, crm: str, name: str, record_id: str) -> str | None:
        """The id of a record's partner, if it has one."""
        sobjects = {"contacts": ("Lead", "Contact"), "companies": ("Account",)}.get(name, (name,))
        place = 0 if crm == "salesforce" else 1
        pairs = [pair for sobject in sobjects for pair in self.sync.pairs(sobject)]
        return next((pair[1 - place] for pair in pairs if pair[place] == record_id), None)
