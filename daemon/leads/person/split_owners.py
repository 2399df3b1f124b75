"""Whether the two records of one person went apart, and which of them follows the other.

Two CRMs that bring no owners to one another leave a person with two as soon as somebody takes one
record. Whoever took it after our last decision has the person: what we gave to somebody else
follows. What a human took is never moved, not even by another human's later act. Of two leads that
turn out to be one person's, a human's owner counts whenever it came. Pure.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from sys import maxsize
from typing import Final, NamedTuple

from daemon.leads.person.changes import ROUNDS, is_gone
from daemon.leads.person.observation import Look
from daemon.leads.person.pair import Beside, Carrier, is_free, is_over, pair_of
from daemon.settings import Mode
from daemon.world.world import World
from models.leads.known import KnownLead, KnownRecord
from models.leads.known import Mode as DecisionMode
from models.leads.pairs import LastOwner, Paired
from routing.facts import Cause

#: for how long a person whom the CRM keeps refusing to whoever has them is left alone
_PATIENCE: Final = timedelta(days=1)
_EVER: Final = datetime.min.replace(tzinfo=UTC)


class Apart(NamedTuple):
    """A person whom a rep has by a human's act, and what we gave to somebody else."""

    rep: str | None  #: None: somebody whom the roster does not name
    beside: tuple[Beside, ...]  #: records that follow, beside the one that carries the lead
    problem: str | None = None  #: why nothing can follow


def apart(paired: Paired, carrier: Carrier, world: World, *, joined: bool = False) -> Apart | None:
    """Who took the person after us; None where nothing has to follow anybody.

    Args:
        paired: All that is known of the person.
        carrier: The record that carries the lead.
        world: The connections, and who is active.
        joined: The records were two persons' until now, so that none of our decisions knew both.
    """
    mine = next((each for each in paired.records if each.id == carrier.record), None)
    if mine is None or world.connections[carrier.connection].mode is not Mode.LIVE:
        return None
    beside = pair_of(paired, carrier, world).beside
    owned = [r for r in (mine, *(each.record for each in beside)) if r.owner and not is_over(r)]
    taken = _latest(owned, paired, world)
    if taken is None:
        return None
    rep = _rep(taken, world)
    ours = {
        each.id: each
        for each in owned
        if _is_ours(each, paired) and (rep is None or _rep(each, world) != rep)
        if joined or _since(each, paired) < _since(taken, paired)
    }
    if not ours or mine.id not in {taken.id, *ours}:
        return None
    follow = tuple(each for each in beside if each.record.id in ours)
    return Apart(rep, follow, _problem(rep, ours.values(), world))


def as_looked(paired: Paired, look: Look, at: datetime) -> Paired:
    """The person with the record that is looked at as it is from now on.

    An owner whom a record came with counts as taken now, unless the record is older than what is
    routed there: nobody took it after us.
    """
    seen, owners = look.arrival.seen, dict(paired.owners)
    now = KnownRecord(
        id=look.record,
        key=look.arrival.key,
        person=look.person,
        lead=look.lead,
        version=seen.version,
        fact_hash=look.arrival.fact_hash,
        register=look.register,
        stage=seen.stage,
        created_at=seen.created_at,
        modified_at=seen.modified_at,
        read_at=seen.read_at,
        deleted=is_gone(seen) and not seen.converted,
        converted=seen.converted,
    )
    if look.change.owner or (look.is_first and seen.created_at >= look.connection.routes_from):
        owners[now.id] = LastOwner(maxsize, ours=look.ours, since=at)
    rest = (each for each in paired.records if each.id != now.id)
    return replace(paired, records=(*rest, now), owners=owners)


def route_of(lead: KnownLead, rep: str | None, at: datetime) -> str | None:
    """The route by which we gave the lead, if not to this rep; None where it was tried in vain."""
    gave = (
        name
        for name, last in lead.last.items()
        if last.mode is DecisionMode.LIVE and not (last.stands and last.owner == rep)
        if not (last.gave_back and _was_tried(lead, name) and at - last.at < _PATIENCE)
    )
    return next(gave, None)


def _was_tried(lead: KnownLead, route: str) -> bool:
    return lead.occasions.get((route, Cause.HELD_ELSEWHERE.value), 0) >= ROUNDS


def _latest(records: Iterable[KnownRecord], paired: Paired, world: World) -> KnownRecord | None:
    """The record that somebody else than us gave last to whoever works on it."""
    taken = [
        each
        for each in records
        if not _is_ours(each, paired)
        and not is_free(each.owner, world.connections[each.key.connection], world)
    ]
    return max(taken, key=lambda each: (_since(each, paired), each.id), default=None)


def _is_ours(record: KnownRecord, paired: Paired) -> bool:
    came = paired.owners.get(record.id)
    return came is not None and came.ours


def _since(record: KnownRecord, paired: Paired) -> tuple[datetime, int]:
    """Since when its owner stands, as far as we know."""
    came = paired.owners.get(record.id)
    return (_EVER, 0) if came is None else (came.since, came.seq)


def _rep(record: KnownRecord, world: World) -> str | None:
    return world.connections[record.key.connection].holders.rep(record.owner)


def _problem(rep: str | None, records: Iterable[KnownRecord], world: World) -> str | None:
    """Why one of these records cannot be given to whoever has the other."""
    if rep is None:
        return "whoever has the other record is not on the roster"
    places = (
        world.connections[each.key.connection].holders.place_of(
            each.key.object, owner=rep, queue=None
        )
        for each in records
    )
    return next((each.problem for each in places if each.problem is not None), None)
