"""What can be written about one lead: seen, occasion opened, decided, owner observed.

Everything lands in memory (`Writes`); the batch stores it. Acts enter the journal here, so that
nobody can do one and forget to.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from models.journal.entries import ENTER, Entry, EntryKind, row_of
from models.journal.personal import KEEP, kept_apart
from models.leads import turns
from models.leads.acts import NewDecision, OwnerSeen, Sighting
from models.leads.known import Lane, Mode
from models.leads.pair_writer import PairWriter
from models.leads.registers import REGISTER, register_row
from models.leads.rows import (
    assignment_row,
    decision_row,
    effect_row,
    entry_of,
    lead_row,
    ownership_row,
    record_row,
)
from models.store.ids import InternalIds
from models.store.prepared import Values
from models.store.statements import (
    RECORDS_FOLLOW,
    WITHDRAW,
    changing,
    inserting,
    inserting_new,
    putting,
)
from models.store.writes import Writes
from models.tables import (
    AssignmentRow,
    DecisionRow,
    EffectRow,
    InboxRow,
    LeadRow,
    Milestones,
    OccasionRow,
    OwnershipRow,
    Person,
    Record,
)
from routing.canonical import Json
from routing.decision import Method
from routing.facts import EffectKind, Occasion

_FOR_EVER = ("id", "created_at", "first_seen_at", "connection", "object", "crm_id")
_RECORD_MOVES = tuple(c.name for c in Record.__table__.columns if c.name not in _FOR_EVER)
_LEAD_MOVES = (
    "connection",
    *(c.name for c in LeadRow.__table__.columns if c.name not in _FOR_EVER),
)
_PERSON = inserting_new(Person, ("id",))
_LEAD = putting(LeadRow, ("id",), columns=_LEAD_MOVES)
_HELD = changing(LeadRow, ("id",), ("owner_rep", "holder"))
_LEADS_JOINED = changing(LeadRow, ("person_id",), ("person_id",))
_RECORD = putting(Record, ("id",), columns=_RECORD_MOVES)
_LOOKED_AT = changing(InboxRow, ("seq",), ("done_at", "record_id"))
_OCCASION = inserting(OccasionRow)
_OCCASION_DECIDED = changing(OccasionRow, ("id",), ("decided_at",))
_DECISION = inserting(DecisionRow)
_EFFECT = inserting(EffectRow)
_ASSIGNMENT = inserting(AssignmentRow)
_ASSIGNMENT_ENDED = changing(AssignmentRow, ("decision_id",), ("state", "settled_at", "code"))
_OWNERSHIP = inserting(OwnershipRow)
_MILESTONES = putting(Milestones, ("lead_id", "occasion_id"), columns=("decided_at",))


def noted(writes: Writes, entry: Entry, at: datetime) -> None:
    """Enter an act."""
    writes.add(ENTER, row_of(entry, at))


class LeadWriter:
    """Gathers one lead's rows."""

    def __init__(self, lead: str, writes: Writes, *, ids: InternalIds, at: datetime) -> None:
        self.lead = lead
        self._writes = writes
        self._ids = ids
        self._at = at
        self._opened: dict[str, Values] = {}

    def seen(self, sighting: Sighting) -> None:
        """Store a version that was looked at: person, record, lead; and take it off the inbox."""
        person = {"id": sighting.person, "created_at": self._at, "erased_at": None}
        self._writes.add(_PERSON, person)
        if sighting.carries:
            self._writes.add(_LEAD, lead_row(self.lead, sighting, self._at))
        self._writes.add(_RECORD, record_row(self.lead, sighting, self._at))
        if sighting.register is not None:
            self._writes.add(REGISTER, register_row(sighting.record, sighting.register))
        if sighting.inbox is not None:
            self.looked_at(sighting.inbox, sighting.record)

    @property
    def pair(self) -> PairWriter:
        """What can be written where the person has records in two CRMs."""
        return PairWriter(self.lead, self._writes, self._at)

    def joined(self, person: str, other: str) -> None:
        """Two persons are one: all leads and records of the other are this one's from now on."""
        self._writes.add(_LEADS_JOINED, {"key_person_id": other, "person_id": person})
        self._writes.add(RECORDS_FOLLOW, {"key_person_id": person, "person_id": person})

    def looked_at(self, inbox: int, record: str | None) -> None:
        """Take a row off the inbox: it changed nothing, or a later version stands for it."""
        self._writes.add(_LOOKED_AT, {"key_seq": inbox, "done_at": self._at, "record_id": record})

    def open(self, occasion: Occasion, lane: Lane = Lane.INTERACTIVE) -> None:
        """A new reason to route the lead."""
        row: Values = {
            "id": occasion.id,
            "lead_id": self.lead,
            "route": occasion.route,
            "cause": occasion.cause,
            "n": occasion.n,
            "attempt": occasion.attempt,
            "without": occasion.without,
            "opened_at": occasion.opened_at,
            "decided_at": None,
            "lane": lane,
        }
        self._opened[occasion.id] = row
        self._writes.add(_OCCASION, row)

    def decided(self, new: NewDecision) -> None:
        """A decision with its turn, its effects, its assignment and its entry.

        A waiting decision puts the lead on the waiting list; any other takes it off, and one
        that fell back for want of people puts it on the recall list.
        """
        self._writes.sequences[new.mode is Mode.SHADOW] = new.sequence
        sha256 = hashlib.sha256(new.record).hexdigest()
        self._writes.add(_DECISION, decision_row(new, sha256))
        self._decided_at(new)
        self._place(new)
        if new.decision.charge is not None:
            turns.charged(
                self._writes,
                new.decision.charge,
                decision=new.id,
                shadow=new.mode is Mode.SHADOW,
                at=(new.decision.at, new.sequence),
            )
        self._owe(new)
        self.journal(entry_of(new, sha256))

    def owner_seen(self, seen: OwnerSeen) -> None:
        """Somebody's doing changed the owner: history, the lead's holder, an entry."""
        self._writes.add(_OWNERSHIP, ownership_row(self.lead, seen, self._at))
        self._writes.add(_HELD, {"key_id": self.lead, "owner_rep": seen.rep, "holder": seen.holder})
        about: dict[str, Json] = {
            "record": seen.record,
            "rep": seen.rep,
            "ours": seen.ours,
            "decision": seen.decision,
        }
        self.journal(Entry(EntryKind.OWNERSHIP, self.lead, about))

    def superseded(self, decision: str) -> None:
        """Another decision takes the place of one whose write is still open. Say so before it."""
        gone = {"state": "dead", "settled_at": self._at, "code": "superseded"}
        self._writes.add(_ASSIGNMENT_ENDED, {"key_decision_id": decision, **gone})
        effects = {"key_decision_id": decision, "settled_at": self._at}
        self._writes.add(WITHDRAW, effects)
        about: dict[str, Json] = {"decision": decision, "became": "superseded"}
        self.journal(Entry(EntryKind.ASSIGNMENT, self.lead, about))

    def forget(self) -> None:
        """The lead neither waits nor is to be recalled: somebody took it, or it was closed."""
        self._writes.forget(self.lead)

    def commit_to(self, facts: Mapping[str, Json], *, subject: str, kind: str) -> str:
        """Keep personal facts in a row that can be deleted; the commitment for the record."""
        kept = kept_apart(facts, subject=subject, kind=kind, ids=self._ids, at=self._at)
        self._writes.add(KEEP, kept.row)
        return kept.commitment

    def journal(self, entry: Entry) -> None:
        """Enter another act about this lead."""
        noted(self._writes, entry, self._at)

    def _decided_at(self, new: NewDecision) -> None:
        final = None if new.decision.method is Method.WAITING else new.decision.at
        self._writes.add(
            _MILESTONES,
            {
                "lead_id": self.lead,
                "occasion_id": new.occasion.id,
                "created_at": new.source_created_at,
                "visible_at": new.visible_at,
                "decided_at": final,
            },
        )
        if new.occasion.id in self._opened:
            self._opened[new.occasion.id]["decided_at"] = final
        elif final is not None:
            self._writes.add(_OCCASION_DECIDED, {"key_id": new.occasion.id, "decided_at": final})

    def _place(self, new: NewDecision) -> None:
        decision, shadow = new.decision, new.mode is Mode.SHADOW
        self.forget()
        place: Values = {
            "lead_id": self.lead,
            "occasion_id": new.occasion.id,
            "shadow": shadow,
        }
        if decision.method is Method.WAITING and decision.wait is not None:
            self._writes.waits[self.lead] = place | {
                "opened_at": new.occasion.opened_at,
                "reason": decision.wait.reason,
                "until": decision.wait.until,
                "fields": decision.wait.fields,
            }
        elif decision.recall and decision.queue is not None:
            self._writes.recall[self.lead] = place | {
                "queue": decision.queue,
                "value": new.value,
                "received_at": new.received_at,
                "sequence": new.sequence,
            }

    def _owe(self, new: NewDecision) -> None:
        ids = [self._ids.new("e") for _ in new.effects]
        for own, effect in zip(ids, new.effects, strict=True):
            after = None if effect.after is None else ids[effect.after]
            self._writes.add(_EFFECT, effect_row(new, effect, ids=(own, after), at=self._at))
        owner = next((e for e in new.effects if e.kind is EffectKind.OWNER), None)
        if owner is not None:
            self._writes.add(_ASSIGNMENT, assignment_row(new, owner.connection, self._at))
