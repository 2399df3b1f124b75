"""The faults of the reference on the wire, each scripted, each with what it leaves behind."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.simulator.hubspot.drifts import DRIFTS
from tests.integration.simulator.hubspot.hub import LINKS, NINE_MS, OBJECTS, OWNERS, ROOTS, Hub

BY_ID = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]


def city(name: str) -> dict[str, Any]:
    return {"propertyName": "city", "operator": "EQ", "value": name}


def since(at_ms: int) -> dict[str, Any]:
    return {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(at_ms)}


def before(at_ms: int) -> dict[str, Any]:
    return {"propertyName": "lastmodifieddate", "operator": "LT", "value": str(at_ms)}


def changes(hub: Hub, contact: str) -> list[tuple[Any, Any, str]]:
    """Every change of a contact's owner: from, to, by what kind of client."""
    return [
        (one["before"], one["after"], one["client"])
        for one in hub.simulator.truth()
        if one["what"] == "owner_changed" and one["id"] == contact
    ]


def test_1_a_write_reaches_the_index_late_and_some_much_later(hub: Hub):
    hub.simulator.fault("index_lag")
    hub.simulator.fault("index_lag", match={"nth": 3}, min_s=1200, max_s=1200)
    made = [hub.contact(city="Bern") for _ in range(4)]

    hub.pass_time(31)
    early = hub.found(city("Bern"), sorts=BY_ID)
    hub.pass_time(1200)

    assert early == [made[0], made[1], made[3]]
    assert hub.found(city("Bern"), sorts=BY_ID) == made
    assert all(hub.http.get(f"{OBJECTS}/contacts/{one}").status_code == 200 for one in made)


def test_2_a_later_write_may_be_found_before_an_earlier_one(hub: Hub):
    hub.simulator.fault("index_disorder", held_s=10)
    first, second = hub.contact(city="Bern"), hub.contact(city="Bern")

    hub.pass_time(3)
    early = hub.found(city("Bern"))
    hub.pass_time(10)

    assert early == [second]
    assert hub.found(city("Bern"), sorts=BY_ID) == [first, second]


def test_3_a_search_may_answer_with_rows_from_beyond_its_window(hub: Hub):
    earlier = hub.contact()
    hub.pass_time(5)
    inside = hub.contact()
    hub.pass_time(5)
    later = hub.contact()
    hub.settle()
    window = (since(NINE_MS + 5000), before(NINE_MS + 6000))
    hub.simulator.fault("boundary_spill", spill_ms=5000, times=1)

    spilled, exact = hub.found(*window, sorts=BY_ID), hub.found(*window)

    assert {earlier, inside, later} <= set(spilled)
    assert exact == [inside]


def test_4_thousands_are_stamped_with_one_instant():
    hub = Hub(leads=0, accounts=0)
    hub.simulator.fault("same_instant", count=2_500, properties={"city": "Bern"})
    hub.settle()
    hub.settle()
    found: list[str] = []
    last = "0"
    while page := hub.found(
        city("Bern"),
        {"propertyName": "hs_object_id", "operator": "GT", "value": last},
        sorts=BY_ID,
    ):
        found += page
        last = page[-1]
    stamps = {hub.record(one).modified_ms for one in found}
    hub.close()

    assert len(found) == len(set(found)) == 2_500
    assert len(stamps) == 1


def test_4_a_job_of_the_service_stamps_everything_with_one_instant(hub: Hub):
    hub.pass_time(100)
    hub.simulator.fault("mass_touch")
    hub.pass_time(1)

    contacts = hub.simulator.portal.tables["contacts"].rows.values()
    assert {one.modified_ms for one in contacts} == {NINE_MS + 101_000}


def test_5_rows_move_while_they_are_scanned(hub: Hub):
    made = [hub.contact(city="Bern") for _ in range(10)]
    hub.settle()
    hub.simulator.fault("mutate_mid_scan", rows=2, times=1)

    first = hub.found(city("Bern"), sorts=["lastmodifieddate"], limit=5)
    hub.settle()

    assert first == made[:5]
    assert hub.found(since(NINE_MS + 60_000), sorts=BY_ID) == made[3:5]


def test_6_the_ten_second_limit_strikes_every_so_many_calls(hub: Hub):
    hub.simulator.fault("ten_secondly", match={"every": 3})
    answers = [hub.http.get(OWNERS, params={"limit": 1}) for _ in range(6)]

    assert [one.status_code for one in answers] == [200, 200, 429] * 2
    assert answers[2].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert answers[2].headers["X-HubSpot-RateLimit-Remaining"] == "0"
    assert "Retry-After" not in answers[2].headers


def test_7_the_search_limit_leaves_writes_alone(hub: Hub):
    hub.simulator.fault("secondly")

    search, write = hub.search({}), hub.give([hub.contact()], hub.owner())

    assert (search.status_code, search.json()["policyName"]) == (429, "SECONDLY")
    assert write.status_code == 200


def test_8_the_day_is_used_up_until_midnight_of_the_portal(hub: Hub):
    hub.simulator.fault("daily")
    answers = [hub.http.get(OWNERS) for _ in range(2)]
    resets_at = hub.simulator.portal.limits.resets_at(hub.simulator.clock.now())
    hub.pass_time((resets_at - hub.simulator.clock.now()) / timedelta(seconds=1))

    assert [one.json().get("policyName") for one in answers] == ["DAILY", "DAILY"]
    assert hub.http.get(OWNERS).status_code == 200


@pytest.mark.parametrize("value", ["30", "86400", "Wed, 21 Oct 2026 07:28:00 GMT", "-5", "soon"])
def test_9_a_limit_may_say_how_long_to_wait_in_any_form(hub: Hub, value: str):
    hub.simulator.fault("retry_after", value=value, times=1)

    refused, taken = hub.http.get(OWNERS), hub.http.get(OWNERS)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, value)
    assert taken.status_code == 200


@pytest.mark.parametrize(("root", "status"), [(ROOTS["v3"], 207), (OBJECTS, 200)])
def test_10_three_of_a_hundred_are_not_found(hub: Hub, root: str, status: int):
    contacts = [hub.contact() for _ in range(100)]
    hub.simulator.fault("input_not_found", match={"nth": [3, 50, 99]})
    inputs = [{"id": one, "properties": {"hubspot_owner_id": hub.owner()}} for one in contacts]

    answer = hub.http.post(f"{root}/contacts/batch/update", json={"inputs": inputs})

    body = answer.json()
    assert (answer.status_code, len(body["results"]), body["numErrors"]) == (status, 97, 3)
    assert [one["context"]["ids"] for one in body["errors"]] == [
        [contacts[2]], [contacts[49]], [contacts[98]],
    ]  # fmt: skip
    assert hub.owner_of(contacts[49]) is None


def test_11_some_ids_are_missing_from_a_success(hub: Hub):
    first, second = hub.contact(), hub.contact()
    hub.simulator.fault("input_ignored", match={"id": first})

    answer = hub.give([first, second], hub.owner())

    assert (answer.status_code, "errors" in answer.json()) == (200, False)
    assert [row["id"] for row in answer.json()["results"]] == [second]
    assert (hub.owner_of(first), hub.owner_of(second)) == (None, hub.owner())


def test_12_an_owner_who_was_just_removed_fails_the_whole_batch(hub: Hub):
    first, second = hub.contact(), hub.contact()
    hub.simulator.fault("owner_archived", match={"id": second}, times=1)

    answer = hub.give([first, second], hub.owner())

    assert answer.status_code == 400
    assert "INVALID_OPTION" in answer.json()["message"]
    assert (hub.owner_of(first), hub.owner_of(second)) == (None, None)
    assert hub.simulator.truth()[-1]["what"] == "active_changed"


@pytest.mark.parametrize("how", ["reset", "headers_only", "truncated", "bad_gateway"])
def test_13_a_write_takes_effect_and_its_answer_is_lost(hub: Hub, how: str):
    contact = hub.contact()
    hub.simulator.fault("lost_response", how=how, times=1)

    try:
        answer = hub.give([contact], hub.owner())
    except httpx.TransportError:
        answered = False
    else:
        answered = answer.is_success

    assert (answered, hub.owner_of(contact)) == (False, hub.owner())
    assert len(changes(hub, contact)) == 1


def test_14_a_human_takes_a_contact_before_it_is_read(hub: Hub):
    contact = hub.contact()
    hub.simulator.fault("human_edit_before_read", owner=hub.owner(1), times=1)

    row = hub.read([contact], propertiesWithHistory=["hubspot_owner_id"]).json()["results"][0]

    (revision,) = row["propertiesWithHistory"]["hubspot_owner_id"]
    assert (revision["value"], revision["sourceType"]) == (hub.owner(1), "CRM_UI")


def test_14_a_human_takes_a_contact_between_the_read_and_the_write(hub: Hub):
    contact = hub.contact()
    hub.simulator.fault("human_edit", owner=hub.owner(1), times=1)

    hub.give([contact], hub.owner(2))

    assert changes(hub, contact) == [
        (None, hub.owner(1), "human"),
        (hub.owner(1), hub.owner(2), hub.address.client_id),
    ]


def test_14_a_human_takes_a_contact_right_after_the_write(hub: Hub):
    contact = hub.contact()
    hub.simulator.fault("human_edit_after", times=1)

    hub.give([contact], hub.owner(2))

    assert hub.owner_of(contact) not in (None, hub.owner(2))
    assert [client for _, _, client in changes(hub, contact)] == [hub.address.client_id, "human"]


@pytest.mark.parametrize(
    ("variant", "status", "media", "body"),
    [
        ("html", 200, "text/html", b"<!DOCTYPE"),
        ("truncated_json", 200, "application/json", b'{"total":3'),
        ("null_results", 200, "application/json", b'{"results":null}'),
        ("accepted", 202, "application/json", b"{}"),
        ("empty", 200, "application/json", b""),
        ("list", 200, "application/json", b"[]"),
    ],
)
def test_15_a_success_may_hold_nothing_of_use(
    hub: Hub, variant: str, status: int, media: str, body: bytes
):
    hub.simulator.fault("garbage", variant=variant)

    answer = hub.search({})

    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (status, media)
    assert answer.content.startswith(body)


def test_15_a_success_may_break_off(hub: Hub):
    hub.simulator.fault("garbage", variant="truncated_body")

    with pytest.raises(httpx.RemoteProtocolError):
        hub.search({})


@pytest.mark.parametrize("new_id", [False, True])
def test_16_a_contact_is_merged_away_before_the_write(hub: Hub, new_id: bool):
    contact = hub.contact()
    hub.simulator.fault("merged", new_id=new_id, times=1)

    (row,) = hub.give([contact], hub.owner()).json()["results"]
    read = hub.read([contact], properties=["hs_merged_object_ids"]).json()["results"][0]

    assert row["id"] == read["id"] != contact
    assert contact in read["properties"]["hs_merged_object_ids"].split(";")
    assert hub.owner_of(row["id"]) == hub.owner()
    assert changes(hub, contact) == []


@pytest.mark.parametrize("how", ["archived", "erased"])
def test_17_a_contact_goes_before_the_write(hub: Hub, how: str):
    contact = hub.contact()
    hub.simulator.fault("gone", how=how, times=1)

    answer = hub.give([contact], hub.owner())

    assert (answer.json()["results"], answer.json()["numErrors"]) == ([], 1)
    assert hub.http.get(f"{OBJECTS}/contacts/{contact}").status_code == 404


def test_18_a_token_ends_in_the_middle(hub: Hub):
    grant = hub.simulator.grant(kind="oauth")
    hub.simulator.fault("token_expiry", match={"nth": 2})

    statuses = [hub.get_as(grant.access_token, OWNERS).status_code for _ in range(3)]

    assert statuses == [200, 401, 401]


def test_18_a_refresh_is_refused(hub: Hub):
    hub.simulator.fault("token_refused")

    old, new = (hub.http.post(path) for path in ("/oauth/v1/token", "/oauth/2026-09/token"))

    assert (old.status_code, old.json()["status"]) == (400, "BAD_REFRESH_TOKEN")
    assert (new.status_code, new.json()["error"]) == (400, "invalid_grant")


def test_18_a_scope_is_missing_for_leads_alone(hub: Hub):
    hub.simulator.fault("missing_scope")

    leads, contacts = hub.search({}, "leads"), hub.search({})

    assert (leads.status_code, leads.json()["category"]) == (403, "MISSING_SCOPES")
    assert contacts.status_code == 200


@pytest.mark.parametrize("status", [423, 477, 500, 502, 503, 504, 521, 522, 523, 524, 530])
def test_19_every_kind_of_failure(hub: Hub, status: int):
    hub.simulator.fault("server_error", status=status, times=1)

    answer = hub.http.get(OWNERS)

    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (status == 477)
    assert (b"\xff\xfe" in answer.content) is (status == 502)


def test_19_a_call_may_never_be_answered(hub: Hub):
    hub.simulator.fault("no_answer", times=1)

    with pytest.raises(httpx.ReadTimeout):
        hub.http.get(OWNERS, timeout=0.3)

    assert hub.http.get(OWNERS).status_code == 200


def test_19_nobody_waits_behind_a_slow_answer(hub: Hub):
    hub.simulator.fault("slow", delay_s=30, match={"path": "*/contacts/search"})
    with pytest.raises(httpx.ReadTimeout):
        hub.http.post(f"{OBJECTS}/contacts/search", json={}, timeout=0.2)

    assert hub.http.get(OWNERS).elapsed < timedelta(seconds=2)


def drifted(hub: Hub, variant: str) -> dict[str, Any]:
    """One contact as a search serves it, in the given mood."""
    contact = hub.contact(company="Drift Ltd")
    hub.settle()
    hub.simulator.fault("drift", variants=[variant])
    asked = [{"propertyName": "company", "operator": "EQ", "value": "Drift Ltd"}]
    body = hub.search({"filterGroups": [{"filters": asked}], "properties": ["city"]}).json()
    (row,) = body["results"]
    assert str(row["id"]) == contact
    found: dict[str, Any] = row
    return found


@pytest.mark.parametrize(
    ("variant", "updated_at"),
    [
        ("times_without_fraction", "2026-03-02T09:00:00Z"),
        ("times_with_offset", "2026-03-02T09:00:00.000+00:00"),
        ("times_in_milliseconds", str(NINE_MS)),
    ],
)
def test_20_times_come_in_other_forms(hub: Hub, variant: str, updated_at: str):
    row = drifted(hub, variant)

    assert row["updatedAt"] == row["properties"]["lastmodifieddate"] == updated_at


def test_20_fields_nobody_asked_for(hub: Hub):
    row = drifted(hub, "extra_fields")

    assert (row["objectVersion"], row["_meta"]) == (7, {"a": [1]})


def test_20_ids_are_numbers_and_properties_null(hub: Hub):
    row = drifted(hub, "ids_as_numbers")
    hub.simulator.fault("drift", variants=["null_properties"])
    (other,) = hub.read([str(row["id"])]).json()["results"]

    assert isinstance(row["id"], int)
    assert other["properties"]["hs_novelty"] is None


def test_20_ends_of_associations_are_text(hub: Hub):
    hub.simulator.fault("drift", variants=["ends_as_text"])
    contact, company = hub.contact(), next(iter(hub.simulator.world.company_ids.values()))
    hub.simulator.desk.link(("contacts", int(contact)), ("companies", company))

    answer = hub.http.post(
        f"{LINKS}/contacts/companies/batch/read", json={"inputs": [{"id": contact}]}
    )

    assert answer.json()["results"][0]["to"][0]["toObjectId"] == str(company)


def test_20_a_stage_may_have_a_number_for_a_name(hub: Hub):
    contact = hub.contact(lifecyclestage="144072191")

    assert hub.record(contact).values["hs_v2_date_entered_144072191"]


def test_20_an_owner_is_gone_by_the_second_page(hub: Hub):
    hub.simulator.fault("owner_missing", times=1)
    first = hub.http.get(OWNERS, params={"limit": 3}).json()

    rest = hub.http.get(first["paging"]["next"]["link"]).json()["results"]

    gone = hub.simulator.portal.truth.since()[-1]
    assert (gone.what, len(first["results"])) == ("active_changed", 3)
    assert gone.id not in {one["id"] for one in [*first["results"], *rest]}


def test_20_our_own_write_comes_back_in_the_next_window(hub: Hub):
    contact = hub.contact()
    hub.pass_time(10)
    hub.give([contact], hub.owner())
    hub.settle()

    assert hub.found(since(NINE_MS + 10_000)) == [contact]


def test_the_clock_that_clients_are_told_may_be_wrong(hub: Hub):
    hub.simulator.fault("date_skew", seconds=-60)
    hub.pass_time(0)

    answer = hub.http.get(OWNERS)

    assert answer.headers["Date"] == "Mon, 02 Mar 2026 08:59:00 GMT"
    assert hub.record(hub.contact()).modified_ms == NINE_MS


def test_every_drift_leaves_an_answer_json(hub: Hub):
    hub.simulator.fault("drift", variants=list(DRIFTS))

    assert hub.search({"limit": 5}).json()["total"] > 0
