"""/jobs/ingest: Bulk API 2.0 loads. No preconditions, no headers: for migrations only."""

import csv
import io
from typing import Any, Final

from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce import saving
from connectors.simulator.salesforce.bulk_jobs import BulkJob
from connectors.simulator.salesforce.bulk_query import DELIMITERS, as_csv, shown
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import Refused, not_found

_OPERATIONS: Final = ("insert", "update", "upsert", "delete", "hardDelete")
_CSV: Final = "text/csv; charset=UTF-8"


def create(org: Org, call: Call) -> Reply:
    """Answer POST /jobs/ingest."""
    body = call.json_object()
    operation = body.get("operation")
    if operation not in _OPERATIONS:
        raise Refused("INVALIDJOB", f"Unsupported operation: {operation}")
    name = str(body.get("object") or "")
    sobject = org.sobject(name, call.access)
    if sobject is None or not sobject.writable:
        raise Refused("INVALIDENTITY", f"Entity '{name}' is not supported by the Bulk API.")
    job = BulkJob(
        id=org.store.mint.mint("750"),
        kind="ingest",
        operation=operation,
        sobject=sobject.name,
        created_at=org.now(),
        created_by=call.user_id,
        version=call.version,
        state="Open",
        delimiter=str(body.get("columnDelimiter") or "COMMA"),
        line_ending=str(body.get("lineEnding") or "LF"),
        external_id=str(body.get("externalIdFieldName") or ""),
    )
    if job.delimiter not in DELIMITERS:
        raise Refused("INVALIDJOB", f"Unsupported columnDelimiter: {job.delimiter}")
    org.jobs.add(job)
    return Reply(200, _shown(job))


def listed(org: Org, call: Call) -> Reply:
    """Answer GET /jobs/ingest."""
    del call
    records = [_shown(job) for job in org.jobs.all("ingest")]
    return Reply(body={"done": True, "records": records, "nextRecordsUrl": None})


def upload(org: Org, call: Call, job_id: str) -> Reply:
    """Answer PUT /jobs/ingest/{id}/batches."""
    job = _found(org, job_id)
    if job.state != "Open":
        raise Refused("INVALIDJOBSTATE", f"Job is in state {job.state}; data cannot be uploaded")
    if "csv" not in call.headers.get("content-type", "").lower():
        raise Refused("INVALIDCONTENTTYPE", "Content type must be text/csv", status=415)
    job.data = call.body
    return Reply(201)


def read(org: Org, call: Call, job_id: str) -> Reply:
    """Answer GET /jobs/ingest/{id}."""
    job = _found(org, job_id)
    job.polls += 1
    if job.state == "UploadComplete":
        job.state = "InProgress"
    if job.state == "InProgress" and job.polls >= org.settings.bulk_ready_after_polls:
        _process(org, call, job)
    return Reply(body=_shown(job))


def change(org: Org, call: Call, job_id: str) -> Reply:
    """Answer PATCH /jobs/ingest/{id}, which closes or aborts the upload."""
    job = _found(org, job_id)
    state = call.json_object().get("state")
    if state not in ("UploadComplete", "Aborted") or job.state != "Open":
        raise Refused("INVALIDJOBSTATE", f"Job state cannot be changed from {job.state} to {state}")
    job.state = state
    return Reply(body=_shown(job))


def delete(org: Org, call: Call, job_id: str) -> Reply:
    """Answer DELETE /jobs/ingest/{id}."""
    del call
    job = _found(org, job_id)
    if job.state in ("UploadComplete", "InProgress"):
        raise Refused("INVALIDJOBSTATE", f"Job in state {job.state} cannot be deleted")
    org.jobs.remove(job.id)
    return Reply(204)


def successful(org: Org, call: Call, job_id: str) -> Reply:
    """Answer GET /jobs/ingest/{id}/successfulResults."""
    del call
    job = _found(org, job_id)
    lines = [["sf__Id", "sf__Created", *job.given], *job.succeeded]
    return Reply(200, as_csv(job, lines), media=_CSV)


def failed(org: Org, call: Call, job_id: str) -> Reply:
    """Answer GET /jobs/ingest/{id}/failedResults."""
    del call
    job = _found(org, job_id)
    return Reply(200, as_csv(job, [["sf__Id", "sf__Error", *job.given], *job.failed]), media=_CSV)


def unprocessed(org: Org, call: Call, job_id: str) -> Reply:
    """Answer GET /jobs/ingest/{id}/unprocessedrecords."""
    del call
    job = _found(org, job_id)
    rows = _lines(job)[1:] if job.state == "Aborted" else []
    return Reply(200, as_csv(job, [job.given, *rows]), media=_CSV)


def _shown(job: BulkJob) -> dict[str, Any]:
    body = shown(job)
    if job.state == "Open":
        number = job.version
        body["contentUrl"] = f"services/data/v{number}/jobs/ingest/{job.id}/batches"
    return body


def _found(org: Org, job_id: str) -> BulkJob:
    job = org.jobs.find(job_id, "ingest")
    if job is None:
        raise not_found()
    return job


def _lines(job: BulkJob) -> list[list[str]]:
    text = job.data.decode("utf-8-sig", "replace")
    return list(csv.reader(io.StringIO(text), delimiter=DELIMITERS[job.delimiter]))


def _process(org: Org, call: Call, job: BulkJob) -> None:
    lines = _lines(job)
    sobject = org.schema.find(job.sobject)
    if not lines or sobject is None:
        job.state, job.error = "Failed", "InvalidBatch : The batch has no header line"
        return
    job.given = lines[0]
    unknown = [
        name
        for name in job.given
        if name.lower() != "id" and call.access.field(sobject, name) is None
    ]
    if unknown:
        job.state = "Failed"
        job.error = f"InvalidBatch : Field name not found : {unknown[0]}"
        return
    for line in lines[1:]:
        _process_line(org, call, job, line)
    job.state = "JobComplete"


def _process_line(org: Org, call: Call, job: BulkJob, line: list[str]) -> None:
    values = {
        name: None if value == "#N/A" else value
        for name, value in zip(job.given, line, strict=False)
        if name.lower() != "id" and value != ""
    }
    given_id = next((v for n, v in zip(job.given, line, strict=False) if n.lower() == "id"), "")
    try:
        record_id, created = _save(org, call, job, (given_id, values))
    except Refused as refused:
        fields = " ".join(refused.fields or ())
        error = f"{refused.code}:{refused.message}:{fields or '--'}"
        job.failed.append([given_id, error, *line])
    else:
        job.succeeded.append([record_id, str(created).lower(), *line])


def _save(
    org: Org, call: Call, job: BulkJob, given: tuple[str, dict[str, Any]]
) -> tuple[str, bool]:
    given_id, values = given
    sobject = saving.sobject_named(org, call, job.sobject)
    if job.operation == "insert":
        return saving.insert(org, call, sobject, values), True
    if job.operation == "upsert" and job.external_id.lower() != "id":
        key = (job.external_id, str(values.pop(job.external_id, "") or ""))
        return saving.upsert(org, call, sobject, key, values)
    record_id = saving.record_id_in_body(sobject, given_id)
    if job.operation in ("delete", "hardDelete"):
        saving.delete(org, call, sobject, record_id)
        if job.operation == "hardDelete":
            org.purge(record_id)
    else:
        saving.update(org, call, sobject, record_id, values)
    return record_id, False
