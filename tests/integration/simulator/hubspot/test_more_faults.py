"""Faults 13 to 20 of the reference, each scripted, each with what it leaves behind."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.simulator.hubspot.drifts import DRIFTS
from tests.integration.simulator.hubspot.hub import LINKS, NINE_MS, OBJECTS, OWNERS, Hub


def since(at_ms: int) -> dict[str, Any]:
    return {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(at_ms)}


def changes(hub: Hub, contact: str) -> list[tuple[Any, Any, str]]:
    """Every change of a contact's owner: from, to, by what kind of client."""
    return [
        (one["before"], one["after"], one["client"])
        for one in hub.simulator.truth()
        if one["what"] == "owner_changed" and one["id"] == contact
    ]


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


@pytest.mark.parametrize("how", ["reset", "headers_only", "truncated"])
def test_13_a_cut_is_no_mistake_of_the_server(hub: Hub, caplog: pytest.LogCaptureFixture, how: str):
    hub.simulator.fault("lost_response", how=how)
    for _ in range(3):
        with pytest.raises(httpx.TransportError):
            hub.give([hub.contact()], hub.owner())

    hub.simulator.stop()

    assert caplog.records == []


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
