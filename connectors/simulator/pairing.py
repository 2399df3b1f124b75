"""One company in two CRMs: who arrives where, and what a person does in both.

A deck says of each lead to come whether it is in Salesforce only, in HubSpot only, in both
and linked by the native sync, or in both without any link: one person who filled in two
forms. The deck is shuffled by the seed and holds exactly as many of each as asked for.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Any

from connectors.simulator.hubspot.properties import OWNER
from connectors.simulator.hubspot.records import Record
from connectors.simulator.hubspot.translation import as_contact
from connectors.simulator.hubspot_server import HubSpotSimulator
from connectors.simulator.options import SimulatorOptions
from connectors.simulator.server import SalesforceSimulator
from connectors.simulator.sync import INCLUDED, MARK, NativeSync


class Card(StrEnum):
    """Where a lead is."""

    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"
    SYNCED = "synced"
    UNSYNCED = "unsynced"


class Deck:
    """Cards in the order of the seed; shuffled anew when all are dealt."""

    def __init__(self, options: SimulatorOptions) -> None:
        self._chance = Random(f"deck {options.seed}")
        beside = [
            *[Card.HUBSPOT] * options.hubspot_leads,
            *[Card.SYNCED] * options.synced_pairs,
            *[Card.UNSYNCED] * options.unsynced_pairs,
        ]
        self._all = beside + [Card.SALESFORCE] * (options.dealt - len(beside))
        self._left: list[Card] = []

    def deal(self) -> Card:
        """The next card."""
        if not self._left:
            self._left = list(self._all)
            self._chance.shuffle(self._left)
        return self._left.pop()

    def coin(self) -> bool:
        """Heads or tails."""
        return self._chance.random() < 0.5


class PairScene:
    """An org and a portal as one scene; a lead goes by its CRM and its id."""

    def __init__(
        self, org: SalesforceSimulator, hub: HubSpotSimulator, sync: NativeSync, deck: Deck
    ) -> None:
        self._org = org
        self._hub = hub
        self._sync = sync
        self._deck = deck
        self._known: set[str] = set()  #: addresses that came in already
        self._apart: list[tuple[str, str]] = []  #: lead and contact of who filled in two forms

    def open(self, count: int, at: datetime) -> None:
        """Let so many leads be there already, pairs linked."""
        pairs = [self._pair_of_forms() for _ in range(count)]
        leads = iter(self._org.world.load_leads((lead for lead, _ in pairs if lead), at=at))
        filled_in = (contact for _, contact in pairs if contact)
        contacts = iter(self._hub.world.add_contacts(filled_in, at=at))
        for lead, contact in pairs:
            lead_id = next(leads) if lead else ""
            record = next(contacts) if contact else None
            if record is not None and record.values.get(INCLUDED):
                self._link(lead_id, record)
            elif record is not None and lead_id:
                self._apart.append((lead_id, str(record.id)))
        for scene in (self._org.scene, self._hub.scene):
            list(scene.given())

    def arrive(self) -> str | None:
        """Let the next lead arrive, in whichever CRM it comes to first."""
        lead, contact = self._pair_of_forms()
        if contact and contact.get(INCLUDED):
            lead, contact = (lead, None) if self._deck.coin() else (None, contact)
        in_hubspot = self._to_hubspot(contact) if contact else None
        in_salesforce = self._to_salesforce(lead) if lead else None
        if in_hubspot and in_salesforce:
            self._apart.append((_id_in(in_salesforce), _id_in(in_hubspot)))
        return in_salesforce or in_hubspot

    def given(self) -> Iterator[tuple[str, str]]:
        """Leads that clients gave to people since this was last asked."""
        for scene, crm in ((self._org.scene, "sf"), (self._hub.scene, "hs")):
            for lead, person in scene.given():
                yield f"{crm}:{lead}", person

    def pairs(self) -> dict[str, list[tuple[str, str]]]:
        """Lead and contact of everybody who is in both, as the sync and the world know them."""
        return {"synced": self._sync.pairs("Lead"), "unsynced": list(self._apart)}

    def here(self) -> list[str]:
        """Reps who are neither gone nor away."""
        return self._org.scene.here()

    def take(self, lead: str, person: str) -> None:
        """Let somebody take a lead for themselves, where it came in."""
        scene, record_id = self._at(lead)
        scene.take(record_id, person)

    def read(self, lead: str, person: str) -> None:
        """Let its owner open a lead."""
        scene, record_id = self._at(lead)
        scene.read(record_id, person)

    def work(self, lead: str, person: str, kind: str) -> None:
        """Let its owner work a lead, if it still is theirs."""
        scene, record_id = self._at(lead)
        scene.work(record_id, person, kind)

    def convert(self, lead: str, person: str) -> None:
        """Let its owner win a lead, if it still is theirs."""
        scene, record_id = self._at(lead)
        scene.convert(record_id, person)

    def go_away(self, person: str, until: datetime) -> None:
        """Send somebody on leave: both calendars say so."""
        self._org.scene.go_away(person, until)
        self._hub.scene.go_away(person, until)

    def come_back(self, person: str) -> None:
        """Bring them back."""
        self._org.scene.come_back(person)
        self._hub.scene.come_back(person)

    def leave(self, person: str) -> None:
        """Let somebody leave the company, and so both CRMs."""
        self._org.scene.leave(person)
        self._hub.scene.leave(person)

    def _at(self, lead: str) -> tuple[Any, str]:
        scene = self._org.scene if lead.startswith("sf:") else self._hub.scene
        return scene, _id_in(lead)

    def _pair_of_forms(self) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """What the next lead's forms write into Salesforce and HubSpot, if anything.

        Of a pair at most one owner is known from the start, and to both if they are synced.
        """
        card, prospect = self._deck.deal(), self._prospect()
        org, hub = self._org.world, self._hub.world
        if card is Card.HUBSPOT:
            return None, hub.as_arriving(prospect)
        lead = org.as_arriving(prospect)
        if card is Card.SALESFORCE:
            return lead, None
        if card is Card.UNSYNCED:
            return {**lead, "OwnerId": org.marketing_user_id}, as_contact(prospect)
        contact = {**as_contact(prospect), INCLUDED: "true"}
        contact[OWNER] = self._sync.owner_in_portal(lead["OwnerId"])
        return {**lead, MARK: True}, contact

    def _to_salesforce(self, lead: dict[str, Any]) -> str | None:
        by = self._org.world.marketing_user_id
        made = self._org.acts.create("Lead", lead, by=by)
        return None if made is None else f"sf:{made}"

    def _to_hubspot(self, contact: dict[str, Any]) -> str:
        return f"hs:{self._hub.acts.create('contacts', contact, unchecked=True)}"

    def _prospect(self) -> dict[str, Any]:
        """The next prospect whom neither CRM knows."""
        while True:
            prospect = next(self._org.world.coming)
            email = str(prospect["Email"]).lower()
            if email not in self._known:
                self._known.add(email)
                return prospect

    def _link(self, lead_id: str, contact: Record) -> None:
        self._sync.pair("Lead", lead_id, contact)
        self._hub.portal.index.of("contacts").put(contact)


def _id_in(lead: str) -> str:
    return lead.partition(":")[2]


def pair_accounts(org: SalesforceSimulator, hub: HubSpotSimulator, sync: NativeSync) -> None:
    """Link the companies of both CRMs, and the contacts of customers, as they have long been."""
    contacts = hub.portal.tables["contacts"]
    companies = hub.portal.tables["companies"]
    for row in org.org.store.table("Account").rows.values():
        domain = str(row["Website"]).removeprefix("https://www.")
        company = companies.rows[hub.world.company_ids[domain]]
        sync.pair("Account", str(row["Id"]), company)
    for row in org.org.store.table("Contact").rows.values():
        contact = contacts.with_value("email", str(row["Email"]))
        if contact is not None:
            sync.pair("Contact", str(row["Id"]), contact)
            contact.values["salesforceaccountid"] = str(row["AccountId"])
    for table in (contacts, companies):
        hub.portal.index.of(table.type.name).load(list(table.rows.values()))
