"""Knobs beyond the twenty faults: clocks, floods of stamps, slow servers, failovers."""

from connectors.simulator.exchange import Request
from tests.integration.simulator.wire import NINE, Wire


def test_the_date_header_can_be_five_minutes_off_while_stamps_are_right(wire: Wire):
    wire.simulator.fault("date_skew", seconds=300)
    wire.simulator.tick()

    answer = wire.get(f"/sobjects/Lead/{wire.lead()}")

    assert answer.headers["Date"] == "Mon, 02 Mar 2026 09:05:00 GMT"
    assert answer.json()["CreatedDate"] == "2026-03-02T09:00:00.000+0000"


def test_the_system_touches_everything_and_modifies_nothing(wire: Wire):
    wire.pass_time(60)
    wire.simulator.fault("mass_touch", object="Lead")
    wire.simulator.tick()

    record = wire.records("SELECT SystemModstamp, LastModifiedDate FROM Lead LIMIT 1")[0]

    assert record["SystemModstamp"] == "2026-03-02T09:01:00.000+0000"
    assert record["LastModifiedDate"] < record["SystemModstamp"]


def test_a_slow_answer_is_slow_and_right(wire: Wire):
    wire.simulator.fault("slow", delay_s=0.2, times=1)

    answer = wire.get("/limits")

    assert answer.elapsed.total_seconds() >= 0.2
    assert answer.status_code == 200


def test_twenty_five_long_calls_are_all_the_org_bears(wire: Wire):
    wire.simulator.fault("slow", delay_s=20, match={"path": "*/limits"})
    calls = [Request("GET", "/services/data/v64.0/limits", "", {}, b"") for _ in range(26)]

    outcomes = [wire.simulator.service.outcome(call) for call in calls]
    refused = wire.get("/limits/recordCount")
    wire.pass_time(20)

    assert [one.reply.status for one in outcomes] == [401] * 25 + [403]
    assert refused.json()[0]["message"].startswith("ConcurrentRequests")
    assert wire.get("/limits/recordCount").status_code == 200


def test_after_a_failover_logins_are_told_another_instance(wire: Wire):
    wire.simulator.fault("failover")
    wire.simulator.tick()
    form = {
        "grant_type": "client_credentials",
        "client_id": wire.address.client_id,
        "client_secret": wire.address.client_secret,
    }

    ended = wire.get("/limits")
    told = wire.call("POST", "/services/oauth2/token", data=form).json()["instance_url"]

    assert ended.status_code == 401
    assert told == wire.address.base_url.replace("127.0.0.1", "localhost")


def test_a_next_page_may_be_on_another_host(wire: Wire):
    wire.simulator.world.add_leads(250, at=NINE)
    wire.simulator.fault("next_url_host", host="https://na1.salesforce.test", times=1)

    headers = {"Sforce-Query-Options": "batchSize=200"}
    page = wire.query("SELECT Id FROM Lead", headers=headers).json()

    assert page["nextRecordsUrl"].startswith("https://na1.salesforce.test/services/data/")


def test_a_page_may_be_delivered_twice(wire: Wire):
    wire.simulator.world.add_leads(650, at=NINE)
    headers = {"Sforce-Query-Options": "batchSize=200"}
    first = wire.query("SELECT Id FROM Lead", headers=headers).json()
    second = wire.get(first["nextRecordsUrl"]).json()
    wire.simulator.fault("duplicate_page", times=1)

    again = wire.get(second["nextRecordsUrl"]).json()

    assert again["records"] == second["records"]
    assert again["nextRecordsUrl"] == second["nextRecordsUrl"]


def test_a_query_runs_for_too_long(wire: Wire):
    wire.simulator.fault("query_timeout", times=1)

    assert wire.refused("SELECT Id FROM Lead") == (400, "QUERY_TIMEOUT")


def test_the_server_has_an_error_of_its_own(wire: Wire):
    wire.simulator.fault("server_error", times=1)

    answer = wire.get("/limits")

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (500, "UNKNOWN_EXCEPTION")
