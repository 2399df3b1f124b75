"""/crm/properties: which properties an object has, and what may stand in them."""

from connectors.simulator.exchange import Reply
from connectors.simulator.hubspot.calls import Call
from connectors.simulator.hubspot.desk import Desk
from connectors.simulator.hubspot.properties import ObjectType
from connectors.simulator.hubspot.refusals import Refused


def listed(desk: Desk, call: Call, kind: ObjectType) -> Reply:
    """Answer GET /crm/properties/{type}."""
    del desk
    shown = [] if call.flag("archived") else kind.properties.values()
    return Reply(200, {"results": [one.as_json(kind.singular) for one in shown]})


def read(desk: Desk, call: Call, kind: ObjectType, name: str) -> Reply:
    """Answer GET /crm/properties/{type}/{name}."""
    del desk, call
    found = kind.properties.get(name)
    if found is None:
        message = f'Property "{name}" does not exist for object type {kind.type_id}'
        raise Refused(404, "OBJECT_NOT_FOUND", message)
    return Reply(200, found.as_json(kind.singular))
