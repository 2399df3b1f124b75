"""The simulated company as its HubSpot portal has it when the simulation begins.

Owners and users for the same people as in Salesforce, companies with owners, customers with
a deal or two. Records are loaded straight into the portal: this is the past, and nobody
watched it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import orjson

from connectors.simulator.companies import Company, found_companies, prospects
from connectors.simulator.hubspot.desk import Desk
from connectors.simulator.hubspot.owners import Owner
from connectors.simulator.hubspot.properties import OWNER
from connectors.simulator.hubspot.records import Record, Source
from connectors.simulator.hubspot.stamps import milliseconds, wire
from connectors.simulator.hubspot.translation import as_contact
from connectors.simulator.people import Crews, Person, hire
from connectors.simulator.truth import WORLD, Actor, Happening

QUEUE: Final = "Inbound triage"
_FIRST_OWNER: Final = 41_000_001
_FIRST_USER: Final = 9_500_001
_PAST: Final = Source("IMPORT", "opening")
_ITS_OWN_STREAM: Final = 7_919


class PortalWorld:
    """The people and companies of one portal, and the contacts still to come."""

    def __init__(self, desk: Desk, *, seed: int, people: int, accounts: int) -> None:
        self._desk = desk
        self._portal = desk.portal
        self._chance = Random(f"hubspot {seed}")
        self._since_ms = milliseconds(self._portal.clock.now() - timedelta(days=400))
        self.people = hire(seed, people)
        self._crews = Crews(self.people)
        self.companies = found_companies(seed, accounts)
        #: prospects still to come, in the words of Salesforce
        self.coming = prospects(seed + _ITS_OWN_STREAM, self.companies)
        self.owners: dict[str, str] = {}  #: slug -> owner id
        self.company_ids: dict[str, int] = {}  #: domain -> id of the company
        self.queue_id = ""
        self.admin_id = _FIRST_USER
        self._settle()

    def roster(self) -> list[dict[str, Any]]:
        """The sales people as entries of a roster file."""
        return [person.as_roster() for person in self.people]

    def whereabouts(self) -> list[dict[str, Any]]:
        """What only the CRM and the narrator know: owner ids, who is away, full or gone."""
        return [
            {
                "id": person.slug,
                "crm_id": self.owners[person.slug],
                "team": person.team.name,
                "away": person.away,
                "left": person.left,
                "full": person.full,
            }
            for person in self.people
        ]

    def next_contact(self) -> dict[str, Any]:
        """The next contact to arrive whom the portal does not know, hardly ever with an owner."""
        contacts = self._portal.tables["contacts"]
        coming = (one for one in self.coming if not contacts.with_value("email", one["Email"]))
        return self.as_arriving(next(coming))

    def as_arriving(self, lead: dict[str, Any]) -> dict[str, Any]:
        """A prospect as its form writes it into the portal."""
        properties: dict[str, Any] = as_contact(lead)
        owner = self._portal.owners.get(self.owners[self._rep_for(lead.get("Country")).slug])
        if self._chance.random() < 0.02 and owner is not None and not owner.archived:
            properties[OWNER] = str(owner.id)
        return properties

    def add_contacts(self, arriving: Iterable[dict[str, Any]], *, at: datetime) -> list[Record]:
        """Contacts that are there when the simulation begins, with these properties."""
        at_ms = milliseconds(at)
        records = []
        for properties in arriving:
            record = self._record("contacts", properties, at_ms)
            stage = f"hs_v2_date_entered_{properties['lifecyclestage']}"
            record.values[stage] = wire(at_ms)
            actor = Actor(str(self.admin_id), WORLD)
            subject, change = ("contacts", str(record.id)), (None, record.owner)
            self._portal.truth.record(at.isoformat(), Happening.CREATED, subject, change, actor)
            records.append(record)
        self._portal.index.of("contacts").load(records)
        return records

    def _settle(self) -> None:
        self._owners()
        self._users()
        self._companies()
        self._old_contacts()
        for name, table in self._portal.tables.items():
            self._portal.index.of(name).load(list(table.rows.values()))

    def _owners(self) -> None:
        teams = {name: str(178_588 + at) for at, name in enumerate(self._team_names())}
        for at, person in enumerate(self.people):
            owner = Owner(
                id=_FIRST_OWNER + 7 * at,
                email=person.email,
                first_name=person.first_name,
                last_name=person.last_name,
                user_id=_FIRST_USER + 3 * at,
                created_ms=self._since_ms,
                archived=person.left,
                teams=((teams[person.team.name], person.team.name),),
            )
            self.owners[person.slug] = str(owner.id)
            self._portal.owners.add(owner)
        queue = Owner(
            id=_FIRST_OWNER + 7 * len(self.people),
            email=None,
            first_name=QUEUE,
            last_name="",
            user_id=None,
            created_ms=self._since_ms,
            kind="QUEUE",
        )
        self.queue_id = str(queue.id)
        self._portal.owners.add(queue)

    def _team_names(self) -> list[str]:
        return list(dict.fromkeys(person.team.name for person in self.people))

    def _users(self) -> None:
        now_ms = self._portal.now_ms()
        for at, person in enumerate(self.people):
            if person.left:
                continue
            values = {
                OWNER: self.owners[person.slug],
                "hs_email": person.email,
                "hs_given_name": person.first_name,
                "hs_family_name": person.last_name,
                "hs_internal_user_id": str(_FIRST_USER + 3 * at),
                "hs_standard_time_zone": person.timezone,
                "hs_working_hours": _working_hours(person),
                "hs_availability_status": "away" if person.away else "available",
                "hs_out_of_office_hours": _absence(person, now_ms),
                "hs_is_out_of_office": str(person.away).lower(),
            }
            self._record("users", values, self._since_ms)

    def _companies(self) -> None:
        for company in self.companies:
            values = _company_values(company)
            values[OWNER] = self.owners[self._rep_for(company.country).slug]
            record = self._record("companies", values, self._since_ms)
            self.company_ids[company.domain] = record.id
            if company.customer:
                self._customer(company, record)

    def _old_contacts(self) -> None:
        """Open work from before: what makes a rep full, and what a leaver leaves behind."""
        now_ms = milliseconds(self._portal.clock.now() - timedelta(days=20))
        for person in self.people:
            for _ in range(person.capacity if person.full else 2 if person.left else 0):
                values = as_contact(next(self.coming))
                values |= {OWNER: self.owners[person.slug], "hs_lead_status": "IN_PROGRESS"}
                self._record("contacts", values, now_ms)

    def _customer(self, company: Company, account: Record) -> None:
        values = {
            "firstname": "Chris",
            "lastname": company.name.split()[0],
            "email": f"chris@{company.domain}",
            "company": company.name,
            "country": company.country,
            "lifecyclestage": "customer",
            OWNER: account.values[OWNER],
        }
        contact = self._record("contacts", values, self._since_ms)
        self._desk.link(("contacts", contact.id), ("companies", account.id))
        if self._chance.random() < 0.2:
            deal = self._record("deals", self._deal_values(company, account), self._since_ms)
            self._desk.link(("deals", deal.id), ("companies", account.id))
            self._desk.link(("deals", deal.id), ("contacts", contact.id))

    def _deal_values(self, company: Company, account: Record) -> dict[str, str]:
        stage = self._chance.choice(("qualifiedtobuy", "contractsent", "closedwon"))
        return {
            "dealname": f"{company.name} renewal",
            "dealstage": stage,
            "pipeline": "default",
            "amount": str(company.employees * 100),
            "closedate": wire(self._since_ms + 460 * 86_400_000),
            "hs_is_closed": str(stage == "closedwon").lower(),
            "hs_is_closed_won": str(stage == "closedwon").lower(),
            OWNER: account.values[OWNER],
        }

    def _record(self, name: str, values: dict[str, Any], at_ms: int) -> Record:
        kind = self._portal.objects[name]
        record_id = self._portal.new_id()
        kept = {key: str(value) for key, value in values.items() if value not in (None, "")}
        record = Record(kind, record_id, kept, at_ms, at_ms, _PAST)
        record.values["hs_object_id"] = str(record_id)
        record.values[kind.created] = wire(at_ms)
        record.touch(at_ms)
        self._portal.tables[name].put(record)
        return record

    def _rep_for(self, country: str | None) -> Person:
        return self._chance.choice(self._crews.of(country))


def _company_values(company: Company) -> dict[str, str]:
    return {
        "name": company.name,
        "domain": company.domain,
        "website": f"https://www.{company.domain}",
        "country": company.country,
        "state": company.state or "",
        "industry": company.industry,
        "numberofemployees": str(company.employees),
        "type": "CUSTOMER" if company.customer else "PROSPECT",
        "lifecyclestage": "customer" if company.customer else "lead",
        "named_account": str(company.named).lower(),
    }


def _working_hours(person: Person) -> str:
    start, end = (_minutes(text) for text in person.team.hours.split("-"))
    hours = [{"days": "MONDAY_TO_FRIDAY", "startMinute": start, "endMinute": end}]
    return orjson.dumps(hours).decode()


def _absence(person: Person, now_ms: int) -> str:
    if not person.away:
        return "[]"
    day_ms = 86_400_000
    span = {"startTimestamp": now_ms - 2 * day_ms, "endTimestamp": now_ms + 5 * day_ms}
    return orjson.dumps([span]).decode()


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
