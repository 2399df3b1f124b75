"""Bulk API 2.0: query jobs in pages, loads row by row."""

from typing import Any

import pytest

from tests.integration.simulator.wire import Wire


def job(wire: Wire, query: str, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = wire.post(
        "/jobs/query", {"operation": "query", "query": query, **more}
    ).json()
    return body


def load(wire: Wire, operation: str, csv: str, **more: Any) -> dict[str, Any]:
    made = wire.post("/jobs/ingest", {"object": "Lead", "operation": operation, **more}).json()
    path = f"/jobs/ingest/{made['id']}"
    wire.call("PUT", f"{path}/batches", data=csv.encode(), headers={"Content-Type": "text/csv"})
    wire.patch(path, {"state": "UploadComplete"})
    body: dict[str, Any] = wire.get(path).json()
    return body


def test_a_query_job_goes_from_uploaded_to_complete(wire: Wire):
    wire.simulator.org.settings.bulk_ready_after_polls = 2
    made = job(wire, "SELECT Id FROM Account")

    states = [wire.get(f"/jobs/query/{made['id']}").json()["state"] for _ in range(2)]

    assert made["state"] == "UploadComplete"
    assert states == ["InProgress", "JobComplete"]


def test_results_come_in_pages_of_csv_until_the_locator_is_null(wire: Wire):
    made = job(wire, "SELECT Id, Owner.Name, Named__c FROM Account ORDER BY Id")
    path = f"/jobs/query/{made['id']}"
    wire.get(path)

    first = wire.get(f"{path}/results?maxRecords=5")
    last = wire.get(f"{path}/results?maxRecords=5&locator={first.headers['Sforce-Locator']}")

    assert first.headers["Content-Type"].startswith("text/csv")
    assert first.text.splitlines()[0] == '"Id","Owner.Name","Named__c"'
    assert [one.headers["Sforce-NumberOfRecords"] for one in (first, last)] == ["5", "3"]
    assert last.headers["Sforce-Locator"] == "null"


def test_null_is_empty_and_times_end_in_z(wire: Wire):
    lead = wire.lead()
    made = job(wire, f"SELECT CreatedDate, Email FROM Lead WHERE Id = '{lead}'")
    wire.get(f"/jobs/query/{made['id']}")

    lines = wire.get(f"/jobs/query/{made['id']}/results").text.splitlines()

    assert lines[1] == '"2026-03-02T09:00:00.000Z",""'


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("SELECT Address FROM Lead", "FEATURENOTENABLED", id="compound"),
        pytest.param("SELECT Id, (SELECT Id FROM Tasks) FROM Lead", "API_ERROR", id="children"),
        pytest.param("SELECT Id FROM Nope", "INVALIDENTITY", id="no such object"),
        pytest.param("SELECT Nope FROM Lead", "INVALID_FIELD", id="no such field"),
    ],
)
def test_what_bulk_cannot_do_is_refused(wire: Wire, query: str, code: str):
    answer = wire.post("/jobs/query", {"operation": "query", "query": query})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_results_are_not_there_before_the_job_is_done_and_gone_once_it_is_deleted(wire: Wire):
    made = job(wire, "SELECT Id FROM Account")
    path = f"/jobs/query/{made['id']}"

    early = wire.get(f"{path}/results")
    wire.get(path)
    removed = wire.delete(path)

    assert (early.status_code, removed.status_code) == (400, 204)
    assert wire.get(path).status_code == 404


def test_an_aborted_job_stays_aborted(wire: Wire):
    made = job(wire, "SELECT Id FROM Account")

    wire.patch(f"/jobs/query/{made['id']}", {"state": "Aborted"})

    assert wire.get(f"/jobs/query/{made['id']}").json()["state"] == "Aborted"


def test_a_load_says_for_each_row_what_became_of_it(wire: Wire):
    lead = wire.lead()
    csv = f"Id,OwnerId\n{lead},{wire.rep()}\n{lead},005000000000000AAA\n"

    done = load(wire, "update", csv)

    failed = wire.get(f"/jobs/ingest/{done['id']}/failedResults").text.splitlines()
    good = wire.get(f"/jobs/ingest/{done['id']}/successfulResults").text.splitlines()
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (2, 1)
    assert good == [
        '"sf__Id","sf__Created","Id","OwnerId"',
        f'"{lead}","false","{lead}","{wire.rep()}"',
    ]
    assert "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id" in failed[1]


def test_a_load_can_create_and_upsert_and_delete(wire: Wire):
    load(wire, "insert", "LastName,Company,External_Id__c\nVoss,Acme,web-1\n")
    csv = "LastName,Company,External_Id__c,City\nVoss,Acme,web-1,Bern\n"
    load(wire, "upsert", csv, externalIdFieldName="External_Id__c")
    found = wire.records("SELECT Id, City FROM Lead WHERE External_Id__c = 'web-1'")

    load(wire, "delete", f"Id\n{found[0]['Id']}\n")

    assert [one["City"] for one in found] == ["Bern"]
    assert wire.row(found[0]["Id"])["IsDeleted"] is True


def test_a_load_with_an_unknown_column_fails_whole(wire: Wire):
    done = load(wire, "update", "Id,Nope\nx,y\n")

    assert done["state"] == "Failed"
    assert "Field name not found : Nope" in done["errorMessage"]


def test_an_aborted_load_leaves_its_rows_unprocessed(wire: Wire):
    made = wire.post("/jobs/ingest", {"object": "Lead", "operation": "update"}).json()
    path = f"/jobs/ingest/{made['id']}"
    csv = {"data": b"Id,City\nx,Bern\n", "headers": {"Content-Type": "text/csv"}}
    wire.call("PUT", f"{path}/batches", **csv)
    wire.patch(path, {"state": "Aborted"})

    assert '"x","Bern"' in wire.get(f"{path}/unprocessedrecords").text
