"""The truth journal: what really happened in a CRM, whoever asks and whatever was answered.

A test compares it with what a client believes. It is outside the wire protocol and no
fault touches it. Entries are made for births, owner changes, deletions, merges and
conversions; a write that changes nothing about those makes none.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

HUMAN: Final = "human"  #: `client` of acts by people in the user interface
WORLD: Final = "world"  #: `client` of what was there, or arrives, without any API call
SYNC: Final = "sync"  #: `client` of the native sync between two CRMs


def is_client(client: str) -> bool:
    """Whether a `client` is one of the API, rather than a human, the world or the sync."""
    return client not in (HUMAN, WORLD, SYNC)


class Happening(StrEnum):
    """What an entry is about. Codes are written to files: add, never rename."""

    CREATED = "created"
    OWNER_CHANGED = "owner_changed"
    DELETED = "deleted"
    UNDELETED = "undeleted"
    MERGED = "merged"
    CONVERTED = "converted"
    ACTIVE_CHANGED = "active_changed"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, through what."""

    user_id: str
    client: str  #: the consumer key of an API client, `human`, or `world`
    request: str = ""  #: method, path and number of the request, empty for humans
    rule: bool = False  #: whether a rule of the CRM itself did it


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    seq: int
    at: str  #: to the microsecond, UTC
    what: Happening
    sobject: str
    id: str
    before: Any
    after: Any
    by: str  #: user id
    client: str
    request: str
    rule: bool


class TruthJournal:
    """Append-only, in the order in which things took effect."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def record(
        self, at: str, what: Happening, subject: tuple[str, str], change: tuple[Any, Any], by: Actor
    ) -> None:
        """Note what happened to `subject` (object and id), from and to what, by whom."""
        sobject, record_id = subject
        before, after = change
        self._entries.append(
            Entry(
                seq=len(self._entries) + 1,
                at=at,
                what=what,
                sobject=sobject,
                id=record_id,
                before=before,
                after=after,
                by=by.user_id,
                client=by.client,
                request=by.request,
                rule=by.rule,
            )
        )

    def __len__(self) -> int:
        return len(self._entries)

    def forget_after(self, seq: int) -> None:
        """Drop the entries of a transaction that was rolled back: it never happened."""
        del self._entries[seq:]

    def since(self, seq: int = 0) -> list[Entry]:
        """All entries after the given number."""
        return self._entries[seq:]

    def as_json(self, seq: int = 0) -> list[dict[str, Any]]:
        """The same, as plain data."""
        return [asdict(entry) for entry in self._entries[seq:]]
