"""Endpoints under /__simulator__/: for tests and stories, never for a HubSpot client."""

from pathlib import Path
from typing import Any

import pytest

from connectors.simulator.options import SimulatorOptions, read_faults
from connectors.simulator.remote import SimulatorRemote
from connectors.simulator.server import SalesforceSimulator
from tests.integration.simulator.hubspot.hub import OBJECTS, OWNERS, Hub


def test_the_truth_tells_births_and_owner_changes_and_by_whom(hub: Hub):
    seen = len(hub.simulator.truth())
    contact = hub.act("create_contact", properties={"hubspot_owner_id": ""})["ids"][0]
    hub.act("change_owner", id=contact, owner=hub.owner(1))
    hub.give([contact], hub.owner())

    entries = hub.http.get("/__simulator__/truth", params={"since": seen}).json()["entries"]

    assert [(one["what"], one["before"], one["after"], one["client"]) for one in entries] == [
        ("created", None, None, "world"),
        ("owner_changed", None, hub.owner(1), "human"),
        ("owner_changed", hub.owner(1), hub.owner(), hub.address.client_id),
    ]
    assert {(one["sobject"], one["id"]) for one in entries} == {("contacts", contact)}
    assert entries[2]["request"].startswith(f"POST {OBJECTS}/contacts/batch/update #")


def test_the_truth_tells_ends_too(hub: Hub):
    seen = len(hub.simulator.truth())
    kept, merged, archived, erased = (hub.contact() for _ in range(4))
    hub.act("merge", winner=kept, loser=merged)
    hub.act("archive", id=archived)
    hub.act("erase", id=erased)

    entries = hub.simulator.truth(seen)[4:]

    assert [(one["what"], one["id"], one["after"]) for one in entries] == [
        ("merged", merged, kept),
        ("deleted", archived, None),
        ("deleted", erased, None),
    ]


def test_both_crms_write_one_form_of_journal(hub: Hub):
    org = SalesforceSimulator(SimulatorOptions(people=2, accounts=1, leads=1))

    assert org.truth()[0].keys() == hub.simulator.truth()[0].keys()


def test_every_act_can_be_done_from_outside(hub: Hub):
    contact, owner = hub.contact(), hub.owner()

    hub.act("update", id=contact, properties={"city": "Bern"})
    hub.act("change_owner", id=contact, owner=owner)
    call = hub.act("work", id=contact, by=owner)["ids"][0]
    deal = hub.act(
        "create", object="deals", properties={"dealname": "D", "dealstage": "closedwon"},
        links=[["contacts", contact]],
    )["ids"][0]  # fmt: skip
    hub.act("out_of_office", owner=owner)
    hub.act("back", owner=owner)
    hub.act("archive_owner", owner=owner)
    hub.act("restore_owner", owner=owner)
    touched = hub.act("touch", ids=[contact])["touched"]
    told = hub.act("skew", seconds=60)["told"]
    now = hub.act("advance", seconds=90)["now"]

    assert (hub.record(contact).values["city"], hub.owner_of(contact)) == ("Bern", owner)
    assert hub.record(call, "calls").owner == owner
    assert hub.record(deal, "deals").values["hs_is_closed_won"] == "true"
    assert (touched, told[-12:-4]) == (1, "09:01:00")
    assert now == "2026-03-02T09:01:30+00:00"


def test_the_portal_can_be_made_slow_or_strict(hub: Hub):
    hub.act("settings", burst=1, searches_per_s=0, lag_s=[0, 0], latency_s=0.01)
    contact = hub.contact(city="Bern")

    statuses = [hub.http.get(OWNERS).status_code for _ in range(2)]

    assert statuses == [200, 429]
    assert hub.search({}).json()["policyName"] == "SECONDLY"
    hub.act("settings", searches_per_s=9)
    assert contact in hub.found()


def test_the_statistics_count_calls_refusals_and_writers(hub: Hub):
    hub.give([hub.contact()], hub.owner())
    hub.simulator.fault("secondly", times=1)
    hub.search({})

    stats = hub.http.get("/__simulator__/stats").json()

    assert stats["requests"] == {f"POST {OBJECTS}/contacts/batch/update": 1}
    assert stats["api_usage"] == {"used": 1, "limit": 650_000}
    assert stats["owner_changes"] == {hub.address.client_id: 1}
    assert stats["index_behind"] == 2


def test_a_remote_sees_the_same_as_of_the_other_crm(hub: Hub):
    remote = SimulatorRemote(hub.address.base_url)

    company, roster = remote.company(), remote.roster()
    made = remote.act({"act": "create_contact", "count": 2})
    remote.close()

    assert {one["id"] for one in company["people"]} == {one["id"] for one in roster}
    assert company["people"][0]["crm_id"].isdigit()
    assert company["queues"]["inbound-triage"].isdigit()
    assert len(made["ids"]) == 2


def test_an_app_is_let_in_with_scopes_of_its_own(hub: Hub):
    body = {"kind": "oauth", "scopes": ["crm.objects.contacts.read"]}
    grant = hub.http.post("/__simulator__/grants", json=body).json()

    assert hub.get_as(grant["access_token"], OWNERS).status_code == 403
    assert grant["refresh_token"]


@pytest.mark.parametrize(
    ("path", "body", "part"),
    [
        pytest.param("faults", {"kind": "row_lock"}, "There is no fault of kind", id="fault"),
        pytest.param("faults", {"kind": "garbage", "variant": "x"}, "must be among", id="variant"),
        pytest.param(
            "faults", {"kind": "drift", "variants": ["ids_as_numbers", "x"]}, "not 'x'", id="drift"
        ),
        pytest.param("acts", {"act": "dance"}, "There is no act 'dance'", id="act"),
        pytest.param("acts", {"act": "archive"}, "KeyError", id="no id"),
        pytest.param("acts", {"act": "archive", "id": 1}, "There is no contact 1", id="nobody"),
        pytest.param("acts", {"act": "archive_owner", "owner": 1}, "no owner '1'", id="no owner"),
        pytest.param("acts", {"act": "webhooks", "url": "", "client_id": 1}, "no app", id="app"),
        pytest.param("grants", {"kind": "public"}, "private or oauth", id="kind of app"),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(hub: Hub, path: str, body: Any, part: str):
    answer = hub.http.post(f"/__simulator__/{path}", json=body)

    assert answer.status_code == 400
    assert part in answer.json()["error"]


def test_control_needs_no_token_and_no_fault_touches_it(hub: Hub):
    hub.simulator.fault("garbage")

    answer = hub.http.get("/__simulator__/stats", headers={"Authorization": ""})

    assert answer.status_code == 200


def test_one_file_holds_the_faults_of_both_crms(tmp_path: Path):
    script = tmp_path / "faults.yaml"
    script.write_text("- {kind: row_lock}\n- {crm: hubspot, kind: secondly, match: {every: 9}}\n")

    assert read_faults(script) == [{"kind": "row_lock"}]
    assert read_faults(script, "hubspot") == [{"kind": "secondly", "match": {"every": 9}}]


def test_a_fault_in_the_wrong_crm_is_named(tmp_path: Path):
    script = tmp_path / "faults.yaml"
    script.write_text("- {kind: secondly}\n- {crm: pipedrive, kind: secondly}\n")

    with pytest.raises(ValueError, match="fault 1: There is no fault of kind 'secondly'") as said:
        read_faults(script)

    assert "fault 2: there is no CRM 'pipedrive'" in str(said.value)
