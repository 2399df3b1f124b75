"""What can happen to a lead, as values: the batch writes them, the daemon makes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from types import MappingProxyType

from models.journal.entries import OURSELVES, Actor
from models.leads.known import Lane, Mode
from routing.decision import Decision
from routing.facts import EffectKind, Occasion, RecordSeen
from routing.life.register import Register

_NO_FIELDS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sighting:
    """A version of a record, looked at, and what it means for the lead it carries."""

    connection: str
    seen: RecordSeen
    fact_hash: bytes
    record: str  #: internal ids; new ones come from `ids.new`
    person: str
    owner_rep: str | None  #: the rep who owns it now
    holder: str | None  #: None, a rep's id, `queue:NAME`, or a CRM id
    register: Register | None = None  #: who owns the record; None: nobody has asked its CRM yet
    open: bool = True  #: open work
    carries: bool = True  #: the record carries the lead; False: another record of the person does
    passed_over: str | None = None  #: why it is not routed at all
    inbox: int | None = None  #: row of the inbox that was looked at
    first_seen_at: datetime | None = None  #: for a lead seen before
    closed_at: datetime | None = None  #: for a lead that was closed before


@dataclass(frozen=True, slots=True)
class OwnerSeen:
    """A record's owner was seen to be another than before."""

    record: str
    before: str | None  #: CRM id
    owner: str | None  #: CRM id
    rep: str | None = None  #: where the owner is a rep
    holder: str | None = None  #: None, a rep's id, `queue:NAME`, or a CRM id
    changed_at: datetime | None = None  #: at the source
    changed_by: str | None = None  #: CRM id
    ours: bool = False
    decision: str | None = None  #: the decision whose write it was


@dataclass(frozen=True, slots=True)
class NewEffect:
    """One write that a decision owes to a CRM."""

    kind: EffectKind
    connection: str
    object: str
    record: str  #: internal id
    field: str
    expected: str | None  #: CRM id of the owner the decision saw
    value: str | None
    also: Mapping[str, str] = dataclass_field(default_factory=lambda: _NO_FIELDS)
    after: int | None = None  #: place, in this decision, of the effect it depends on
    not_before: datetime | None = None  #: the quarantine's end


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision, the exact bytes of its record, and what must hold with it.

    Attributes:
        id: From `ids.new("d")`, so that effects may carry it.
        sequence: Of the state after it (`State.sequence`).
        effects: Empty in shadow, and where the lead is already where it should be.
    """

    id: str
    decision: Decision
    occasion: Occasion
    mode: Mode
    record: bytes
    sequence: int
    rulebook: str
    engine: int
    received_at: datetime
    value: int = -1  #: of the book's `value` field, for the recall list
    effects: tuple[NewEffect, ...] = ()
    batch: str | None = None
    source_created_at: datetime | None = None
    visible_at: datetime | None = None
    actor: Actor = OURSELVES
    lane: Lane = Lane.INTERACTIVE
