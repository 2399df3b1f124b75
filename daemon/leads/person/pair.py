"""The rest of a person: who holds them in the other CRM, and what a decision owes to that record.

The record in the other CRM is observed where the two CRMs keep one another in step and one of them
names the other's record; else a decision owes it the same owner. A human's owner on it keeps the
lead from being routed; one that we put there, or that came from us by the other road, does not.
Pure; finding partners is `partners`, writing is `tying`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from daemon.settings import Mode
from daemon.world.connections.connection import Connection
from daemon.world.connections.owners import DEPARTED
from daemon.world.connections.pairing import Pairing
from daemon.world.world import World
from models.leads.known import KnownRecord
from models.leads.pairs import Owed, Paired
from routing.facts import Cause
from routing.layers.entry import QUEUE

#: Occasions on which a person may just be on their way into the CRM that assigns.
_ON_THEIR_WAY: Final = (Cause.FIRST_SIGHT, Cause.STAGE)


class Carrier(NamedTuple):
    """The record that carries the lead."""

    record: str  #: internal id
    connection: str


class Beside(NamedTuple):
    """A person's other record that is owed the same owner."""

    record: KnownRecord
    is_late: bool  #: the CRMs are synced and may bring it by themselves: they go first


@dataclass(frozen=True, slots=True)
class Pair:
    """The rest of a person, beside the record that carries their lead."""

    held_by: str | None = None  #: who holds another record of theirs, by somebody else's doing
    beside: tuple[Beside, ...] = ()
    owed: tuple[Owed, ...] = ()  #: writes that earlier decisions owe to the other record
    is_awaited: bool = False  #: nothing was seen of them yet in the connection that assigns

    @property
    def is_under_way(self) -> bool:
        """Whether a write to the other record has left and its result is not there yet."""
        return any(each.sent for each in self.owed)


ALONE: Final = Pair()


def pair_of(paired: Paired | None, carrier: Carrier, world: World) -> Pair:
    """What a decision must know of the records that do not carry the lead.

    Args:
        paired: All that the ledger knows of the person; None for somebody new.
        carrier: The record that carries the lead.
        world: The connections, and who is active.
    """
    pairing = world.pairing
    if pairing is None or pairing.other(carrier.connection) is None:
        return ALONE
    if paired is None:
        return Pair(is_awaited=True)
    there = pairing.other(carrier.connection)
    rest = [each for each in paired.records if each.id != carrier.record]
    held = _holders(
        [each for each in rest if each.key.connection == there and not is_over(each)],
        paired,
        carrier,
        world,
    )
    seen = [each for each in rest if each.version]  # others are known by their id, and owner
    others = [each for each in seen if each.key.connection == there and not is_over(each)]
    return Pair(
        held_by=next(iter(held), None),
        beside=tuple(_beside(others, paired, pairing, world)),
        owed=paired.owed,
        is_awaited=all(each.key.connection != pairing.assigns for each in seen),
    )


def is_over(record: KnownRecord) -> bool:
    """Whether a record is no open work: deleted, merged or converted."""
    return record.deleted or record.converted


def partner_until(
    pairing: Pairing, pair: Pair, *, connection: str, cause: Cause, since: datetime
) -> datetime | None:
    """Until when a person waits for their record in the connection that assigns, if they do."""
    if connection == pairing.assigns or not pair.is_awaited or not pairing.wait:
        return None
    return since + pairing.wait if cause in _ON_THEIR_WAY else None


def is_free(owner: str | None, connection: Connection, world: World) -> bool:
    """Whether nobody works on a record with this owner."""
    holder = connection.holders.holder(owner)
    if holder is None or holder == DEPARTED.id or holder.startswith(QUEUE):
        return True
    rep = world.live.staff.reps.get(holder)
    return owner in connection.holders.placeholders or (rep is not None and not rep.active)


def _holders(
    others: Iterable[KnownRecord], paired: Paired, carrier: Carrier, world: World
) -> Iterable[str]:
    """Who holds the person elsewhere; in a synced pair the later change of owner counts."""
    is_synced = world.pairing is not None and world.pairing.synced
    mine = paired.owners.get(carrier.record)
    for each in others:
        connection, came = world.connections[each.key.connection], paired.owners.get(each.id)
        if connection.mode is Mode.OFF or (came is not None and came.ours):
            continue
        is_stale = mine is not None and (came is None or came.seq < mine.seq)
        if is_synced and is_stale and paired.is_linked(each.id):
            continue
        holder = connection.holders.holder(each.owner)
        if holder is not None and not is_free(each.owner, connection, world):
            yield holder


def _beside(
    others: Iterable[KnownRecord], paired: Paired, pairing: Pairing, world: World
) -> Iterable[Beside]:
    for each in others:
        connection = world.connections[each.key.connection]
        routed = {str(name) for name in connection.config.objects}
        if connection.mode is not Mode.LIVE or each.key.object not in routed:
            continue
        if not (pairing.synced and paired.is_linked(each.id)):
            yield Beside(each, is_late=pairing.synced)
