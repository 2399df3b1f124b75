"""What the portal remembers: records by object and id, every value a property ever had.

No rule of the service is applied here (see saving.py); this is the disk.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from connectors.simulator.hubspot.properties import ObjectType
from connectors.simulator.hubspot.stamps import wire


class Source(NamedTuple):
    """Through what a value came, as its history tells it."""

    type: str  #: CRM_UI, INTEGRATION, IMPORT, ...
    id: str | None = None
    label: str | None = None
    user_id: int | None = None


class Revision(NamedTuple):
    """A value that a property had."""

    value: str
    at_ms: int
    source: Source

    def as_json(self) -> dict[str, Any]:
        """The revision as a history shows it."""
        shown: dict[str, Any] = {
            "value": self.value,
            "timestamp": wire(self.at_ms),
            "sourceType": self.source.type,
        }
        if self.source.id is not None:
            shown["sourceId"] = self.source.id
        if self.source.label is not None:
            shown["sourceLabel"] = self.source.label
        if self.source.user_id is not None:
            shown["updatedByUserId"] = self.source.user_id
        return shown


@dataclass(slots=True)
class Record:
    """One record. Only properties that have a value are among its values."""

    type: ObjectType
    id: int
    values: dict[str, str]
    created_ms: int
    modified_ms: int
    born: Source
    archived_ms: int | None = None
    merged_into: int | None = None
    erased: bool = False
    _changes: dict[str, list[Revision]] = field(default_factory=dict)

    @property
    def living(self) -> bool:
        """Whether it is there for everybody."""
        return self.archived_ms is None and self.merged_into is None and not self.erased

    @property
    def owner(self) -> str | None:
        """The id of its owner."""
        return self.values.get("hubspot_owner_id")

    def set(self, name: str, value: str, at_ms: int, source: Source) -> None:
        """Give a property a value, or take it away with an empty one."""
        before = self.values.get(name, "")
        if before == value:
            return
        changes = self._changes.setdefault(name, [])
        if not changes and before:
            changes.append(Revision(before, self.created_ms, self.born))
        changes.insert(0, Revision(value, at_ms, source))
        del changes[self.type.revisions :]
        if value:
            self.values[name] = value
        else:
            del self.values[name]

    def history(self, name: str) -> list[Revision]:
        """Every value of a property that is remembered, newest first."""
        if name in self._changes:
            return self._changes[name]
        value = self.values.get(name)
        return [] if value is None else [Revision(value, self.created_ms, self.born)]

    def under(self, record_id: int) -> "Record":
        """The same record under another id, with all its history."""
        values = {**self.values, "hs_object_id": str(record_id)}
        return replace(self, id=record_id, values=values)

    def touch(self, at_ms: int) -> None:
        """Move the stamp of the last modification."""
        self.modified_ms = at_ms
        self.values[self.type.modified] = wire(at_ms)

    def erase(self) -> None:
        """Forget everything that was ever known about it."""
        self.erased = True
        self.values = {}
        self._changes = {}


class Table:
    """The records of one object type, in the order of their ids."""

    def __init__(self, object_type: ObjectType) -> None:
        self.type = object_type
        self.rows: dict[int, Record] = {}
        self._ids: list[int] = []
        self._unique = [one.name for one in object_type.properties.values() if one.unique]
        self._by_value: dict[tuple[str, str], int] = {}

    def put(self, record: Record) -> None:
        """Store a new record; ids are given in ascending order."""
        self.rows[record.id] = record
        self._ids.append(record.id)
        self.note_keys(record)

    def note_keys(self, record: Record, before: Mapping[str, str] | None = None) -> None:
        """Keep the unique values of a record findable; forget those it had before."""
        for name in self._unique:
            old, new = (before or {}).get(name), record.values.get(name)
            if old and old != new and self._by_value.get((name, old.lower())) == record.id:
                del self._by_value[name, old.lower()]
            if new and record.living:
                self._by_value[name, new.lower()] = record.id

    def drop_keys(self, record: Record) -> None:
        """Free the unique values of a record that is going away."""
        for name in self._unique:
            key = (name, record.values.get(name, "").lower())
            if self._by_value.get(key) == record.id:
                del self._by_value[key]

    def with_value(self, name: str, value: str) -> Record | None:
        """The living record with this value of a unique property."""
        found = self._by_value.get((name, value.lower()))
        return None if found is None else self.rows[found]

    def is_unique(self, name: str) -> bool:
        """Whether records can be found by this property."""
        return name in self._unique

    def after(self, last: int) -> Iterator[Record]:
        """Records with greater ids, in their order."""
        for place in range(bisect_right(self._ids, last), len(self._ids)):
            record = self.rows.get(self._ids[place])
            if record is not None:
                yield record

    def survivor(self, record_id: int) -> Record | None:
        """The record of an id, or the one it was merged into."""
        record = self.rows.get(record_id)
        while record is not None and record.merged_into is not None:
            record = self.rows.get(record.merged_into)
        return record
