"""The settings of the demo's daemon: both CRMs live, asked often, because a demo has no time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple


class Key(NamedTuple):
    """How the daemon gets into a CRM: a variable of the environment, and what stands in it."""

    variable: str
    found_as: str  #: in what the simulator prints


KEYS: Final = {
    "salesforce": Key("SIGNALBOX_DEMO_SECRET", "client_secret"),
    "hubspot": Key("SIGNALBOX_DEMO_TOKEN", "access_token"),
}
HISTORY: Final = "history.jsonl"
LEDGER: Final = "signalbox.db"
FACTS: Final = {
    "country": ("Country", "country"),
    "state": ("State", "state"),
    "industry": ("Industry", "industry"),
    "employees": ("NumberOfEmployees", "num_employees"),
    "score": ("Score__c", "lead_score"),
    "products": ("Product_Interest__c", "product_interest"),
    "email": ("Email", "email"),
}  #: fact -> its field in Salesforce and in HubSpot
_WRITTEN: Final = ("decision", "reason", "rule", "pool", "at")
PROPERTIES: Final = {what: f"signalbox_{what}" for what in _WRITTEN}  #: to be made in HubSpot
_POLL: Final = {"people_s": 5, "absences_s": 1, "touches_s": 5, "outcomes_s": 10}

Address = Mapping[str, str]
Company = Mapping[str, Any]


def settings_of(
    addresses: Mapping[str, Address],
    companies: Mapping[str, Company],
    started_at: datetime,
) -> dict[str, Any]:
    """The settings as a file holds them.

    Args:
        addresses: What the simulator printed, by CRM.
        companies: What each CRM knows of the company.
        started_at: Leads created before are left alone.
    """
    return {
        "rulebook": "rulebook.yaml",
        "roster": "roster.yaml",
        "route_from": started_at.isoformat(),
        "ledger": {"url": f"sqlite:///{LEDGER}"},
        "connections": {
            "salesforce": _salesforce(addresses["salesforce"], companies["salesforce"]),
            "hubspot": _hubspot(addresses["hubspot"], companies["hubspot"]),
        },
        "pairs": {
            "connections": ["salesforce", "hubspot"],
            "synced": True,
            "assigns": "salesforce",
            "wait_s": 4,
        },
        "training": {
            "history": HISTORY,
            "segments": ["industry", "employees"],
            "schedule": "0 3 1 1 *",  # once a year: nothing ripens while the demo runs
        },
        "timing": {"poll_s": 0.5, "recall_s": 1},
        "http": {"port": 0},
        "log": {"format": "json"},
    }


def settings_before(now: datetime, manager: str) -> dict[str, Any]:
    """The same before any CRM is up: nothing is read and nothing written, only learned."""
    nowhere = {"base_url": "http://127.0.0.1:9", "client_id": "nobody-yet"}
    company = {"marketing_user": "005000000000001AAA", "people": [{"id": manager}]}
    told = settings_of(dict.fromkeys(KEYS, nowhere), dict.fromkeys(KEYS, company), now)
    for connection in told["connections"].values():
        connection["mode"] = "off"
    return told


def _salesforce(address: Address, company: Company) -> dict[str, Any]:
    return {
        "kind": "salesforce",
        "mode": "live",
        "base_url": address["base_url"],
        "auth": {
            "type": "client_credentials",
            "client_id": address["client_id"],
            "client_secret_env": KEYS["salesforce"].variable,
        },
        "objects": {"sf.lead": {"owner": "OwnerId", "stage": "Status", "company": "Company"}},
        "facts": {fact: f"sf.lead.{field}" for fact, (field, _) in FACTS.items()},
        "written": {what: f"sf.lead.Signalbox_{what.capitalize()}__c" for what in _WRITTEN},
        "queues": {name: name.replace("-", "_") for name in ("inbound-triage", "us-overflow")},
        "placeholders": {"marketing-sync": company["marketing_user"]},
        "poll": dict(_POLL),
        "overlap_s": 60,
    }


def _hubspot(address: Address, company: Company) -> dict[str, Any]:
    """HubSpot has no queues: what nobody can take goes to the manager of the first team."""
    manager = company["people"][0]["id"]
    return {
        "kind": "hubspot",
        "mode": "live",
        "base_url": address["base_url"],
        "auth": {"type": "service_key", "token_env": KEYS["hubspot"].variable},
        "objects": {"hs.contact": {"owner": "hubspot_owner_id", "stage": "lifecyclestage"}},
        "facts": {fact: f"hs.contact.{field}" for fact, (_, field) in FACTS.items()},
        "written": {what: f"hs.contact.{name}" for what, name in PROPERTIES.items()},
        "queues": {name: {"owner": manager} for name in ("inbound-triage", "us-overflow")},
        "poll": dict(_POLL),
        "overlap_s": 60,
    }
