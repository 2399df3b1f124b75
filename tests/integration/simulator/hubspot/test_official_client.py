"""HubSpot's own Python client against the simulated portal: a client nobody here wrote."""

from typing import Any

import pytest
from hubspot.crm.contacts import ApiException
from hubspot.crm.owners import ApiException as OwnersException
from hubspot.utils.objects import fetch_all

from tests.integration.simulator.hubspot.hub import NINE, Hub


def group(*filters: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"filters": list(filters)}]


def test_it_searches_for_contacts_without_an_owner(hub: Hub):
    contact = hub.contact(firstname="Kim", country="DE")
    hub.settle()

    page = hub.use(hub.sdk.crm.contacts.search_api).do_search(
        public_object_search_request={
            "filterGroups": group({"propertyName": "country", "operator": "EQ", "value": "DE"},
                                  {"propertyName": "hubspot_owner_id",
                                   "operator": "NOT_HAS_PROPERTY"},
                                  {"propertyName": "firstname", "operator": "EQ", "value": "Kim"}),
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": ["firstname", "hubspot_owner_id", "no_such_property"],
            "limit": 200,
        }
    )  # fmt: skip

    assert (page.total, [row.id for row in page.results]) == (1, [contact])
    assert page.results[0].properties == {
        "createdate": "2026-03-02T09:00:00.000Z",
        "firstname": "Kim",
        "hs_object_id": contact,
        "hubspot_owner_id": None,
        "lastmodifieddate": "2026-03-02T09:00:00.000Z",
    }
    assert page.results[0].created_at == NINE
    assert page.paging is None


def test_it_writes_owners_in_a_batch_and_reads_back_who_did_it(hub: Hub):
    first, second = hub.contact(), hub.contact()
    batch = hub.use(hub.sdk.crm.contacts.batch_api)
    inputs = [
        {"id": one, "properties": {"hubspot_owner_id": hub.owner()}, "objectWriteTraceId": one}
        for one in (first, second)
    ]

    written = batch.update({"inputs": inputs})
    read = batch.read(
        {
            "inputs": [{"id": first}],
            "properties": ["hubspot_owner_id"],
            "propertiesWithHistory": ["hubspot_owner_id"],
        }
    )

    assert [row.properties["hubspot_owner_id"] for row in written.results] == [hub.owner()] * 2
    assert [row.object_write_trace_id for row in written.results] == [first, second]
    (revision,) = read.results[0].properties_with_history["hubspot_owner_id"]
    assert (revision.value, revision.source_type) == (hub.owner(), "INTEGRATION")
    assert revision.source_id == hub.address.client_id


def test_it_is_told_of_ids_that_are_not_there(hub: Hub):
    there = hub.contact()
    gone = hub.contact()
    hub.simulator.acts.archive("contacts", int(gone))

    answer = hub.use(hub.sdk.crm.contacts.batch_api).read({"inputs": [{"id": there}, {"id": gone}]})

    assert [row.id for row in answer.results] == [there]
    assert answer.num_errors == 1
    assert answer.errors[0].category == "OBJECT_NOT_FOUND"
    assert answer.errors[0].context == {"ids": [gone]}


def test_it_lists_active_owners_and_archived_ones_apart(hub: Hub):
    left = hub.owner(3)
    hub.simulator.acts.archive_owner(left)
    owners = hub.use(hub.sdk.crm.owners.owners_api)

    active = owners.get_page(limit=500).results
    archived = owners.get_page(archived=True).results

    assert left not in [one.id for one in active]
    assert {one.type for one in active} == {"PERSON", "QUEUE"}
    assert left in [one.id for one in archived]
    assert all(one.user_id is None and one.user_id_including_inactive for one in archived)


def test_it_follows_pages_of_owners(hub: Hub):
    owners = hub.use(hub.sdk.crm.owners.owners_api)
    first = owners.get_page(limit=4)

    second = owners.get_page(limit=4, after=first.paging.next.after)

    assert len(first.results) == len(second.results) == 4
    assert int(first.results[-1].id) < int(second.results[0].id)
    assert first.paging.next.link.startswith(f"{hub.address.base_url}/crm/v3/owners/?limit=4")


def test_it_finds_an_owner_by_either_id(hub: Hub):
    api = hub.use(hub.sdk.crm.owners.owners_api)
    owner = api.get_by_id(int(hub.owner()))

    by_user = api.get_by_id(owner.user_id, id_property="userId")
    with pytest.raises(OwnersException) as refused:
        api.get_by_id(owner.user_id)

    assert by_user.id == owner.id
    assert refused.value.status == 404


def test_it_reads_the_company_of_a_contact_by_type_ids(hub: Hub):
    company = next(iter(hub.simulator.world.company_ids.values()))
    contact = hub.simulator.acts.create(
        "contacts", {"email": "pat@acme.test"}, links=[("companies", company)]
    )

    answer = hub.use(hub.sdk.crm.associations.v4.batch_api).get_page(
        "contacts", "companies", {"inputs": [{"id": str(contact)}]}
    )

    (found,) = answer.results[0].to
    assert (found.to_object_id, [one.type_id for one in found.association_types]) == (
        str(company),
        [279, 1],
    )


def test_it_reads_which_stages_there_are(hub: Hub):
    api = hub.use(hub.sdk.crm.properties.core_api)
    stages = api.get_by_name("contacts", "lifecyclestage")

    assert [one.value for one in stages.options][:3] == [
        "subscriber", "lead", "marketingqualifiedlead",
    ]  # fmt: skip
    assert stages.options[-1].value.isdigit()
    assert len(api.get_all("leads").results) > 5


def test_it_creates_a_lead_only_beside_a_contact(hub: Hub):
    contact, basic = hub.contact(), hub.use(hub.sdk.crm.objects.basic_api)
    to_contact = {
        "to": {"id": contact},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}],
    }
    given: dict[str, Any] = {"properties": {"hs_lead_name": "Kim"}}

    made = basic.create("leads", {**given, "associations": [to_contact]})
    with pytest.raises(Exception, match="must be associated with a contact"):
        basic.create("leads", {**given, "associations": []})

    assert (
        basic.get_by_id("0-136", made.id, associations=["contacts"])
        .associations["contacts"]
        .results[0]
        .id
        == contact
    )


def test_it_gets_a_new_token_and_a_new_refresh_token(hub: Hub):
    grant = hub.simulator.grant(kind="oauth")

    answer = hub.use(hub.sdk.oauth.tokens_api).create(
        grant_type="refresh_token",
        client_id=grant.client_id,
        client_secret=grant.client_secret,
        refresh_token=grant.refresh_token,
    )

    assert answer.expires_in == 1800
    assert answer.refresh_token != grant.refresh_token
    assert hub.get_as(answer.access_token, "/account-info/v3/details").status_code == 200


def test_it_merges_and_finds_the_survivor_under_the_old_id(hub: Hub):
    winner, loser = hub.contact(), hub.contact()
    api = hub.use(hub.sdk.crm.contacts.basic_api)

    api.merge({"primaryObjectId": winner, "objectIdToMerge": loser})
    found = api.get_by_id(loser, properties=["hs_merged_object_ids"])

    assert (found.id, found.properties["hs_merged_object_ids"]) == (winner, loser)


def test_it_archives_and_erases(hub: Hub):
    archived, erased = hub.contact(), hub.contact()
    basic = hub.use(hub.sdk.crm.contacts.basic_api)

    basic.archive(archived)
    basic.purge({"objectId": erased})

    assert basic.get_by_id(archived, archived=True).archived is True
    for gone in (archived, erased):
        with pytest.raises(ApiException) as refused:
            basic.get_by_id(gone)
        assert refused.value.status == 404
    with pytest.raises(ApiException):
        basic.get_by_id(erased, archived=True)


def test_it_walks_all_pages_of_a_list(hub: Hub):
    everything = fetch_all(hub.use(hub.sdk.crm.contacts.basic_api), properties=["email"])

    living = [one for one in hub.simulator.portal.tables["contacts"].rows.values() if one.living]
    assert [int(one.id) for one in everything] == [one.id for one in living]
