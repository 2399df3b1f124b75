"""Who holds a record now: read by id, merged and archived ones looked up where they lie.

A record that was merged is answered under the id of the one that survived, or not at all; the
survivor names it. What neither the living nor the archived know was deleted for good, or is
hidden from this key; the two cannot be told apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from connectors.hubspot.records import MERGED
from connectors.hubspot.refusals import Refusal
from connectors.hubspot.rows import Row, modified_at, several, text, version_mark
from connectors.hubspot.settings import HubSpotSettings, RoutedObject
from connectors.hubspot.stamps import moment
from connectors.hubspot.wire import Answer, Query, Wire
from connectors.port import OwnerSeen

IDS_A_CALL: Final = 100
IDS_A_CALL_WITH_HISTORY: Final = 50
_LOOKED_UP: Final = 50  #: ids that are asked for one by one, at most
_PEOPLE: Final = frozenset(
    {"CRM_UI", "CRM_UI_BULK_ACTION", "IMPORT", "MOBILE_IOS", "MOBILE_ANDROID"}
)
_OTHERS: Final = _PEOPLE | {"AUTOMATION_PLATFORM", "SALESFORCE"}  #: certainly not us


class Entry(NamedTuple):
    """One value that a property had."""

    value: str | None
    at: datetime | None
    source: str  #: CRM_UI, INTEGRATION, ...
    source_id: str  #: the app, or the user

    @property
    def by(self) -> str:
        """Who wrote it, as far as HubSpot says."""
        return f"{self.source} {self.source_id}".strip()


@dataclass(slots=True)
class OurHand:
    """How the history names what we write, learned from the first write that was read back.

    HubSpot nowhere says under which name an app's writes will stand.
    """

    known: tuple[str, str] | None = None

    def learn(self, entry: Entry) -> None:
        """This entry is certainly ours."""
        if entry.source_id and entry.source not in _PEOPLE:
            self.known = (entry.source, entry.source_id)

    def wrote(self, entry: Entry | None) -> bool:
        """Whether an entry is ours."""
        return entry is not None and (entry.source, entry.source_id) == self.known

    def may_have_written(self, entry: Entry | None) -> bool:
        """The same before we know our name: an app's entry, then."""
        if self.known is not None or entry is None:
            return self.wrote(entry)
        return _OTHERS.isdisjoint({entry.source, entry.source_id})


@dataclass(frozen=True, slots=True)
class Found:
    """A record as read before or after a write."""

    owner: OwnerSeen
    row: Row
    history: tuple[Entry, ...] = ()  #: of the owner, newest first, where it was asked for

    @property
    def there(self) -> bool:
        """Whether it can still be written."""
        return not (self.owner.deleted or self.owner.converted)

    def holds(self, name: str) -> str | None:
        """What a property holds."""
        return text(self.row, name)


@dataclass(frozen=True, slots=True)
class Owners:
    """Reads records by id."""

    wire: Wire
    settings: HubSpotSettings
    hand: OurHand = field(default_factory=OurHand)

    def read(
        self,
        routed: RoutedObject,
        ids: Sequence[str],
        also: Iterable[str] = (),
        *,
        history: bool = False,
    ) -> dict[str, Found]:
        """Each of these ids, gone ones included.

        Args:
            routed: What kind of record.
            ids: Record ids.
            also: Properties beside the usual.
            history: Whether to ask who had it before; fewer fit into a call.
        """
        asked = self._asked(routed, also, history=history)
        chunk_size = IDS_A_CALL_WITH_HISTORY if history else IDS_A_CALL
        wanted = sorted(set(ids))
        found: dict[str, Found] = {}
        for start in range(0, len(wanted), chunk_size):
            chunk = wanted[start : start + chunk_size]
            inputs = [{"id": id} for id in chunk]
            answer = self.wire.batch_read(routed.kind, {"inputs": inputs, **asked})
            found |= self._matched(routed, chunk, answer)
        missing = [id for id in wanted if id not in found]
        return {**found, **self._gone(routed, missing, asked)} if missing else found

    def seen(self, routed: RoutedObject, ids: Sequence[str]) -> dict[str, OwnerSeen]:
        """Who holds these records, under the ids as they were asked for."""
        proper = [id for id in ids if _is_id(id)]
        found = self.read(routed, proper, history=True)
        now = self.wire.best_now
        return {id: found[id].owner if id in found else _gone_for_good(id, now) for id in ids}

    def _asked(self, routed: RoutedObject, also: Iterable[str], *, history: bool) -> dict[str, Any]:
        own = (routed.owner_field, routed.stage_field, routed.modified, MERGED, *also)
        asked: dict[str, Any] = {"properties": list(dict.fromkeys(name for name in own if name))}
        if history:
            asked["propertiesWithHistory"] = [routed.owner_field]
        return asked

    def _matched(
        self, routed: RoutedObject, asked: Sequence[str], answer: Answer
    ) -> dict[str, Found]:
        """The rows under the ids that were asked for; a survivor stands for what it swallowed."""
        wanted = set(asked)
        found: dict[str, Found] = {}
        swallowed: dict[str, Found] = {}
        for row in answer.rows():
            id = str(row["id"])
            if id in wanted:
                found[id] = self._found(routed, id, row, answer.date)
            for old in several(row, MERGED):
                if old in wanted and old != id:
                    swallowed[old] = self._found(routed, old, row, answer.date)
        return {**swallowed, **found}

    def _gone(
        self, routed: RoutedObject, ids: Sequence[str], asked: Mapping[str, Any]
    ) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for id in ids[:_LOOKED_UP]:
            answer = self._one(routed, id, asked)
            if answer is not None and answer.body.get("archived") is not True:
                found[id] = self._found(routed, id, answer.body, answer.date)
        missing = [id for id in ids if id not in found]
        for start in range(0, len(missing), IDS_A_CALL_WITH_HISTORY):
            chunk = missing[start : start + IDS_A_CALL_WITH_HISTORY]
            inputs = {"inputs": [{"id": id} for id in chunk], **asked}
            answer = self.wire.batch_read(routed.kind, inputs, archived=True)
            found |= self._matched(routed, chunk, answer)
            for id in chunk:
                if id not in found:
                    found[id] = Found(_gone_for_good(id, answer.date), {})
        return found

    def _one(self, routed: RoutedObject, id: str, asked: Mapping[str, Any]) -> Answer | None:
        """A record asked for alone: one that was merged is answered under its survivor's id."""
        query: Query = (
            *(("properties", name) for name in asked["properties"]),
            *(("propertiesWithHistory", name) for name in asked.get("propertiesWithHistory", ())),
        )
        try:
            return self.wire.one(routed.kind, id, query)
        except Refusal as refusal:
            if not refusal.unknown:
                raise
            return None

    def _found(self, routed: RoutedObject, id: str, row: Row, date: datetime) -> Found:
        history = _history(row, routed.owner_field)
        head = history[0] if history else None
        merged = str(row["id"]) != id
        held = text(row, routed.owner_field)
        owner = OwnerSeen(
            id=id,
            owner=held,
            version=version_mark(row, routed.modified),
            modified_at=modified_at(row, routed.modified),
            modified_by=head.by if head else None,
            read_at=date,
            by_us=self.hand.wrote(head),
            may_be_us=self.hand.may_have_written(head),
            converted=routed.is_done(text(row, routed.stage_field), held),
            deleted=merged or row.get("archived") is True,
            merged_into=str(row["id"]) if merged else None,
        )
        return Found(owner, row, history)


def _history(row: Row, name: str) -> tuple[Entry, ...]:
    told = row.get("propertiesWithHistory")
    entries = told.get(name) if isinstance(told, Mapping) else None
    listed = entries if isinstance(entries, list) else []
    return tuple(_entry(each) for each in listed if isinstance(each, Mapping))


def _entry(told: Mapping[str, Any]) -> Entry:
    value = told.get("value")
    return Entry(
        value=str(value) if value not in (None, "") else None,
        at=moment(told.get("timestamp")),
        source=str(told.get("sourceType") or ""),
        source_id=str(told.get("sourceId") or told.get("updatedByUserId") or ""),
    )


def _gone_for_good(id: str, now: datetime) -> OwnerSeen:
    return OwnerSeen(id, None, "", None, None, read_at=now, deleted=True)


def _is_id(id: str) -> bool:
    return id.isascii() and id.isdigit()
