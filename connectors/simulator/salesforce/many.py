"""/composite/sobjects: up to 200 records in one request, each with its own fate.

The reply is 200 whatever happens; a refused row has no id. With `allOrNone` one refused
row takes the others with it.
"""

from collections.abc import Callable
from typing import Any, Final

from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce import saving
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.ids import canonical
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import PreconditionFailed, Refused
from connectors.simulator.salesforce.rows import served
from connectors.simulator.salesforce.schema import SObject

_MOST_ROWS: Final = 200
_MOST_CHUNKS: Final = 10
_MOST_IDS: Final = 2000
_MOST_IDS_IN_URL: Final = 800

SaveRow = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]


def update(org: Org, call: Call) -> Reply:
    """Answer PATCH /composite/sobjects."""

    def save(record: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        sobject = _type_of(org, call, record)
        values = {key: value for key, value in record.items() if key.lower() != "id"}
        record_id = saving.record_id_in_body(sobject, record.get("id", record.get("Id")))
        saving.update(org, call, sobject, record_id, values)
        return record_id, {}

    return _save_all(org, call, save)


def create(org: Org, call: Call) -> Reply:
    """Answer POST /composite/sobjects."""

    def save(record: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return saving.insert(org, call, _type_of(org, call, record), record), {}

    return _save_all(org, call, save)


def upsert(org: Org, call: Call, sobject: str, field: str) -> Reply:
    """Answer PATCH /composite/sobjects/{object}/{external id field}."""
    found = saving.sobject_named(org, call, sobject)

    def save(record: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        values = {key: value for key, value in record.items() if key != field}
        key = (field, str(record.get(field) or ""))
        record_id, created = saving.upsert(org, call, found, key, values)
        return record_id, {"created": created}

    return _save_all(org, call, save)


def delete(org: Org, call: Call) -> Reply:
    """Answer DELETE /composite/sobjects?ids=&allOrNone=."""
    ids = [one.strip() for one in call.params.get("ids", "").split(",") if one.strip()]
    _refuse_too_many(len(ids))

    def save(record: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        record_id = canonical(record["id"])
        sobject = org.schema.of_id(record_id or "")
        if record_id is None or sobject is None:
            message = f"invalid cross reference id: {record['id']}"
            raise Refused("INVALID_CROSS_REFERENCE_KEY", message, fields=())
        saving.delete(org, call, sobject, record_id)
        return record_id, {}

    all_or_none = call.params.get("allOrNone", "false").lower() == "true"
    return _outcome(org, [{"id": one} for one in ids], save, all_or_none=all_or_none)


def retrieve(org: Org, call: Call, sobject: str) -> Reply:
    """Answer POST /composite/sobjects/{object}, or GET with ids and fields in the URL."""
    found = saving.sobject_named(org, call, sobject)
    ids, names = _asked(call)
    org.now()
    for name in names:
        if call.access.field(found, name) is None:
            message = f"No such column '{name}' on sobject of type {found.name}"
            raise Refused("INVALID_FIELD", message)
    return Reply(body=[_retrieved(org, call, found, one, names) for one in ids])


def _asked(call: Call) -> tuple[list[str], list[str]]:
    if call.method in ("GET", "HEAD"):
        ids = [one for one in call.params.get("ids", "").split(",") if one]
        names = [one for one in call.params.get("fields", "").split(",") if one]
        if len(ids) > _MOST_IDS_IN_URL:
            raise Refused("URI_TOO_LONG", "The requested URI is too long.", status=414)
    else:
        body = call.json_object()
        ids, names = body.get("ids") or [], body.get("fields") or []
        for given in (ids, names):
            if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
                raise Refused("JSON_PARSER_ERROR", "ids and fields must be lists of strings.")
    if not ids or not names:
        raise Refused("MISSING_ARGUMENT", "The ids and fields parameters are required.")
    if len(ids) > _MOST_IDS:
        message = f"The number of records ({len(ids)}) exceeds the limit of {_MOST_IDS}."
        raise Refused("EXCEEDED_ID_LIMIT", message)
    return ids, names


def _retrieved(
    org: Org, call: Call, sobject: SObject, given: object, names: list[str]
) -> dict[str, Any] | None:
    record_id = canonical(str(given))
    if record_id is None:
        raise Refused("MALFORMED_ID", f"malformed id {given}")
    row = org.store.table(sobject.name).rows.get(record_id)
    if row is None or row.get("IsDeleted") or record_id in call.access.hidden_rows:
        return None
    return served(call, sobject, row, names)


def _save_all(org: Org, call: Call, save: SaveRow) -> Reply:
    body = call.json_object()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise Refused("JSON_PARSER_ERROR", "The records parameter must be a list of sObjects.")
    _refuse_too_many(len(records))
    types = [_type_name(one) for one in records]
    chunks = sum(1 for at, one in enumerate(types) if at == 0 or one != types[at - 1])
    if chunks > _MOST_CHUNKS:
        message = f"The request has {chunks} chunks of types; the limit is {_MOST_CHUNKS}."
        raise Refused("LIMIT_EXCEEDED", message)
    return _outcome(org, records, save, all_or_none=body.get("allOrNone") is True)


def _refuse_too_many(count: int) -> None:
    if count > _MOST_ROWS:
        message = f"record limit reached. cannot submit more than {_MOST_ROWS} records in this call"
        raise Refused("EXCEEDED_ID_LIMIT", message)


def _type_of(org: Org, call: Call, record: dict[str, Any]) -> SObject:
    name = _type_name(record)
    if not name:
        message = "Include an attributes property with a type for each sObject."
        raise Refused("INVALID_INPUT", message, fields=())
    sobject = org.sobject(str(name), call.access)
    if sobject is None:
        raise Refused("INVALID_TYPE", f"sObject type '{name}' is not supported.", fields=())
    return sobject


def _type_name(record: dict[str, Any]) -> object:
    attributes = record.get("attributes")
    return attributes.get("type") if isinstance(attributes, dict) else None


def _outcome(org: Org, records: list[dict[str, Any]], save: SaveRow, *, all_or_none: bool) -> Reply:
    with org.transaction() as transaction:
        rows = [_saved(record, save) for record in records]
        if all_or_none and not all(row["success"] for row in rows):
            transaction.roll_back()
            message = (
                "Record rolled back because not all records were valid and the request was using"
                " AllOrNone header"
            )
            halted = Refused("ALL_OR_NONE_OPERATION_ROLLED_BACK", message).as_row()
            rows = [halted if row["success"] else row for row in rows]
    return Reply(body=rows)


def _saved(record: dict[str, Any], save: SaveRow) -> dict[str, Any]:
    try:
        record_id, more = save(record)
    except Refused as refused:
        if refused.code == "NOT_FOUND":
            refused = Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        return refused.as_row()
    except PreconditionFailed:
        code = "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE"
        return Refused(code, "Entity was modified since the given time").as_row()
    except saving.MultipleChoices as several:
        return Refused("DUPLICATE_VALUE", str(several)).as_row()
    return {"id": record_id, "success": True, "errors": [], **more}
