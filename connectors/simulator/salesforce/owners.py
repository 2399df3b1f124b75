"""Who may own what: users and queues as targets of references, and what the history says.

A queue owns only objects it is enabled for; a Contact's owner is always a user. An
inactive user can keep records but not receive them.
"""

from collections.abc import Iterator

from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import Field, Row, SObject, Stored
from connectors.simulator.salesforce.store import Store


def check_references(store: Store, sobject: SObject, row: Row, given: set[str]) -> None:
    """Refuse references, among those given, that point nowhere or at the wrong thing."""
    for name in sorted(given):
        field = sobject.field(name)
        target = row.get(name)
        if field is None or not field.refers_to:
            continue
        if target is None:
            if name == "OwnerId":
                message = f"{field.label}: owner cannot be blank"
                raise Refused("INVALID_CROSS_REFERENCE_KEY", message, fields=(name,))
            continue
        found = _target(store, field, str(target))
        if name == "OwnerId":
            _check_owner(store, sobject, found)


def history_values(store: Store, before: Stored, after: Stored) -> Iterator[tuple[Stored, Stored]]:
    """Owner history is written twice: once with names, once with ids."""
    yield _name_of(store, before), _name_of(store, after)
    yield before, after


def _target(store: Store, field: Field, target_id: str) -> Row:
    sobject = store.schema.of_id(target_id)
    if sobject is None or sobject.name not in field.refers_to:
        message = f"{field.label}: id value of incorrect type: {target_id}"
        raise Refused("FIELD_INTEGRITY_EXCEPTION", message, fields=(field.name,))
    row = store.get(target_id)
    if row is None or row.get("IsDeleted"):
        raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=())
    return row


def _check_owner(store: Store, sobject: SObject, owner: Row) -> None:
    owner_id = str(owner["Id"])
    if owner_id.startswith("00G"):
        if not _queue_serves(store, owner, sobject):
            message = "Queue not associated with this SObject type"
            raise Refused("INVALID_OPERATION", message, fields=("OwnerId",))
        return
    if not owner.get("IsActive"):
        message = (
            f"operation performed with inactive user [{owner_id[:15]}]"
            f" as owner of {sobject.name.lower()}"
        )
        raise Refused("INACTIVE_OWNER_OR_USER", message, fields=("OwnerId",))
    if owner.get("UserType") != "Standard":
        message = "operation performed with invalid user type"
        raise Refused("OP_WITH_INVALID_USER_TYPE_EXCEPTION", message, fields=("OwnerId",))


def _queue_serves(store: Store, group: Row, sobject: SObject) -> bool:
    if group.get("Type") != "Queue":
        return False
    return any(
        row["QueueId"] == group["Id"] and row["SobjectType"] == sobject.name
        for row in store.table("QueueSobject").rows.values()
    )


def _name_of(store: Store, record_id: Stored) -> Stored:
    row = store.get(record_id)
    return None if row is None else row.get("Name")
