"""The simulated company as its Salesforce org has it when the simulation begins.

Users with roles and queues, accounts with owners, a few contacts, deals and old leads.
Rows are loaded straight into the store: this is the past, and nobody watched it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from connectors.simulator.companies import Company, found_companies, prospects
from connectors.simulator.people import TEAMS, Crews, Person, hire
from connectors.simulator.salesforce.derived import derive
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.schema import Row
from connectors.simulator.salesforce.stamps import wire
from connectors.simulator.truth import WORLD, Actor, Happening

LEAD_QUEUES: Final = ("inbound-triage", "web-inbound", "us-overflow", "emea-overflow")
_STATUSES: Final = (
    "New", "MQL", "Working", "Nurture", "Recycled", "SQL", "Disqualified", "Closed - Converted",
)  # fmt: skip


class World:
    """The people and companies of one org, and the leads still to come."""

    def __init__(self, org: Org, *, seed: int, people: int, accounts: int) -> None:
        self._org = org
        self._chance = Random(f"salesforce {seed}")
        self._since = org.clock.now() - timedelta(days=400)
        self.people = hire(seed, people)
        self._crews = Crews(self.people)
        self.companies = found_companies(seed, accounts)
        #: prospects still to come
        self.coming = prospects(seed, self.companies)
        self.users: dict[str, str] = {}  #: slug -> user id
        self.queues: dict[str, str] = {}  #: developer name, as in LEAD_QUEUES -> group id
        self.admin_id = ""
        self.integration_user_id = ""
        self.marketing_user_id = ""
        self._settle()

    def roster(self) -> list[dict[str, Any]]:
        """The sales people as entries of a roster file."""
        return [person.as_roster() for person in self.people]

    def whereabouts(self) -> list[dict[str, Any]]:
        """What only the CRM and the narrator know: user ids, who is away, full or gone."""
        return [
            {
                "id": person.slug,
                "crm_id": self.users[person.slug],
                "team": person.team.name,
                "away": person.away,
                "left": person.left,
                "full": person.full,
            }
            for person in self.people
        ]

    def next_lead(self) -> dict[str, Any]:
        """The next lead to arrive, with the owner the form gives it: a placeholder or a queue."""
        return self.as_arriving(next(self.coming))

    def as_arriving(self, fields: dict[str, Any]) -> dict[str, Any]:
        """A prospect as a form writes it into the org, with a first owner."""
        draw = self._chance.random()
        rep = self.users[self._rep_for(fields.get("Country")).slug]
        if draw < 0.02 and (self._org.store.get(rep) or {}).get("IsActive"):
            owner = rep
        elif draw < 0.3:
            owner = self.queues["web-inbound"]
        else:
            owner = self.marketing_user_id
        return {**fields, "OwnerId": owner}

    def add_leads(self, count: int, *, at: datetime) -> list[str]:
        """So many leads that are there when the simulation begins; returns their ids."""
        return self.load_leads((self.next_lead() for _ in range(count)), at=at)

    def load_leads(self, leads: Iterable[dict[str, Any]], *, at: datetime) -> list[str]:
        """These leads, there when the simulation begins; returns their ids."""
        rows = []
        actor = Actor(self.marketing_user_id, WORLD)
        for fields in leads:
            row = self._row("Lead", fields, at=at, by=self.marketing_user_id)
            change = (None, row["OwnerId"])
            subject = ("Lead", str(row["Id"]))
            self._org.truth.record(at.isoformat(), Happening.CREATED, subject, change, actor)
            rows.append(row)
        self._load("Lead", rows)
        return [str(row["Id"]) for row in rows]

    def _settle(self) -> None:
        roles = self._roles()
        profile = self._row("Profile", {"Name": "Sales", "UserType": "Standard"})
        self._load("Profile", [profile])
        self._service_users(str(profile["Id"]))
        self._reps(roles, str(profile["Id"]))
        self._queues()
        self._absences()
        self._accounts()
        self._old_leads()
        self._setup()

    def _service_users(self, profile_id: str) -> None:
        users = []
        for first, last, kind in (
            ("Olga", "Admin", "Standard"),
            ("Signalbox", "Integration", "Standard"),
            ("Marketing", "Sync", "Standard"),
            ("Chatter", "Guest", "CsnOnly"),
        ):
            fields = _user_fields(first, last, f"{first}.{last}@northbeam.test".lower())
            fields |= {"ProfileId": profile_id, "UserType": kind, "TimeZoneSidKey": "UTC"}
            users.append(self._row("User", fields))
        self.admin_id, self.integration_user_id, self.marketing_user_id = (
            str(row["Id"]) for row in users[:3]
        )
        self._load("User", users)

    def _roles(self) -> dict[str, str]:
        rows = [
            self._row(
                "UserRole", {"Name": f"Sales {team.name}", "DeveloperName": f"Sales_{team.name}"}
            )
            for team in TEAMS
        ]
        self._load("UserRole", rows)
        return {team.name: str(row["Id"]) for team, row in zip(TEAMS, rows, strict=True)}

    def _reps(self, roles: dict[str, str], profile_id: str) -> None:
        rows = []
        for person in self.people:
            fields = _user_fields(person.first_name, person.last_name, person.email)
            fields |= {
                "Department": "Sales",
                "Division": person.team.name,
                "Title": f"{'Manager' if person.leads else 'Account Executive'} {person.team.name}",
                "UserRoleId": roles[person.team.name],
                "ProfileId": profile_id,
                "UserType": "Standard",
                "TimeZoneSidKey": person.timezone,
                "IsActive": not person.left,
            }
            row = self._row("User", fields)
            self.users[person.slug] = str(row["Id"])
            rows.append(row)
        for person, row in zip(self.people, rows, strict=True):
            row["ManagerId"] = self.users[person.manager] if person.manager else None
        self._load("User", rows)
        logins = [{"UserId": row["Id"], "IsFrozen": False} for row in rows]
        self._load("UserLogin", [self._row("UserLogin", login) for login in logins])

    def _queues(self) -> None:
        groups, sobjects, members = [], [], []
        for name in (*LEAD_QUEUES, "support-cases"):
            group = self._row(
                "Group", {"Name": name, "DeveloperName": name.replace("-", "_"), "Type": "Queue"}
            )
            group_id = self.queues[name] = str(group["Id"])
            groups.append(group)
            kind = "Lead" if name in LEAD_QUEUES else "Case"
            sobjects.append(self._row("QueueSobject", {"QueueId": group_id, "SobjectType": kind}))
            members += [
                self._row("GroupMember", {"GroupId": group_id, "UserOrGroupId": self.users[p.slug]})
                for p in self.people
                if p.leads or (name == "us-overflow" and p.team.name == "us")
            ]
        self._load("Group", groups)
        self._load("QueueSobject", sobjects)
        self._load("GroupMember", members)

    def _absences(self) -> None:
        now = self._org.clock.now()
        rows = [
            self._row(
                "OutOfOffice",
                {
                    "UserId": self.users[person.slug],
                    "StartDate": wire(now - timedelta(days=2)),
                    "EndDate": wire(now + timedelta(days=5)),
                    "IsEnabled": True,
                    "Message": "On leave.",
                },
                at=now - timedelta(days=3),
            )
            for person in self.people
            if person.away
        ]
        self._load("OutOfOffice", rows)

    def _accounts(self) -> None:
        accounts: list[Row] = []
        contacts: list[Row] = []
        deals: list[Row] = []
        for company in self.companies:
            owner = (
                self.users[self._rep_for(company.country).slug] if self.people else self.admin_id
            )
            account = self._row("Account", _account_fields(company, owner))
            accounts.append(account)
            if company.customer:
                contacts.append(self._row("Contact", _contact_fields(company, account)))
            if company.customer and self._chance.random() < 0.2:
                deals.append(self._row("Opportunity", self._deal_fields(company, account)))
        self._load("Account", accounts)
        self._load("Contact", contacts)
        self._load("Opportunity", deals)

    def _deal_fields(self, company: Company, account: Row) -> Row:
        return {
            "Name": f"{company.name} renewal",
            "AccountId": account["Id"],
            "OwnerId": account["OwnerId"],
            "StageName": self._chance.choice(("Qualification", "Proposal", "Closed Won")),
            "CloseDate": wire(self._org.clock.now() + timedelta(days=60))[:10],
            "Amount": float(company.employees * 100),
        }

    def _old_leads(self) -> None:
        """Open work from before: what makes a rep full, and what a leaver leaves behind."""
        rows = []
        old = self._org.clock.now() - timedelta(days=20)
        for person in self.people:
            for _ in range(person.capacity if person.full else 2 if person.left else 0):
                fields = {**next(self.coming), "OwnerId": self.users[person.slug]}
                fields |= {"Status": "Working", "IsUnreadByOwner": False}
                rows.append(self._row("Lead", fields, at=old))
        self._load("Lead", rows)

    def _setup(self) -> None:
        statuses: list[Row] = [
            {"ApiName": name, "MasterLabel": name, "SortOrder": at, "IsDefault": at == 0,
             "IsConverted": name == "Closed - Converted"}
            for at, name in enumerate(_STATUSES)
        ]  # fmt: skip
        self._load("LeadStatus", [self._row("LeadStatus", one) for one in statuses])
        rule: Row = {"Name": "Inbound", "SobjectType": "Lead", "Active": False}
        self._load("AssignmentRule", [self._row("AssignmentRule", rule)])
        organization: Row = {
            "Name": "Northbeam",
            "InstanceName": "SIM1",
            "IsSandbox": False,
            "OrganizationType": "Enterprise Edition",
            "TimeZoneSidKey": "UTC",
            "DefaultLocaleSidKey": "en_US",
        }
        row = self._row("Organization", organization)
        row["Id"] = self._org.id
        self._load("Organization", [row])

    def _rep_for(self, country: str | None) -> Person:
        return self._chance.choice(self._crews.of(country))

    def _row(
        self, name: str, fields: Row, *, at: datetime | None = None, by: str | None = None
    ) -> Row:
        sobject = self._org.schema.find(name)
        if sobject is None:
            raise ValueError(f"The schema has no {name}.")
        row: Row = {
            one.name: one.default for one in sobject.fields.values() if one.type != "address"
        }
        row |= fields
        row["Id"] = self._org.store.mint.mint(sobject.prefix)
        stamp = wire(at or self._since)
        for field in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
            if sobject.field(field):
                row[field] = stamp
        for field in ("CreatedById", "LastModifiedById"):
            if sobject.field(field):
                row[field] = by or self.admin_id or row["Id"]
        if sobject.field("OwnerId") and row.get("OwnerId") is None:
            row["OwnerId"] = self.admin_id
        derive(self._org.store, sobject, row)
        return row

    def _load(self, name: str, rows: Sequence[Row]) -> None:
        self._org.store.table(name).load(list(rows))


def _user_fields(first: str, last: str, email: str) -> Row:
    return {
        "FirstName": first,
        "LastName": last,
        "Email": email,
        "Username": f"{email}.org",
        "Alias": (first[:1] + last)[:8].lower(),
        "LocaleSidKey": "en_US",
        "LanguageLocaleKey": "en_US",
        "IsActive": True,
    }


def _account_fields(company: Company, owner_id: str) -> Row:
    return {
        "Name": company.name,
        "Website": f"https://www.{company.domain}",
        "Type": "Customer" if company.customer else "Prospect",
        "BillingCountry": company.country,
        "BillingState": company.state,
        "Industry": company.industry,
        "NumberOfEmployees": company.employees,
        "Named__c": company.named,
        "OwnerId": owner_id,
    }


def _contact_fields(company: Company, account: Row) -> Row:
    return {
        "FirstName": "Chris",
        "LastName": company.name.split()[0],
        "Email": f"chris@{company.domain}",
        "AccountId": account["Id"],
        "OwnerId": account["OwnerId"],
        "MailingCountry": company.country,
    }
