"""One way to save a record for every endpoint: rows, collections, composites and bulk jobs.

Ids are checked here as the URL or the body gave them, and scripted faults get their chance
between the request and the save, where the real service's triggers, locks and other users
get theirs.
"""

from collections.abc import Mapping
from typing import Any

from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.ids import canonical
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import Refused, no_such_type, not_found
from connectors.simulator.salesforce.schema import SObject


def sobject_named(org: Org, call: Call, name: str) -> SObject:
    """The object of that name, or 404."""
    sobject = org.sobject(name, call.access)
    if sobject is None:
        raise no_such_type(name)
    return sobject


def record_id_in_url(org: Org, sobject: SObject, text: str) -> str:
    """The canonical id a URL names.

    Raises:
        Refused: 404, it is no id, or another object's.
    """
    record_id = canonical(text)
    if record_id is None:
        message = f"Provided external ID field does not exist or is not accessible: {text}"
        raise not_found(message)
    if not record_id.startswith(sobject.prefix):
        if org.schema.of_id(record_id) is None:
            raise not_found()
        message = f"{sobject.name} ID: id value of incorrect type: {text}"
        raise Refused("MALFORMED_ID", message, fields=("Id",))
    return record_id


def record_id_in_body(sobject: SObject, given: object) -> str:
    """The canonical id an element of a collection names."""
    if not isinstance(given, str) or not given:
        raise Refused("MISSING_ARGUMENT", "Id not specified in an update call", fields=("Id",))
    record_id = canonical(given)
    if record_id is None:
        message = f"{sobject.name} ID: id value of incorrect type: {given}"
        raise Refused("MALFORMED_ID", message, fields=("Id",))
    if not record_id.startswith(sobject.prefix):
        raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=())
    return record_id


def update(
    org: Org, call: Call, sobject: SObject, record_id: str, values: Mapping[str, Any]
) -> None:
    """Change a record, unless something interferes."""
    org.now()
    org.before_save(call, sobject, record_id, values)
    org.dml.update(sobject, record_id, values, call.terms())


def insert(org: Org, call: Call, sobject: SObject, values: Mapping[str, Any]) -> str:
    """Create a record, unless something interferes."""
    org.now()
    org.before_save(call, sobject, "", values)
    return org.dml.insert(sobject, values, call.terms())


def delete(org: Org, call: Call, sobject: SObject, record_id: str) -> None:
    """Delete a record, unless something interferes."""
    org.now()
    org.before_save(call, sobject, record_id, {})
    org.dml.delete(sobject, record_id, call.terms())


def upsert(
    org: Org, call: Call, sobject: SObject, key: tuple[str, str], values: Mapping[str, Any]
) -> tuple[str, bool]:
    """Change the record with this external id, or create it; says which id and whether new."""
    name, value = key
    field = call.access.field(sobject, name)
    if field is None or not field.external_id:
        message = f"Provided external ID field does not exist or is not accessible: {name}"
        raise not_found(message)
    matches = [
        row
        for row in org.store.table(sobject.name).rows.values()
        if row.get(field.name) == value and not row.get("IsDeleted")
    ]
    if len(matches) > 1:
        urls = [
            f"/services/data/v{call.version}/sobjects/{sobject.name}/{row['Id']}" for row in matches
        ]
        raise MultipleChoices(urls)
    if matches:
        record_id = str(matches[0]["Id"])
        update(org, call, sobject, record_id, values)
        return record_id, False
    return insert(org, call, sobject, {**values, field.name: value}), True


class MultipleChoices(Exception):
    """300: several records share the external id; the body lists their URLs."""

    def __init__(self, urls: list[str]) -> None:
        super().__init__(f"{len(urls)} records share the external id")
        self.urls = urls
