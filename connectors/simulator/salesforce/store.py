"""What the org remembers: rows by object, and the order in which they were last touched.

No rule of the service is applied here (see dml.py); this is the disk. A transaction that
is still open is invisible until it commits, and its rows then carry the stamp of its
start: that is how a row appears with a SystemModstamp older than one already served.
"""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime

from connectors.simulator.salesforce.ids import IdMint
from connectors.simulator.salesforce.schema import Row, Schema, SObject, Stored


class Table:
    """The rows of one object, by id, and an index on SystemModstamp."""

    def __init__(self, sobject: SObject) -> None:
        self.sobject = sobject
        self.rows: dict[str, Row] = {}
        self.purged: dict[str, str] = {}  #: id -> when it left the recycle bin
        self.undo: list[tuple[str, Row | None]] | None = None  #: rows before a transaction
        self._touched: list[tuple[str, str]] = []  # (SystemModstamp, Id), some of them stale

    def put(self, row: Row) -> None:
        """Store a row, new or changed."""
        if self.undo is not None:
            self.undo.append((str(row["Id"]), self.rows.get(str(row["Id"]))))
        self.rows[str(row["Id"])] = row
        touch = (str(row.get("SystemModstamp") or ""), str(row["Id"]))
        place = bisect_left(self._touched, touch)
        if self._touched[place : place + 1] != [touch]:  # twice in one second is listed once
            self._touched.insert(place, touch)
        if len(self._touched) > 4 * len(self.rows) + 64:
            self._rebuild()

    def load(self, rows: list[Row]) -> None:
        """Store many new rows at once."""
        self.rows.update((str(row["Id"]), row) for row in rows)
        self._rebuild()

    def drop(self, record_id: str, *, at: str) -> None:
        """Remove a row for good."""
        if self.undo is not None:
            self.undo.append((record_id, self.rows.get(record_id)))
        self.rows.pop(record_id, None)
        self.purged[record_id] = at

    def touched_since(self, stamp: str) -> Iterator[Row]:
        """Rows whose SystemModstamp is at or after the stamp, in the order of stamps."""
        for at, record_id in self._touched[bisect_left(self._touched, (stamp, "")) :]:
            row = self.rows.get(record_id)
            if row is not None and row.get("SystemModstamp") == at:
                yield row

    def roll_back(self) -> None:
        """Put back every row as it was when `undo` was set."""
        for record_id, row in reversed(self.undo or []):
            self.purged.pop(record_id, None)
            if row is None:
                self.rows.pop(record_id, None)
            else:
                self.rows[record_id] = row
        self._rebuild()

    def _rebuild(self) -> None:
        self._touched = sorted(
            (str(row.get("SystemModstamp") or ""), record_id)
            for record_id, row in self.rows.items()
        )


class Store:
    """All tables of the org, and the transactions that have not committed yet."""

    def __init__(self, schema: Schema, mint: IdMint) -> None:
        self.schema = schema
        self.mint = mint
        self._tables = {sobject.name: Table(sobject) for sobject in schema}
        self._open: list[tuple[datetime, int, datetime, Callable[[], None]]] = []
        self._opened = 0

    def table(self, sobject: str) -> Table:
        """The table of an object, by its canonical name."""
        return self._tables[sobject]

    def get(self, record_id: Stored) -> Row | None:
        """The row with this 18-character id, whatever its object, deleted ones included."""
        if not isinstance(record_id, str):
            return None
        sobject = self.schema.of_id(record_id)
        return None if sobject is None else self._tables[sobject.name].rows.get(record_id)

    def remember(self) -> None:
        """From now on, be able to go back to how things are now."""
        for table in self._tables.values():
            table.undo = []

    def forget(self, *, roll_back: bool) -> None:
        """Stop being able to go back, having gone back if so asked."""
        for table in self._tables.values():
            if roll_back and table.undo:
                table.roll_back()
            table.undo = None

    def open_transaction(
        self, started_at: datetime, commits_at: datetime, change: Callable[[], None]
    ) -> None:
        """Let a change take effect later, stamped with the time its transaction began."""
        self._opened += 1
        heapq.heappush(self._open, (commits_at, self._opened, started_at, change))

    def settle(self, now: datetime) -> None:
        """Commit every transaction whose time has come."""
        while self._open and self._open[0][0] <= now:
            heapq.heappop(self._open)[3]()

    def oldest_open(self, now: datetime) -> datetime:
        """When the oldest open transaction began, or now: the safe watermark."""
        return min((started for _, _, started, _ in self._open), default=now)
