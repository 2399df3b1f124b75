"""/sobjects/{object} and /sobjects/{object}/{id}: one record at a time."""

from typing import Any

from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce import saving
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.derived import address
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import Refused, Unmodified, not_found
from connectors.simulator.salesforce.schema import Row, SObject
from connectors.simulator.salesforce.stamps import http_date, moment


def read(org: Org, call: Call, sobject: str, record_id: str) -> Reply:
    """Answer GET /sobjects/{object}/{id}[?fields=]."""
    found = saving.sobject_named(org, call, sobject)
    return _read(org, call, found, saving.record_id_in_url(org, found, record_id))


def update(org: Org, call: Call, sobject: str, record_id: str) -> Reply:
    """Answer PATCH /sobjects/{object}/{id}."""
    found = saving.sobject_named(org, call, sobject)
    target = saving.record_id_in_url(org, found, record_id)
    saving.update(org, call, found, target, call.json_object())
    return Reply(204)


def delete(org: Org, call: Call, sobject: str, record_id: str) -> Reply:
    """Answer DELETE /sobjects/{object}/{id}."""
    found = saving.sobject_named(org, call, sobject)
    saving.delete(org, call, found, saving.record_id_in_url(org, found, record_id))
    return Reply(204)


def create(org: Org, call: Call, sobject: str) -> Reply:
    """Answer POST /sobjects/{object}."""
    found = saving.sobject_named(org, call, sobject)
    record_id = saving.insert(org, call, found, call.json_object())
    url = f"/services/data/v{call.version}/sobjects/{found.name}/{record_id}"
    body = {"id": record_id, "success": True, "errors": []}
    return Reply(201, body, {"Location": url})


def read_by_key(org: Org, call: Call, sobject: str, field: str, value: str) -> Reply:
    """Answer GET /sobjects/{object}/{external id field}/{value}."""
    found = saving.sobject_named(org, call, sobject)
    if field.lower() == "id":
        return _read(org, call, found, saving.record_id_in_url(org, found, value))
    key = call.access.field(found, field)
    if key is None or not key.external_id:
        message = f"Provided external ID field does not exist or is not accessible: {field}"
        raise not_found(message)
    for row in org.store.table(found.name).rows.values():
        if row.get(key.name) == value and not row.get("IsDeleted"):
            return _read(org, call, found, str(row["Id"]))
    raise not_found()


def upsert(org: Org, call: Call, sobject: str, field: str, value: str) -> Reply:
    """Answer PATCH /sobjects/{object}/{external id field}/{value}."""
    found = saving.sobject_named(org, call, sobject)
    if field.lower() == "id":
        target = saving.record_id_in_url(org, found, value)
        saving.update(org, call, found, target, call.json_object())
        return Reply(204)
    record_id, created = saving.upsert(org, call, found, (field, value), call.json_object())
    body = {"id": record_id, "success": True, "errors": [], "created": created}
    return Reply(201 if created else 200, body)


def served(
    call: Call, sobject: SObject, row: Row, names: list[str] | None = None
) -> dict[str, Any]:
    """A record as served: all fields the user sees, or those asked for.

    Raises:
        Refused: INVALID_FIELD, a field asked for is not there.
    """
    url = f"/services/data/v{call.version}/sobjects/{sobject.name}/{row['Id']}"
    record: dict[str, Any] = {"attributes": {"type": sobject.name, "url": url}}
    for name in names or [field.name for field in call.access.fields(sobject)]:
        field = call.access.field(sobject, name)
        if field is None:
            message = f"No such column '{name}' on sobject of type {sobject.name}"
            raise Refused("INVALID_FIELD", message)
        record[field.name] = address(row) if field.type == "address" else row.get(field.name)
    if names and "Id" not in record:
        record["Id"] = row["Id"]
    return record


def _read(org: Org, call: Call, sobject: SObject, record_id: str) -> Reply:
    org.now()
    row = org.store.table(sobject.name).rows.get(record_id)
    if row is None or row.get("IsDeleted") or record_id in call.access.hidden_rows:
        raise not_found()
    headers = {}
    if isinstance(row.get("LastModifiedDate"), str):
        modified_at = moment(str(row["LastModifiedDate"]))
        since = call.modified_since()
        if since is not None and modified_at <= since:
            raise Unmodified
        headers["Last-Modified"] = http_date(modified_at)
        if sobject.name == "Account":
            headers["ETag"] = f'"{row["LastModifiedDate"]}--gzip"'
    wanted = call.params.get("fields")
    names = [name.strip() for name in wanted.split(",")] if wanted else None
    return Reply(200, served(call, sobject, row, names), headers)
