"""The search index: a copy of the records that is a little behind, and not in step with itself.

A write can be read by its id at once and found by a search later. How much later is drawn
for each write, so a record written after another may well be found before it. Until then a
search sees the record as it was: an old value, an old stamp, or nothing.
"""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from random import Random
from typing import NamedTuple

from connectors.simulator.hubspot.records import Record


class Copy(NamedTuple):
    """A record as the index knows it."""

    record: Record
    values: Mapping[str, str]
    created_ms: int
    modified_ms: int


class TypeIndex:
    """The copies of one object type, by id and by the time of their last modification."""

    def __init__(self) -> None:
        self.copies: dict[int, Copy] = {}
        self.changes = 0  #: so that an answer can be kept as long as nothing has changed
        self._ids: list[int] = []
        self._modified: list[tuple[int, int]] = []

    def put(self, record: Record) -> None:
        """Take over a record as it is now, or drop it if it is not there any more."""
        self.changes += 1
        old = self.copies.pop(record.id, None)
        if old is not None:
            place = bisect_left(self._modified, (old.modified_ms, record.id))
            del self._modified[place]
        if not record.living:
            if old is not None:
                del self._ids[bisect_left(self._ids, record.id)]
            return
        copy = Copy(record, dict(record.values), record.created_ms, record.modified_ms)
        self.copies[record.id] = copy
        insort(self._modified, (record.modified_ms, record.id))
        if old is None:
            insort(self._ids, record.id)

    def load(self, records: list[Record]) -> None:
        """Take over many records at once."""
        self.changes += 1
        for record in records:
            self.copies[record.id] = Copy(
                record, dict(record.values), record.created_ms, record.modified_ms
            )
        self._ids = sorted(self.copies)
        self._modified = sorted((copy.modified_ms, at) for at, copy in self.copies.items())

    def ids_after(self, last: int) -> list[int]:
        """Ids greater than one, ascending."""
        return self._ids[bisect_right(self._ids, last) :]

    def ids_modified(self, since_ms: int, before_ms: int) -> list[int]:
        """Ids of records modified in a half-open span, in the order of their modification."""
        start = bisect_left(self._modified, (since_ms, -1))
        end = bisect_left(self._modified, (before_ms, -1))
        return [record_id for _, record_id in self._modified[start:end]]


class SearchIndex:
    """The index of a whole portal, and what has not reached it yet."""

    def __init__(self, names: list[str], chance: Random, lag_s: tuple[float, float]) -> None:
        self.lag_s = lag_s  #: shortest and longest time from a write to the index
        self._chance = chance
        self._types = {name: TypeIndex() for name in names}
        self._due: list[tuple[int, int, Record]] = []
        self._numbered = 0

    def of(self, name: str) -> TypeIndex:
        """The index of one object type."""
        return self._types[name]

    def expect(self, record: Record, now_ms: int, lag_s: tuple[float, float] | None = None) -> None:
        """Let a write reach the index in a while."""
        lag = self._chance.uniform(*(lag_s or self.lag_s))
        self._numbered += 1
        heapq.heappush(self._due, (now_ms + int(lag * 1000), self._numbered, record))

    def settle(self, now_ms: int) -> None:
        """Let everything reach the index that is due."""
        for record in self._arrived(now_ms):
            self._types[record.type.name].put(record)

    @property
    def behind(self) -> int:
        """How many writes have not reached the index yet."""
        return len(self._due)

    def _arrived(self, now_ms: int) -> Iterator[Record]:
        while self._due and self._due[0][0] <= now_ms:
            yield heapq.heappop(self._due)[2]
