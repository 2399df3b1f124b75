"""Who owns a record, as far as we know: the newer version wins, whatever arrives first.

A register is one owner field of one record. It holds the CRM's own version of its value, so that
what was read before a write and is looked at after its answer is known to be older, and what a
human did after our write is known to be newer though its answer is settled later. Who set the
owner is said by `evidence`; what follows from a new owner is decided elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from routing.facts.crm import KnownBy

#: The slot that is the record's own owner; other slots bear the name of their CRM field.
OWNER: Final = "owner"


_STRENGTH: Final = MappingProxyType({each: rank for rank, each in enumerate(KnownBy)})


class SetBy(StrEnum):
    """Who set an owner. Add, never rename."""

    US = "us"
    HUMAN = "human"
    SYNC = "sync"  # what we gave in one CRM, brought to the other one by their sync
    AUTOMATION = "automation"  # with our own key, and not what we wrote
    UNKNOWN = "unknown"

    @property
    def is_ours(self) -> bool:
        """Whether the owner is one that we gave, by whichever road it came."""
        return self in (SetBy.US, SetBy.SYNC)


@dataclass(frozen=True, slots=True)
class Register:
    """An owner, the version at which it stood, and how both are known."""

    owner: str | None  #: CRM id; None: nobody
    version_at: datetime  #: the CRM's own instant of the last change of the record
    read_at: datetime  #: the CRM's clock when that was read or answered
    known_by: KnownBy = KnownBy.POLL
    set_by: SetBy = SetBy.UNKNOWN
    decision: str | None = None  #: whose write it was, where we set it


def is_superseded(found: Register, known: Register | None) -> bool:
    """Whether what was found says nothing new: the ledger knows a newer version.

    Versions are compared first, then the instants at which they were read (Salesforce stamps
    whole seconds, so that two owners may share a version), then the strength of the evidence.
    Of two equal in all of that the one that comes later counts.

    Examples:
        >>> from datetime import UTC
        >>> noon, later = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (12, 13))
        >>> by_a_human = Register("cleo", version_at=later, read_at=later)
        >>> by_us = Register("ada", version_at=noon, read_at=later, known_by=KnownBy.ANSWER)
        >>> is_superseded(by_us, by_a_human), is_superseded(by_a_human, by_us)
        (True, False)
    """
    return known is not None and _age(found) < _age(known)


def newer_of(known: Register | None, found: Register) -> Register:
    """What the register holds once `found` is known as well."""
    return known if known is not None and is_superseded(found, known) else found


def _age(register: Register) -> tuple[datetime, datetime, int]:
    return (register.version_at, register.read_at, _STRENGTH[register.known_by])
