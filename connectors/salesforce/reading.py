"""Reads one object of a stream page by page, as its cursor says; see `cursor` for the ranges.

A page is asked for at the address the last one gave. A dead locator, or an address that leads
back to the same page, restarts the query from the last row; a few times, then later. How a row
becomes something seen is the source's business; a row without a stamp or an id is nobody's, and
stops reading: the cursor must not pass what it cannot place.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.delivered import Version, version_of
from connectors.errors import BadRecord, TryLater
from connectors.salesforce.cursor import (
    Cursor,
    Mark,
    Pace,
    Scan,
    end_again,
    end_fresh,
    fresh_scan,
    read_page,
)
from connectors.salesforce.refusals import CRM, CrmError, Refusal, Silence
from connectors.salesforce.soql import in_range, select
from connectors.salesforce.stamps import literal, stamp_of
from connectors.salesforce.wire import Answer, Wire
from connectors.salesforce_ids import canonical
from routing.facts.crm import Seen

_RESTARTS: Final = 3
_ORDER: Final = "SystemModstamp ASC, Id ASC"
_COVERED_WINDOW: Final = timedelta(minutes=5)
_SAME_PAGE: Final = CrmError("INVALID_QUERY_LOCATOR", "a page names itself as the next one")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one source that are new, and when they were read."""

    rows: tuple[Row, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """One object of a stream, and what its rows mean."""

    key: str  #: its place in the bookmark
    sobject: str
    fields: tuple[str, ...]
    seen: Callable[[Batch], Iterable[Seen]]
    where: str = ""
    since: str | None = None  #: rows changed before are not read; None: all are
    covered: bool = False  #: ask getUpdated what is safe


@dataclass(frozen=True, slots=True)
class Reading:
    """What one visit to a source gave."""

    rows: tuple[Row, ...]
    versions: tuple[Version, ...]
    cursor: Cursor
    read_at: datetime


class Reader:
    """Visits sources. Keeps nothing: the cursor goes in and comes out."""

    def __init__(self, wire: Wire, pace: Pace) -> None:
        self._wire = wire
        self._pace = pace

    def visit(self, source: Source, cursor: Cursor, is_new: Callable[[Version], bool]) -> Reading:
        """A page of fresh rows and, while the overlap is read again, a page of that."""
        scan = cursor.fresh or fresh_scan(
            cursor, since=source.since, now=self._now(), pace=self._pace
        )
        answer, scan = self._page(source, scan)
        found: list[Row] = [*answer.rows()]
        if scan.next is None:
            cursor = end_fresh(cursor, scan, since=source.since, pace=self._pace)
        else:
            cursor = replace(cursor, fresh=scan)
        if cursor.again is not None:
            again, cursor = self._again(source, cursor, cursor.again)
            found += again
        rows, versions = _unseen(source.sobject, found, is_new)
        return Reading(rows, versions, cursor, answer.date)

    def _again(self, source: Source, cursor: Cursor, scan: Scan) -> tuple[list[Row], Cursor]:
        if scan.started is None and source.covered:
            scan = replace(scan, covered=self._covered(source.sobject))
        answer, scan = self._page(source, scan)
        if scan.next is not None:
            return list(answer.rows()), replace(cursor, again=scan)
        return list(answer.rows()), end_again(cursor, scan, pace=self._pace)

    def _page(self, source: Source, scan: Scan) -> tuple[Answer, Scan]:
        try:
            answer = self._ask(source, scan)
        except Refusal as refusal:
            if scan.next is None or not refusal.dead_locator:
                raise
            if scan.restarts >= _RESTARTS:
                raise TryLater(CRM, "a query's pages keep vanishing.", 10.0) from refusal
            return self._page(source, replace(scan, next=None, restarts=scan.restarts + 1))
        marks = [mark_of(source.sobject, row) for row in answer.rows()]
        date = literal(answer.date)
        return answer, read_page(scan, marks, date=date, next_url=_next(answer))

    def _ask(self, source: Source, scan: Scan) -> Answer:
        if scan.next is not None:
            answer = self._wire.more(scan.next)
            if _next(answer) == scan.next:
                raise Refusal(400, (_SAME_PAGE,))
            return answer
        soql = select(source.sobject, source.fields, source.where, in_range(scan), order=_ORDER)
        return self._wire.query(soql)

    def _covered(self, sobject: str) -> str | None:
        """What getUpdated vouches for; None where this key may not ask it."""
        now = self._wire.server_now
        if now is None:
            return None
        window = {"start": _offset(now - _COVERED_WINDOW), "end": _offset(now)}
        try:
            body = self._wire.get(f"sobjects/{sobject}/updated/", window).body
        except Refusal as refusal:
            if refusal.transient or refusal.out_of_calls or refusal.crowded:
                raise
            return None
        covered = body.get("latestDateCovered") if isinstance(body, dict) else None
        return stamp_of(covered) if isinstance(covered, str) else None

    def _now(self) -> str | None:
        now = self._wire.server_now
        return None if now is None else literal(now)


def mark_of(sobject: str, row: Row) -> Mark:
    """The row's place in reading order.

    Raises:
        BadRecord: The row has no stamp or no id.
    """
    id, stamp = row.get("Id"), row.get("SystemModstamp")
    whole = canonical(id) if isinstance(id, str) else None
    try:
        if whole is not None and isinstance(stamp, str):
            return Mark(stamp_of(stamp), whole)
    except ValueError as error:
        raise BadRecord(CRM, whole or "", f"SystemModstamp is {stamp!r}, no time.") from error
    raise BadRecord(CRM, str(id), f"{sobject} came without Id or SystemModstamp.")


def _unseen(
    sobject: str, rows: Sequence[Row], is_new: Callable[[Version], bool]
) -> tuple[tuple[Row, ...], tuple[Version, ...]]:
    fresh: dict[Version, Row] = {}
    for row in rows:
        mark = mark_of(sobject, row)
        version = version_of(sobject, mark.id, row, stamp=mark.stamp)
        if is_new(version):
            fresh[version] = row
    return tuple(fresh.values()), tuple(fresh)


def _next(answer: Answer) -> str | None:
    if answer.body["done"]:
        return None
    next_url = answer.body.get("nextRecordsUrl")
    if not isinstance(next_url, str):
        raise Silence("a page says that there is more, and not where.")
    return next_url


def _offset(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S+00:00")
