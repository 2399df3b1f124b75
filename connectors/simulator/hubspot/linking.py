"""/crm/associations: what many records of one type belong to among those of another."""

from typing import Any, Final

from connectors.simulator.exchange import Reply
from connectors.simulator.hubspot.associations import KINDS
from connectors.simulator.hubspot.calls import Call
from connectors.simulator.hubspot.desk import Desk
from connectors.simulator.hubspot.properties import ObjectType
from connectors.simulator.hubspot.refusals import bad_input, invalid
from connectors.simulator.hubspot.stamps import wire

_MOST: Final = 1_000
_PAGE: Final = 500


def read(desk: Desk, call: Call, kind: ObjectType, other: str) -> Reply:
    """Answer POST /crm/associations/{from}/{to}/batch/read.

    A record that belongs to nothing is an error among the errors, not an empty list.
    """
    end = desk.kind(other)
    if (kind.name, end.name) not in KINDS:
        raise invalid(f"{kind.name} cannot be associated with {end.name}.")
    now = wire(desk.portal.now_ms())
    rows: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for given in call.inputs(_MOST):
        asked = str(given.get("id") or "")
        if not asked:
            raise bad_input("Some required fields were not set: [id]")
        row = _row(desk, kind, end, asked, str(given.get("after") or ""))
        if row is None:
            errors.append(_none_found(kind, end, asked))
        else:
            rows.append(row)
    answer: dict[str, Any] = {"status": "COMPLETE", "results": rows}
    answer |= {"startedAt": now, "completedAt": now}
    if errors:
        answer |= {"numErrors": len(errors), "errors": errors}
    return Reply(207 if errors and not call.dated else 200, answer)


def _row(
    desk: Desk, kind: ObjectType, end: ObjectType, asked: str, after: str
) -> dict[str, Any] | None:
    record = desk.find(kind, asked)
    if record is None:
        return None
    associations = desk.portal.associations
    last = int(after) if after.isascii() and after.isdigit() else 0
    links = sorted(associations.of(kind.name, end.name, record.id).items())
    links = [(one, primary) for one, primary in links if one > last]
    ends = desk.portal.tables[end.name].rows
    living = [(one, primary) for one, primary in links if ends[one].living]
    if not living:
        return None
    row: dict[str, Any] = {
        "from": {"id": str(record.id)},
        "to": [
            {
                "toObjectId": one,
                "associationTypes": [
                    {"category": "HUBSPOT_DEFINED", "typeId": found.type_id, "label": found.label}
                    for found in associations.kinds(kind.name, end.name, primary=primary)
                ],
            }
            for one, primary in living[:_PAGE]
        ],
    }
    if len(living) > _PAGE:
        row["paging"] = {"next": {"after": str(living[_PAGE - 1][0])}}
    return row


def _none_found(kind: ObjectType, end: ObjectType, asked: str) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {end.singular} is associated with {kind.singular} {asked}.",
        "context": {
            "fromObjectId": [asked],
            "fromObjectType": [kind.type_id],
            "toObjectType": [end.type_id],
        },
    }
