"""/query, /queryAll and their later pages."""

import re
from typing import Any, Final

from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.cursors import Cursor, current
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.soql.engine import Answer

_BATCH: Final = re.compile(r"batchsize\s*=\s*(\d+)", re.IGNORECASE)
_SMALLEST: Final = 200
_LARGEST: Final = 2000


def query(org: Org, call: Call) -> Reply:
    """Answer GET /query?q=."""
    return _run(org, call, deleted_too=False)


def query_all(org: Org, call: Call) -> Reply:
    """Answer GET /queryAll?q=, which sees deleted and merged records too."""
    return _run(org, call, deleted_too=True)


def more(org: Org, call: Call, locator: str) -> Reply:
    """Answer GET /query/{locator}."""
    now = org.now()
    cursor, position = org.cursors.find(locator, now=now, user_id=call.user_id)
    return Reply(body=_page(org, call, cursor.answer, cursor=cursor, position=position))


def _run(org: Org, call: Call, *, deleted_too: bool) -> Reply:
    text = call.params.get("q") or call.params.get("explain", "")
    if not text.strip():
        raise Refused("MALFORMED_QUERY", "SOQL query cannot be empty: unexpected token: '<EOF>'")
    org.now()
    engine = org.engine(call.access, version=call.version, deleted_too=deleted_too)
    answer = engine.run(text)
    if "explain" in call.params:
        return Reply(body=_plan(answer, text))
    if call.params.get("columns", "").lower() == "true":
        return Reply(body=_columns(call, answer))
    return Reply(body=_page(org, call, answer, cursor=None, position=0))


def _page(
    org: Org, call: Call, answer: Answer, *, cursor: Cursor | None, position: int
) -> dict[str, Any]:
    if answer.project is None:
        return {"totalSize": answer.total, "done": True, "records": list(answer.records)}
    rows_wanted = cursor.page_rows if cursor else _page_rows(org, call)
    end = position + (call.page_rows or rows_wanted)
    rows = answer.rows[position:end]
    if cursor is not None:
        rows = current(rows, org.store.table(answer.sobject.name).rows)
    done = end >= len(answer.rows)
    body: dict[str, Any] = {"totalSize": answer.total, "done": done}
    if not done:
        if cursor is None:
            cursor = org.cursors.open(
                answer, page_rows=rows_wanted, now=org.clock.now(), user_id=call.user_id
            )
        body["nextRecordsUrl"] = f"/services/data/v{call.version}/query/{cursor.id}-{end}"
    body["records"] = [answer.project(row) for row in rows]
    return body


def _page_rows(org: Org, call: Call) -> int:
    found = _BATCH.search(call.headers.get("sforce-query-options", ""))
    if found is None:
        return org.settings.page_rows
    wanted = int(found.group(1))
    return min(max(wanted, _SMALLEST), _LARGEST, org.settings.page_rows)


def _plan(answer: Answer, text: str) -> dict[str, Any]:
    plan = {
        "cardinality": answer.total,
        "fields": [],
        "leadingOperationType": "TableScan",
        "notes": [],
        "relativeCost": 1.0,
        "sobjectCardinality": answer.total,
        "sobjectType": answer.sobject.name,
    }
    return {"plans": [plan], "sourceQuery": text}


def _columns(call: Call, answer: Answer) -> dict[str, Any]:
    names = list(answer.project(answer.rows[0])) if answer.project and answer.rows else []
    metadata = []
    for name in names:
        field = call.access.field(answer.sobject, name)
        if field is not None:
            metadata.append(
                {
                    "aggregate": False,
                    "apexType": field.type.title(),
                    "booleanType": field.type == "boolean",
                    "columnName": field.name,
                    "custom": field.custom,
                    "displayName": field.label,
                    "foreignKeyName": None,
                    "insertable": field.createable,
                    "joinColumns": [],
                    "numberType": field.type in ("int", "double", "currency"),
                    "textType": field.type in ("string", "id", "email"),
                    "updatable": field.updateable,
                }
            )
    return {
        "columnMetadata": metadata,
        "entityName": answer.sobject.name,
        "groupBy": False,
        "idSelected": "Id" in names,
        "keyPrefix": answer.sobject.prefix,
    }
