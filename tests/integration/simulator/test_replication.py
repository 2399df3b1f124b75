"""/updated and /deleted: the safe watermark and what is gone for good."""

from typing import Any

import pytest

from tests.integration.simulator.wire import Wire

SPAN = {"start": "2026-03-02T08:00:00Z", "end": "2026-03-02T10:00:00Z"}


def updated(wire: Wire, **span: str) -> dict[str, Any]:
    body: dict[str, Any] = wire.get("/sobjects/Lead/updated/", params={**SPAN, **span}).json()
    return body


def deleted(wire: Wire) -> dict[str, Any]:
    body: dict[str, Any] = wire.get("/sobjects/Lead/deleted/", params=SPAN).json()
    return body


def test_what_changed_in_the_span_is_listed_and_the_span_ends_now(wire: Wire):
    wire.pass_time(65)
    lead = wire.lead()
    wire.pass_time(60)

    body = updated(wire)

    assert lead in body["ids"]
    assert body["latestDateCovered"] == "2026-03-02T09:02:00.000+0000"


def test_an_open_transaction_holds_the_watermark_back_until_it_commits(wire: Wire):
    wire.pass_time(60)
    wire.simulator.acts.create("Lead", {"LastName": "Voss", "Company": "Late"}, held_s=300)
    wire.pass_time(240)

    held = updated(wire)["latestDateCovered"]
    wire.pass_time(60)
    free = updated(wire)["latestDateCovered"]

    assert held == "2026-03-02T09:01:00.000+0000"
    assert free == "2026-03-02T09:06:00.000+0000"


def test_seconds_of_the_span_are_cut_off(wire: Wire):
    wire.pass_time(30)
    lead = wire.lead()
    wire.pass_time(600)

    assert lead in updated(wire, start="2026-03-02T09:00:59Z")["ids"]
    assert lead not in updated(wire, end="2026-03-02T09:00:59Z")["ids"]


def test_a_plus_sign_may_come_as_a_space(wire: Wire):
    assert "ids" in updated(wire, start="2026-03-02T08:00:00 00:00")


@pytest.mark.parametrize(
    ("span", "code"),
    [
        pytest.param(
            {"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T09:00:00Z"},
            "INVALID_REPLICATION_DATE",
            id="backwards",
        ),
        pytest.param({"start": "2026-01-01T00:00:00Z"}, "INVALID_REPLICATION_DATE", id="too old"),
        pytest.param({"start": "yesterday"}, "INVALID_REPLICATION_DATE", id="no date"),
        pytest.param({"start": ""}, "MISSING_ARGUMENT", id="missing"),
    ],
)
def test_a_bad_span_is_refused(wire: Wire, span: dict[str, str], code: str):
    answer = wire.get("/sobjects/Lead/updated/", params={**SPAN, **span})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_deleted_merged_and_purged_records_are_listed(wire: Wire):
    gone, loser, purged = wire.lead(), wire.lead(), wire.lead()
    wire.simulator.acts.delete(gone)
    wire.simulator.acts.merge(wire.lead(), [loser])
    wire.simulator.acts.delete(purged)
    wire.simulator.acts.purge(purged)

    body = deleted(wire)

    assert {one["id"] for one in body["deletedRecords"]} == {gone, loser, purged}
    assert set(body) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}


def test_a_purged_record_is_in_no_query(wire: Wire):
    lead = wire.lead()
    wire.simulator.acts.delete(lead)
    wire.simulator.acts.purge(lead)

    found = wire.query(f"SELECT Id FROM Lead WHERE Id = '{lead}'", path="/queryAll")

    assert found.json()["totalSize"] == 0
