"""Which records are being written at this moment, so that no two threads write the same one."""

from collections.abc import Sequence
from threading import Lock
from typing import Protocol, TypeVar


class Write(Protocol):
    """A write to one record."""

    @property
    def record(self) -> str:
        """The record's id."""
        ...


W = TypeVar("W", bound=Write)


class InFlight:
    """The records that any thread of one connection is writing."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._records: set[str] = set()

    def take(self, writes: Sequence[W]) -> list[W]:
        """Those whose record nobody else is writing; they are ours until `give_back`."""
        with self._lock:
            free = [write for write in writes if write.record not in self._records]
            self._records.update(write.record for write in free)
            return free

    def give_back(self, writes: Sequence[W]) -> None:
        """These are done with."""
        with self._lock:
            self._records.difference_update(write.record for write in writes)
