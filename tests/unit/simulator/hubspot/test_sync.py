"""The native sync: what appears on the other side, whose owner wins, and who is said to write."""

import pytest

from connectors.simulator.sync import ACCOUNT_ID, CONTACT_ID, INCLUDED, LEAD_ID
from tests.unit.simulator.hubspot.both import Both


@pytest.fixture
def both() -> Both:
    return Both(sync_delay_s=2.0)


def test_a_marked_lead_appears_as_a_contact_after_the_delay(both: Both):
    lead = both.lead(FirstName="Kim", Country="DE", Score__c=40.0, Status="MQL")

    both.live(1.5)
    early = both.paired("salesforce", "Lead", lead)
    both.live(1)

    contact = both.partner_of_lead(lead)
    assert early is None
    assert contact.values["salesforceleadid"] == lead
    assert contact.values["lead_score"] == "40"
    assert (contact.values["lifecyclestage"], contact.owner) == ("marketingqualifiedlead", None)


def test_a_marked_contact_appears_with_its_account(both: Both):
    account = next(iter(both.org.org.store.table("Account").rows))
    fields = {
        "LastName": "Voss", "Email": "kim@acme.test", "AccountId": account,
        "MailingCountry": "CH", "Sync_to_HubSpot__c": True, "OwnerId": both.user(),
    }  # fmt: skip
    contact = str(both.org.acts.create("Contact", fields))

    both.live(3)

    there = both.paired("salesforce", "Contact", contact)
    record = both.record(there or "")
    assert (record.values[CONTACT_ID], record.values[ACCOUNT_ID]) == (contact, account)
    assert (record.values["country"], record.owner) == ("CH", both.owner())


def test_an_included_contact_appears_as_a_lead_of_the_syncs_user(both: Both):
    contact = both.contact(firstname="Kim", lastname="Voss", company="Acme", lead_score="7")

    both.live(2.5)

    row = both.partner_of_contact(contact)
    assert (row["LastName"], row["Company"], row["Score__c"]) == ("Voss", "Acme", 7.0)
    assert row["OwnerId"] == both.org.world.marketing_user_id
    assert both.record(contact).values[LEAD_ID] == row["Id"]


def test_what_is_not_marked_stays_where_it_is(both: Both):
    lead = both.lead(marked=False)
    contact = both.contact(email="pat@acme.test", **{INCLUDED: ""})

    both.live(5)

    assert both.paired("salesforce", "Lead", lead) is None
    assert both.paired("hubspot", "contacts", contact) is None


def test_who_is_there_already_is_found_by_address(both: Both):
    contact = both.contact(**{INCLUDED: ""})
    lead = both.lead()

    both.live(3)

    assert both.paired("salesforce", "Lead", lead) == contact
    assert (both.sync.report.linked, both.sync.report.appeared) == (1, 0)


def test_of_two_owners_given_in_the_same_instant_both_sides_end_with_one(both: Both):
    lead = both.lead()
    both.live(3)
    contact = both.partner_of_lead(lead)

    both.hub.acts.change_owner("contacts", contact.id, both.owner(1))
    both.org.acts.change_owner(lead, both.user(0))
    both.live(3)

    assert both.row(lead)["OwnerId"] == both.user(0)
    assert both.partner_of_lead(lead).owner == both.owner(0)


def test_an_owner_is_carried_to_hubspot_and_marked_as_the_syncs(both: Both):
    lead = both.lead()
    both.live(3)

    both.org.acts.change_owner(lead, both.user())
    both.live(3)

    contact = both.partner_of_lead(lead)
    newest = contact.history("hubspot_owner_id")[0]
    assert contact.owner == both.owner()
    assert (newest.source.type, newest.source.id) == ("INTEGRATION", "SALESFORCE")
    assert both.hub.truth()[-1]["client"] == "sync"


def test_an_owner_is_carried_to_salesforce_by_the_syncs_own_user(both: Both):
    contact = both.contact()
    both.live(3)

    both.hub.acts.change_owner("contacts", int(contact), both.owner())
    both.live(3)

    row = both.partner_of_contact(contact)
    last = both.org.truth()[-1]
    assert row["OwnerId"] == both.user()
    assert (last["client"], last["by"]) == ("sync", both.org.world.marketing_user_id)


def test_who_changed_an_owner_last_wins(both: Both):
    lead = both.lead()
    both.live(3)
    contact = both.partner_of_lead(lead)

    both.org.acts.change_owner(lead, both.user(0))
    both.live(1)
    both.hub.acts.change_owner("contacts", contact.id, both.owner(1))
    both.live(5)

    assert both.row(lead)["OwnerId"] == both.user(1)
    assert contact.owner == both.owner(1)
    assert both.sync.report.outdone == 1


def test_two_changes_on_one_side_are_carried_as_the_second(both: Both):
    lead = both.lead()
    both.live(3)

    both.org.acts.change_owner(lead, both.user(0))
    both.live(0.5)
    both.org.acts.change_owner(lead, both.user(1))
    both.live(5)

    assert both.partner_of_lead(lead).owner == both.owner(1)
    assert both.sync.report.carried == 1


def test_the_sync_never_carries_back_what_it_wrote(both: Both):
    lead = both.lead()
    both.live(3)
    both.org.acts.change_owner(lead, both.user())
    both.live(10)

    changes = [
        (one["sobject"], one["client"])
        for one in (*both.org.truth(), *both.hub.truth())
        if one["what"] == "owner_changed"
    ]

    assert changes == [("Lead", "human"), ("contacts", "sync")]


def test_a_queue_leaves_the_contact_without_an_owner(both: Both):
    lead = both.lead(OwnerId=both.user())
    both.live(3)

    both.org.acts.change_owner(lead, both.org.world.queues["us-overflow"])
    both.live(3)

    assert both.partner_of_lead(lead).owner is None


def test_taking_the_owner_away_in_hubspot_leaves_the_lead_as_it_is(both: Both):
    contact = both.contact(hubspot_owner_id=both.owner())
    both.live(3)

    both.hub.acts.change_owner("contacts", int(contact), "")
    both.live(3)

    assert both.partner_of_contact(contact)["OwnerId"] == both.user()


def test_a_write_that_the_other_crm_refuses_is_counted(both: Both):
    lead = both.lead()
    both.live(3)

    both.hub.acts.archive_owner(both.owner())
    both.org.acts.change_owner(lead, both.user())
    both.live(3)

    assert both.sync.report.refused == 1
    assert both.partner_of_lead(lead).owner is None


def test_a_converted_lead_takes_its_contact_along(both: Both):
    lead = both.lead(OwnerId=both.user())
    both.live(3)
    contact = both.partner_of_lead(lead)

    made = both.org.acts.convert(lead)
    both.live(3)
    both.org.acts.change_owner(made["contact"], both.user(1))
    both.live(3)

    assert contact.values[CONTACT_ID] == made["contact"]
    assert contact.values[ACCOUNT_ID] == made["account"]
    assert contact.owner == both.owner(1)


def test_the_partner_of_a_merged_record_is_the_survivors(both: Both):
    lead, winner = both.lead(), both.lead(marked=False, Email="kim.voss@acme.test")
    both.live(3)
    contact = both.partner_of_lead(lead)

    both.org.acts.merge(winner, [lead])
    both.live(3)
    both.org.acts.change_owner(winner, both.user())
    both.live(3)

    assert contact.owner == both.owner()


def test_what_was_deleted_has_no_partner_any_more(both: Both):
    lead = both.lead()
    both.live(3)
    contact = both.partner_of_lead(lead)

    both.org.acts.delete(lead)
    both.live(1)
    both.hub.acts.change_owner("contacts", contact.id, both.owner())
    both.live(5)

    assert both.paired("hubspot", "contacts", str(contact.id)) is None
    assert both.sync.report.refused == 0


def test_switched_off_it_carries_nothing(both: Both):
    both.crms.salesforce.act({"act": "sync", "on": False})
    lead = both.lead()
    both.live(5)

    both.crms.hubspot.act({"act": "sync", "on": True, "delay_s": 0.5})
    later = both.contact(email="pat@acme.test")
    both.live(1)

    assert both.paired("salesforce", "Lead", lead) is None
    assert both.paired("hubspot", "contacts", later) is not None


def test_the_owner_of_an_account_is_carried_too(both: Both):
    account = next(iter(both.org.org.store.table("Account").rows))
    company = both.paired("salesforce", "Account", account)
    assert company is not None

    both.org.acts.change_owner(account, both.user(2))
    both.live(3)

    record = both.hub.portal.tables["companies"].rows[int(company)]
    assert record.owner == both.owner(2)
    assert record.values[ACCOUNT_ID] == account
