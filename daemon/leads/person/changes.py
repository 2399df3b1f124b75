"""What a new version of a record means for the lead it carries: what changed, and why route it.

Pure. Whether the lead is taken at all is the engine's question; here only the cause is found, and
None where there is nothing to ask.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from models.leads.known import KnownLead, KnownRecord
from routing.facts import Cause, RecordSeen
from routing.rulebook.model import Route

#: How often a lead may be given back within a day before it is left alone.
ROUNDS: Final = 3
_WITHIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """How a version differs from the one last looked at."""

    first: bool = False  #: never seen before
    owner: bool = False  #: another owner
    stage: bool = False  #: another stage
    went: bool = False  #: deleted, merged or converted since
    returned: bool = False  #: restored since


def is_gone(seen: RecordSeen) -> bool:
    """Whether the record is no longer open work: deleted, merged or converted."""
    return seen.deleted or seen.converted or seen.merged_into is not None


def change_of(record: KnownRecord | None, seen: RecordSeen) -> Change:
    """Compare a version with what the ledger knew."""
    if record is None:
        return Change(first=True)
    gone, was_gone = is_gone(seen), record.deleted or record.converted
    return Change(
        owner=seen.owner != record.owner and not gone,
        stage=seen.stage != record.stage,
        went=gone and not was_gone,
        returned=was_gone and not gone,
    )


def cause_of(
    change: Change, lead: KnownLead, route: Route, *, before: str | None, now: str | None
) -> Cause | None:
    """Why the lead may have to be routed now; None where nothing of the kind happened.

    Args:
        change: What changed.
        lead: The lead as the ledger knows it.
        route: The route that is asked.
        before: The stage before.
        now: The stage now.
    """
    if change.first:
        return Cause.FIRST_SIGHT
    last = lead.last.get(route.name)
    if change.owner or change.returned:
        return Cause.RELEASED
    if change.stage and _enters(route, before, now):
        return Cause.STAGE if last is None else Cause.RECYCLED
    if last is None or (last.owner is None and not last.gave_back):
        return Cause.CHANGED
    return None


def keeps_undoing(lead: KnownLead, route: str, at: datetime) -> bool:
    """Whether something has given this lead back so often today that we leave it alone."""
    last = lead.last.get(route)
    rounds = lead.occasions.get((route, Cause.RELEASED.value), 0)
    return rounds >= ROUNDS and last is not None and at - last.at < _WITHIN


def _enters(route: Route, before: str | None, now: str | None) -> bool:
    stages = route.entry.stages
    return stages is not None and now in stages and before not in stages
