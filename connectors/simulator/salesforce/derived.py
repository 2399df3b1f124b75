"""Values that the service computes: full names, closed flags, the last activity of a lead."""

from connectors.simulator.salesforce.schema import Row, SObject
from connectors.simulator.salesforce.store import Store

_PEOPLE = frozenset({"Lead", "Contact", "User"})


def derive(store: Store, sobject: SObject, row: Row) -> None:
    """Set the computed fields of a row about to be stored."""
    if sobject.name in _PEOPLE:
        parts = (row.get("FirstName"), row.get("LastName"))
        row["Name"] = " ".join(str(part) for part in parts if part) or None
    elif sobject.name == "Opportunity":
        row["IsWon"] = row.get("StageName") == "Closed Won"
        row["IsClosed"] = row["IsWon"] or row.get("StageName") == "Closed Lost"
    elif sobject.name in ("Task", "Event"):
        _derive_activity(store, sobject, row)


def _derive_activity(store: Store, sobject: SObject, row: Row) -> None:
    if sobject.name == "Task":
        row["IsClosed"] = row.get("Status") == "Completed"
        if row["IsClosed"] and row.get("CompletedDateTime") is None:
            row["CompletedDateTime"] = row.get("LastModifiedDate")
    who = store.get(row.get("WhoId"))
    if who is not None and "LastActivityDate" in who:
        # The service does this in the background: no stamp of the lead moves.
        who["LastActivityDate"] = str(row.get("CreatedDate"))[:10]


def address(row: Row, prefix: str = "") -> dict[str, object]:
    """The compound address of a lead."""
    parts = ("city", "country", "postalCode", "state", "street")
    found: dict[str, object] = {
        part: row.get(prefix + part[0].upper() + part[1:]) for part in parts
    }
    return {**found, "geocodeAccuracy": None, "latitude": None, "longitude": None}
