"""Reads one object of a stream page by page, as its cursor says; see `cursor` for the lanes.

HubSpot hands out rows from both sides of a window's edges; they are dropped, because another
window has them. What was archived is in no search: those rows are listed on a beat of their own,
slower the more of them there are, and handed out once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from connectors.delivered import Version, version_of
from connectors.errors import BadRecord
from connectors.hubspot.cursor import (
    HELD,
    Cursor,
    Lane,
    Pace,
    Window,
    due,
    ended,
    went_on,
)
from connectors.hubspot.refusals import CRM, Silence
from connectors.hubspot.rows import Row, modified_at
from connectors.hubspot.stamps import epoch_ms, moment, shifted, stamp
from connectors.hubspot.wire import Answer, Query, Wire
from routing.facts.crm import Seen

PAGE: Final = 200
_ARCHIVED_PAGE: Final = "100"
_NEAR_S: Final = 120.0
_A_PAGE_S: Final = 30.0  #: how much longer the beat of archived rows is for each page of them
_BY_ID: Final = {"propertyName": "hs_object_id", "direction": "ASCENDING"}
_KEPT: Final = ("id", "properties", "archived", "archivedAt", "createdAt")


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one source that are new, and when they were read."""

    rows: tuple[Row, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """One object of a stream, and what its rows mean."""

    key: str  #: its place in the bookmark
    kind: str
    properties: tuple[str, ...]
    seen: Callable[[Batch], Iterable[Seen]]
    since: str  #: rows changed before are not read
    modified: str = "hs_lastmodifieddate"
    created: str | None = None  #: where the lane of new records is wanted
    where: tuple[Mapping[str, Any], ...] = ()  #: filters beside those of the window
    archived: bool = False  #: look for archived rows too
    needed: bool = True  #: False: done without where this key may not read it


@dataclass(frozen=True, slots=True)
class Archive:
    """Where the search for archived rows stands."""

    since: str  #: what was archived before is known
    begun: str
    after: str | None = None  #: where the listing under way goes on
    pages: int = 0


@dataclass(slots=True)
class Reading:
    """What one visit to a source gave."""

    read_at: datetime
    cursor: Cursor
    rows: list[Row] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    late: int = 0

    def take(self, kind: str, row: Row, mark: str) -> None:
        """One more row that is new."""
        self.rows.append(row)
        self.versions.append(identity(kind, row, mark))


@dataclass(frozen=True, slots=True)
class Memory:
    """What was stored already, and since when that is known."""

    is_new: Callable[[Version], bool]
    begun: str


class Reader:
    """Visits sources. Keeps nothing: the cursor goes in and comes out."""

    def __init__(self, wire: Wire, pace: Pace) -> None:
        self._wire = wire
        self._pace = pace

    def visit(self, source: Source, cursor: Cursor, memory: Memory) -> Reading:
        """A page of every lane that is due."""
        reading = Reading(self._wire.best_now, cursor)
        now = stamp(reading.read_at)
        for lane, window in list(due(cursor, self._pace, now=now, since=source.since)):
            if lane.by_creation and source.created is None:
                continue
            answer = self._ask(source, lane, window)
            reading.read_at = answer.date
            self._take_in(source, (lane, window), answer, reading, memory)
            following = _walked(window, answer.rows())
            moved = went_on if len(answer.rows()) >= PAGE else ended
            reading.cursor = moved(reading.cursor, self._pace, lane, following, now=now)
        return reading

    def archived(
        self, source: Source, archive: Archive | None, memory: Memory, beat_s: float
    ) -> tuple[Reading, Archive]:
        """A page of what was archived, when it is due."""
        now = stamp(self._wire.best_now)
        reading = Reading(self._wire.best_now, {})
        if archive is None:
            return reading, Archive(since=now, begun=now)
        rest_s = max(beat_s, archive.pages * _A_PAGE_S)
        if archive.after is None and now < shifted(archive.begun, rest_s):
            return reading, archive
        if archive.after is None:
            archive = replace(archive, begun=now, pages=0)
        answer = self._wire.listing(source.kind, _archived_query(source, archive))
        reading.read_at = answer.date
        floor = shifted(archive.since, -_NEAR_S)
        for row in answer.rows():
            gone_at = moment(row.get("archivedAt"))
            mark = stamp(gone_at) if gone_at is not None else now
            version = identity(source.kind, row, mark)
            if mark >= floor and memory.is_new(version):
                reading.take(source.kind, row, mark)
        return reading, _listed(archive, answer.after())

    def _ask(self, source: Source, lane: Lane, window: Window) -> Answer:
        in_time = _in_window(_stamped_by(source, lane), window)
        asked = {
            "filterGroups": [{"filters": [*in_time, *source.where]}],
            "sorts": [_BY_ID],
            "properties": list(source.properties),
            "limit": PAGE,
        }
        return self._wire.search(source.kind, asked)

    def _take_in(
        self,
        source: Source,
        reading_of: tuple[Lane, Window],
        answer: Answer,
        reading: Reading,
        memory: Memory,
    ) -> None:
        lane, window = reading_of
        taken = set(reading.versions)
        for row in answer.rows():
            edge_at = modified_at(row, _stamped_by(source, lane))
            if edge_at is not None and not window.low <= stamp(edge_at) < window.high:
                continue
            changed_at = modified_at(row, source.modified)
            mark = window.low if changed_at is None else stamp(changed_at)
            version = identity(source.kind, row, mark)
            if version not in taken and memory.is_new(version):
                reading.take(source.kind, row, mark)
                reading.late += lane.name in HELD and mark >= memory.begun


def identity(kind: str, row: Row, mark: str) -> Version:
    """The identity of what was read; what the envelope counts for itself is no part of it."""
    kept = {name: row[name] for name in _KEPT if name in row}
    return version_of(kind, str(row["id"]), kept, stamp=mark)


def to_archive(found: Mapping[str, Any] | None) -> Archive | None:
    """What `asdict` wrote."""
    return None if found is None else Archive(**found)


def from_archive(archive: Archive) -> dict[str, Any]:
    """The same as JSON values."""
    return asdict(archive)


def id_number(row: Row) -> int:
    """A record's id as a number: ids are walked in that order.

    Raises:
        BadRecord: It is none.
    """
    id = str(row["id"])
    if not (id.isascii() and id.isdigit()):
        raise BadRecord(CRM, id[:60], "its id is no number; the walk through the ids stops here.")
    return int(id)


def _walked(window: Window, rows: list[dict[str, Any]]) -> Window:
    """The window after a page, whose rows must lie beyond those before."""
    if not rows:
        return window
    highest = max(id_number(row) for row in rows)
    if len(rows) >= PAGE and highest <= int(window.last):
        raise Silence("a search gives the same rows again.")
    return replace(window, last=str(max(highest, int(window.last))))


def _stamped_by(source: Source, lane: Lane) -> str:
    """The property whose time decides whether a record lies in a window."""
    return source.created if lane.by_creation and source.created else source.modified


def _in_window(name: str, window: Window) -> tuple[Mapping[str, Any], ...]:
    return (
        {"propertyName": name, "operator": "GTE", "value": epoch_ms(window.low)},
        {"propertyName": name, "operator": "LT", "value": epoch_ms(window.high)},
        {"propertyName": "hs_object_id", "operator": "GT", "value": window.last},
    )


def _archived_query(source: Source, archive: Archive) -> Query:
    following = () if archive.after is None else (("after", archive.after),)
    names = (("properties", name) for name in source.properties)
    return (("archived", "true"), ("limit", _ARCHIVED_PAGE), *following, *names)


def _listed(archive: Archive, after: str | None) -> Archive:
    pages = archive.pages + 1
    if after is not None:
        return replace(archive, after=after, pages=pages)
    return Archive(since=archive.begun, begun=archive.begun, pages=pages)
