"""The faults of the reference that strike reading and logging in, each with its exact wire.

Their numbers are those of the list the simulator was built from; the writing ones are in
test_writing_faults.py.
"""

from itertools import pairwise
from typing import Any

import pytest
import requests

from tests.integration.simulator.wire import DATA, Wire

ALL_LEADS = "SELECT Id, SystemModstamp FROM Lead ORDER BY SystemModstamp, Id"
TOKEN = "/services/oauth2/token"
SMALL_PAGES = {"Sforce-Query-Options": "batchSize=200"}
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def login(wire: Wire) -> requests.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": wire.address.client_id,
        "client_secret": wire.address.client_secret,
    }
    return wire.call("POST", TOKEN, data=form)


def pages(wire: Wire) -> list[dict[str, Any]]:
    """Every page of all leads."""
    found = [wire.query(ALL_LEADS, headers=SMALL_PAGES).json()]
    while not found[-1]["done"]:
        found.append(wire.get(found[-1]["nextRecordsUrl"]).json())
    return found


# 1


def test_a_late_commit_shows_a_row_older_than_one_already_served(wire: Wire):
    wire.simulator.fault("late_commit", held_s=45, fields={"Company": "Late"})
    wire.simulator.tick()
    wire.pass_time(30)
    newer = wire.lead()
    served = wire.records(ALL_LEADS)[-1]
    span = {"start": "2026-03-02T08:00:00Z", "end": "2026-03-02T10:00:00Z"}
    covered = wire.get("/sobjects/Lead/updated/", params=span).json()["latestDateCovered"]
    wire.pass_time(15)

    late = wire.records("SELECT SystemModstamp FROM Lead WHERE Company = 'Late'")[0]

    assert served["Id"] == newer
    assert late["SystemModstamp"] == "2026-03-02T09:00:00.000+0000"
    assert late["SystemModstamp"] < served["SystemModstamp"]
    assert covered == "2026-03-02T09:00:00.000+0000"


# 2


def test_five_thousand_rows_share_one_second(wire: Wire):
    wire.simulator.fault("same_second", count=5000, fields={"Company": "Flood"})
    wire.simulator.tick()

    text = "SELECT COUNT_DISTINCT(SystemModstamp) stamps, COUNT(Id) n FROM Lead"
    group = wire.records(f"{text} WHERE Company = 'Flood'")[0]
    sizes = [len(page["records"]) for page in pages(wire)]

    assert (group["stamps"], group["n"]) == (1, 5000)
    assert sizes[:25] == [200] * 25


# 3


def test_a_page_may_shrink_below_what_was_asked(wire: Wire):
    wire.simulator.world.add_leads(300, at=wire.simulator.clock.now())
    wire.simulator.fault("page_shrink", times=1)

    found = pages(wire)

    assert len(found[0]["records"]) == 137
    assert found[0]["done"] is False
    assert sum(len(page["records"]) for page in found) == found[0]["totalSize"]


# 4


def test_a_locator_dies_on_the_third_page(wire: Wire):
    wire.simulator.world.add_leads(700, at=wire.simulator.clock.now())
    wire.simulator.fault("dead_locator", match={"nth": 2})
    first = wire.query(ALL_LEADS, headers=SMALL_PAGES).json()
    second = wire.get(first["nextRecordsUrl"]).json()

    third = wire.get(second["nextRecordsUrl"])

    assert third.status_code == 400
    assert third.json() == [
        {"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}
    ]
    assert wire.get(first["nextRecordsUrl"]).status_code == 400


# 5


def test_a_token_expires_in_the_middle_of_a_batch_and_a_new_one_goes_on(wire: Wire):
    lead = wire.lead()
    guard = wire.guard(lead)
    wire.simulator.fault("token_expiry", match={"method": "PATCH"})

    expired = wire.give(lead, wire.rep(), **guard)
    still_expired = wire.get("/limits")
    wire.session.headers["Authorization"] = f"Bearer {login(wire).json()['access_token']}"
    wire.pass_time(5)
    wire.simulator.acts.change_owner(lead, wire.rep(1))
    guarded = wire.give(lead, wire.rep(), **guard)

    assert (expired.status_code, expired.json()) == (401, EXPIRED)
    assert still_expired.status_code == 401
    assert guarded.status_code == 412


# 6


def test_a_session_that_no_login_can_mend(wire: Wire):
    wire.simulator.fault("session_policy")

    answers = [wire.get("/limits") for _ in range(3)]

    assert [one.status_code for one in answers] == [401] * 3
    assert answers[0].json() == [
        {
            "message": "This session is not valid for use with the REST API",
            "errorCode": "INVALID_SESSION_ID",
        }
    ]
    assert login(wire).status_code == 200


# 7


@pytest.mark.parametrize(
    ("variant", "status", "body"),
    [
        pytest.param(
            "not_approved",
            400,
            '{"error":"invalid_grant","error_description":"user hasn\'t approved this consumer"}',
            id="refused",
        ),
        pytest.param("bare", 400, '{"error":"invalid_grant"}', id="without a description"),
        pytest.param(
            "down", 503, "<html><body><h1>Service Unavailable</h1></body></html>", id="down"
        ),
    ],
)
def test_the_token_endpoint_refuses_or_is_down(wire: Wire, variant: str, status: int, body: str):
    wire.simulator.fault("token_refused", variant=variant, times=1)

    answer = login(wire)

    assert (answer.status_code, answer.text) == (status, body)
    assert login(wire).status_code == 200


# 8


def test_the_day_has_no_calls_left_for_twenty_minutes(wire: Wire):
    wire.simulator.fault("daily_quota", for_s=1200)

    answers = [wire.get("/limits") for _ in range(2)]
    wire.pass_time(1200)
    later = wire.get("/limits")

    assert [one.status_code for one in answers] == [403, 403]
    assert answers[0].json() == [
        {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    ]
    assert "Retry-After" not in answers[0].headers
    used = int(answers[1].headers["Sforce-Limit-Info"].removeprefix("api-usage=").split("/")[0])
    assert 149_998 <= used <= 150_001
    assert later.status_code == 200


def test_the_calls_used_go_backwards_now_and_then(wire: Wire):
    wire.simulator.fault("limit_jitter", calls=50)
    wire.simulator.tick()

    used = [
        int(wire.get("/limits").headers["Sforce-Limit-Info"].split("=")[1].split("/")[0])
        for _ in range(100)
    ]

    assert any(later < earlier for earlier, later in pairwise(used))


# 9


def test_too_many_long_calls_at_once_for_ten_seconds(wire: Wire):
    wire.simulator.fault("concurrent_limit", for_s=10)

    answers = [wire.get("/limits") for _ in range(2)]
    wire.pass_time(10)

    message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    assert [one.status_code for one in answers] == [403, 403]
    assert answers[1].json() == [{"message": message, "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    assert wire.get("/limits").status_code == 200


# 17


@pytest.mark.parametrize(
    ("variant", "status", "kind", "body"),
    [
        pytest.param("login_page", 200, "text/html;charset=UTF-8", "<!DOCTYPE html>", id="login"),
        pytest.param("setting_up", 420, "text/html;charset=UTF-8", "<html><body><h1>We", id="420"),
        pytest.param("not_acceptable", 406, "application/json;charset=UTF-8", "", id="406"),
        pytest.param(
            "unavailable",
            503,
            "application/json;charset=UTF-8",
            '[{"errorCode":"SERVER_UNAVAILABLE"',
            id="503",
        ),
    ],
)
def test_garbage_instead_of_an_answer(wire: Wire, variant: str, status: int, kind: str, body: str):
    wire.simulator.fault("garbage", variant=variant, times=1)

    answer = wire.query(ALL_LEADS)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, kind)
    assert answer.text.startswith(body)
    assert wire.query(ALL_LEADS).status_code == 200


def test_a_redirect_to_a_maintenance_host(wire: Wire):
    wire.simulator.fault("garbage", variant="redirect", times=1)

    answer = wire.query(ALL_LEADS)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("https://maintenance.")


def test_a_json_answer_that_breaks_off_in_the_middle_of_a_chunk(wire: Wire):
    wire.simulator.fault("garbage", variant="truncated", times=1)

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        wire.query(ALL_LEADS)

    assert wire.query(ALL_LEADS).status_code == 200


# 19


@pytest.mark.parametrize(
    ("drift", "text", "code"),
    [
        pytest.param(
            {"fields": ["Lead.Score__c"]}, "SELECT Score__c FROM Lead", "INVALID_FIELD", id="field"
        ),
        pytest.param({"objects": ["Lead"]}, "SELECT Id FROM Lead", "INVALID_TYPE", id="object"),
        pytest.param(
            {"unfilterable": ["Lead.SystemModstamp"]},
            "SELECT Id FROM Lead WHERE SystemModstamp > 2026-01-01T00:00:00Z",
            "INVALID_FIELD",
            id="filter",
        ),
    ],
)
def test_the_schema_drifts_while_the_client_runs(
    wire: Wire, drift: dict[str, list[str]], text: str, code: str
):
    assert wire.query(text).status_code == 200

    wire.simulator.fault("drift", **drift)

    assert wire.refused(text) == (400, code)


def test_rows_vanish_by_sharing_without_a_word(wire: Wire):
    lead = wire.lead()
    before = wire.query("SELECT COUNT() FROM Lead").json()["totalSize"]

    wire.simulator.fault("drift", rows=[lead])

    assert wire.query("SELECT COUNT() FROM Lead").json()["totalSize"] == before - 1
    assert wire.get(f"/sobjects/Lead/{lead}").status_code == 404


def test_the_api_version_is_retired(wire: Wire):
    wire.simulator.fault("version_gone", match={"path": f"{DATA}/*"})

    answer = wire.get("/limits")

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (410, "UNSUPPORTED_API_VERSION")


# 20


def bulk(wire: Wire) -> str:
    body = {"operation": "query", "query": "SELECT Id FROM Account"}
    return f"/jobs/query/{wire.post('/jobs/query', body).json()['id']}"


def test_a_bulk_job_fails_with_a_message(wire: Wire):
    path = bulk(wire)
    wire.simulator.fault("bulk_failed", message="InternalServerError : retry", times=1)

    body = wire.get(path).json()

    assert (body["state"], body["errorMessage"]) == ("Failed", "InternalServerError : retry")


def test_a_bulk_job_is_stuck_in_progress(wire: Wire):
    path = bulk(wire)
    wire.simulator.fault("bulk_stuck")

    assert [wire.get(path).json()["state"] for _ in range(5)] == ["InProgress"] * 5


def test_the_second_page_of_bulk_results_fails_and_can_be_had_again(wire: Wire):
    path = bulk(wire)
    wire.get(path)
    wire.simulator.fault("bulk_results_error", match={"nth": 2})
    first = wire.get(f"{path}/results?maxRecords=3")
    url = f"{path}/results?maxRecords=3&locator={first.headers['Sforce-Locator']}"

    broken, mended = wire.get(url), wire.get(url)

    assert (broken.status_code, broken.json()[0]["errorCode"]) == (500, "UNKNOWN_EXCEPTION")
    assert (mended.status_code, mended.headers["Sforce-NumberOfRecords"]) == (200, "3")


def test_there_are_no_bulk_jobs_left_today(wire: Wire):
    wire.simulator.fault("bulk_limit")

    answer = wire.post("/jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")
