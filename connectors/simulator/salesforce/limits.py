"""/limits and /limits/recordCount."""

from typing import Any

from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.org import Org


def limits(org: Org, call: Call) -> Reply:
    """Answer GET /limits."""
    del call
    left = max(0, org.usage.limit - org.usage.used(org.clock.now()))
    jobs = len(org.jobs.all("query"))
    body: dict[str, dict[str, Any]] = {
        "DailyApiRequests": {"Max": org.usage.limit, "Remaining": left},
        "DailyBulkApiBatches": {"Max": 15000, "Remaining": 15000},
        "DailyBulkV2QueryFileStorageMB": {"Max": 976562, "Remaining": 976562},
        "DailyBulkV2QueryJobs": {"Max": 10000, "Remaining": 10000 - jobs},
        "DailyAsyncApexExecutions": {"Max": 250000, "Remaining": 250000},
        "DailyStreamingApiEvents": {"Max": 10000, "Remaining": 10000},
        "DataStorageMB": {"Max": 10240, "Remaining": 10100},
        "FileStorageMB": {"Max": 10240, "Remaining": 10200},
        "SingleEmail": {"Max": 5000, "Remaining": 5000},
    }
    return Reply(body=body)


def record_count(org: Org, call: Call) -> Reply:
    """Answer GET /limits/recordCount?sObjects=Lead,Contact."""
    wanted = [name.strip() for name in call.params.get("sObjects", "").split(",") if name.strip()]
    names = wanted or [one.name for one in org.schema]
    counts = []
    for name in names:
        sobject = org.sobject(name, call.access)
        if sobject is not None:
            rows = org.store.table(sobject.name).rows.values()
            count = sum(not row.get("IsDeleted") for row in rows)
            counts.append({"count": count, "name": sobject.name})
    return Reply(body={"sObjects": counts})
