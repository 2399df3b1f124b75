"""One check of the truth spans both journals: what one CRM tells, the other tells alike."""

from collections.abc import Sequence
from typing import Any

import pytest

from connectors.simulator.hubspot.saving import Terms as PortalTerms
from connectors.simulator.salesforce.dml import Terms as OrgTerms
from connectors.simulator.truth import Actor
from daemon.offline.demo.truth import LedgerRow, Truth, check_truth
from tests.unit.simulator.hubspot.both import Both

OURS = "signalbox"


@pytest.fixture
def both() -> Both:
    return Both(sync_delay_s=1.0)


def assign_lead(both: Both, lead: str, owner: str) -> None:
    """An owner change by our client in Salesforce."""
    sobject = both.org.org.schema.find("Lead")
    assert sobject is not None
    user = both.org.world.integration_user_id
    terms = OrgTerms(actor=Actor(user, OURS), auto_assign=False)
    both.org.org.dml.update(sobject, lead, {"OwnerId": owner}, terms)


def assign_contact(both: Both, contact: str, owner: str) -> None:
    """An owner change by our client in HubSpot."""
    terms = PortalTerms(Actor("1", OURS))
    both.hub.desk.saver.update(both.record(contact), {"hubspot_owner_id": owner}, terms)


def checked(both: Both, rows: Sequence[LedgerRow]) -> Truth:
    journal: list[dict[str, Any]] = [*both.org.truth(), *both.hub.truth()]
    people = {*both.org.world.users.values(), *both.hub.world.owners.values()}
    return check_truth(journal, rows, ours=[OURS], objects=("Lead", "contacts"), people=people)


def confirmed(record: str, expected: str | None, value: str) -> LedgerRow:
    return LedgerRow(record, "confirmed", f"d-{record}", expected, value)


def test_a_lead_here_and_a_contact_there_are_both_accounted_for(both: Both):
    queue = both.org.world.queues["web-inbound"]
    lead = both.lead(marked=False)
    contact = both.contact(email="pat@acme.test", salesforce_inclusion="")
    assign_lead(both, lead, both.user())
    assign_contact(both, contact, both.owner())

    verdict = checked(
        both, [confirmed(lead, queue, both.user()), confirmed(contact, None, both.owner())]
    )

    assert verdict.holds, verdict.details


def test_what_the_sync_carries_is_not_ours(both: Both):
    lead = both.lead()
    both.live(2)
    contact = str(both.partner_of_lead(lead).id)
    assign_lead(both, lead, both.user())
    both.live(2)
    rows = [
        confirmed(lead, both.org.world.queues["web-inbound"], both.user()),
        LedgerRow(contact, "not_routed"),
    ]

    assert both.record(contact).owner == both.owner()
    assert checked(both, rows).holds


def test_a_contact_that_the_ledger_never_heard_of_is_lost(both: Both):
    both.contact(salesforce_inclusion="")

    assert checked(both, []).lost == 1


def test_a_pair_that_we_gave_away_in_both_was_given_away_twice(both: Both):
    lead = both.lead()
    both.live(2)
    contact = str(both.partner_of_lead(lead).id)
    assign_lead(both, lead, both.user())
    assign_contact(both, contact, both.owner())
    rows = [
        confirmed(lead, both.org.world.queues["web-inbound"], both.user()),
        LedgerRow(contact, "not_routed"),
    ]

    assert checked(both, rows).doubled == 1


def test_a_human_in_hubspot_who_was_overwritten_is_found(both: Both):
    contact = both.contact(salesforce_inclusion="")
    both.hub.acts.change_owner("contacts", int(contact), both.owner(1))
    assign_contact(both, contact, both.owner())

    assert checked(both, [confirmed(contact, None, both.owner())]).overwritten == 1
