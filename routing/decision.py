"""What a decision is: who takes a lead, how they were found, and why nobody else was.

Values only. Codes are written to the ledger: add, never rename.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from routing.facts import CapUse

#: Raised whenever the same inputs could give another result; records name the one that made them.
ENGINE = 2

MILLION = 1_000_000  #: probabilities are integer millionths


class Layer(StrEnum):
    """Where a rep was removed. Add, never rename."""

    ENTRY = "entry"
    RULES = "rules"
    SKILL = "skill"
    AVAILABILITY = "availability"
    LOAD = "load"
    RANK = "rank"
    FALLBACK = "fallback"


class Code(StrEnum):
    """Why a rep was removed, or a lead not taken. Add, never rename."""

    INACTIVE = "inactive"
    PTO = "pto"
    HOLIDAY = "holiday"
    OUT_OF_HOURS = "out_of_hours"
    PAUSED = "paused"
    AVAILABILITY_UNKNOWN = "availability_unknown"
    SKILL = "skill"
    CAPACITY_FULL = "capacity_full"
    CAP_REACHED = "cap_reached"
    WEIGHT_ZERO = "weight_zero"
    PREVIOUS_OWNER = "previous_owner"
    NO_CRM_IDENTITY = "no_crm_identity"
    NOT_IN_POOL = "not_in_pool"
    RULE_NOT_MATCHED = "rule_not_matched"
    MISSING_FIELD = "missing_field"
    STALE_FIELD = "stale_field"
    INTERNAL_ERROR = "internal_error"


class Method(StrEnum):
    """How an owner was found. Add, never rename."""

    ACCOUNT_OWNER = "account_owner"
    MODEL = "model"
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    EXPLORATION = "exploration"
    HOLDOUT = "holdout"
    FALLBACK = "fallback"
    WAITING = "waiting"
    MANUAL = "manual"
    PERSON = "person"  # a rule names the rep
    QUEUE = "queue"  # a rule names a queue
    NOBODY = "nobody"  # a rule says that nobody shall own it


class WaitFor(StrEnum):
    """What a waiting lead waits for. Add, never rename."""

    FIELDS = "fields"
    SKILL = "skill"
    HOURS = "hours"
    HOLD = "hold"
    PARTNER = "partner"  # the same person's record in the CRM that assigns


@dataclass(frozen=True, slots=True)
class Drop:
    """A rep who was removed, where, why, and the value that decided."""

    person: str
    layer: Layer
    code: Code
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """A decision put off: decided again at `until`, or when what it waits for changes."""

    reason: WaitFor
    until: datetime | None  #: None: no known end; looked at again whenever somebody comes back
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnCharge:
    """What one rotation did to a pool's claims; the claim is the sum of these entries.

    Everyone in `gains` gained that many units; `chosen` paid `cost`. The amounts sum to zero.
    """

    pool: str
    chosen: str
    gains: tuple[tuple[str, int], ...]  #: (rep, units), sorted by rep
    cost: int
    claim_before: int
    claim_after: int
    served_only: bool = False  #: least_loaded: no claim moved, but the pick counts as served

    def amounts(self) -> dict[str, int]:
        """Net change of each rep's claim, in units of a lead."""
        changes = dict(self.gains)
        if not self.served_only:
            changes[self.chosen] = changes.get(self.chosen, 0) - self.cost
        return changes


@dataclass(frozen=True, slots=True)
class Pick:
    """How the last step chose: the score and the chance that this rep was picked."""

    probability_ppm: int = MILLION  #: chance of this pick, in millionths
    drawn: int | None = None  #: the drawn integer, where chance decided
    scores_ppm: tuple[tuple[str, int], ...] = ()  #: (rep, predicted close probability), sorted
    model: str | None = None  #: version and artifact hash of the model that ranked
    refusal: str | None = None  #: why the model was not used, where the rule asked for it


@dataclass(frozen=True, slots=True)
class Decision:
    """The result for one occasion.

    Exactly one of `owner`, `queue`, `wait` and `nobody` says where the lead goes.
    `pool` is the pool that was selected, whether or not it had anybody left.
    """

    lead: str
    occasion: str
    route: str
    at: datetime
    method: Method
    owner: str | None = None
    queue: str | None = None
    wait: Wait | None = None
    nobody: str | None = None  #: the status, where a rule says that nobody shall own it
    rule: str | None = None
    pool: str | None = None
    members: tuple[str, ...] = ()  #: everyone in the selected pool, sorted
    candidates: tuple[str, ...] = ()  #: everyone considered, sorted
    eligible: tuple[str, ...] = ()  #: who was left after the last layer, sorted
    drops: tuple[Drop, ...] = ()  #: sorted by person
    flags: tuple[tuple[str, Code], ...] = ()  #: (rep, code): eligible, with a remark
    charge: TurnCharge | None = None
    pick: Pick = Pick()
    recall: bool = False  #: fell back because everyone was away or full
    sla: timedelta | None = None  #: the rule's response target, not enforced yet
    caps: tuple[CapUse, ...] = ()  #: the owner's caps as they stood before this decision

    @property
    def holder(self) -> str | None:
        """Who holds the lead afterwards, as scenarios write it: a rep's id or `queue:NAME`."""
        return self.owner if self.queue is None else f"queue:{self.queue}"
