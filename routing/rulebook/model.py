"""A rulebook as the decision reads it: values only, already checked whole.

Reading the YAML, finding its mistakes and compiling its conditions to an index live beside this
file; nothing here can be wrong any more. Names of people are those of the roster; the shell turns
them into ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from routing.rulebook.conditions import Condition


class FieldType(StrEnum):
    """Types a fact may have."""

    CHOICE = "choice"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    MONEY = "money"
    DATE = "date"
    TEXT = "text"
    EMAIL = "email"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Field:
    """A fact that rules may use."""

    name: str
    type: FieldType
    values: tuple[str, ...] = ()  #: choice and set: the declared values
    open: bool = False  #: unseen values are kept and reported
    min: int | None = None
    max: int | None = None


class TargetKind(StrEnum):
    """Where a rule sends its leads."""

    POOL = "pool"
    PERSON = "person"
    ROLE = "role"
    OWNER_OF = "owner_of"
    QUEUE = "queue"
    HOLD = "hold"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Target:
    """A pool's, person's, role's or queue's name; for `nobody` the status, for `hold` empty."""

    kind: TargetKind
    name: str = ""
    touched_within: timedelta | None = None  #: `owner_of` only


@dataclass(frozen=True, slots=True)
class Fallback:
    """Who takes what nobody can take: a person first if one is named, else the queue."""

    person: str | None = None
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class Skills:
    """What a rep must bring: fixed skills and those the lead's own facts name."""

    required: tuple[str, ...] = ()
    taken_from: tuple[str, ...] = ()  #: the book's `from`: field names
    relax_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Sla:
    """The response-time target of a rule; linted, not enforced yet."""

    respond_within: timedelta
    remind_at: tuple[timedelta, ...] = ()
    then: tuple[str, ...] = ()
    stop_after: int | None = None


class Choose(StrEnum):
    """How one of several eligible reps is chosen."""

    MODEL = "model"
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"


class OffHours(StrEnum):
    """What to do when nobody in the pool is on hours."""

    ASSIGN = "assign"
    NEXT = "next"
    HOLD = "hold"


class WhenAway(StrEnum):
    """Who takes the lead of a rep reached by account or role who is away, in order."""

    BACKUP = "backup"
    ACCOUNT_TEAM = "account_team"
    RULES = "rules"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a route: a condition and where its leads go."""

    name: str
    to: Target
    when: Condition | None = None  #: None matches everything
    skills: Skills = Skills()
    choose: Choose = Choose.ROUND_ROBIN
    off_hours: OffHours = OffHours.ASSIGN
    fallback: Fallback | None = None
    sla: Sla | None = None
    when_away: tuple[WhenAway, ...] = (
        WhenAway.BACKUP,
        WhenAway.ACCOUNT_TEAM,
        WhenAway.RULES,
    )
    counts_as_turn: bool = False
    starts_at: datetime | None = None  #: the rule's `from`, inclusive
    ends_at: datetime | None = None  #: the rule's `until`, exclusive
    notes: Mapping[str, str] = field(default_factory=dict)  #: why, owner, ticket, review_by
    line: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """Which leads a route takes, and what it waits for."""

    stages: tuple[str, ...] | None = None  #: None: any stage
    wait_for: tuple[str, ...] = ()
    at_most: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class TakesFrom:
    """From whom a route takes a lead over. Anybody else is a human, whom nobody overwrites."""

    nobody: bool = True
    placeholders: tuple[str, ...] = ()
    queues: tuple[str, ...] | None = None  #: None: any queue
    inactive: bool = True


@dataclass(frozen=True, slots=True)
class Route:
    """One decision about a lead: who takes it at this stage."""

    name: str
    rules: tuple[Rule, ...]
    entry: Entry = Entry()
    takes_from: TakesFrom = TakesFrom()
    or_else: Fallback | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """A set of reps that share a rotation."""

    name: str
    team: str | None = None
    people: tuple[str, ...] = ()
    weights: Mapping[str, int] = field(default_factory=dict)
    caps: Mapping[str, int] = field(default_factory=dict)  #: per person: hour, day, week


@dataclass(frozen=True, slots=True)
class Matching:
    """How a lead finds its account: kinds of evidence in order, then who wins a tie."""

    match_by: tuple[str, ...] = ("crm_link", "domain", "name")
    tie_break: tuple[str, ...] = ("named", "open_opportunity", "largest", "newest")


@dataclass(frozen=True, slots=True)
class Book:
    """A whole rulebook. `hash` covers what it says, not how the file is laid out."""

    name: str
    fields: Mapping[str, Field]
    pools: Mapping[str, Pool]
    routes: tuple[Route, ...]
    fallback: Fallback
    matching: Matching = Matching()
    roles: Mapping[str, str] = field(default_factory=dict)  #: role -> `account.owner`, ...
    value: str | None = None  #: the field that ranks recalled leads, largest first
    exclusive: tuple[tuple[str, ...], ...] = ()
    hash: str = ""
