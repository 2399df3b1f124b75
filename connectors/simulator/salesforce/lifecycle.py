"""Merging and converting: what the user interface can do with records and REST cannot.

A merged record is deleted and points at its winner; a converted lead stays, closed, and
points at what it became.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.simulator.salesforce.dml import Terms
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import Row, SObject
from connectors.simulator.salesforce.stamps import wire
from connectors.simulator.truth import Actor, Happening

By = tuple[Actor, datetime]


def merge_rows(org: Org, sobject: SObject, rows: Sequence[Row], by: By) -> None:
    """Merge the rows after the first one into it."""
    actor, now = by
    winner, losers = rows[0], rows[1:]
    if not losers or any(row["Id"] == winner["Id"] for row in losers):
        raise ValueError("A merge needs a winner and at least one other record.")
    if sobject.name not in ("Lead", "Contact", "Account"):
        raise ValueError(f"Salesforce cannot merge records of {sobject.name}.")
    stamps: Row = {
        "LastModifiedDate": wire(now),
        "LastModifiedById": actor.user_id,
        "SystemModstamp": wire(now),
    }
    table = org.store.table(sobject.name)
    for row in losers:
        table.put({**row, **stamps, "IsDeleted": True, "MasterRecordId": winner["Id"]})
        subject = (sobject.name, str(row["Id"]))
        change = (row.get("OwnerId"), winner["Id"])
        org.truth.record(now.isoformat(), Happening.MERGED, subject, change, actor)
        _move_activities(org, str(row["Id"]), str(winner["Id"]))
    table.put({**winner, **stamps})


def convert_lead(org: Org, lead: Row, owner_id: str, by: By) -> dict[str, str]:
    """Close a lead and make an account, a contact and an opportunity of it."""
    actor, now = by
    if lead.get("IsConverted"):
        raise Refused("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=())
    terms = Terms(actor=actor, auto_assign=False)
    made = _what_a_lead_becomes(org, lead, owner_id, terms)
    closed: Row = {
        **lead,
        "OwnerId": owner_id,
        "Status": "Closed - Converted",
        "IsConverted": True,
        "ConvertedDate": wire(now)[:10],
        "ConvertedAccountId": made["account"],
        "ConvertedContactId": made["contact"],
        "ConvertedOpportunityId": made["opportunity"],
        "LastModifiedDate": wire(now),
        "LastModifiedById": actor.user_id,
        "SystemModstamp": wire(now),
    }
    org.store.table("Lead").put(closed)
    subject = ("Lead", str(lead["Id"]))
    if owner_id != lead["OwnerId"]:
        change = (lead["OwnerId"], owner_id)
        org.truth.record(now.isoformat(), Happening.OWNER_CHANGED, subject, change, actor)
    org.truth.record(now.isoformat(), Happening.CONVERTED, subject, (None, made), actor)
    return made


def _what_a_lead_becomes(org: Org, lead: Row, owner_id: str, terms: Terms) -> dict[str, str]:
    account = {"Name": lead["Company"], "OwnerId": owner_id, "Website": lead.get("Website")}
    account_id = _insert(org, "Account", account, terms)
    contact = {name: lead.get(name) for name in ("FirstName", "LastName", "Email", "Title")}
    contact_id = _insert(
        org, "Contact", {**contact, "AccountId": account_id, "OwnerId": owner_id}, terms
    )
    opportunity: Row = {
        "Name": f"{str(lead['Company'])[:100]}-",
        "AccountId": account_id,
        "StageName": "Prospecting",
        "CloseDate": wire(org.clock.now() + timedelta(days=90))[:10],
        "OwnerId": owner_id,
    }
    opportunity_id = _insert(org, "Opportunity", opportunity, terms)
    role: Row = {"OpportunityId": opportunity_id, "ContactId": contact_id, "IsPrimary": True}
    _insert(org, "OpportunityContactRole", role, terms)
    return {"account": account_id, "contact": contact_id, "opportunity": opportunity_id}


def _insert(org: Org, name: str, fields: Row, terms: Terms) -> str:
    sobject = org.schema.find(name)
    if sobject is None:
        raise ValueError(f"The schema has no {name}.")
    return org.dml.insert(sobject, fields, terms)


def _move_activities(org: Org, loser_id: str, winner_id: str) -> None:
    for name in ("Task", "Event"):
        table = org.store.table(name)
        for row in [one for one in table.rows.values() if one.get("WhoId") == loser_id]:
            table.put({**row, "WhoId": winner_id})
