"""Reading: by id with history, in lists, through associations, and about the portal itself."""

from typing import Any

import orjson
import pytest

from tests.integration.simulator.hubspot.hub import LINKS, OBJECTS, OWNERS, PROPERTIES, ROOTS, Hub


def test_history_tells_who_did_what_newest_first(hub: Hub):
    contact = hub.contact()
    hub.simulator.acts.change_owner("contacts", int(contact), hub.owner(1))
    hub.pass_time(1)
    hub.give([contact], hub.owner(2))

    row = hub.read([contact], propertiesWithHistory=["hubspot_owner_id"]).json()["results"][0]

    first, second = row["propertiesWithHistory"]["hubspot_owner_id"]
    assert (first["value"], first["sourceType"], first["sourceId"]) == (
        hub.owner(2),
        "INTEGRATION",
        hub.address.client_id,
    )
    assert (second["value"], second["sourceType"]) == (hub.owner(1), "CRM_UI")
    assert second["sourceId"] == f"userId:{second['updatedByUserId']}"
    assert first["timestamp"] == "2026-03-02T09:00:01.000Z"
    assert row["properties"]["hubspot_owner_id"] == hub.owner(2)


def test_history_is_read_for_fifty_at_a_time(hub: Hub):
    contacts = [hub.contact() for _ in range(51)]

    with_history = hub.read(contacts, propertiesWithHistory=["hubspot_owner_id"])
    without = hub.read(contacts, properties=["hubspot_owner_id"])

    assert with_history.status_code == 400
    assert "is 50. Received 51" in with_history.json()["message"]
    assert (without.status_code, len(without.json()["results"])) == (200, 51)


def test_history_is_forgotten_in_the_end(hub: Hub):
    contact = hub.contact()
    for at in range(60):
        hub.simulator.acts.change_owner("contacts", int(contact), hub.owner(at % 2))

    row = hub.read([contact], propertiesWithHistory=["hubspot_owner_id"]).json()["results"][0]

    assert len(row["propertiesWithHistory"]["hubspot_owner_id"]) == 45


def test_contacts_can_be_read_by_their_address(hub: Hub):
    contact = hub.contact(email="kim@acme.test")

    answer = hub.http.post(
        f"{OBJECTS}/contacts/batch/read",
        json={"inputs": [{"id": "KIM@acme.test"}], "idProperty": "email"},
    )

    assert [row["id"] for row in answer.json()["results"]] == [contact]


def test_a_list_has_an_absolute_link_to_its_next_page(hub: Hub):
    for _ in range(5):
        hub.contact()
    first = hub.http.get(
        f"{OBJECTS}/contacts", params={"limit": 3, "properties": ["email", "city"]}
    ).json()

    link = first["paging"]["next"]["link"]
    second = hub.http.get(link).json()

    assert link.startswith(f"{hub.address.base_url}{OBJECTS}/contacts?limit=3&properties=email")
    assert first["paging"]["next"]["after"] in link
    assert not first["paging"]["next"]["after"].isdigit()
    assert int(first["results"][-1]["id"]) < int(second["results"][0]["id"])
    assert "city" in second["results"][0]["properties"]


def test_a_list_of_archived_records_holds_only_those(hub: Hub):
    archived, merged, kept = hub.contact(), hub.contact(), hub.contact()
    hub.simulator.acts.archive("contacts", int(archived))
    hub.simulator.acts.merge("contacts", int(kept), int(merged))

    answer = hub.http.get(f"{OBJECTS}/contacts", params={"archived": "True"}).json()

    (row,) = answer["results"]
    assert (row["id"], row["archived"]) == (archived, True)
    assert row["archivedAt"] == "2026-03-02T09:00:00.000Z"
    assert "paging" not in answer


@pytest.mark.parametrize("limit", ["0", "101", "ten"])
def test_a_list_has_a_hundred_rows_at_most(hub: Hub, limit: str):
    answer = hub.http.get(f"{OBJECTS}/contacts", params={"limit": limit})

    assert answer.status_code == 400


def test_a_cursor_that_was_never_given_out_is_refused(hub: Hub):
    answer = hub.http.get(f"{OBJECTS}/contacts", params={"after": "!!"})

    assert answer.status_code == 400


def test_an_address_that_is_too_long_is_refused(hub: Hub):
    answer = hub.http.get(f"{OBJECTS}/contacts", params={"properties": "x" * 17_000})

    assert answer.status_code == 414


def test_a_company_is_the_primary_one_until_another_is(hub: Hub):
    first, second = list(hub.simulator.world.company_ids.values())[:2]
    contact = hub.contact()
    desk = hub.simulator.desk
    desk.link(("contacts", int(contact)), ("companies", first))
    desk.link(("contacts", int(contact)), ("companies", second), primary=True)

    answer = hub.http.post(
        f"{LINKS}/contacts/companies/batch/read", json={"inputs": [{"id": contact}]}
    )

    types = {
        one["toObjectId"]: [kind["typeId"] for kind in one["associationTypes"]]
        for one in answer.json()["results"][0]["to"]
    }
    assert types == {first: [279], second: [279, 1]}
    assert hub.record(contact).values["associatedcompanyid"] == str(second)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("companies", "contacts", [280, 2]),
        ("companies", "deals", [342, 6]),
        ("deals", "companies", [341, 5]),
        ("deals", "contacts", [3]),
        ("contacts", "deals", [4]),
    ],
)
def test_every_direction_has_type_ids_of_its_own(start: str, end: str, expected: list[int]):
    hub = Hub(accounts=40)
    associations = hub.simulator.portal.associations
    record = next(
        one for one in hub.simulator.portal.tables[start].rows if associations.of(start, end, one)
    )

    answer = hub.http.post(
        f"{LINKS}/{start}/{end}/batch/read", json={"inputs": [{"id": str(record)}]}
    )
    hub.close()

    found = answer.json()["results"][0]["to"][0]
    assert [kind["typeId"] for kind in found["associationTypes"]] == expected
    assert isinstance(found["toObjectId"], int)


@pytest.mark.parametrize(("root", "status"), [("/crm/v4/associations", 207), (LINKS, 200)])
def test_to_belong_to_nothing_is_an_error_among_the_results(hub: Hub, root: str, status: int):
    contact = hub.contact()

    answer = hub.http.post(
        f"{root}/contacts/companies/batch/read", json={"inputs": [{"id": contact}]}
    )

    assert answer.status_code == status
    assert answer.json()["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert answer.json()["errors"][0]["context"]["fromObjectId"] == [contact]


def test_users_say_when_they_work_and_when_they_do_not(hub: Hub):
    body = {"properties": ["hs_working_hours", "hs_out_of_office_hours", "hs_standard_time_zone",
                           "hs_availability_status", "hubspot_owner_id"], "limit": 100}  # fmt: skip
    hub.act("out_of_office", owner=hub.owner(), until="2026-03-05T00:00:00Z")
    hub.settle()

    rows = hub.search(body, "users").json()["results"]

    away = next(one for one in rows if one["properties"]["hubspot_owner_id"] == hub.owner())
    (hours,) = orjson.loads(away["properties"]["hs_working_hours"])
    (absence,) = orjson.loads(away["properties"]["hs_out_of_office_hours"])
    assert hours["days"] == "MONDAY_TO_FRIDAY"
    assert 0 < hours["startMinute"] < hours["endMinute"] < 1440
    assert absence["endTimestamp"] == 1_772_668_800_000
    assert away["properties"]["hs_availability_status"] == "away"
    assert away["id"] != hub.owner()


def test_an_owner_has_a_user_and_teams(hub: Hub):
    rows = hub.http.get(OWNERS).json()["results"]

    person, queue = rows[0], rows[-1]
    assert person["type"] == "PERSON"
    assert person["userId"] == person["userIdIncludingInactive"] != int(person["id"])
    assert person["teams"][0]["primary"] is True
    assert (queue["type"], queue["userId"], queue["email"]) == ("QUEUE", None, None)


def test_owners_are_found_by_address_and_with_or_without_a_slash(hub: Hub):
    email = hub.simulator.world.people[0].email

    for path in (OWNERS, f"{OWNERS}/", "/crm/v3/owners/", "/crm/v3/owners"):
        rows = hub.http.get(path, params={"email": email.upper()}).json()["results"]

        assert [one["email"] for one in rows] == [email]


def test_a_property_says_what_may_stand_in_it(hub: Hub):
    stage = hub.http.get(f"{PROPERTIES}/contacts/lifecyclestage").json()
    owner = hub.http.get(f"{PROPERTIES}/0-1/hubspot_owner_id").json()
    ours = hub.http.get(f"{PROPERTIES}/contacts/signalbox_decision").json()

    assert (stage["type"], stage["fieldType"], len(stage["options"])) == (
        "enumeration", "select", 9,
    )  # fmt: skip
    assert (owner["externalOptions"], owner["referencedObjectType"]) == (True, "OWNER")
    assert (ours["hubspotDefined"], ours["modificationMetadata"]["readOnlyValue"]) == (False, False)
    assert hub.http.get(f"{PROPERTIES}/contacts/nope").status_code == 404


def test_a_property_can_be_made_and_changed(hub: Hub):
    hub.act("define_property", name="segment", type="enumeration", options=[["smb", "SMB"]])
    contact = hub.contact()

    good = hub.http.patch(f"{OBJECTS}/contacts/{contact}", json={"properties": {"segment": "smb"}})
    bad = hub.http.patch(f"{OBJECTS}/contacts/{contact}", json={"properties": {"segment": "x"}})

    assert (good.status_code, bad.status_code) == (200, 400)


def test_the_portal_says_where_it_is_and_what_it_was_asked_today(hub: Hub):
    hub.http.get(OWNERS)

    details = hub.http.get("/account-info/2026-09/details").json()
    (usage,) = hub.http.get("/account-info/v3/api-usage/daily/private-apps").json()["results"]

    assert (details["timeZone"], details["utcOffset"]) == ("America/New_York", "-05:00")
    assert (usage["currentUsage"], usage["usageLimit"]) == (3, 650_000)
    assert usage["resetsAt"] == "2026-03-03T05:00:00.000Z"


@pytest.mark.parametrize("root", list(ROOTS.values()))
def test_the_versions_differ_in_their_paths_alone(hub: Hub, root: str):
    contact = hub.contact()

    answer = hub.http.get(f"{root}/contacts/{contact}", params={"properties": "email,city"})

    assert answer.json()["properties"].keys() == {
        "city", "createdate", "email", "hs_object_id", "lastmodifieddate",
    }  # fmt: skip


def test_a_merge_may_give_the_survivor_a_new_id(hub: Hub):
    winner, loser = hub.contact(), hub.contact()
    hub.act("settings", survivor_gets_new_id=True)

    survivor = hub.act("merge", winner=winner, loser=loser)["id"]
    hub.settle()
    answer = hub.read([winner, loser], properties=["hs_merged_object_ids"]).json()

    assert survivor not in (winner, loser)
    assert [row["id"] for row in answer["results"]] == [survivor]
    assert answer["results"][0]["properties"]["hs_merged_object_ids"] == f"{loser};{winner}"


def test_an_erased_contact_is_nowhere(hub: Hub):
    contact = hub.contact(email="kim@acme.test")
    answer = hub.http.post(
        f"{OBJECTS}/contacts/gdpr-delete", json={"objectId": "kim@acme.test", "idProperty": "email"}
    )

    places: list[dict[str, Any]] = [{}, {"archived": "true"}]
    reads = [hub.http.get(f"{OBJECTS}/contacts/{contact}", params=one) for one in places]

    assert answer.status_code == 204
    assert [one.status_code for one in reads] == [404, 404]
    assert reads[0].json() == {
        "status": "error",
        "message": "resource not found",
        "correlationId": reads[0].json()["correlationId"],
        "category": "OBJECT_NOT_FOUND",
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/crm/objects/2025-01/contacts", 404),
        ("GET", "/nowhere", 404),
        ("PUT", f"{OBJECTS}/contacts/1", 405),
        ("GET", f"{OBJECTS}/contacts/1", 404),
    ],
)
def test_what_is_not_there_is_not_answered(hub: Hub, method: str, path: str, status: int):
    assert hub.http.request(method, path).status_code == status
