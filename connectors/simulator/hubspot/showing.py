"""How a record is served: its properties, its stamps, its history, what it belongs to."""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.simulator.hubspot.associations import KINDS
from connectors.simulator.hubspot.portal import Portal
from connectors.simulator.hubspot.properties import ObjectType
from connectors.simulator.hubspot.records import Record
from connectors.simulator.hubspot.refusals import bad_input
from connectors.simulator.hubspot.stamps import wire


class View:
    """What of every record an answer shows; what does not exist is left out without a word.

    Raises:
        Refused: The names are not a list of names.
    """

    def __init__(
        self,
        portal: Portal,
        kind: ObjectType,
        names: Any = None,
        *,
        history: Any = None,
        associations: Iterable[str] = (),
    ) -> None:
        self._address = f"https://app.hubspot.com/contacts/{portal.id}/record/{kind.type_id}/"
        self._portal = portal
        asked = [*_names(names, "properties"), *_names(history, "propertiesWithHistory")]
        wanted = {*(asked or kind.served), "hs_object_id", kind.created, kind.modified}
        self._names = tuple(name for name in sorted(wanted) if name in kind.properties)
        self.history = tuple(name for name in _names(history, "") if name in kind.properties)
        self._associations = tuple(associations)

    def show(self, record: Record, values: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A record as it is, or as a copy of it has it."""
        seen = record.values if values is None else values
        answer: dict[str, Any] = {
            "id": str(record.id),
            "properties": {name: seen.get(name) for name in self._names},
            "createdAt": seen[record.type.created],
            "updatedAt": seen[record.type.modified],
            "archived": record.archived_ms is not None,
            "url": f"{self._address}{record.id}",
        }
        if record.archived_ms is not None:
            answer["archivedAt"] = wire(record.archived_ms)
        if self.history:
            answer["propertiesWithHistory"] = {
                name: [revision.as_json() for revision in record.history(name)]
                for name in self.history
            }
        if self._associations:
            answer["associations"] = self._associated(record)
        return answer

    def _associated(self, record: Record) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self._associations:
            other = self._portal.object_type(name)
            if other is None or (record.type.name, other.name) not in KINDS:
                continue
            label = f"{record.type.singular}_to_{other.singular}"
            links = self._portal.associations.of(record.type.name, other.name, record.id)
            rows = []
            for other_id, primary in sorted(links.items()):
                if primary:
                    rows.append({"id": str(other_id), "type": label})
                rows.append({"id": str(other_id), "type": f"{label}_unlabeled"})
            if rows:
                found[other.name] = {"results": rows}
        return found


def _names(given: Any, what: str) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise bad_input(f"{what} must be a list of strings.")
    return given
