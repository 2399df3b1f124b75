"""/jobs/query: Bulk API 2.0 queries, answered as CSV in pages.

A job is made ready by being asked for, after as many polls as the org's settings say.
Compound fields, child queries and TYPEOF are refused as the real one refuses them.
"""

import csv
import io
from typing import Any, Final

from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce.bulk_jobs import BulkJob
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import Refused, not_found
from connectors.simulator.salesforce.soql.parser import parse
from connectors.simulator.salesforce.soql.projection import Record
from connectors.simulator.salesforce.soql.syntax import Call as Function
from connectors.simulator.salesforce.soql.syntax import Path, Query
from connectors.simulator.salesforce.stamps import wire

DELIMITERS: Final = {
    "COMMA": ",",
    "SEMICOLON": ";",
    "PIPE": "|",
    "TAB": "\t",
    "CARET": "^",
    "BACKQUOTE": "`",
}
_CSV: Final = "text/csv; charset=UTF-8"


def create(org: Org, call: Call) -> Reply:
    """Answer POST /jobs/query."""
    body = call.json_object()
    operation = body.get("operation")
    if operation not in ("query", "queryAll"):
        raise Refused("INVALIDJOB", f"Unsupported operation: {operation}")
    text = str(body.get("query") or "")
    query = parse(text)
    _refuse_unfit(org, call, query)
    job = BulkJob(
        id=org.store.mint.mint("750"),
        kind="query",
        operation=operation,
        sobject=query.sobject,
        created_at=org.now(),
        created_by=call.user_id,
        version=call.version,
        state="UploadComplete",
        query=text,
        delimiter=str(body.get("columnDelimiter") or "COMMA"),
        line_ending=str(body.get("lineEnding") or "LF"),
    )
    if job.delimiter not in DELIMITERS or job.line_ending not in ("LF", "CRLF"):
        raise Refused("INVALIDJOB", "Unsupported columnDelimiter or lineEnding")
    org.jobs.add(job)
    return Reply(200, shown(job))


def listed(org: Org, call: Call) -> Reply:
    """Answer GET /jobs/query."""
    del call
    records = [shown(job) for job in org.jobs.all("query")]
    return Reply(body={"done": True, "records": records, "nextRecordsUrl": None})


def read(org: Org, call: Call, job_id: str) -> Reply:
    """Answer GET /jobs/query/{id}."""
    job = _found(org, job_id)
    job.polls += 1
    if job.state == "UploadComplete":
        job.state = "InProgress"
    if job.state == "InProgress" and job.polls >= org.settings.bulk_ready_after_polls:
        _finish(org, call, job)
    return Reply(body=shown(job))


def abort(org: Org, call: Call, job_id: str) -> Reply:
    """Answer PATCH /jobs/query/{id}, which can only abort the job."""
    job = _found(org, job_id)
    if call.json_object().get("state") != "Aborted" or job.state == "JobComplete":
        raise Refused("INVALIDJOBSTATE", f"Job state cannot be changed from {job.state}")
    job.state = "Aborted"
    return Reply(body=shown(job))


def delete(org: Org, call: Call, job_id: str) -> Reply:
    """Answer DELETE /jobs/query/{id}."""
    del call
    job = _found(org, job_id)
    if job.state in ("UploadComplete", "InProgress"):
        raise Refused("INVALIDJOBSTATE", f"Job in state {job.state} cannot be deleted")
    org.jobs.remove(job.id)
    return Reply(204)


def results(org: Org, call: Call, job_id: str) -> Reply:
    """Answer GET /jobs/query/{id}/results?maxRecords=&locator=."""
    job = _found(org, job_id)
    if job.state != "JobComplete":
        raise Refused("INVALIDJOBSTATE", f"Job is in state {job.state}; results are not available")
    locator = call.params.get("locator") or "0"
    start = int(locator) if locator.isdigit() else -1
    if not 0 <= start <= len(job.results):
        raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
    wanted = call.params.get("maxRecords", "")
    end = start + (int(wanted) if wanted.isdigit() and int(wanted) else len(job.results) or 1)
    rows = job.results[start:end]
    headers = {
        "Sforce-NumberOfRecords": str(len(rows)),
        "Sforce-Locator": str(end) if end < len(job.results) else "null",
    }
    return Reply(200, as_csv(job, [job.header, *rows]), headers, _CSV)


def as_csv(job: BulkJob, lines: list[list[str]]) -> bytes:
    """Lines as the job's kind of CSV, every value quoted."""
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=DELIMITERS[job.delimiter],
        quoting=csv.QUOTE_ALL,
        lineterminator="\r\n" if job.line_ending == "CRLF" else "\n",
    )
    writer.writerows(lines)
    return out.getvalue().encode()


def shown(job: BulkJob) -> dict[str, Any]:
    """A job as the service shows it."""
    body: dict[str, Any] = {
        "id": job.id,
        "operation": job.operation,
        "object": job.sobject,
        "createdById": job.created_by,
        "createdDate": wire(job.created_at),
        "systemModstamp": wire(job.created_at),
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version),
        "jobType": "V2Query" if job.kind == "query" else "V2Ingest",
        "lineEnding": job.line_ending,
        "columnDelimiter": job.delimiter,
    }
    done = len(job.results) if job.kind == "query" else len(job.succeeded) + len(job.failed)
    if job.state in ("JobComplete", "Failed"):
        body |= {"numberRecordsProcessed": done, "retries": 0, "totalProcessingTime": 100}
    if job.kind == "ingest":
        body["numberRecordsFailed"] = len(job.failed)
    if job.error is not None:
        body["errorMessage"] = job.error
    return body


def _found(org: Org, job_id: str) -> BulkJob:
    job = org.jobs.find(job_id, "query")
    if job is None:
        raise not_found()
    return job


def _refuse_unfit(org: Org, call: Call, query: Query) -> None:
    sobject = org.sobject(query.sobject, call.access)
    if sobject is None:
        message = f"Entity '{query.sobject}' is not supported by the Bulk API."
        raise Refused("INVALIDENTITY", message)
    for one in query.select:
        if not isinstance(one, Path | Function):
            raise Refused("API_ERROR", "Nested queries are not supported in Bulk Query")
        path = one if isinstance(one, Path) else one.argument
        field = sobject.field(path.names[-1]) if path and len(path.names) == 1 else None
        if field is not None and field.type == "address":
            raise Refused(
                "FEATURENOTENABLED", "Selecting compound data not supported in Bulk Query"
            )
    org.engine(call.access, version=call.version).run(query.text)


def _finish(org: Org, call: Call, job: BulkJob) -> None:
    org.now()
    engine = org.engine(call.access, version=job.version, deleted_too=job.operation == "queryAll")
    try:
        answer = engine.run(job.query)
    except Refused as refused:
        job.state, job.error = "Failed", f"{refused.code}: {refused.message}"
        return
    records = list(answer.records)
    if answer.project is not None:
        records = [answer.project(row) for row in answer.rows]
    columns = [".".join(one.names) for one in parse(job.query).select if isinstance(one, Path)]
    job.header = columns or [key for key in (records[0] if records else {}) if key != "attributes"]
    job.results = [[_cell(record, column) for column in job.header] for record in records]
    job.state = "JobComplete"


def _cell(record: Record, column: str) -> str:
    value: Any = record
    for name in column.split("."):
        folded = {key.lower(): key for key in value} if isinstance(value, dict) else {}
        value = value[folded[name.lower()]] if name.lower() in folded else None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.endswith(".000+0000"):
        return value[:-5] + "Z"
    return "" if value is None else str(value)
