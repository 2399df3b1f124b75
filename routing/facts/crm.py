"""What a connector reports and what it is asked to write, in one vocabulary for every CRM.

Reports (`Seen`) are what a CRM said, whole, with its own ids; what they mean for routing is
decided elsewhere. `Effect` is one write the ledger wants, `Applied` what became of it. Ids are
as the CRM writes them (Salesforce: 18 characters).
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

_EMPTY: Mapping[str, Any] = MappingProxyType({})


class Stream(StrEnum):
    """What can be polled for changes. Add, never rename."""

    PEOPLE = "people"  # users, queues and their members
    ACCOUNTS = "accounts"
    LEADS = "leads"  # Salesforce Lead and Contact; HubSpot contact
    OUTCOMES = "outcomes"  # opportunities, deals, conversions
    TOUCHES = "touches"  # tasks, events, calls, e-mails, meetings, first reads
    ABSENCES = "absences"


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a stream was read up to. Opaque to everyone but the connector that made it."""

    stream: Stream
    position: Mapping[str, Any] = dataclasses.field(
        default_factory=lambda: _EMPTY
    )  #: JSON values only
    safe_until: datetime | None = None  #: the CRM's own time before which nothing is missing


@dataclass(frozen=True, slots=True)
class Mapped:
    """Which CRM field a Signalbox fact is read from, e.g. `country` from `sf.lead` `Country`."""

    fact: str
    object: str
    field: str


@dataclass(frozen=True, slots=True)
class RecordSeen:
    """One version of a lead's CRM record, as read."""

    object: str  #: `sf.lead`, `sf.contact`, `hs.contact`, `hs.lead`
    id: str
    version: str  #: the CRM's own version mark (SystemModstamp); seconds only in Salesforce
    fields: Mapping[str, Any]  #: the record whole, under the CRM's field names
    owner: str | None  #: CRM owner id (user or queue) in the field the route writes
    created_at: datetime
    modified_at: datetime
    modified_by: str | None
    read_at: datetime  #: the CRM's clock (Date header) when the row was read
    stage: str | None = None
    email: str | None = None
    company: str | None = None
    account: str | None = None  #: CRM id of the account the record links to
    converted: bool = False
    converted_to: Mapping[str, str] = dataclasses.field(
        default_factory=lambda: _EMPTY
    )  #: object -> id
    deleted: bool = False
    merged_into: str | None = None
    unread_by_owner: bool | None = None
    same_as: Mapping[str, str] = dataclasses.field(
        default_factory=lambda: _EMPTY
    )  #: object -> id of the same person's record in another connection, as a sync noted it


@dataclass(frozen=True, slots=True)
class UserSeen:
    """A CRM user who may own records."""

    id: str
    active: bool
    name: str
    email: str | None
    manager: str | None = None
    timezone: str | None = None
    can_own: bool = True  #: False: a licence or type that cannot own a lead
    modified_at: datetime | None = None
    hours: Mapping[str, str] | None = None  #: as a roster writes them: `mon` -> `09:00-17:30`
    unreadable: tuple[str, ...] = ()  #: what is said and cannot be read: `hours`, `absences`


@dataclass(frozen=True, slots=True)
class QueueSeen:
    """A queue that can hold records."""

    id: str
    name: str  #: developer name, which rulebooks use
    label: str
    objects: tuple[str, ...]  #: which objects it can own: `sf.lead`
    members: tuple[str, ...] = ()  #: user ids, nested groups resolved


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """An account as read."""

    id: str
    name: str
    version: str
    owner: str | None = None
    domain: str | None = None
    domains: tuple[str, ...] = ()
    parent: str | None = None
    named: bool | None = None
    employees: int | None = None
    open_opportunity: bool | None = None
    team: tuple[str, ...] = ()
    created_at: datetime | None = None
    fields: Mapping[str, Any] = dataclasses.field(default_factory=lambda: _EMPTY)
    deleted: bool = False
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class OutcomeSeen:
    """What became of a lead: converted, an opportunity opened, won or lost."""

    id: str  #: CRM id of the opportunity or deal, or of the converted record
    kind: str  #: `converted`, `opportunity`, `won`, `lost`
    at: datetime
    version: str
    record: str | None = None  #: CRM id of the lead or contact, where known
    account: str | None = None
    owner: str | None = None
    amount: str | None = None  #: decimal text in the CRM's currency


@dataclass(frozen=True, slots=True)
class TouchSeen:
    """Somebody acted on a lead: a task, an event, a call, an e-mail, or opened the record."""

    id: str
    kind: str  #: `task`, `event`, `call`, `email`, `read`
    at: datetime
    by: str | None  #: CRM user id
    record: str  #: CRM id of the lead or contact
    version: str
    human: bool = True  #: False where the CRM says that an automation wrote it


@dataclass(frozen=True, slots=True)
class AbsenceSeen:
    """A time in which a user is away, as the CRM knows it: [starts_at, ends_at)."""

    id: str
    user: str
    starts_at: datetime
    ends_at: datetime | None
    enabled: bool = True
    version: str = ""


Seen = RecordSeen | UserSeen | QueueSeen | AccountSeen | OutcomeSeen | TouchSeen | AbsenceSeen


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of `changes`: what was seen, and where to go on once it is stored."""

    seen: tuple[Seen, ...]
    bookmark: Bookmark
    more: bool  #: True: ask again at once with `bookmark`
    late: int = 0  #: rows among them that only a second reading, held back, has found


class EffectKind(StrEnum):
    """Kinds of write. Add, never rename."""

    OWNER = "owner"
    FIELD = "field"
    TASK = "task"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class Effect:
    """One write the ledger wants done in a CRM.

    `expected` is the owner the decision saw; a different one found before the write is a
    conflict and nothing is written. `also` are fields written in the same guarded request.
    """

    id: str
    kind: EffectKind
    object: str
    record: str
    field: str  #: CRM field that is written, `OwnerId`
    expected: str | None
    value: str | None
    also: Mapping[str, str] = dataclasses.field(default_factory=lambda: _EMPTY)
    token: str = ""  #: the attempt's token, unique per attempt


class Applied(StrEnum):
    """What became of an effect. Add, never rename."""

    CONFIRMED = "confirmed"
    ALREADY = "already"  # the CRM held the value already: confirmed without a write
    CONFLICT = "conflict"  # somebody else's owner was found; nothing was written
    REFUSED_REP = "refused_rep"  # this rep cannot own it; decide again without them
    REFUSED_RECORD = "refused_record"  # the record cannot be written; dead, with an alert
    GONE = "gone"  # deleted, merged or converted meanwhile
    LATER = "later"  # not written, or unknown and read back as not written: try again


class KnownBy(StrEnum):
    """How an owner is known, the weakest first. Add, never rename."""

    NAMED = "named"  # asked for by the record's id, before anything else was read of it
    POLL = "poll"  # a version that a poll or a sweep brought
    READ = "read"  # read before a write
    ANSWER = "answer"  # a write's own answer: it stands at this version or at a later one
    READ_BACK = "read_back"  # read after a write


@dataclass(frozen=True, slots=True)
class EffectResult:
    """What a connector found or did for one effect."""

    effect: str
    applied: Applied
    at: datetime
    owner: str | None = None  #: the owner found in the CRM, where it was read
    version_at: datetime | None = None  #: the CRM's instant of the change at which `owner` stood
    known_by: KnownBy = KnownBy.READ  #: how owner and version are known
    code: str | None = None  #: the CRM's error code
    detail: str = ""
    after_s: float = 0.0  #: `later` only: not before this many seconds
    by_us: bool = False  #: as far as the CRM tells, `owner` was set with our own key
    merged_into: str | None = None
