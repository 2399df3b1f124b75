"""A version of a record becomes known: rows, history, and load that moves with the owner.

A write that is under way keeps its load: the lead counts as the target's until the result is
there, whatever is seen meanwhile.

A person may have a record in two CRMs. The record in the one that assigns takes the lead over when
it is first seen; so does the other one when that is deleted, and a new one from a person whom we
only counted so far.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from daemon.leads.person.changes import Change, change_of, is_gone, keeps_undoing
from daemon.leads.person.own_writes import Known, signs_of
from daemon.leads.person.pair import ALONE, Carrier, Pair, is_free, pair_of
from daemon.leads.person.partners import Found
from daemon.leads.person.record_versions import register_seen, says_anything_new
from daemon.settings import Mode
from daemon.world.connections.connection import Connection
from daemon.world.connections.owners import DEPARTED, HUMAN, Holders
from daemon.world.world import World
from models.decisions.decider import Arrival
from models.leads.acts import OwnerSeen, Sighting
from models.leads.known import KnownLead, KnownRecord, RecordKey
from models.leads.known import Mode as DecisionMode
from models.leads.lead_writer import LeadWriter
from models.store.ids import InternalIds
from routing.layers.entry import QUEUE
from routing.life.evidence import who_set
from routing.life.register import Register
from routing.state import OwnerObserved

OLDER = "older"  #: created before `route_from`
UNDONE = "undone"  #: something keeps giving it back
OFF = "off"  #: its connection was off when it was looked at


class Tie(NamedTuple):
    """Another record of the same person, as the record that was looked at names it."""

    key: RecordKey
    because: str  #: `converted_to` or `merged_into`
    known: KnownRecord | None  #: None: nobody has looked at it yet


@dataclass(frozen=True, slots=True)
class Look:
    """An arrival, and what the ledger knew of its record and its lead."""

    arrival: Arrival
    connection: Connection
    lead: str
    record: str
    person: str
    known: KnownRecord | None
    before: KnownLead | None
    change: Change
    register: Register  #: who owns the record, by the newest version
    ours: bool  #: the owner is one that we gave, as far as this version tells
    passed_over: str | None
    ties: tuple[Tie, ...] = ()
    found: Found | None = None  #: the person in both CRMs, where two are a pair
    takes_over: bool = False  #: from now on this record carries the lead
    pair: Pair = ALONE  #: the rest of the person
    is_free: bool = False  #: nobody works on this record; told of pairs only
    is_unplaced: bool = False  #: the CRM it comes from had no place for the queue it is in

    @property
    def carries(self) -> bool:
        """Whether this record carries the lead."""
        return self.takes_over or self.before is None or self.before.record == self.record

    @property
    def is_first(self) -> bool:
        """Whether nobody has looked at this record before."""
        return self.known is None or not self.known.version

    @property
    def is_new(self) -> bool:
        """Whether it says anything that was not looked at before, in this version or a later."""
        known = self.known
        return known is None or says_anything_new(self.arrival, known, self.register)

    @property
    def keeps_holder(self) -> bool:
        """Whether the lead stays with whom it was, whatever owner stands here.

        It is in a queue of the rulebook's that is a person in this CRM; or nobody has this record,
        and somebody may have the person in the other CRM.
        """
        before, change = self.before, self.change
        if before is None or change.returned or (change.first and not self.takes_over):
            return False
        is_same = not change.owner and not self.takes_over
        is_placed = is_same and before.holder is not None and before.holder.startswith(QUEUE)
        is_elsewhere = self.found is not None and self.is_free
        return is_placed or (is_elsewhere and (is_same or self.takes_over))

    @property
    def rep(self) -> str | None:
        """The rep whose open work it is as of this version."""
        if self.keeps_holder:
            return self.was_owned_by
        return self.connection.holders.rep(self.arrival.seen.owner)

    @property
    def was_owned_by(self) -> str | None:
        """The rep whose open work it was, as observed."""
        before = self.before
        return before.owner_rep if before is not None and before.open else None

    @property
    def is_given(self) -> bool:
        """Whether a write that gives it to a rep or puts it into a queue is under way."""
        return self.before is not None and bool(self.before.assignments)

    @property
    def is_where_meant(self) -> bool:
        """Whether it is in the queue that a write under way puts it into, whoever was first."""
        holders, seen = self.connection.holders, self.arrival.seen
        queues = [] if self.before is None else self.before.assignments.values()
        places = (holders.place_of(seen.object, owner=None, queue=each.queue) for each in queues)
        return any(place.owner is not None and place.owner == seen.owner for place in places)


class Remembered(NamedTuple):
    """What the ledger knew of an arrival before it was looked at."""

    record: KnownRecord | None = None
    lead: KnownLead | None = None
    ties: tuple[Tie, ...] = ()
    found: Found | None = None


def look_at(arrival: Arrival, world: World, ids: InternalIds, before: Remembered) -> Look:
    """Put an arrival beside what was known."""
    connection, known, lead = world.connections[arrival.connection], before.record, before.lead
    register = register_seen(known, arrival.seen)
    if register.owner != arrival.seen.owner:  # it was read before a change that we know of
        arrival = replace(arrival, seen=replace(arrival.seen, owner=register.owner))
    takes_over = _takes_over(before, arrival, world)
    change = _change(before, arrival, takes_over=takes_over, live=connection.mode is Mode.LIVE)
    remembered = Known(known, lead, before.found)
    by = who_set(signs_of(arrival, remembered, world, is_other=change.owner))
    if change.owner or known is None or known.register is None:
        register = replace(register, set_by=by)
    ours = by.is_ours
    carries = takes_over or lead is None or (known is not None and lead.record == known.id)
    is_given_back = carries and change.owner and not ours
    look = Look(
        arrival=arrival,
        connection=connection,
        lead=ids.new("l") if lead is None else lead.id,
        record=ids.new("c") if known is None else known.id,
        person=_person(before) or ids.new("p"),
        known=known,
        before=lead,
        change=change,
        register=register,
        ours=ours,
        passed_over=_passed_over(arrival, connection, lead, is_given_back=is_given_back),
        ties=before.ties,
        found=before.found,
        takes_over=takes_over,
    )
    return look if before.found is None else _in_pair(look, world)


def take_sight(look: Look, writer: LeadWriter, world: World) -> None:
    """Store the version and move load, waits and recall with it."""
    seen, holders, rep = look.arrival.seen, look.connection.holders, look.rep
    if seen.owner is not None and holders.is_unknown_owner(seen.owner):
        look.connection.unknown_owners.setdefault(seen.owner, look.arrival.taken_at)
    before = look.before
    writer.seen(
        Sighting(
            connection=look.connection.name,
            seen=seen,
            fact_hash=look.arrival.fact_hash,
            record=look.record,
            person=look.person,
            owner_rep=rep,
            holder=_holder(look),
            register=look.register,
            open=not is_gone(seen),
            carries=look.carries,
            passed_over=look.passed_over,
            inbox=look.arrival.seq,
            first_seen_at=None if before is None else before.first_seen_at,
        )
    )
    if look.carries:
        _move(look, writer, world, rep)


def _holder(look: Look) -> str | None:
    if look.before is not None and look.keeps_holder:
        return look.before.holder
    return kept_holder(look.connection.holders, look.arrival.seen.owner)


def forget(lead: str, writer: LeadWriter, world: World) -> None:
    """It waits no more and is not to be recalled, in the ledger and in memory."""
    writer.forget()
    world.happened(OwnerObserved(lead, None, None))


def kept_holder(holders: Holders, owner: str | None) -> str | None:
    """The holder as the ledger keeps it: people we do not know by their CRM id."""
    holder = holders.holder(owner)
    return owner if holder in (HUMAN, DEPARTED.id) else holder


def _move(look: Look, writer: LeadWriter, world: World, rep: str | None) -> None:
    change, seen = look.change, look.arrival.seen
    if look.takes_over:
        _take_over(look, writer, world, rep)
        return
    if change.owner:
        writer.owner_seen(
            OwnerSeen(
                record=look.record,
                before=None if look.known is None else look.known.owner,
                owner=seen.owner,
                rep=rep,
                holder=kept_holder(look.connection.holders, seen.owner),
                changed_at=seen.modified_at,
                changed_by=seen.modified_by,
                ours=look.ours,
            )
        )
    _remember_company(look, world, rep)
    if is_gone(seen):
        if change.went:
            forget(look.lead, writer, world)
            world.gone(look.lead, look.was_owned_by, is_given=look.is_given)
    elif change.owner or change.first or change.returned:
        if change.owner and not look.ours and not look.is_where_meant:
            forget(look.lead, writer, world)
        world.observed(look.lead, look.was_owned_by, rep, is_given=look.is_given)


def _take_over(look: Look, writer: LeadWriter, world: World, rep: str | None) -> None:
    """The lead is with whoever has this record now; one that waits goes on waiting if it is free.

    A lead that waits for this very record is decided a moment later, from what it says.
    """
    seen, holders = look.arrival.seen, look.connection.holders
    if look.is_first and not look.is_free and seen.created_at >= look.connection.routes_from:
        writer.owner_seen(
            OwnerSeen(
                record=look.record,
                before=None,
                owner=seen.owner,
                rep=rep,
                holder=kept_holder(holders, seen.owner),
                changed_at=seen.modified_at,
                changed_by=seen.modified_by,
                ours=False,
            )
        )
    _remember_company(look, world, rep)
    if is_gone(seen):
        forget(look.lead, writer, world)
        world.gone(look.lead, look.was_owned_by, is_given=look.is_given)
    elif not look.is_free or _is_other_book(look, world):
        forget(look.lead, writer, world)
        world.observed(look.lead, look.was_owned_by, rep, is_given=look.is_given)


def _is_other_book(look: Look, world: World) -> bool:
    """Whether the lead comes from a connection in shadow to one that is live, or back."""
    before = None if look.before is None else world.connections[look.before.connection]
    return before is not None and before.decides_as is not look.connection.decides_as


def _remember_company(look: Look, world: World, rep: str | None) -> None:
    seen = look.arrival.seen
    if is_gone(seen):
        world.companies.remove(look.lead)
    elif world.companies.is_asked and (not look.is_given or (look.change.owner and not look.ours)):
        domain = look.connection.reading.domains.address(seen.email).domain
        world.companies.put(look.lead, domain=domain, rep=rep, at=seen.modified_at)


def _takes_over(before: Remembered, arrival: Arrival, world: World) -> bool:
    """Whether this record carries the lead from now on, in place of one in the other CRM."""
    known, lead, found, pairing = before.record, before.lead, before.found, world.pairing
    seen, connection = arrival.seen, world.connections[arrival.connection]
    if pairing is None or found is None or found.paired is None or lead is None:
        return False
    if (
        lead.connection == connection.name
        or pairing.other(connection.name) != lead.connection
        or seen.deleted
    ):
        return False
    if connection.name == pairing.assigns:
        return True
    carrier = next((each for each in found.paired.records if each.id == lead.record), None)
    if carrier is None or carrier.converted or is_gone(seen):
        return False
    is_first = known is None or not known.version
    is_new = seen.created_at >= connection.routes_from
    return carrier.deleted or (is_first and is_new and lead.passed_over in (OLDER, OFF))


def _pair(look: Look, world: World) -> Pair:
    if look.found is None:
        return ALONE
    paired = look.found.paired
    if look.carries or look.before is None or paired is None:
        return pair_of(paired, Carrier(look.record, look.connection.name), world)
    seen = look.arrival.seen
    records = tuple(
        replace(each, register=look.register, deleted=seen.deleted, converted=seen.converted)
        if each.id == look.record
        else each
        for each in paired.records
    )
    carrier = Carrier(look.before.record, look.before.connection)
    return pair_of(replace(paired, records=records), carrier, world)


def _was_decided(lead: KnownLead, *, live: bool) -> bool:
    """Whether a lead was decided in the book of the connection that carries it now."""
    return any(last.mode is not DecisionMode.SHADOW or not live for last in lead.last.values())


def _change(before: Remembered, arrival: Arrival, *, takes_over: bool, live: bool = True) -> Change:
    """How it changed; a record that took over the lead of one it was merged with is asked about."""
    known, lead = before.record, before.lead
    is_blank = known is not None and not known.version  # only its id is known, from another record
    if known is not None and is_blank and lead is not None and lead.record == known.id:
        return Change(owner=True) if lead.last else Change(first=True)
    is_first = known is None or (is_blank and before.found is not None)
    if takes_over and lead is not None and _was_decided(lead, live=live):
        is_owner = known is not None and not is_first and known.owner != arrival.seen.owner
        return Change(owner=is_owner, returned=not lead.open)
    if takes_over or is_first:
        return Change(first=True)
    return change_of(known, arrival.seen)


def _person(before: Remembered) -> str | None:
    """Whose record it is: its own person's, else that of a record it names, or of its partner."""
    if before.found is not None and before.found.lead is not None:
        return before.found.lead.person
    known = [before.record, *(tie.known for tie in before.ties)]
    return next((record.person for record in known if record is not None), None)


def _in_pair(look: Look, world: World) -> Look:
    """The same with what only pairs ask; who took over a person we only counted is new."""
    seen, connection, before = look.arrival.seen, look.connection, look.before
    passed_over = look.passed_over
    if look.takes_over and look.is_first and before is not None and passed_over in (OLDER, OFF):
        passed_over = _passed_over(look.arrival, connection, None, is_given_back=False)
    free = is_free(seen.owner, connection, world)
    return replace(
        look,
        passed_over=passed_over,
        pair=_pair(look, world),
        is_free=free,
        is_unplaced=_is_unplaced(look, world),
    )


def _is_unplaced(look: Look, world: World) -> bool:
    """Whether a lead is in a queue of the rulebook's that its record so far could not belong to."""
    before, found = look.before, look.found
    if before is None or found is None or found.paired is None or not look.takes_over:
        return False
    carrier = next((each for each in found.paired.records if each.id == before.record), None)
    queues = [last.queue for last in before.last.values() if last.stands and last.queue]
    if carrier is None:
        return False
    holders, kind = world.connections[carrier.key.connection].holders, carrier.key.object
    return any(holders.place_of(kind, owner=None, queue=q).owner is None for q in queues)


def _passed_over(
    arrival: Arrival, connection: Connection, before: KnownLead | None, *, is_given_back: bool
) -> str | None:
    """Why a lead is not routed at all; `status` counts them."""
    if connection.mode is Mode.OFF:
        return OFF
    if before is None:
        return OLDER if arrival.seen.created_at < connection.routes_from else None
    if before.passed_over is None and is_given_back and _is_undone(before, arrival.taken_at):
        return UNDONE
    return before.passed_over


def _is_undone(before: KnownLead, at: datetime) -> bool:
    return any(keeps_undoing(before, route, at) for route in before.last)
