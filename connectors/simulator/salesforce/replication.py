"""/updated and /deleted: the replication API and its safe watermark.

`latestDateCovered` is the end of the span asked for, but never later than the start of the
oldest transaction that is still open: rows of that transaction will carry older stamps.
Seconds of the span are cut off, as the service does.
"""

from datetime import datetime, timedelta

from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce import saving
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import Row
from connectors.simulator.salesforce.stamps import read_datetime, wire

_MOST_IDS = 600_000


def updated(org: Org, call: Call, sobject: str) -> Reply:
    """Answer GET /sobjects/{object}/updated/?start=&end=."""
    found = saving.sobject_named(org, call, sobject)
    now = org.now()
    start, end = _span(call, now, reach=timedelta(days=30))
    hidden = call.access.hidden_rows
    ids = [
        str(row["Id"])
        for row in org.store.table(found.name).touched_since(wire(start))
        if str(row["SystemModstamp"]) < wire(end)
        and not row.get("IsDeleted")
        and row["Id"] not in hidden
    ]
    if len(ids) > _MOST_IDS:
        raise Refused("EXCEEDED_ID_LIMIT", "exceeded 600000 distinct ids")
    return Reply(body={"ids": ids, "latestDateCovered": wire(_covered(org, now, end))})


def deleted(org: Org, call: Call, sobject: str) -> Reply:
    """Answer GET /sobjects/{object}/deleted/?start=&end=."""
    found = saving.sobject_named(org, call, sobject)
    now = org.now()
    start, end = _span(call, now, reach=timedelta(days=15))
    if end - start < timedelta(minutes=1):
        raise _bad_span("startDate before endDate must be greater than 1 minute")
    table = org.store.table(found.name)
    gone = [
        (str(row["Id"]), str(row["SystemModstamp"]))
        for row in table.touched_since(wire(start))
        if row.get("IsDeleted") and _inside(row, end)
    ]
    gone += [(one, at) for one, at in table.purged.items() if wire(start) <= at < wire(end)]
    body = {
        "deletedRecords": [{"id": one, "deletedDate": at} for one, at in gone],
        "earliestDateAvailable": wire(org.started_at - timedelta(days=15)),
        "latestDateCovered": wire(_covered(org, now, end)),
    }
    return Reply(body=body)


def _inside(row: Row, end: datetime) -> bool:
    return str(row["SystemModstamp"]) < wire(end)


def _covered(org: Org, now: datetime, end: datetime) -> datetime:
    return min(end, now, org.store.oldest_open(now)).replace(second=0)


def _span(call: Call, now: datetime, *, reach: timedelta) -> tuple[datetime, datetime]:
    start = _parameter(call, "start")
    end = _parameter(call, "end")
    if start >= end:
        raise _bad_span("startDate must be before endDate")
    if now - start > reach:
        message = f"startDate cannot be more than {reach.days} days ago"
        raise _bad_span(message)
    return start, end


def _parameter(call: Call, name: str) -> datetime:
    text = call.params.get(name)
    if not text:
        raise Refused("MISSING_ARGUMENT", f"The {name} parameter is required.")
    at = read_datetime(text.replace(" ", "+"))
    if at is None:
        raise _bad_span(f"Invalid {name} date: {text}")
    return at.replace(second=0, microsecond=0)


def _bad_span(message: str) -> Refused:
    return Refused("INVALID_REPLICATION_DATE", message)
