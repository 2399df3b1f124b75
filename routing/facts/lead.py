"""A lead as we route it: its facts, the account it belongs to, and the reason to route it now.

Every fact carries where it came from and when it was observed, because a decision is only as
good as what it was told. A missing fact is `None` with the code that says why it is missing.
Reading files, CRMs and indexes is done before, by the shell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

#: A fact's value after the rulebook has read it: choice, text and email host are `str`, a set is a
#: sorted tuple of `str`, money a `Decimal`.
Value = bool | int | Decimal | str | date | tuple[str, ...]


class Cause(StrEnum):
    """Why a lead is routed once: an occasion's cause. Add, never rename."""

    FIRST_SIGHT = "first_sight"
    STAGE = "stage"
    RECYCLED = "recycled"
    HANDED_OVER = "handed_over"
    RECALLED = "recalled"
    RELEASED = "released"  # the owner was taken off, or a queue was put in the owner field
    CHANGED = "changed"  # a fact changed while the fallback still held the lead
    OWNER_LEFT = "owner_left"
    REFUSED = "refused"  # the CRM refused the rep; decided again without them
    OPERATOR = "operator"
    HELD_ELSEWHERE = "held_elsewhere"  # somebody took the person's record in the other CRM


@dataclass(frozen=True, slots=True)
class Fact:
    """One value a rule may look at."""

    value: Value | None
    source: str = ""  #: e.g. `sf.Lead.Country`; empty where the lead came from a file
    observed_at: datetime | None = None
    problem: str | None = None  #: why it counts as missing: `outside_choice`, `wrong_type`, ...


@dataclass(frozen=True, slots=True)
class Lead:
    """A person as we route them.

    `owner` is who holds the record now: None (nobody), a rep's id, `queue:NAME`, or any other
    text, which stands for a human we do not route for. `email` is the address's host in lower
    case, never the mailbox.
    """

    id: str
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))
    stage: str | None = None
    owner: str | None = None
    email_host: str | None = None
    domain: str | None = None  #: registrable domain of `email_host`; None for free mail
    received_at: datetime | None = None
    test: bool = False
    converted: bool = False
    object: str = ""  #: the CRM object that carries it, `sf.lead`; empty for a lead from a file


@dataclass(frozen=True, slots=True)
class Occasion:
    """One reason to route a lead once; every occasion is decided once."""

    id: str
    lead: str
    route: str
    cause: Cause
    n: int  #: counts occasions of the same lead, route and cause
    opened_at: datetime
    attempt: int = 1  #: rises when the CRM refused the chosen rep
    without: tuple[str, ...] = ()  #: reps this decision must not pick, sorted


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why we believe that a lead belongs to an account."""

    by: str  #: `crm_link`, `domain` or `name`
    value: str  #: what matched: the account's id, a registrable domain, a normalised name
    candidates: int = 1  #: how many accounts matched before the tie was broken
    tie_break: str | None = None  #: the criterion that broke it


@dataclass(frozen=True, slots=True)
class Account:
    """A customer or target company, as matched for one lead."""

    id: str
    owner: str | None = None  #: a rep's id
    team: tuple[str, ...] = ()  #: the account team's reps, in the order in which they stand in
    roles: tuple[tuple[str, str], ...] = ()  #: (CRM field, rep id), sorted: `SDR__c`, ...
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))
    evidence: Evidence | None = None
