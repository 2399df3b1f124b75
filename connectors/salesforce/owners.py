"""Who holds a record now: read by id, two thousand at a time, gone ones looked up where they lie.

A merged record leads to the one that survived, through as many merges as there were. What even
queryAll does not show was purged, or is hidden by sharing; the two cannot be told apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from connectors.port import OwnerSeen
from connectors.salesforce.rows import at, flag, id_in
from connectors.salesforce.schema import Schema
from connectors.salesforce.settings import RoutedObject
from connectors.salesforce.soql import one_of, select
from connectors.salesforce.wire import Wire
from connectors.salesforce_ids import canonical

_IDS_A_CALL: Final = 2000
_IDS_A_QUERY: Final = 300
_LONGEST_CHAIN: Final = 10
_WANTED: Final = (
    "SystemModstamp",
    "LastModifiedDate",
    "LastModifiedById",
    "IsDeleted",
    "IsConverted",
    "MasterRecordId",
)


@dataclass(frozen=True, slots=True)
class Found:
    """A row as read before or after a write."""

    owner: OwnerSeen
    fields: Mapping[str, Any]

    @property
    def there(self) -> bool:
        """Whether it can still be written."""
        return not (self.owner.deleted or self.owner.converted)


@dataclass(frozen=True, slots=True)
class Owners:
    """Reads rows by id."""

    wire: Wire
    schema: Schema
    me: str | None  #: the integration user

    def read(
        self, routed: RoutedObject, ids: Sequence[str], also: Iterable[str] = ()
    ) -> dict[str, Found]:
        """Each of these (canonical) ids, gone ones included."""
        fields = self._fields(routed, also)
        wanted = sorted(set(ids))
        found: dict[str, Found] = {}
        for start in range(0, len(wanted), _IDS_A_CALL):
            chunk = wanted[start : start + _IDS_A_CALL]
            answer = self.wire.retrieve(routed.sobject, chunk, fields)
            for id, row in zip(chunk, answer.body, strict=True):
                if isinstance(row, Mapping):
                    found[id] = self._found(routed, id, row, answer.date)
        missing = [id for id in wanted if id not in found]
        return {**found, **self._gone(routed, missing, fields)}

    def seen(self, routed: RoutedObject, ids: Sequence[str]) -> dict[str, OwnerSeen]:
        """Who holds these records, under the ids as they were asked for."""
        whole = {id: canonical(id) for id in ids}
        found = self.read(routed, [id for id in whole.values() if id is not None])
        now = self.wire.best_now
        return {
            asked: _gone_for_good(asked, now) if id is None else replace(found[id].owner, id=asked)
            for asked, id in whole.items()
        }

    def _fields(self, routed: RoutedObject, also: Iterable[str]) -> tuple[str, ...]:
        there = set(self.schema.fields(routed.sobject))
        wanted = ("Id", routed.owner_field, *(f for f in _WANTED if f in there), *also)
        return tuple(dict.fromkeys(wanted))

    def _gone(
        self, routed: RoutedObject, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, Found]:
        found = self._wherever(routed, ids, fields)
        for id, one in found.items():
            survivor = self._survivor(routed, one.owner.merged_into)
            found[id] = replace(one, owner=replace(one.owner, merged_into=survivor))
        return found

    def _wherever(
        self, routed: RoutedObject, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for start in range(0, len(ids), _IDS_A_QUERY):
            chunk = ids[start : start + _IDS_A_QUERY]
            answer = self.wire.query(select(routed.sobject, fields, one_of("Id", chunk)))
            for row in answer.rows():
                id = id_in(row, "Id")
                if id is not None:
                    found[id] = self._found(routed, id, row, answer.date)
            for id in chunk:
                if id not in found:
                    found[id] = Found(_gone_for_good(id, answer.date), {})
        return found

    def _survivor(self, routed: RoutedObject, winner: str | None) -> str | None:
        for _ in range(_LONGEST_CHAIN):
            if winner is None:
                return None
            fields = self._fields(routed, ())
            next_one = self._wherever(routed, [winner], fields)[winner].owner.merged_into
            if next_one is None:
                return winner
            winner = next_one
        return winner

    def _found(
        self, routed: RoutedObject, id: str, row: Mapping[str, Any], date: datetime
    ) -> Found:
        by = id_in(row, "LastModifiedById")
        by_us = by is not None and by == self.me
        owner = OwnerSeen(
            id=id,
            owner=id_in(row, routed.owner_field),
            version=str(row.get("SystemModstamp") or ""),
            modified_at=at(row, "LastModifiedDate"),
            modified_by=by,
            read_at=date,
            by_us=by_us,
            may_be_us=by_us,
            converted=flag(row, "IsConverted"),
            deleted=flag(row, "IsDeleted"),
            merged_into=id_in(row, "MasterRecordId"),
        )
        return Found(owner, row)


def _gone_for_good(id: str, now: datetime) -> OwnerSeen:
    return OwnerSeen(id, None, "", None, None, read_at=now, deleted=True)
