"""One company in two CRMs: as many leads of each kind as asked for, and one life for both."""

from collections import Counter
from typing import Any

import pytest

from connectors.simulator.options import SimulatorOptions
from connectors.simulator.sync import LEAD_ID
from tests.unit.simulator.hubspot.both import Both


def addresses(both: Both) -> tuple[dict[str, str], dict[str, str]]:
    """The addresses of the leads of either CRM that were born during the simulation."""
    leads, contacts = {}, {}
    for entry in both.org.truth():
        if entry["what"] == "created" and entry["sobject"] == "Lead":
            leads[str(both.row(entry["id"])["Email"]).lower()] = entry["id"]
    for entry in both.hub.truth():
        if entry["what"] == "created" and entry["sobject"] == "contacts":
            contacts[both.record(entry["id"]).values["email"]] = entry["id"]
    return leads, contacts


def kinds(both: Both) -> Counter[str]:
    """How many people are where."""
    leads, contacts = addresses(both)
    linked = {
        email
        for email, lead in leads.items()
        if both.paired("salesforce", "Lead", lead) == contacts.get(email, "-")
    }
    return Counter(
        synced=len(linked),
        unsynced=len((leads.keys() & contacts.keys()) - linked),
        salesforce=len(leads.keys() - contacts.keys()),
        hubspot=len(contacts.keys() - leads.keys()),
    )


SIZES: dict[str, Any] = {
    "leads": 50, "hubspot_leads": 13, "synced_pairs": 15, "unsynced_pairs": 2,
}  # fmt: skip
EXPECTED = Counter(synced=15, unsynced=2, salesforce=20, hubspot=13)


def test_all_kinds_of_lead_are_there_at_the_start():
    assert kinds(Both(**SIZES)) == EXPECTED


def test_all_kinds_of_lead_arrive_in_time():
    both = Both(**SIZES, rate=5.0, sync_delay_s=1.0)

    both.live(30)

    assert not both.crms.life.arriving
    assert kinds(both) == EXPECTED


def test_some_pairs_begin_in_one_crm_and_some_in_the_other():
    both = Both(leads=40, synced_pairs=40, rate=10.0, sync_delay_s=1.0)

    both.live(20)

    leads = [one for one in both.org.truth() if one["what"] == "created"]
    assert {one["client"] for one in leads} == {"world", "sync"}


def test_both_crms_know_the_same_people_and_companies():
    both = Both(people=20, accounts=30)
    users = both.org.org.store.table("User").rows.values()
    reps = {row["Email"] for row in users if row["Department"] == "Sales"}
    accounts = {row["Name"] for row in both.org.org.store.table("Account").rows.values()}

    owners = {one.email for one in both.hub.portal.owners if one.kind == "PERSON"}
    companies = {one.values["name"] for one in both.hub.portal.tables["companies"].rows.values()}

    assert owners == reps
    assert companies == accounts


def test_who_leaves_is_gone_from_both_and_who_is_away_is_away_in_both():
    both = Both(people=20, leads=60, rate=2.0)

    both.live(22)

    left = [one for one in both.org.truth() if one["what"] == "active_changed"]
    gone = [one for one in both.hub.truth() if one["what"] == "active_changed"]
    absences = both.org.org.store.table("OutOfOffice").rows.values()
    users = both.hub.portal.tables["users"].rows.values()
    away = [one for one in users if one.values["hs_availability_status"] == "away"]
    assert len(left) == len(gone) == 1
    assert len(away) == sum(bool(row["IsEnabled"]) for row in absences)


def test_a_synced_pair_has_one_owner_from_the_start():
    both = Both(leads=300, synced_pairs=300)

    reps = both.org.world.users.values()
    contacts = both.hub.portal.tables["contacts"].rows.values()

    owned = {
        (str(both.row(record.values[LEAD_ID])["OwnerId"]) in reps, record.owner is not None)
        for record in contacts
        if LEAD_ID in record.values
    }

    assert owned == {(False, False), (True, True)}


def test_the_same_seed_lives_the_same_life_in_both():
    def lived() -> list[Any]:
        both = Both(**SIZES, rate=4.0, seed=5)
        both.live(20)
        return [both.org.truth(), both.hub.truth()]

    assert lived() == lived()


def test_without_end_each_thousand_holds_as_many_pairs():
    both = Both(leads=0, rate=100.0, synced_pairs=300, unsynced_pairs=100, sync_delay_s=0.1)

    both.live(5)

    found = kinds(both)
    assert found["synced"] > found["unsynced"] > 0


def test_more_pairs_than_leads_are_refused():
    with pytest.raises(ValueError, match="30 are more than 20; lower them or raise leads"):
        SimulatorOptions(leads=20, synced_pairs=30)
