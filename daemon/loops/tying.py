"""Makes two CRMs' records one person: ties, doubts, a lead that ends, what the partner is owed.

Whatever follows from one arrival joins that arrival's rows. A partner that turns up after the
decision is owed the decision's owner and is no reason to route again; where the CRMs are synced
they have their time to bring it by themselves.
"""

from datetime import datetime
from typing import Final

from daemon.loops.end import World
from daemon.loops.notes import Notes
from daemon.loops.observing import is_gone
from daemon.loops.pairs import is_free
from daemon.loops.partners import Found, InDoubt, Partner
from daemon.loops.sighting import Look, kept_holder
from daemon.settings import Mode
from models.acts import NewEffect, OwnerSeen, Sighting
from models.decider import Batch
from models.ids import InternalIds
from models.journal import Entry, EntryKind
from models.known import LastDecision
from models.lead_writer import LeadWriter
from models.pairs import Because, Doubt
from routing.facts import EffectKind, RecordSeen

_HOLDS: Final = ("pending", "sent", "confirmed")  #: a write that still stands, or may


def absorb(found: Found, writer: LeadWriter, world: World) -> None:
    """Two leads turned out to be one person's: the one ends, and nobody is routed again."""
    kept, ended, lead, partner = found.kept, found.absorbed, found.lead, found.partner
    if kept is None or ended is None or lead is None or partner is None:
        return
    writer.joined(kept.person, ended.person)
    writer.pair.absorbed(ended, because=partner.because)
    world.companies.remove(ended.id)
    world.gone(ended.id, ended.owner_rep if ended.open else None)
    if lead.record == kept.record:
        return
    writer.pair.carried(ended)
    before, after = (each.owner_rep if each.open else None for each in (kept, lead))
    if before != after or not lead.open:
        given = any(each.rep for each in kept.assignments.values())
        writer.forget()
        world.observed(kept.id, before, after, is_given=given)


class Tying:
    """Writes what one look found out about a pair."""

    def __init__(self, world: World, ids: InternalIds) -> None:
        self._world = world
        self._ids = ids

    def keep(self, look: Look, writer: LeadWriter, batch: Batch, notes: Notes) -> None:
        """Address, tie or doubt, and the owner of a record that does not carry the lead."""
        found = look.found
        if found is None:
            return
        writer.pair.addressed(look.record, found.address)
        if found.partner is not None:
            self._tie(look, found.partner, writer)
        if found.doubt is not None:
            self._doubt(look, found.doubt, batch, writer, notes)
        if not look.carries:
            self._observe(look, writer)

    def owe(self, look: Look, writer: LeadWriter, batch: Batch, notes: Notes) -> None:
        """A partner that nobody has is owed the owner of a decision that was made without it."""
        end, seen, found = look.end, look.arrival.seen, look.found
        if found is None or look.before is None or not (look.is_first or found.absorbed):
            return
        if end.mode is not Mode.LIVE or is_gone(seen) or self._is_observed(look):
            return
        if not look.is_free:
            return
        for last in look.before.last.values():
            if last.stands and last.owner is not None:
                self._owe(look, last, writer, batch, notes)

    def _owe(
        self, look: Look, last: LastDecision, writer: LeadWriter, batch: Batch, notes: Notes
    ) -> None:
        end, seen = look.end, look.arrival.seen
        first = batch.first(last.id)
        if first is None or first.connection == end.name or first.state not in _HOLDS:
            return
        place = end.holders.place_of(seen.object, owner=last.owner, queue=last.queue)
        if place.owner is None or place.owner == seen.owner:
            problem = place.problem or "the queue is mapped to nobody"
            if place.owner is None:
                notes.event("pair_not_owed", lead=look.lead, connection=end.name, problem=problem)
            return
        effect = NewEffect(
            kind=EffectKind.OWNER,
            connection=end.name,
            object=seen.object,
            record=look.record,
            field=end.owner_field(seen.object),
            expected=seen.owner,
            value=place.owner,
            also={
                each.field: last.id
                for each in end.told.mapped_back()
                if each.object == seen.object and each.fact == "decision"
            },
            not_before=self._patience(look.arrival.taken_at),
        )
        goes_first = first.state != "confirmed" and self._world.ends[first.connection].may_write
        after = first.effect if goes_first else None  # a pause holds up no other connection
        of = (last.id, look.arrival.lane)
        writer.pair.owed(of, effect, (self._ids.new("e"), after))
        end.will_push(look.arrival.taken_at)
        notes.event("pair_owed", lead=look.lead, decision=last.id, connection=end.name)

    def _patience(self, at: datetime) -> datetime:
        """In a synced pair the CRMs go first."""
        pairing = self._world.pairing
        return at if pairing is None else at + pairing.wait

    def _is_observed(self, look: Look) -> bool:
        """Whether the sync brings owners to this record: it is not the one that assigns."""
        pairing, found = self._world.pairing, look.found
        if pairing is None or found is None or look.end.name == pairing.assigns:
            return False
        return pairing.synced and found.is_linked(look.record)

    def _tie(self, look: Look, partner: Partner, writer: LeadWriter) -> None:
        pairing, other = self._world.pairing, partner.known
        record = self._blank(look, partner, writer) if other is None else other.id
        writer.pair.tied(look.record, record, partner.because)
        if pairing is not None and pairing.synced and partner.because is Because.NATIVE:
            owed = (each for each in look.pair.owed if each.connection != pairing.assigns)
            writer.pair.withdrawn(each.effect for each in owed if not each.sent)
        if partner.is_news:
            about = {"person": look.person, "record": record, "why": partner.because.value}
            writer.journal(Entry(EntryKind.PERSON_JOINED, look.lead, {**about, "joined": None}))

    def _blank(self, look: Look, partner: Partner, writer: LeadWriter) -> str:
        """The partner is known by its id alone, and is no first sight when it comes."""
        seen, record = look.arrival.seen, self._ids.new("c")
        blank = RecordSeen(
            object=partner.key.object,
            id=partner.key.crm_id,
            version="",
            fields={},
            owner=None,
            created_at=seen.created_at,
            modified_at=seen.modified_at,
            modified_by=None,
            read_at=seen.read_at,
        )
        writer.seen(
            Sighting(
                connection=partner.key.connection,
                seen=blank,
                fact_hash=b"",
                record=record,
                person=look.person,
                owner_rep=None,
                holder=None,
                carries=False,
            )
        )
        return record

    def _doubt(
        self, look: Look, doubt: InDoubt, batch: Batch, writer: LeadWriter, notes: Notes
    ) -> None:
        """Reported once, and again when it is another doubt."""
        new = Doubt(look.record, doubt.why, doubt.others)
        if batch.doubts([look.record]).get(look.record) == new:
            return
        writer.pair.doubted(new)
        said = {"connection": look.end.name, "why": doubt.why.value, "records": len(doubt.others)}
        notes.alert("pair_ambiguous", lead=look.lead, **said)

    def _observe(self, look: Look, writer: LeadWriter) -> None:
        """The owner of the other record: history, and whose work the lead is if nobody else's."""
        seen, holders, lead = look.arrival.seen, look.end.holders, look.before
        is_news = look.change.owner or (look.change.first and seen.owner)
        if is_gone(seen) or lead is None or not is_news:
            return
        rep, holder = holders.rep(seen.owner), kept_holder(holders, seen.owner)
        writer.pair.owner_seen(
            OwnerSeen(
                record=look.record,
                before=None if look.known is None else look.known.owner,
                owner=seen.owner,
                rep=rep,
                holder=holder,
                changed_at=seen.modified_at,
                changed_by=seen.modified_by,
                ours=look.ours,
            )
        )
        is_theirs = lead.open and not look.is_given and self._is_carrier_free(look)
        if is_theirs and rep != look.was_owned_by:
            writer.forget()
            writer.pair.held(rep, holder)
            self._world.observed(look.lead, look.was_owned_by, rep)
        elif not look.ours and not look.is_free:
            writer.forget()
            self._world.observed(look.lead, None, None)

    def _is_carrier_free(self, look: Look) -> bool:
        """Whether nobody has the record that carries the lead."""
        found, before = look.found, look.before
        if found is None or found.paired is None or before is None:
            return False
        carrier = next((r for r in found.paired.records if r.id == before.record), None)
        if carrier is None:
            return False
        return is_free(carrier.owner, self._world.ends[carrier.key.connection], self._world)
