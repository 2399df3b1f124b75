"""One call of `changes`: visits a stream's sources and makes a page of what is new.

A page carries the cursors of all its sources, so a source whose page failed keeps every other
where it was: reading again is cheap, passing over is not.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from connectors.delivered import Delivered, Version, version_of
from connectors.salesforce.cursor import Cursor, Pace, from_position, taken_over, to_position
from connectors.salesforce.people import People, UserReader, user_source
from connectors.salesforce.reading import Batch, Reader, Source
from connectors.salesforce.stamps import literal, moment, shifted
from routing.facts.crm import Bookmark, Page, QueueSeen, Seen

_ALWAYS: Final = "9999-12-31T23:59:59Z"  #: read whole each time, so never below a watermark


@dataclass(slots=True)
class _Gathered:
    """What a page is made of."""

    goes_on: bool  #: we read the page before this one
    seen: list[Seen] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    cursors: list[Cursor] = field(default_factory=list)
    position: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StreamReader:
    """Makes pages of one stream."""

    reader: Reader
    pace: Pace
    delivered: Delivered
    sources: tuple[Source, ...]
    people: People | None = None  #: for the stream of people: what is read whole

    def page(self, bookmark: Bookmark) -> Page:
        """What is new since the bookmark."""
        gathered = _Gathered(goes_on=self.delivered.came_back(bookmark.position))
        if self.people is None:
            for source in self.sources:
                self._visit(source, bookmark.position, gathered)
        else:
            self._visit_people(self.people, bookmark.position, gathered)
        self.delivered.hand_out(gathered.versions, gathered.position)
        self._trim(gathered.cursors)
        return Page(
            seen=tuple(gathered.seen),
            bookmark=Bookmark(bookmark.stream, gathered.position, _safe_until(gathered.cursors)),
            more=any(c.fresh is not None or c.again is not None for c in gathered.cursors),
        )

    def _visit(self, source: Source, position: Mapping[str, Any], gathered: _Gathered) -> None:
        cursor = from_position(position.get(source.key))
        cursor = cursor if gathered.goes_on else taken_over(cursor)
        reading = self.reader.visit(source, cursor, self.delivered.is_new)
        gathered.seen += source.seen(Batch(reading.rows, reading.read_at))
        overlap_s = self.pace.overlap_s + self.pace.beat_s
        floor = shifted(literal(reading.read_at), -overlap_s)
        gathered.versions += (v for v in reading.versions if v.stamp >= floor)
        gathered.cursors.append(reading.cursor)
        gathered.position[source.key] = to_position(reading.cursor)

    def _visit_people(
        self, people: People, position: Mapping[str, Any], gathered: _Gathered
    ) -> None:
        frozen = people.frozen()
        self._visit(user_source(people.schema, frozen), position, gathered)
        before = position.get("frozen")
        changed = frozen ^ frozenset(before) if before is not None else frozenset()
        if changed:
            rows = tuple(people.users(changed))
            gathered.seen += UserReader(frozen)(Batch(rows, people.wire.best_now))
        gathered.position["frozen"] = sorted(frozen)
        for queue in people.queues():
            version = _queue_version(queue)
            gathered.versions.append(version)
            if self.delivered.is_new(version):
                gathered.seen.append(queue)

    def _trim(self, cursors: list[Cursor]) -> None:
        safes = [cursor.safe for cursor in cursors]
        if safes and all(safes):
            self.delivered.forget_before(min(safe for safe in safes if safe is not None))


def _queue_version(queue: QueueSeen) -> Version:
    return version_of("Queue", queue.id, asdict(queue), stamp=_ALWAYS)


def _safe_until(cursors: list[Cursor]) -> datetime | None:
    safes = [cursor.safe for cursor in cursors]
    if not safes or None in safes:
        return None
    return moment(min(safe for safe in safes if safe is not None))
