"""Writes: batches that go through in part or not at all, single ones, and what they leave."""

from typing import Any

import orjson
import pytest

from tests.integration.simulator.hubspot.hub import NINE_MS, OBJECTS, ROOTS, Hub


def codes(answer: Any) -> list[str]:
    """The codes inside the message of a validation error."""
    message = answer.json()["message"].removeprefix("Property values were not valid: ")
    return [one["error"] for one in orjson.loads(message)]


def batch(hub: Hub, *inputs: dict[str, Any], root: str = OBJECTS, name: str = "contacts") -> Any:
    return hub.http.post(f"{root}/{name}/batch/update", json={"inputs": list(inputs)})


def owned(contact: str, owner: str, **more: Any) -> dict[str, Any]:
    return {"id": contact, "properties": {"hubspot_owner_id": owner}, **more}


def test_a_batch_gives_owners_and_answers_with_what_it_wrote(hub: Hub):
    contact = hub.contact()
    hub.pass_time(5)

    answer = batch(hub, owned(contact, hub.owner(), objectWriteTraceId="t-1")).json()

    assert answer["status"] == "COMPLETE"
    (row,) = answer["results"]
    assert row["objectWriteTraceId"] == "t-1"
    assert row["properties"] == {
        "createdate": "2026-03-02T09:00:00.000Z",
        "hs_object_id": contact,
        "hubspot_owner_id": hub.owner(),
        "lastmodifieddate": "2026-03-02T09:00:05.000Z",
    }
    assert hub.record(contact).values["hubspot_owner_assigneddate"] == "2026-03-02T09:00:05.000Z"


def test_an_owner_is_taken_away_with_nothing(hub: Hub):
    contact = hub.contact(hubspot_owner_id=hub.owner())

    hub.give([contact], "")

    assert hub.owner_of(contact) is None
    assert "hubspot_owner_assigneddate" not in hub.record(contact).values


def test_any_write_moves_the_stamp_even_one_that_changes_nothing(hub: Hub):
    contact = hub.contact(hubspot_owner_id=hub.owner())
    hub.pass_time(5)

    hub.give([contact], hub.owner())

    assert hub.record(contact).modified_ms == NINE_MS + 5000
    assert len(hub.record(contact).history("hubspot_owner_id")) == 1


@pytest.mark.parametrize("unknown", ["77", "kim@acme.test"])
def test_an_id_that_never_was_is_passed_over_in_silence(hub: Hub, unknown: str):
    contact = hub.contact()

    answer = hub.give([contact, unknown], hub.owner())

    assert answer.status_code == 200
    assert [row["id"] for row in answer.json()["results"]] == [contact]
    assert "errors" not in answer.json()


@pytest.mark.parametrize(("root", "status"), [(ROOTS["v3"], 207), (OBJECTS, 200)])
def test_an_id_that_is_gone_is_an_error_among_the_results(hub: Hub, root: str, status: int):
    kept, gone = hub.contact(), hub.contact()
    hub.simulator.acts.archive("contacts", int(gone))

    answer = batch(
        hub,
        owned(kept, hub.owner(), objectWriteTraceId="a"),
        owned(gone, hub.owner(), objectWriteTraceId="b"),
        root=root,
    )

    body = answer.json()
    assert answer.status_code == status
    assert [row["id"] for row in body["results"]] == [kept]
    assert body["numErrors"] == 1
    assert body["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert body["errors"][0]["context"] == {"ids": [gone], "objectWriteTraceId": ["b"]}


def test_one_wrong_value_fails_the_whole_batch(hub: Hub):
    first, second = hub.contact(), hub.contact()
    hub.simulator.acts.archive_owner(hub.owner(1))

    answer = batch(hub, owned(first, hub.owner()), owned(second, hub.owner(1)))

    assert answer.status_code == 400
    assert codes(answer) == ["INVALID_OPTION"]
    assert hub.owner_of(first) is None


def test_a_portal_may_let_the_rest_of_a_traced_batch_through(hub: Hub):
    first, second = hub.contact(), hub.contact()
    hub.act("settings", trace_ids_on_update=True)

    answer = batch(
        hub,
        owned(first, hub.owner(), objectWriteTraceId="a"),
        owned(second, "1", objectWriteTraceId="b"),
        root=ROOTS["v3"],
    )

    assert answer.status_code == 207
    assert answer.json()["errors"][0]["context"]["objectWriteTraceId"] == ["b"]
    assert hub.owner_of(first) == hub.owner()


def test_a_record_may_not_be_in_a_batch_twice(hub: Hub):
    contact = hub.contact()

    answer = hub.give([contact, contact], hub.owner())

    assert (answer.status_code, hub.owner_of(contact)) == (400, None)


def test_a_batch_has_a_hundred_inputs_at_most(hub: Hub):
    contacts = [hub.contact() for _ in range(101)]

    assert hub.give(contacts, hub.owner()).status_code == 400
    assert hub.give(contacts[:100], hub.owner()).status_code == 200


def test_the_id_of_a_user_is_no_owner(hub: Hub):
    contact = hub.contact()
    user = str(next(iter(hub.simulator.portal.owners)).user_id)

    answer = hub.give([contact], user)

    assert (answer.status_code, codes(answer)) == (400, ["INVALID_OPTION"])


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        pytest.param({"nope": "x"}, "PROPERTY_DOESNT_EXIST", id="unknown"),
        pytest.param({"createdate": "2026-01-01T00:00:00Z"}, "READ_ONLY_VALUE", id="read only"),
        pytest.param({"lifecyclestage": "champion"}, "INVALID_OPTION", id="option"),
        pytest.param({"lead_score": "high"}, "INVALID_INTEGER", id="number"),
        pytest.param({"signalbox_at": "soon"}, "INVALID_DATE", id="time"),
        pytest.param({"email": "kim"}, "INVALID_EMAIL", id="address"),
        pytest.param({"salesforce_inclusion": "maybe"}, "INVALID_OPTION", id="boolean"),
        pytest.param({"product_interest": "API;Cake"}, "INVALID_OPTION", id="one of several"),
    ],
)
def test_a_wrong_value_is_named(hub: Hub, properties: dict[str, str], code: str):
    contact = hub.contact()

    answer = hub.http.patch(f"{OBJECTS}/contacts/{contact}", json={"properties": properties})

    assert (answer.status_code, codes(answer)) == (400, [code])
    assert answer.json()["category"] == "VALIDATION_ERROR"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        pytest.param(
            {"signalbox_at": str(NINE_MS)}, {"signalbox_at": "2026-03-02T09:00:00.000Z"}, id="ms"
        ),
        pytest.param(
            {"signalbox_at": "2026-03-02T10:00:00+01:00"},
            {"signalbox_at": "2026-03-02T09:00:00.000Z"},
            id="offset",
        ),
        pytest.param({"salesforce_inclusion": True}, {"salesforce_inclusion": "true"}, id="bool"),
        pytest.param({"email": "Kim@Acme.Test"}, {"email": "kim@acme.test"}, id="address"),
        pytest.param({"product_interest": "API;Support"}, {"product_interest": "API;Support"},
                     id="several"),
        pytest.param({"lead_score": 7}, {"lead_score": "7"}, id="number"),
    ],
)  # fmt: skip
def test_a_value_is_kept_as_text(hub: Hub, given: dict[str, Any], stored: dict[str, str]):
    contact = hub.contact()

    hub.http.patch(f"{OBJECTS}/contacts/{contact}", json={"properties": given})

    values = hub.record(contact).values
    assert {name: values[name] for name in stored} == stored


def test_a_rule_of_the_portal_refuses_an_owner_because_of_another_property(hub: Hub):
    contact, fine = hub.contact(), hub.contact(country="CH")
    hub.act("rules", rules=[{"object": "contacts", "property": "country"}])

    refused, taken = hub.give([contact], hub.owner()), hub.give([fine], hub.owner())

    assert codes(refused) == ["MISSING_CONDITIONAL_REQUIRED_PROPERTY"]
    assert refused.json()["errors"][0]["code"] == "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
    assert (taken.status_code, hub.owner_of(contact)) == (200, None)


def test_a_rule_may_hold_only_for_some(hub: Hub):
    rule = {
        "object": "contacts", "property": "country", "when": "lifecyclestage", "equals": "lead",
    }  # fmt: skip
    lead, customer = hub.contact(), hub.contact(lifecyclestage="customer")
    hub.act("rules", rules=[rule])

    assert hub.give([lead], hub.owner()).status_code == 400
    assert hub.give([customer], hub.owner()).status_code == 200


def test_a_second_contact_with_an_address_is_a_conflict(hub: Hub):
    contact = hub.contact(email="kim@acme.test")

    answer = hub.http.post(f"{OBJECTS}/contacts", json={"properties": {"email": "Kim@acme.test"}})

    assert answer.status_code == 409
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {contact}"
    assert answer.json()["category"] == "CONFLICT"


def test_a_new_record_is_answered_with_201(hub: Hub):
    answer = hub.http.post(
        f"{OBJECTS}/companies", json={"properties": {"name": "Acme", "domain": "acme.test"}}
    )

    assert answer.status_code == 201
    assert answer.json()["properties"]["name"] == "Acme"


def test_a_lead_needs_a_name_too(hub: Hub):
    to_contact = {
        "to": {"id": hub.contact()},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}],
    }

    answer = hub.http.post(
        f"{OBJECTS}/leads", json={"properties": {}, "associations": [to_contact]}
    )

    assert answer.status_code == 400
    assert "hs_lead_name" in answer.json()["message"]


def test_a_batch_of_new_records_goes_through_in_part_when_traced(hub: Hub):
    inputs = [
        {"properties": {"email": f"{name}@acme.test"}, "objectWriteTraceId": name}
        for name in ("ada", "bob")
    ]
    inputs[1]["properties"] = {"email": "bob"}

    answer = hub.http.post(f"{ROOTS['v3']}/contacts/batch/create", json={"inputs": inputs})

    assert answer.status_code == 207
    assert len(answer.json()["results"]) == 1
    assert answer.json()["errors"][0]["context"]["objectWriteTraceId"] == ["bob"]


def test_a_batch_of_new_records_without_traces_is_all_or_nothing(hub: Hub):
    seen = len(hub.simulator.truth())
    inputs = [{"properties": {"email": one}} for one in ("ada@acme.test", "bob")]

    answer = hub.http.post(f"{OBJECTS}/contacts/batch/create", json={"inputs": inputs})

    assert answer.status_code == 400
    assert len(hub.simulator.truth()) == seen
    assert (
        hub.http.get(
            f"{OBJECTS}/contacts/ada@acme.test", params={"idProperty": "email"}
        ).status_code
        == 404
    )


def test_logged_work_is_linked_to_its_contact_and_its_owner(hub: Hub):
    contact = hub.contact(hubspot_owner_id=hub.owner())
    answer = hub.http.post(
        f"{OBJECTS}/calls",
        json={
            "properties": {"hs_timestamp": str(NINE_MS), "hubspot_owner_id": hub.owner()},
            "associations": [
                {
                    "to": {"id": contact},
                    "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}],
                }
            ],
        },
    )

    call = answer.json()["id"]
    read = hub.http.get(f"{OBJECTS}/calls/{call}", params={"associations": "contacts"}).json()

    assert answer.status_code == 201
    assert read["associations"] == {
        "contacts": {"results": [{"id": contact, "type": "call_to_contact_unlabeled"}]}
    }


def test_logged_work_moves_the_stamp_of_its_contact(hub: Hub):
    contact = hub.contact()
    hub.pass_time(5)

    hub.act("work", id=contact, by=hub.owner(), kind="Email")

    assert hub.record(contact).modified_ms == NINE_MS + 5000


def test_a_queue_owns_no_contacts(hub: Hub):
    contact = hub.contact()

    assert codes(hub.give([contact], hub.simulator.world.queue_id)) == ["INVALID_OPTION"]


def test_the_address_of_who_was_erased_is_taken_for_ever(hub: Hub):
    hub.act("erase", id=hub.contact(email="kim@acme.test"))

    answer = hub.http.post(f"{OBJECTS}/contacts", json={"properties": {"email": "Kim@acme.test"}})

    assert codes(answer) == ["INVALID_EMAIL"]


def test_a_property_may_change_its_type(hub: Hub):
    contact = hub.contact(lead_score="7")
    hub.act("define_property", name="lead_score", type="string")
    body = {"properties": {"lead_score": "high"}}

    answer = hub.http.patch(f"{OBJECTS}/contacts/{contact}", json=body)

    assert answer.json()["properties"]["lead_score"] == "high"


def test_a_change_of_stage_leaves_its_time(hub: Hub):
    contact = hub.contact(lifecyclestage="lead")
    hub.pass_time(60)

    hub.http.patch(
        f"{OBJECTS}/contacts/{contact}",
        json={"properties": {"lifecyclestage": "marketingqualifiedlead"}},
    )
    names = ["hs_v2_date_entered_lead", "hs_v2_date_entered_marketingqualifiedlead"]
    row = hub.read([contact], properties=names, propertiesWithHistory=["lifecyclestage"]).json()

    (found,) = row["results"]
    assert found["properties"][names[0]] == "2026-03-02T09:00:00.000Z"
    assert found["properties"][names[1]] == "2026-03-02T09:01:00.000Z"
    assert [one["value"] for one in found["propertiesWithHistory"]["lifecyclestage"]] == [
        "marketingqualifiedlead",
        "lead",
    ]


def test_a_contacts_owner_may_become_its_leads_owner_too(hub: Hub):
    contact = hub.contact()
    lead = hub.simulator.acts.create(
        "leads", {"hs_lead_name": "Kim"}, links=[("contacts", int(contact))]
    )
    hub.act("settings", lead_owner_follows=True)

    hub.give([contact], hub.owner())

    assert hub.record(str(lead), "leads").owner == hub.owner()
    assert hub.simulator.truth()[-1]["rule"] is True


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"inputs": {}}', id="inputs that are no list"),
        pytest.param(b'{"inputs": []}', id="no inputs"),
        pytest.param(b'{"inputs": [{"properties": {}}]}', id="no id"),
        pytest.param(b'{"inputs": [{"id": "10001"}]', id="cut off"),
    ],
)
def test_a_body_that_is_none_is_refused(hub: Hub, body: bytes):
    answer = hub.http.post(
        f"{OBJECTS}/contacts/batch/update",
        content=body,
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"


def test_what_does_not_say_that_it_is_json_is_not_read(hub: Hub):
    answer = hub.http.post(f"{OBJECTS}/contacts/search", content=b"{}")

    assert answer.status_code == 415
