"""One call of `changes`: visits a stream's sources and makes a page of what is new.

A page carries the cursors of all its sources, so a source whose page failed keeps every other
where it was: reading again is cheap, passing over is not. An object that this key may not read,
and without which we can do, is left out and tried again after a while.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.delivered import Delivered, Version
from connectors.hubspot.absences import absences_in
from connectors.hubspot.cursor import (
    Cursor,
    Pace,
    from_position,
    is_under_way,
    safe_until,
    taken_over,
    to_position,
)
from connectors.hubspot.people import People, address, version_of_owner
from connectors.hubspot.reading import (
    Batch,
    Memory,
    Reader,
    Source,
    from_archive,
    to_archive,
)
from connectors.hubspot.refusals import Refusal
from connectors.hubspot.stamps import instant, shifted, stamp
from connectors.hubspot.wire import Wire
from routing.facts.crm import Bookmark, Page, Seen, UserSeen

_ABSENT_S: Final = 900.0


class Absent:
    """The sources that this key may not read, and when each is tried again."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def is_out(self, key: str, now: float) -> bool:
        """Whether a source is left out for now."""
        return now < self._until.get(key, now)

    def leave_out(self, key: str, now: float) -> None:
        """It was refused."""
        self._until[key] = now + _ABSENT_S


@dataclass(slots=True)
class Desk:
    """What one stream keeps between calls."""

    delivered: Delivered = field(default_factory=Delivered)
    begun: str = ""  #: since when what was stored is remembered
    forgotten: str = ""  #: what was changed before is not


@dataclass(slots=True)
class _Gathered:
    """What a page is made of."""

    goes_on: bool  #: we read the page before this one
    seen: list[Seen] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    cursors: list[Cursor] = field(default_factory=list)
    position: dict[str, Any] = field(default_factory=dict)
    more: bool = False
    late: int = 0


@dataclass(frozen=True, slots=True)
class StreamReader:
    """Makes pages of one stream."""

    wire: Wire
    pace: Pace
    desk: Desk
    sources: tuple[Source, ...]
    absent: Absent
    archive_beat_s: float

    def page(self, bookmark: Bookmark, monotonic: float) -> Page:
        """What is new since the bookmark."""
        gathered = self._begin(bookmark)
        for source in self.sources:
            if self.absent.is_out(source.key, monotonic):
                self._keep(source, bookmark.position, gathered)
                continue
            try:
                self._visit(source, bookmark.position, gathered)
            except Refusal as refusal:
                if source.needed or not (refusal.missing or refusal.unknown):
                    raise
                self.absent.leave_out(source.key, monotonic)
                self._keep(source, bookmark.position, gathered)
        return self._end(bookmark, gathered)

    def people(self, bookmark: Bookmark) -> Page:
        """Owners who differ from what was stored."""
        gathered = self._begin(bookmark)
        for owner in People(self.wire).owners():
            version = version_of_owner(owner)
            gathered.versions.append(version)
            if self.desk.delivered.is_new(version):
                gathered.seen.append(owner)
        gathered.position["read"] = stamp(self.wire.best_now)
        return self._end(bookmark, gathered)

    def absences(self, bookmark: Bookmark) -> Page:
        """Absences that differ from what was stored, withdrawn ones included."""
        gathered = self._begin(bookmark)
        people = People(self.wire)
        rows = people.users()
        known = dict(bookmark.position.get("away") or {})
        if rows is None:
            gathered.position["away"] = known
            return self._end(bookmark, gathered)
        owners = (one for one in people.owners() if isinstance(one, UserSeen))
        by_email = {address(owner.email): owner.id for owner in owners if owner.email}
        found, kept = absences_in(rows, known, by_email, self.wire.best_now)
        news = (each for each in found if not each.enabled or known.get(each.id) != kept[each.id])
        gathered.seen += news if gathered.goes_on else found
        gathered.position["away"] = kept
        return self._end(bookmark, gathered)

    def _begin(self, bookmark: Bookmark) -> _Gathered:
        goes_on = self.desk.delivered.came_back(bookmark.position)
        if not goes_on:
            self.desk.begun = stamp(self.wire.best_now)
        return _Gathered(goes_on=goes_on)

    def _visit(self, source: Source, position: Mapping[str, Any], gathered: _Gathered) -> None:
        cursor = from_position(position.get(source.key))
        cursor = cursor if gathered.goes_on else taken_over(cursor)
        known_since = max(self.desk.begun, self.desk.forgotten)
        memory = Memory(self.desk.delivered.is_new, known_since)
        reader = Reader(self.wire, self.pace)
        reading = reader.visit(source, cursor, memory)
        gathered.seen += source.seen(Batch(tuple(reading.rows), reading.read_at))
        gathered.late += reading.late
        floor = shifted(stamp(reading.read_at), -self.pace.again_s)
        gathered.versions += (v for v in reading.versions if v.stamp >= floor)
        gathered.cursors.append(reading.cursor)
        gathered.more = gathered.more or is_under_way(reading.cursor)
        gathered.position[source.key] = to_position(reading.cursor)
        if source.archived:
            self._visit_archive(source, position, gathered)

    def _visit_archive(
        self, source: Source, position: Mapping[str, Any], gathered: _Gathered
    ) -> None:
        key = f"{source.key}.archived"
        memory = Memory(self.desk.delivered.is_new, self.desk.begun)
        reading, archive = Reader(self.wire, self.pace).archived(
            source, to_archive(position.get(key)), memory, self.archive_beat_s
        )
        gathered.seen += source.seen(Batch(tuple(reading.rows), reading.read_at))
        gathered.versions += reading.versions
        gathered.more = gathered.more or archive.after is not None
        gathered.position[key] = from_archive(archive)

    def _keep(self, source: Source, position: Mapping[str, Any], gathered: _Gathered) -> None:
        for key in (source.key, f"{source.key}.archived"):
            if key in position:
                gathered.position[key] = position[key]

    def _end(self, bookmark: Bookmark, gathered: _Gathered) -> Page:
        self.desk.delivered.hand_out(gathered.versions, gathered.position)
        known = [safe for cursor in gathered.cursors if (safe := safe_until(cursor)) is not None]
        safe = min(known) if known and len(known) == len(gathered.cursors) else None
        if safe is not None:
            self.desk.forgotten = shifted(safe, -self.pace.again_s)
            self.desk.delivered.forget_before(self.desk.forgotten)
        safe_at = None if safe is None else instant(safe)
        return Page(
            seen=tuple(gathered.seen),
            bookmark=Bookmark(bookmark.stream, gathered.position, safe_at),
            more=gathered.more,
            late=gathered.late,
        )
