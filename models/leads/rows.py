"""Acts as rows: which column takes what. No decisions here, and nothing is written."""

from datetime import datetime

from models.journal.entries import Entry, EntryKind
from models.leads.acts import NewDecision, NewEffect, OwnerSeen, Sighting
from models.leads.known import Lane
from models.store.prepared import Values
from routing.canonical import Json
from routing.decision import Method


def lead_row(lead: str, sighting: Sighting, at: datetime) -> Values:
    """A lead as it now stands."""
    return {
        "id": lead,
        "person_id": sighting.person,
        "connection": sighting.connection,
        "record_id": sighting.record,
        "owner_rep": sighting.owner_rep,
        "holder": sighting.holder,
        "stage": sighting.seen.stage,
        "open": sighting.open,
        "passed_over": sighting.passed_over,
        "created_at": sighting.seen.created_at,
        "first_seen_at": sighting.first_seen_at or at,
        "closed_at": None if sighting.open else sighting.closed_at or at,
    }


def record_row(lead: str, sighting: Sighting, at: datetime) -> Values:
    """A record as last looked at."""
    seen = sighting.seen
    return {
        "id": sighting.record,
        "connection": sighting.connection,
        "object": seen.object,
        "crm_id": seen.id,
        "person_id": sighting.person,
        "lead_id": lead,
        "version": seen.version,
        "fact_hash": sighting.fact_hash,
        "inbox_seq": sighting.inbox,
        "read_at": seen.read_at,
        "stage": seen.stage,
        "created_at": seen.created_at,
        "modified_at": seen.modified_at,
        "seen_at": at,
        "deleted": seen.deleted,
        "converted": seen.converted,
        "merged_into": seen.merged_into,
        "converted_to": dict(seen.converted_to) if seen.converted_to else None,
    }


def ownership_row(lead: str, seen: OwnerSeen, at: datetime) -> Values:
    """A change of owner, as history."""
    return {
        "lead_id": lead,
        "record_id": seen.record,
        "before": seen.before,
        "owner": seen.owner,
        "rep_id": seen.rep,
        "observed_at": at,
        "changed_at": seen.changed_at,
        "changed_by": seen.changed_by,
        "ours": seen.ours,
        "decision_id": seen.decision,
    }


def decision_row(new: NewDecision, sha256: str) -> Values:
    """A decision with its record."""
    decision = new.decision
    return {
        "id": new.id,
        "occasion_id": new.occasion.id,
        "lead_id": new.decision.lead,
        "route": decision.route,
        "mode": new.mode,
        "batch": new.batch,
        "cause": new.occasion.cause,
        "method": decision.method,
        "rule": decision.rule,
        "pool": decision.pool,
        "owner": decision.owner,
        "queue": decision.queue,
        "nobody": decision.nobody,
        "sequence": new.sequence,
        "decided_at": decision.at,
        "engine": new.engine,
        "rulebook": new.rulebook,
        "sha256": sha256,
        "gave_back_at": None,
        "record": new.record,
    }


def effect_row(
    new: NewDecision, effect: NewEffect, *, ids: tuple[str, str | None], at: datetime
) -> Values:
    """A write that is owed; `ids` are its own and that of the effect it depends on."""
    return owed_row((new.id, new.decision.lead, new.lane), effect, ids=ids, at=at)


def owed_row(
    of: tuple[str, str, Lane], effect: NewEffect, *, ids: tuple[str, str | None], at: datetime
) -> Values:
    """The same of a decision that was made before: its id, its lead, and the lane to take."""
    return {
        "id": ids[0],
        "decision_id": of[0],
        "lead_id": of[1],
        "connection": effect.connection,
        "kind": effect.kind,
        "object": effect.object,
        "record_id": effect.record,
        "field": effect.field,
        "expected": effect.expected,
        "value": effect.value,
        "also": dict(effect.also),
        "depends_on": ids[1],
        "state": "pending",
        "attempts": 0,
        "next_at": effect.not_before or at,
        "created_at": at,
        "lane": of[2],
    }


def assignment_row(new: NewDecision, connection: str, at: datetime) -> Values:
    """The write of a decision, pending."""
    return {
        "decision_id": new.id,
        "lead_id": new.decision.lead,
        "route": new.decision.route,
        "occasion_id": new.occasion.id,
        "connection": connection,
        "rep_id": new.decision.owner,
        "queue": new.decision.queue,
        "state": "pending",
        "created_at": at,
    }


def entry_of(new: NewDecision, sha256: str) -> Entry:
    """The journal's entry for a decision; a manual one is a reassignment."""
    decision = new.decision
    manual = decision.method is Method.MANUAL
    about: dict[str, Json] = {
        "decision": new.id,
        "occasion": new.occasion.id,
        "mode": new.mode.value,
        "method": decision.method.value,
        "rule": decision.rule,
        "pool": decision.pool,
        "owner": decision.owner,
        "queue": decision.queue,
        "rulebook": new.rulebook,
        "record_sha256": sha256,
        "turn": None if decision.charge is None else decision.charge.pool,
    }
    kind = EntryKind.REASSIGNMENT if manual else EntryKind.DECISION
    return Entry(kind, decision.lead, about, actor=new.actor)
