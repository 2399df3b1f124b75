"""Whether the owner that is seen on a record came from us. Pure.

A write of ours that has left may have landed, whatever its answer; what still waits here has not.
Between synced CRMs what we gave in one comes to the other by another road.
"""

from datetime import datetime, timedelta
from typing import Final

from daemon.leads.person.partners import Found
from daemon.world.world import World
from models.decisions.decider import Arrival
from models.leads.known import KnownLead, KnownRecord

#: Within this time after a decision its owner, seen on the other record, came by the other road.
_ECHO: Final = timedelta(hours=1)


def is_ours(
    arrival: Arrival,
    known: tuple[KnownRecord | None, KnownLead, Found | None],
    world: World,
    *,
    moved: bool,
) -> bool:
    """Whether the owner that an arrival shows came from us.

    Args:
        arrival: The version.
        known: Its record and its lead as they stood, and the person in both CRMs.
        world: The connections.
        moved: The owner is another one than the record had.
    """
    record, lead, found = known
    if moved and record is not None and _has_landed(arrival, (record, lead, found), world):
        return True
    pairing = world.pairing
    if pairing is None or not pairing.synced or found is None:
        return False
    rep = world.connections[arrival.connection].holders.rep(arrival.seen.owner)
    return _is_by_other_road(rep, lead, arrival.taken_at)


def _has_landed(
    arrival: Arrival, known: tuple[KnownRecord, KnownLead, Found | None], world: World
) -> bool:
    """Whether the owner is the one that a write of ours, which has left, gives this record."""
    record, lead, found = known
    seen, holders = arrival.seen, world.connections[arrival.connection].holders
    if seen.owner is None:
        return False
    own = [each for each in lead.assignments.values() if each.tried]
    places = (holders.place_of(seen.object, owner=each.rep, queue=each.queue) for each in own)
    if lead.record == record.id and any(place.owner == seen.owner for place in places):
        return True
    owed = () if found is None or found.paired is None else found.paired.owed
    return any(
        each.tried and each.record == record.id and each.value == seen.owner for each in owed
    )


def _is_by_other_road(rep: str | None, lead: KnownLead, at: datetime) -> bool:
    """Whether an owner is the one we gave, brought to this record by the sync."""
    if rep is None:
        return False
    pending = {each.rep for each in lead.assignments.values()}
    given = {last.owner for last in lead.last.values() if at - last.at < _ECHO}
    return rep in pending or rep in given
