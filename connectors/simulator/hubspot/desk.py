"""What the resources of a portal share: finding records, saving them, and who may interfere."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from connectors.simulator.hubspot.associations import kind_of
from connectors.simulator.hubspot.calls import Call
from connectors.simulator.hubspot.portal import Portal
from connectors.simulator.hubspot.properties import ObjectType
from connectors.simulator.hubspot.records import Record
from connectors.simulator.hubspot.refusals import Refused, bad_input, invalid
from connectors.simulator.hubspot.saving import Saver, Terms
from connectors.simulator.hubspot.search import Searches
from connectors.simulator.truth import Actor, Happening

BeforeRead = Callable[[Call, ObjectType, str], None]
BeforeSave = Callable[[Call, ObjectType, str, Mapping[str, Any]], str]
AfterSave = Callable[[Call, Record], None]
ACTIVITIES: Final = ("calls", "emails", "meetings", "notes", "tasks")  #: move who they are about
_EVER_LINKED: Final = ("leads",)  #: types that cannot be without a contact


class Desk:
    """One portal as its resources use it."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.saver = Saver(portal)
        self.searches = Searches()
        #: set by whoever scripts faults
        self.before_read: BeforeRead = _nobody_before_read
        self.before_save: BeforeSave = _nobody_before_save
        self.after_save: AfterSave = _nobody_after_save

    def kind(self, name: str) -> ObjectType:
        """The object type of a path.

        Raises:
            Refused: 400, there is none of that name.
        """
        kind = self.portal.object_type(name)
        if kind is None:
            raise invalid(f"Unable to infer object type from: {name}")
        return kind

    def find(
        self, kind: ObjectType, asked: str, *, by: Any = None, archived: bool = False
    ) -> Record | None:
        """The record of an id, the survivor of one that was merged away, or that of a value."""
        table = self.portal.tables[kind.name]
        if by not in (None, "", "hs_object_id"):
            if not table.is_unique(str(by)):
                raise invalid(f"Property {by} is not a unique identifier of {kind.singular}s.")
            return table.with_value(str(by), asked)
        if not (asked.isascii() and asked.isdigit()):
            return None
        record = table.survivor(int(asked))
        if record is None or record.erased or (record.archived_ms is not None) is not archived:
            return None
        return record

    def was_there(self, kind: ObjectType, asked: str) -> bool:
        """Whether there ever was a record of this id."""
        return (
            asked.isascii() and asked.isdigit() and int(asked) in self.portal.tables[kind.name].rows
        )

    def create(self, call: Call, kind: ObjectType, given: Mapping[str, Any]) -> Record:
        """Create a record from an input, with what it is associated with.

        Raises:
            Refused: Its values or associations are wrong.
        """
        properties = given.get("properties")
        if not isinstance(properties, dict):
            raise bad_input("properties must be an object.")
        links = self._links(kind, given.get("associations") or [])
        if kind.name in _EVER_LINKED and not any(name == "contacts" for name, _, _ in links):
            raise invalid("A lead must be associated with a contact.")
        record = self.saver.create(kind, properties, Terms(call.actor()))
        for name, other, primary in links:
            self.link((kind.name, record.id), (name, other), primary=primary)
            if kind.name in ACTIVITIES:
                self.saver.update(self.portal.tables[name].rows[other], {}, Terms(call.actor()))
        return record

    def link(self, start: tuple[str, int], end: tuple[str, int], *, primary: bool = False) -> None:
        """Associate two records; a contact knows its primary company by a property, too."""
        associations = self.portal.associations
        associations.link(start, end, primary=primary)
        for (name, record_id), (other, _) in ((start, end), (end, start)):
            if (name, other) == ("contacts", "companies"):
                companies = associations.of("contacts", "companies", record_id)
                chosen = next((one for one, is_primary in companies.items() if is_primary), None)
                record = self.portal.tables["contacts"].rows[record_id]
                record.values["associatedcompanyid"] = str(chosen)

    def archive(self, record: Record, actor: Actor) -> None:
        """Move a record to where it can be restored from for ninety days."""
        now_ms = self.portal.now_ms()
        self.portal.tables[record.type.name].drop_keys(record)
        record.archived_ms = now_ms
        record.touch(now_ms)
        self.portal.changed(record, now_ms)
        self.saver.note(Happening.DELETED, record, (record.owner, None), Terms(actor))
        self.saver.announce("deletion", record)

    def unmake(self, records: Sequence[Record]) -> None:
        """Take back records of a batch that failed: they never were."""
        for record in records:
            self.portal.tables[record.type.name].drop_keys(record)
            del self.portal.tables[record.type.name].rows[record.id]
            record.erased = True
        if records:
            self.portal.truth.forget_after(len(self.portal.truth) - len(records))

    def _links(self, kind: ObjectType, given: Any) -> list[tuple[str, int, bool]]:
        if not isinstance(given, list):
            raise bad_input("associations must be a list.")
        return [link for one in given for link in self._link(kind, one)]

    def _link(self, kind: ObjectType, given: Any) -> list[tuple[str, int, bool]]:
        try:
            other_id = int(given["to"]["id"])
            type_ids = [int(one["associationTypeId"]) for one in given["types"]]
        except (KeyError, TypeError, ValueError):
            raise bad_input("An association needs to.id and types.associationTypeId.") from None
        links = []
        for type_id in type_ids:
            name = self._other_end(kind, type_id)
            record = self.portal.tables[name].rows.get(other_id)
            if record is None or not record.living:
                message = f"{name} with ID {other_id} does not exist."
                raise Refused(400, "VALIDATION_ERROR", message)
            found = kind_of(kind.name, name, type_id)
            links.append((name, other_id, bool(found and found.primary)))
        return links

    def _other_end(self, kind: ObjectType, type_id: int) -> str:
        for name in self.portal.objects:
            if kind_of(kind.name, name, type_id) is not None:
                return name
        raise invalid(f"Association type {type_id} does not exist from {kind.name}.")


def _nobody_before_read(call: Call, kind: ObjectType, asked: str) -> None:
    del call, kind, asked


def _nobody_before_save(call: Call, kind: ObjectType, asked: str, values: Mapping[str, Any]) -> str:
    del call, kind, asked, values
    return ""


def _nobody_after_save(call: Call, record: Record) -> None:
    del call, record
