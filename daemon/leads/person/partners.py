"""Finds whose record an arrival is: the same person's record in the other CRM, if there is one.

A CRM that names the other's record is believed; then the e-mail address, whole, where exactly one
person of the other CRM has it and has no other record in this one. Whatever would have to be
guessed is a doubt: it is reported, and the records stay two persons until somebody settles it.
Nothing is written here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from daemon.leads.person.pair import is_over
from daemon.world.connections.pairing import Pairing
from daemon.world.world import World
from models.decisions.decider import Arrival, Batch
from models.leads.addresses import key_of
from models.leads.known import KnownLead, KnownRecord, RecordKey
from models.leads.pairs import Because, Doubtful, Paired
from routing.decision import Method


class Partner(NamedTuple):
    """The record in the other CRM, and why it is the same person's."""

    key: RecordKey
    because: Because
    known: KnownRecord | None  #: None: nobody has looked at it yet
    is_news: bool = True  #: False: a CRM confirms what an address told


class InDoubt(NamedTuple):
    """Why no partner was taken, and which records it might be."""

    why: Doubtful
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of an arrival's person in both CRMs."""

    address: bytes | None = None
    partner: Partner | None = None  #: a tie that is new, or that a CRM confirms from now on
    doubt: InDoubt | None = None
    paired: Paired | None = None  #: all records of the person, this one's partner included
    lead: KnownLead | None = None  #: the lead that the record is part of from now on
    kept: KnownLead | None = None  #: of two leads the one that stays, as it stood before
    absorbed: KnownLead | None = None  #: and the one that ends

    def is_linked(self, record: str) -> bool:
        """Whether one of the CRMs ties this record to its partner."""
        if self.partner is not None and self.partner.because is Because.NATIVE:
            return True
        return self.paired is not None and self.paired.is_linked(record)


@dataclass(frozen=True, slots=True)
class Search:
    """What one batch asks the ledger about pairs, asked once."""

    pairing: Pairing
    routed: Mapping[str, frozenset[str]]  #: objects, by connection
    addresses: Mapping[int, bytes]  #: by row of the inbox
    crowded: frozenset[tuple[str, bytes]]  #: connection and address of several in this batch
    bearers: Mapping[bytes, Sequence[KnownRecord]]
    records: dict[RecordKey, KnownRecord]
    paired: Mapping[str, Paired]  #: by lead
    leads: dict[str, KnownLead]

    def touches(self, arrival: Arrival, found: Found) -> set[str | bytes | RecordKey]:
        """What must not be looked at twice within one batch."""
        touched: set[str | bytes | RecordKey] = set()
        if found.address is not None:
            touched.add(found.address)
        if found.partner is not None:
            touched.add(found.partner.key)
        for lead in (found.lead, found.absorbed):
            if lead is not None:
                touched.add(lead.id)
        return touched | set(named_elsewhere(arrival, self.pairing, self.routed))

    def found(self, arrival: Arrival) -> Found:
        """What is known of an arrival's person."""
        own = self.records.get(arrival.key)
        mine = None if own is None else self.paired.get(own.lead)
        lead = None if own is None else self.leads.get(own.lead)
        alone = Found(self.addresses.get(arrival.seq), paired=mine, lead=lead)
        if self.pairing.other(arrival.connection) is None or arrival.seen.deleted:
            return alone
        judged = self._named_partner(arrival, own, mine) or self._same_address(arrival, own, mine)
        if judged is None:
            return alone
        if isinstance(judged, InDoubt):
            return replace(alone, doubt=judged)
        return self._joined(alone, own, judged)

    def _named_partner(
        self, arrival: Arrival, own: KnownRecord | None, mine: Paired | None
    ) -> Partner | InDoubt | None:
        named = named_elsewhere(arrival, self.pairing, self.routed)
        if not named:
            return None
        rivals = []
        for each in () if mine is None else mine.records:
            if each.key in named:
                return Partner(each.key, Because.NATIVE, each, is_news=False)
            if each.key.connection == named[0].connection and not is_over(each):
                rivals.append(each.id)
        known = [self.records[key] for key in named if key in self.records]
        target = next(iter(sorted(known, key=is_over)), None)
        if rivals:
            others = {*rivals} if target is None else {*rivals, target.id}
            return InDoubt(Doubtful.CONTRADICTS, tuple(sorted(others)))
        if target is None:
            return Partner(named[0], Because.NATIVE, None)
        return self._unless_taken(Partner(target.key, Because.NATIVE, target), arrival, own)

    def _same_address(
        self, arrival: Arrival, own: KnownRecord | None, mine: Paired | None
    ) -> Partner | InDoubt | None:
        other, key = self.pairing.other(arrival.connection), self.addresses.get(arrival.seq)
        if key is None:
            return None
        if mine is not None and any(each.key.connection == other for each in mine.records):
            return None
        bearers = [
            each
            for each in self.bearers.get(key, ())
            if each.key.connection == other and not each.deleted
        ]
        open_ones = [each for each in bearers if not is_over(each)] or bearers
        people = {each.person for each in open_ones} - {own.person if own is not None else None}
        if len(people) > 1:
            return InDoubt(Doubtful.SEVERAL, tuple(sorted(each.id for each in open_ones)))
        if not people:
            return None
        target = min(open_ones, key=lambda each: (each.created_at, each.id))
        rivals = self._rivals(arrival, own, key, target)
        if rivals or (arrival.connection, key) in self.crowded:
            return InDoubt(Doubtful.SEVERAL, tuple(sorted({*rivals, target.id})))
        return self._unless_taken(Partner(target.key, Because.EMAIL, target), arrival, own)

    def _rivals(
        self, arrival: Arrival, own: KnownRecord | None, key: bytes, target: KnownRecord
    ) -> list[str]:
        """Other records of this CRM with the same address that are somebody else's so far."""
        return [
            each.id
            for each in self.bearers.get(key, ())
            if each.key.connection == arrival.connection and not is_over(each)
            if (own is None or each.id != own.id) and each.person != target.person
        ]

    def _unless_taken(
        self, partner: Partner, arrival: Arrival, own: KnownRecord | None
    ) -> Partner | InDoubt:
        """A partner with another open record in this CRM may be somebody else."""
        theirs = None if partner.known is None else self.paired.get(partner.known.lead)
        rivals = [
            each.id
            for each in (() if theirs is None else theirs.records)
            if each.key.connection == arrival.connection and not is_over(each)
            if own is None or each.id != own.id
        ]
        if partner.known is None or not rivals:
            return partner
        return InDoubt(Doubtful.TAKEN, tuple(sorted({*rivals, partner.known.id})))

    def _joined(self, alone: Found, own: KnownRecord | None, partner: Partner) -> Found:
        """One lead of two, unless a write of the one that ends is under way: it comes up again."""
        theirs = None if partner.known is None else self.leads.get(partner.known.lead)
        if theirs is None or partner.known is None:
            return replace(alone, partner=partner)
        others = None if own is not None and own.lead == theirs.id else self.paired.get(theirs.id)
        joined = replace(alone, partner=partner, paired=_tied(alone.paired, others, partner))
        if own is None or alone.lead is None:
            return replace(joined, lead=theirs)
        if alone.lead.id == theirs.id:
            is_known = alone.paired is not None and alone.paired.is_linked(own.id)
            return alone if is_known else joined
        kept, ended = sorted((alone.lead, theirs), key=self._rank)
        if ended.assignments:
            return alone
        return replace(joined, lead=self._carried(kept, ended), kept=kept, absorbed=ended)

    def _carried(self, kept: KnownLead, ended: KnownLead) -> KnownLead:
        """The lead that stays, carried by the record in the connection that assigns."""
        if ended.connection != self.pairing.assigns or kept.connection == ended.connection:
            return kept
        return replace(
            kept,
            connection=ended.connection,
            record=ended.record,
            owner_rep=ended.owner_rep,
            holder=ended.holder,
            stage=ended.stage,
            open=ended.open,
        )

    def _rank(self, lead: KnownLead) -> tuple[bool, bool, bool, datetime, str]:
        """Which of two leads stays: decided, routed, in the CRM that assigns, the older."""
        decided = any(last.method is not Method.WAITING for last in lead.last.values())
        other_crm = lead.connection != self.pairing.assigns
        return (not decided, lead.passed_over is not None, other_crm, lead.first_seen_at, lead.id)


class Finder:
    """Asks the ledger for a whole batch what tells partners."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.secret = b""  #: under which addresses are hashed; given when the lease is taken

    def search(
        self, batch: Batch, arrivals: Sequence[Arrival], keys: Iterable[RecordKey]
    ) -> Search | None:
        """What the ledger knows of these arrivals and of whom they may belong to.

        Args:
            batch: The open batch.
            arrivals: What is to be looked at.
            keys: Other records that they name.
        """
        pairing = self._world.pairing
        if pairing is None or all(pairing.other(each.connection) is None for each in arrivals):
            return None
        connections = self._world.connections
        routed = {
            name: frozenset(str(object_) for object_ in connections[name].config.objects)
            for name in pairing.connections
        }
        addresses = dict(_addressed(arrivals, pairing, self.secret))
        wanted = {*keys, *(each.key for each in arrivals)}
        for each in arrivals:
            wanted.update(named_elsewhere(each, pairing, routed))
        records = batch.records(wanted)
        bearers = batch.bearers(addresses.values())
        known = [*records.values(), *(each for several in bearers.values() for each in several)]
        leads = {each.lead for each in known}
        return Search(
            pairing=pairing,
            routed=routed,
            addresses=addresses,
            crowded=_crowded(arrivals, addresses),
            bearers=bearers,
            records=records,
            paired=batch.paired(leads),
            leads=batch.leads(leads),
        )


def named_elsewhere(
    arrival: Arrival, pairing: Pairing, routed: Mapping[str, frozenset[str]]
) -> tuple[RecordKey, ...]:
    """Routed records of the other CRM that a record's CRM names as its partner."""
    other = pairing.other(arrival.connection)
    return tuple(
        RecordKey(other, object_, crm_id)
        for object_, crm_id in sorted(arrival.seen.same_as.items())
        if other is not None and object_ in routed[other]
    )


def _addressed(
    arrivals: Iterable[Arrival], pairing: Pairing, secret: bytes
) -> Iterable[tuple[int, bytes]]:
    for each in arrivals:
        key = None
        if pairing.other(each.connection) is not None:
            key = key_of(each.seen.email, secret)
        if key is not None:
            yield each.seq, key


def _crowded(
    arrivals: Iterable[Arrival], addresses: Mapping[int, bytes]
) -> frozenset[tuple[str, bytes]]:
    keys = {
        (each.connection, addresses[each.seq], each.key)
        for each in arrivals
        if each.seq in addresses and not each.seen.deleted
    }
    counted = Counter((connection, address) for connection, address, _ in keys)
    return frozenset(place for place, records in counted.items() if records > 1)


def _tied(mine: Paired | None, theirs: Paired | None, partner: Partner) -> Paired:
    """Everybody's records together, with the tie as it is from now on."""
    both = [each for each in (mine, theirs) if each is not None]
    ties = {record: because for each in both for record, because in each.ties.items()}
    if partner.known is not None and ties.get(partner.known.id) is not Because.NATIVE:
        ties[partner.known.id] = partner.because
    return Paired(
        records=tuple(record for each in both for record in each.records),
        ties=ties,
        owners={record: last for each in both for record, last in each.owners.items()},
        owed=tuple(owed for each in both for owed in each.owed),
    )
