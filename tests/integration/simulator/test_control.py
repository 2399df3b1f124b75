"""Endpoints under /__simulator__/: for tests and stories, never for a CRM client."""

from typing import Any

import pytest

from tests.integration.simulator.wire import Wire


def act(wire: Wire, name: str, **given: Any) -> dict[str, Any]:
    answer = wire.post("/__simulator__/acts", {"act": name, **given})
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()["done"][0]
    return done


def test_the_truth_tells_births_and_owner_changes_and_by_whom(wire: Wire):
    seen = wire.get("/__simulator__/truth").json()["entries"][-1]["seq"]
    lead = act(wire, "create_lead", fields={"OwnerId": wire.queue()})["ids"][0]
    act(wire, "change_owner", id=lead, owner=wire.rep(1))
    wire.give(lead, wire.rep())

    entries = wire.get(f"/__simulator__/truth?since={seen}").json()["entries"]

    assert [(one["what"], one["before"], one["after"], one["client"]) for one in entries] == [
        ("created", None, wire.queue(), "world"),
        ("owner_changed", wire.queue(), wire.rep(1), "human"),
        ("owner_changed", wire.rep(1), wire.rep(), wire.address.client_id),
    ]
    assert entries[2]["by"] == wire.simulator.world.integration_user_id
    assert entries[2]["request"].startswith(f"PATCH /services/data/v64.0/sobjects/Lead/{lead}")


def test_a_write_that_changes_no_owner_leaves_no_entry(wire: Wire):
    lead = wire.lead()
    seen = len(wire.simulator.truth())

    wire.patch(f"/sobjects/Lead/{lead}", {"City": "Bern"})
    wire.give(lead, wire.queue())

    assert len(wire.simulator.truth()) == seen


def test_every_act_can_be_done_from_outside(wire: Wire):
    lead, twin, rep = wire.lead(), wire.lead(), wire.rep()

    act(wire, "update", id=lead, fields={"City": "Bern"})
    act(wire, "change_owner", id=lead, owner=rep)
    act(wire, "read", id=lead, by=rep)
    act(wire, "work", id=lead, by=rep, kind="Meeting")
    act(wire, "merge", winner=lead, losers=[twin])
    made = act(wire, "convert", id=lead)
    act(wire, "out_of_office", id=rep)
    ended = act(wire, "back", id=rep)["ended"]
    act(wire, "deactivate_user", id=rep)
    act(wire, "activate_user", id=rep)
    act(wire, "touch", object="Lead", ids=[lead])
    act(wire, "delete", id=made["opportunity"])
    act(wire, "purge", id=made["opportunity"])
    act(wire, "expire_sessions", client_id="nobody's")

    row = wire.row(lead)
    assert (row["City"], row["IsUnreadByOwner"], row["IsConverted"]) == ("Bern", False, True)
    assert wire.row(twin)["MasterRecordId"] == lead
    assert (ended, wire.row(rep)["IsActive"]) == (1, True)
    assert wire.row(made["opportunity"]) == {}


def test_time_can_be_moved_and_misreported(wire: Wire):
    assert act(wire, "advance", seconds=90)["now"] == "2026-03-02T09:01:30+00:00"
    assert act(wire, "skew", seconds=-60)["told"] == "2026-03-02T09:00:30+00:00"


def test_the_org_can_be_made_slow_full_or_strict(wire: Wire):
    act(wire, "settings", page_rows=250, daily_limit=10, used=9)
    act(wire, "assignment_rule", owner=wire.rep())

    assert wire.get("/limits").status_code == 200
    assert wire.get("/limits").status_code == 403
    assert wire.simulator.org.rules.assign_leads_to == wire.rep()


def test_a_contact_with_the_same_address_makes_a_lead_a_duplicate(wire: Wire):
    email = wire.records("SELECT Email FROM Contact LIMIT 1")[0]["Email"]
    lead = wire.lead(Email=email)
    act(wire, "settings", duplicates_by_email=True)

    answer = wire.give(lead, wire.rep())

    assert answer.json()[0]["errorCode"] == "DUPLICATES_DETECTED"


def test_faults_are_added_counted_and_lifted(wire: Wire):
    number = wire.post("/__simulator__/faults", {"kind": "server_error"}).json()["added"][0]
    wire.get("/limits")

    listed = wire.get("/__simulator__/faults").json()["faults"]
    wire.delete(f"/__simulator__/faults?number={number}")

    assert [(one["kind"], one["fired"]) for one in listed] == [("server_error", 1)]
    assert wire.get("/limits").status_code == 200


def test_a_grant_lets_a_client_in_with_fewer_rights(wire: Wire):
    grant = wire.post("/__simulator__/grants", {"read_only": True}).json()

    headers = {"Authorization": f"Bearer {grant['access_token']}"}
    answer = wire.patch(f"/sobjects/Lead/{wire.lead()}", {"City": "Bern"}, headers=headers)

    assert answer.status_code == 403


def test_the_statistics_count_calls_and_writers(wire: Wire):
    wire.give(wire.lead(), wire.rep())

    stats = wire.get("/__simulator__/stats").json()

    assert stats["requests"] == {"PATCH sobjects/Lead": 1}
    assert stats["api_usage"] == {"used": 1, "limit": 150_000}
    assert stats["owner_changes"] == {wire.address.client_id: 1}


def test_the_roster_lists_every_rep(wire: Wire):
    people = wire.get("/__simulator__/roster").json()["people"]

    assert len(people) == 10
    assert {"id", "email", "teams", "timezone", "hours", "capacity"} <= set(people[0])


@pytest.mark.parametrize(
    ("path", "body", "part"),
    [
        pytest.param("faults", {"kind": "gremlin"}, "There is no fault of kind", id="fault"),
        pytest.param("acts", {"act": "dance"}, "There is no act 'dance'", id="act"),
        pytest.param("acts", {"act": "delete"}, "needs the id of a record", id="no id"),
        pytest.param("acts", {"act": "change_owner", "id": "x"}, "KeyError", id="no owner"),
        pytest.param("grants", {"nonsense": 1}, "Unknown rights ['nonsense']", id="rights"),
        pytest.param("nowhere", {}, "There is no POST /__simulator__/nowhere", id="endpoint"),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(wire: Wire, path: str, body: Any, part: str):
    answer = wire.post(f"/__simulator__/{path}", body)

    assert answer.status_code in (400, 404)
    assert part in answer.json()["error"]


def test_control_needs_no_session_and_no_fault_touches_it(wire: Wire):
    wire.simulator.fault("garbage")

    answer = wire.get("/__simulator__/stats", headers={"Authorization": ""})

    assert answer.status_code == 200
    assert answer.json()["api_usage"]["used"] == 0
