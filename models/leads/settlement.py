"""What follows from a result: assignment, ownership, give-back, milestones, entries.

    result            effect          assignment      and
    confirmed         confirmed       confirmed       ownership ours, written_at
    already           confirmed       confirmed       ownership of whoever was faster; ours where
                                                      the CRM says that we wrote it
    conflict          conflict        conflict        ownership of whom was found; given back
    refused_rep       refused_by_crm  refused_by_crm  given back; decide again without the rep
    refused_record    dead            dead            given back; alert
    gone              dead            dead            given back; merged, converted or deleted
    later             pending         pending         not before `after_s` and our own patience;
                                                      dead after too many attempts

What depended on an effect that failed is withdrawn. Nothing here decides anything again: the
caller reads `Finished` and acts.

An owner effect in another connection than its assignment's stands beside it: the assignment ends
as its own effect does, whatever becomes of the other, which is recorded for itself. A conflict
there takes nothing back: one decision was made, and it stands in the CRM that assigns.

Whose the record is, its register says: a result that is older than what is known by now ends its
effect and moves no owner.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from models.journal.entries import ENTER, Entry, EntryKind, row_of
from models.leads import turns
from models.leads.at_hand import AtHand, Claimed, look_up
from models.leads.registers import REGISTER, register_row
from models.store.statements import WITHDRAW, changing, inserting, putting
from models.store.writes import Writes
from models.tables import (
    AssignmentRow,
    Counter,
    DecisionRow,
    EffectRow,
    LeadRow,
    Milestones,
    OwnershipRow,
)
from routing.canonical import Json
from routing.decision import TurnCharge
from routing.facts import Applied, EffectKind, EffectResult
from routing.life.answers import register_answered
from routing.life.register import Register, SetBy, is_superseded

_EFFECT = changing(
    EffectRow, ("id",), ("state", "attempts", "next_at", "settled_at", "code", "last_error")
)
_ASSIGNMENT = changing(AssignmentRow, ("decision_id",), ("state", "settled_at", "code", "detail"))
_GAVE_BACK = changing(DecisionRow, ("id",), ("gave_back_at",))
_OWNERSHIP = inserting(OwnershipRow)
_HELD = changing(LeadRow, ("id",), ("owner_rep", "holder"))
_WRITTEN = changing(Milestones, ("lead_id", "occasion_id"), ("written_at",))
_CONFIRMED = putting(Counter, ("name",), columns=(), add=("value",))
#: The counter of confirmed assignments: all others are few, and found by an index.
CONFIRMED = "assignments.confirmed"
_BECOMES = {
    Applied.CONFIRMED: "confirmed",
    Applied.ALREADY: "confirmed",
    Applied.CONFLICT: "conflict",
    Applied.REFUSED_REP: "refused_by_crm",
    Applied.REFUSED_RECORD: "dead",
    Applied.GONE: "dead",
    Applied.LATER: "pending",
}


@dataclass(frozen=True, slots=True)
class Retries:
    """How patient we are with an effect that could not be written: twice as long each time."""

    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(minutes=15)
    attempts: int = 30  #: dead after so many
    counts: bool = True  #: False: nothing was sent, so this attempt costs none of them

    def delay(self, attempts: int, asked_s: float) -> timedelta:
        """How long to wait after this attempt; never less than the CRM asked for."""
        ours = min(self.first * (1 << min(attempts - 1, 20)), self.longest)
        return max(ours, timedelta(seconds=asked_s))


PATIENCE = Retries()


@dataclass(frozen=True, slots=True)
class Finished:
    """What a result meant. `state` is the effect's now.

    `gave_back` says that turn, cap and load of `rep` were given back (event `GaveBack`, with
    `charge` where the decision had one); `found_rep` is the rep whom a conflict found.
    """

    claimed: Claimed
    result: EffectResult
    state: str
    route: str = ""
    occasion: str = ""
    rep: str | None = None  #: whom the decision chose
    gave_back: bool = False
    charge: TurnCharge | None = None
    found_rep: str | None = None
    beside: bool = False  #: on the person's other record, where no assignment hangs on it
    carries: bool = False  #: beside, and that record carries the lead: it is with `found_rep`
    holder: str | None = None  #: who holds the lead now, where it was read
    superseded: bool = False  #: a newer version of the record is known: the owner stays as it is


def settle(
    database: Connection,
    results: Sequence[tuple[Claimed, EffectResult]],
    *,
    at: datetime,
    retries: Retries,
) -> tuple[Finished, ...]:
    """Write what follows from results; stale ones are left out."""
    failed = [c.decision for c, result in results if _BECOMES[result.applied] != "confirmed"]
    found = look_up(database, results, failed=failed)
    writes = Writes()
    done: list[Finished] = []
    for claimed, result in results:
        row = found.effects.get(claimed.effect.id)
        if row is None or row.state != "sent" or row.attempt_token != claimed.effect.token:
            continue
        done.append(_Settling(writes, found, at).settle(claimed, result, retries))
    confirmed = sum(
        each.state == "confirmed" and each.occasion != "" and not each.beside for each in done
    )
    if confirmed:
        writes.add(_CONFIRMED, {"name": CONFIRMED, "value": confirmed})
    writes.flush(database)
    return tuple(done)


class _Settling:
    def __init__(self, writes: Writes, found: AtHand, at: datetime) -> None:
        self._writes = writes
        self._found = found
        self._at = at

    def settle(self, claimed: Claimed, result: EffectResult, retries: Retries) -> Finished:
        state = _BECOMES[result.applied]
        is_late = result.applied is Applied.LATER and retries.counts
        if is_late and claimed.attempts >= retries.attempts:
            state = "dead"
        self._effect(claimed, result, state, retries)
        assignment = self._found.assignments.get(claimed.decision)
        is_owner = claimed.effect.kind is EffectKind.OWNER
        if is_owner and assignment is not None and assignment.connection != claimed.connection:
            return self._beside(claimed, result, state, assignment)
        if state not in ("pending", "confirmed"):
            self._writes.add(
                WITHDRAW, {"key_decision_id": claimed.decision, "settled_at": self._at}
            )
        if not is_owner or assignment is None:
            return Finished(claimed, result, state)
        return self._assignment(claimed, result, state, assignment)

    def _beside(
        self, claimed: Claimed, result: EffectResult, state: str, assignment: Row[Any]
    ) -> Finished:
        """An owner on the person's other record: it moves that record, and the lead it carries."""
        said: dict[str, Any] = {"beside": True, "route": assignment.route}
        said |= {"occasion": assignment.occasion_id, "rep": assignment.rep_id}
        if state == "pending":
            return Finished(claimed, result, state, **said)
        self._enter(claimed, result, state)
        carries = self._found.carriers.get(claimed.lead) == claimed.record
        if state == "confirmed":
            rep, queue = assignment.rep_id, assignment.queue
            held = _Held(rep, rep if queue is None else f"queue:{queue}", carries=carries)
            carries = self._own(claimed, result, held) and carries
            return Finished(claimed, result, state, **said, carries=carries, found_rep=rep)
        found = self._whom_it_found(claimed, result, carries=carries)
        carries = carries and found is not None
        rep = None if found is None else found.rep
        return Finished(claimed, result, state, **said, carries=carries, found_rep=rep)

    def _effect(self, claimed: Claimed, result: EffectResult, state: str, retries: Retries) -> None:
        delay = retries.delay(claimed.attempts, result.after_s)
        self._writes.add(
            _EFFECT,
            {
                "key_id": claimed.effect.id,
                "state": state,
                "attempts": claimed.attempts - (0 if retries.counts else 1),
                "next_at": self._at + delay if state == "pending" else self._at,
                "settled_at": None if state == "pending" else self._at,
                "code": result.code,
                "last_error": result.detail or None,
            },
        )

    def _assignment(
        self, claimed: Claimed, result: EffectResult, state: str, row: Row[Any]
    ) -> Finished:
        self._writes.add(
            _ASSIGNMENT,
            {
                "key_decision_id": claimed.decision,
                "state": state,
                "settled_at": None if state == "pending" else self._at,
                "code": _code_of(result),
                "detail": result.detail or None,
            },
        )
        said: dict[str, Any] = {"route": row.route, "occasion": row.occasion_id, "rep": row.rep_id}
        if state == "pending":
            return Finished(claimed, result, state, **said)
        self._enter(claimed, result, state)
        if state == "confirmed":
            holder = row.rep_id if row.queue is None else f"queue:{row.queue}"
            stands = self._own(claimed, result, _Held(row.rep_id, holder))
            written = {"key_lead_id": claimed.lead, "key_occasion_id": row.occasion_id}
            self._writes.add(_WRITTEN, written | {"written_at": result.at})
            return Finished(claimed, result, state, **said, holder=holder, superseded=not stands)
        charge = self._give_back(claimed)
        found = self._whom_it_found(claimed, result)
        return Finished(
            claimed,
            result,
            state,
            **said,
            gave_back=row.rep_id is not None,
            charge=charge,
            found_rep=None if found is None else found.rep,
            holder=None if found is None else found.holder,
            superseded=found is None,
        )

    def _enter(self, claimed: Claimed, result: EffectResult, state: str) -> None:
        kind = EntryKind.CONFLICT if state == "conflict" else EntryKind.ASSIGNMENT
        about: dict[str, Json] = {
            "decision": claimed.decision,
            "effect": claimed.effect.id,
            "attempt": claimed.effect.token,
            "attempts": claimed.attempts,
            "became": state,
            "applied": result.applied.value,
            "code": result.code,
        }
        self._writes.add(ENTER, row_of(Entry(kind, claimed.lead, about), self._at))

    def _give_back(self, claimed: Claimed) -> TurnCharge | None:
        self._writes.add(_GAVE_BACK, {"key_id": claimed.decision, "gave_back_at": self._at})
        charge = self._found.charges.get(claimed.decision)
        if charge is not None:
            turns.gave_back(
                self._writes,
                charge,
                decision=claimed.decision,
                lead=claimed.lead,
                at=self._at,
            )
        return charge

    def _whom_it_found(
        self, claimed: Claimed, result: EffectResult, *, carries: bool = True
    ) -> "_Held | None":
        """Whom a conflict found; None where there is none, or where that is known to be over."""
        if result.applied is not Applied.CONFLICT:
            return None
        key = (claimed.connection, result.owner or "")
        rep, queue = self._found.owners.get(key), self._found.queues.get(key)
        holder = rep or (f"queue:{queue}" if queue is not None else result.owner)
        held = _Held(rep, holder, carries=carries)
        return held if self._own(claimed, result, held) else None

    def _own(self, claimed: Claimed, result: EffectResult, held: "_Held") -> bool:
        """The record is theirs from now on, unless the ledger knows a newer version of it."""
        known = self._found.registers.get(claimed.record)
        effect, attempts = claimed.effect, claimed.attempts
        found = register_answered(effect, result, known, attempts=attempts)
        if found is None or is_superseded(found, known):
            return False
        if found.set_by is SetBy.US:
            found = replace(found, decision=claimed.decision)
        if held.carries:
            lead = {"owner_rep": held.rep, "holder": held.holder}
            self._writes.add(_HELD, {"key_id": claimed.lead, **lead})
        self._found.registers[claimed.record] = found
        self._writes.add(REGISTER, register_row(claimed.record, found))
        if found.owner != claimed.effect.expected:  # else nobody wrote this record
            self._enter_ownership(claimed, found, held.rep)
        return True

    def _enter_ownership(self, claimed: Claimed, found: Register, rep: str | None) -> None:
        self._writes.add(
            _OWNERSHIP,
            {
                "lead_id": claimed.lead,
                "record_id": claimed.record,
                "before": claimed.effect.expected,
                "owner": found.owner,
                "rep_id": rep,
                "observed_at": self._at,
                "changed_at": None,
                "changed_by": None,
                "ours": found.set_by.is_ours,
                "decision_id": claimed.decision if found.owner == claimed.effect.value else None,
            },
        )
        about: dict[str, Json] = {
            "record": claimed.record,
            "rep": rep,
            "ours": found.set_by.is_ours,
            "decision": claimed.decision,
        }
        entry = Entry(EntryKind.OWNERSHIP, claimed.lead, about)
        self._writes.add(ENTER, row_of(entry, self._at))


class _Held(NamedTuple):
    """Whose a record is as of a result."""

    rep: str | None
    holder: str | None  #: None, a rep's id, `queue:NAME`, or a CRM id
    carries: bool = True  #: the record carries the lead, which is theirs as well


def _code_of(result: EffectResult) -> str | None:
    if result.applied is Applied.GONE:
        return result.code or "gone"
    return result.code
