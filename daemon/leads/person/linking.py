"""Makes two CRMs' records one person: ties, doubts, a lead that ends, what the partner is owed.

Whatever follows from one arrival joins that arrival's rows. A partner that turns up after the
decision is owed the decision's owner and is no reason to route again; where the CRMs are synced
they have their time to bring it by themselves.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from daemon.base.events import Notes
from daemon.leads.person.changes import is_gone
from daemon.leads.person.observation import Look, forget, kept_holder
from daemon.leads.person.pair import is_free, is_over
from daemon.leads.person.partners import Found, InDoubt, Partner
from daemon.leads.person.split_owners import as_looked
from daemon.settings import Mode
from daemon.world.world import World
from models.decisions.decider import Batch
from models.journal.entries import Entry, EntryKind
from models.leads.acts import NewEffect, OwnerSeen, Sighting
from models.leads.known import KnownRecord, LastDecision
from models.leads.lead_writer import LeadWriter
from models.leads.pairs import Because, Doubt, First, Paired
from models.store.ids import InternalIds
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
        forget(kept.id, writer, world)
        world.observed(kept.id, before, after, is_given=bool(kept.assignments))


def falls_to(look: Look, world: World) -> bool:
    """Whether a lead is with whoever has this record: nobody has the one that carries it."""
    found, lead = look.found, look.before
    if found is None or found.paired is None or lead is None:
        return False
    carrier = next((each for each in found.paired.records if each.id == lead.record), None)
    if carrier is None or not lead.open or look.is_given:
        return False
    return is_free(carrier.owner, world.connections[carrier.key.connection], world)


class RecordLinking:
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
        """A decision owes its owner to a record of the person that it was made without."""
        if look.before is None:
            return
        given = [last for last in look.before.last.values() if last.stands and last.owner]
        for record in self._late(look) if given else ():
            for last in given:
                first = batch.first(last.id)
                if first is not None and first.state in _HOLDS:
                    self._owe(look, record, (last, first), writer, notes)

    def _late(self, look: Look) -> Iterator[KnownRecord]:
        """Records that nobody has, or that we gave when they were still another person's."""
        found = look.found
        if found is None or not (look.is_first or found.absorbed):
            return
        known = as_looked(found.paired or Paired(()), look, look.arrival.taken_at)
        for each in known.records:
            connection, came = (
                self._world.connections[each.key.connection],
                known.owners.get(each.id),
            )
            is_asked = found.absorbed is not None or each.id == look.record
            is_ours = found.absorbed is not None and came is not None and came.ours
            if not is_asked or connection.mode is not Mode.LIVE or is_over(each):
                continue
            if self._is_observed(each, found):
                continue
            if is_ours or is_free(each.owner, connection, self._world):
                yield each

    def _owe(
        self,
        look: Look,
        record: KnownRecord,
        made: tuple[LastDecision, First],
        writer: LeadWriter,
        notes: Notes,
    ) -> None:
        connection, kind = self._world.connections[record.key.connection], record.key.object
        last, first = made
        if first.connection == connection.name:
            return
        place = connection.holders.place_of(kind, owner=last.owner, queue=last.queue)
        if place.owner is None or place.owner == record.owner:
            problem = place.problem or "the queue is mapped to nobody"
            if place.owner is None:
                notes.event(
                    "pair_not_owed", lead=look.lead, connection=connection.name, problem=problem
                )
            return
        effect = NewEffect(
            kind=EffectKind.OWNER,
            connection=connection.name,
            object=kind,
            record=record.id,
            field=connection.owner_field(kind),
            expected=record.owner,
            value=place.owner,
            also={
                each.field: last.id
                for each in connection.config.mapped_back()
                if each.object == kind and each.fact == "decision"
            },
            not_before=self._patience(look.arrival.taken_at),
        )
        goes_first = (
            first.state != "confirmed" and self._world.connections[first.connection].may_write
        )
        after = first.effect if goes_first else None  # a pause holds up no other connection
        of = (last.id, look.arrival.lane)
        writer.pair.owed(of, effect, (self._ids.new("e"), after))
        connection.will_push(look.arrival.taken_at)
        notes.event("pair_owed", lead=look.lead, decision=last.id, connection=connection.name)

    def _patience(self, at: datetime) -> datetime:
        """In a synced pair the CRMs go first."""
        pairing = self._world.pairing
        return at if pairing is None else at + pairing.wait

    def _is_observed(self, record: KnownRecord, found: Found) -> bool:
        """Whether the sync brings owners to a record: it is not the one that assigns."""
        pairing = self._world.pairing
        if pairing is None or record.key.connection == pairing.assigns:
            return False
        return pairing.synced and found.is_linked(record.id)

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
        said = {
            "connection": look.connection.name,
            "why": doubt.why.value,
            "records": len(doubt.others),
        }
        notes.alert("pair_ambiguous", lead=look.lead, **said)

    def _observe(self, look: Look, writer: LeadWriter) -> None:
        """The owner of the other record: history, and whose work the lead is if nobody else's."""
        seen, holders, lead = look.arrival.seen, look.connection.holders, look.before
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
        if falls_to(look, self._world) and rep != look.was_owned_by:
            forget(look.lead, writer, self._world)
            writer.pair.held(rep, holder)
            self._world.observed(look.lead, look.was_owned_by, rep)
        elif not look.ours and not look.is_free:
            forget(look.lead, writer, self._world)
            self._world.observed(look.lead, None, None, is_given=look.is_given)
