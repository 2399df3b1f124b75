"""One port for every CRM: what the daemon may ask, and in which words it is answered.

All calls are synchronous and may be made from several threads. They raise `TryLater`,
`NeedsOperator` or `BadRecord` (`connectors.errors`) and nothing else. A connector keeps no truth:
bookmarks come from the ledger and go back to it, and whatever was read twice is sorted out there.
A call that raised has not advanced anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from routing.facts.crm import Bookmark, Effect, EffectResult, Page


class Clock(Protocol):
    """The time as the shell hands it in; connectors own no clock."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go backwards, from an arbitrary start."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let this much time pass."""
        ...


@dataclass(frozen=True, slots=True)
class OwnerSeen:
    """Who holds a record at this moment, as the CRM says."""

    id: str
    owner: str | None  #: in the field that the route writes
    version: str  #: the CRM's own version mark; empty where the record is gone for good
    modified_at: datetime | None  #: None: the record is gone for good, or hidden from us
    modified_by: str | None
    read_at: datetime  #: the CRM's clock
    by_us: bool = False  #: the last change was made with our own key
    may_be_us: bool = False  #: the same, also where nothing tells yet how the CRM names our key
    converted: bool = False
    deleted: bool = False
    merged_into: str | None = None  #: the record that survived, the end of a chain of merges


@dataclass(frozen=True, slots=True)
class Swept:
    """One record as a reconciliation sweep sees it."""

    object: str
    id: str
    owner: str | None
    version: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ObjectCheck:
    """Whether one CRM object can be read as the settings need it."""

    object: str  #: the CRM's own name, `Lead`
    needed: bool  #: False: without it one ability is missing, nothing else
    readable: bool
    fields: tuple[str, ...] = ()  #: fields that are read
    missing: tuple[str, ...] = ()  #: fields in the settings that this key cannot see or use


@dataclass(frozen=True, slots=True)
class Check:
    """What a key may do, what it would write, and what a person must grant or fix first."""

    connection: str
    api: str  #: the API version in use
    user: str | None  #: CRM id of the user we act as
    objects: tuple[ObjectCheck, ...] = ()
    would_write: tuple[str, ...] = ()  #: every field we may write, `Lead.OwnerId`
    cannot_write: tuple[str, ...] = ()  #: those among them that this key may not write
    problems: tuple[str, ...] = ()  #: nothing runs before these are solved
    warnings: tuple[str, ...] = ()

    @property
    def can_read(self) -> bool:
        """Whether shadow can run: all that is needed can be read."""
        return not self.problems

    @property
    def can_write(self) -> bool:
        """Whether live can run: shadow can, and every field may be written."""
        return self.can_read and not self.cannot_write


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of the CRM's call quota is used; None where the CRM has not said yet."""

    used: int | None  #: by everybody, in the CRM's window
    limit: int | None
    own: int  #: calls that this process made in the last 24 hours
    share: float  #: the part of the limit that the settings grant us, in (0, 1]
    left: int | None  #: calls that we may still make: ours of the share, never more than there are
    wait_s: float = 0.0  #: above zero: the CRM refuses calls for this long


class Connector(Protocol):
    """A CRM, as the daemon sees it."""

    @property
    def name(self) -> str:
        """The connection's name in the settings."""
        ...

    def changes(self, bookmark: Bookmark) -> Page:
        """What changed in the bookmark's stream, oldest first, and where to go on.

        Args:
            bookmark: As returned with the last page that was stored. With an empty `position`
                reading starts from the connection's `since` for leads, outcomes and touches, and
                from the beginning for people, accounts and absences.

        Returns:
            A page, possibly empty. The same version may come again, in this page or a later one.
        """
        ...

    def owners_of(self, ids: Sequence[str], *, object: str) -> Mapping[str, OwnerSeen]:
        """Who holds these records now, under the ids as they were asked for.

        Records that are gone for good or hidden from us come back as deleted.
        """
        ...

    def apply(self, effects: Sequence[Effect]) -> list[EffectResult]:
        """Write each effect if the owner is still the expected one; results in the same order.

        Every effect is read before it is written, so sending it again after a crash is safe. If
        something fails after the first write, the rest comes back as `later`, never as an error.
        """
        ...

    def sweep(self, since: datetime) -> Iterator[tuple[Swept, ...]]:
        """All records created since then, page by page, to compare with the ledger."""
        ...

    def unowned_before(self, at: datetime, holders: Sequence[str]) -> int:
        """How many routed records created before then are open and with nobody.

        Args:
            at: Where routing begins; what is older is counted and left alone.
            holders: Owner ids that count as nobody: queues, placeholders, users who left.
        """
        ...

    def check(self) -> Check:
        """What this key can read and what would be written; writes nothing."""
        ...

    def budget(self) -> Budget:
        """The call quota as last heard of; makes no call."""
        ...

    def close(self) -> None:
        """Give connections back. The connector is not used afterwards."""
        ...
