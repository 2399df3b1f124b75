"""What speaks for and against our having set the owner that is seen on a record. Pure.

A write of ours that has left may have landed, whatever its answer; what still waits here has not.
Between synced CRMs what we gave in one comes to the other by another road. Who set it then, is
said by `routing.life.evidence`.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from daemon.leads.person.partners import Found
from daemon.world.world import World
from models.decisions.decider import Arrival
from models.leads.known import KnownLead, KnownRecord
from routing.life.evidence import Signs

#: Within this time after a decision its owner, seen on the other record, came by the other road.
_ECHO: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knew of a record before a version of it was looked at."""

    record: KnownRecord | None
    lead: KnownLead | None
    found: Found | None  #: the person in both CRMs


def signs_of(arrival: Arrival, known: Known, world: World, *, is_other: bool) -> Signs:
    """How the owner that an arrival shows may have come to stand there.

    Args:
        arrival: The version.
        known: What was known before.
        world: The connections.
        is_other: The owner is another one than the record had.
    """
    has_left = is_other and _has_left(arrival, known, world)
    return Signs(
        given=has_left,
        left=has_left,
        by_other_road=_is_by_other_road(arrival, known, world),
        by_somebody=arrival.seen.modified_by is not None,
    )


def _has_left(arrival: Arrival, known: Known, world: World) -> bool:
    """Whether the owner is the one that a write of ours, which has left, gives this record."""
    record, lead, seen = known.record, known.lead, arrival.seen
    if seen.owner is None or record is None or lead is None:
        return False
    holders = world.connections[arrival.connection].holders
    own = [each for each in lead.assignments.values() if each.tried]
    places = (holders.place_of(seen.object, owner=each.rep, queue=each.queue) for each in own)
    if lead.record == record.id and any(place.owner == seen.owner for place in places):
        return True
    paired = None if known.found is None else known.found.paired
    owed = () if paired is None else paired.owed
    return any(
        each.tried and each.record == record.id and each.value == seen.owner for each in owed
    )


def _is_by_other_road(arrival: Arrival, known: Known, world: World) -> bool:
    """Whether an owner is the one we gave, brought to this record by the sync."""
    lead, pairing = known.lead, world.pairing
    if pairing is None or not pairing.synced or known.found is None or lead is None:
        return False
    rep = world.connections[arrival.connection].holders.rep(arrival.seen.owner)
    if rep is None:
        return False
    pending = {each.rep for each in lead.assignments.values()}
    given = {last.owner for last in lead.last.values() if arrival.taken_at - last.at < _ECHO}
    return rep in pending or rep in given
