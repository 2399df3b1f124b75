"""Which records are one person: what a lead was converted to, and the winner of a merge.

A record that nobody has looked at is known from then on, and is no first sight when it comes. After
a conversion it does not carry the lead, because a human works on it; after a merge it does, because
the loser is gone. One that is known already joins the person. Both are entered in the journal.

An e-mail address joins nobody: two records that share one, and that the CRM does not tie together,
are two persons.
"""

from collections.abc import Mapping, Sequence

from daemon.leads.person.observation import Look, Tie
from models.decisions.decider import Arrival
from models.journal.entries import Entry, EntryKind
from models.leads.acts import Sighting
from models.leads.known import KnownRecord, RecordKey
from models.leads.lead_writer import LeadWriter
from models.store.ids import InternalIds
from routing.facts import RecordSeen

CONVERTED = "converted_to"
MERGED = "merged_into"

Named = tuple[tuple[RecordKey, str], ...]


def named_by(arrival: Arrival, routed: frozenset[str]) -> Named:
    """Routed records that this one names as its own person's, and how."""
    seen, connection = arrival.seen, arrival.connection
    named = [
        (RecordKey(connection, object_, crm_id), CONVERTED)
        for object_, crm_id in sorted(seen.converted_to.items())
        if object_ in routed
    ]
    if seen.merged_into is not None:
        named.append((RecordKey(connection, seen.object, seen.merged_into), MERGED))
    return tuple((key, because) for key, because in named if key != arrival.key)


def in_order(arrivals: Sequence[Arrival], named: Mapping[int, Named]) -> Sequence[Arrival]:
    """Arrivals that may be looked at now: a record comes after the one that names it.

    What is left out stays in the inbox, for the batch that follows.
    """
    later = {key for several in named.values() for key, _ in several}
    return [each for each in arrivals if each.key not in later] or arrivals[:1]


def ties_of(named: Named, records: Mapping[RecordKey, KnownRecord]) -> tuple[Tie, ...]:
    """What is named, with what the ledger knows of it."""
    return tuple(Tie(key, because, records.get(key)) for key, because in named)


def tie_records(look: Look, writer: LeadWriter, ids: InternalIds) -> None:
    """Make the records that this one names this person's."""
    for tie in look.ties:
        if tie.known is None:
            record, other = ids.new("c"), None
            writer.seen(_unseen(look, tie, record))
        elif tie.known.person != look.person:
            record, other = tie.known.id, tie.known.person
            writer.joined(look.person, other)
        else:
            continue
        about = {"person": look.person, "joined": other, "record": record, "why": tie.because}
        writer.journal(Entry(EntryKind.PERSON_JOINED, look.lead, {**about}))


def _unseen(look: Look, tie: Tie, record: str) -> Sighting:
    """A record that is known by its id alone."""
    seen, before = look.arrival.seen, look.before
    carries = tie.because == MERGED and look.carries
    blank = RecordSeen(
        object=tie.key.object,
        id=tie.key.crm_id,
        version="",
        fields={},
        owner=None,
        created_at=seen.created_at,
        modified_at=seen.modified_at,
        modified_by=None,
        read_at=seen.read_at,
    )
    return Sighting(
        connection=look.connection.name,
        seen=blank,
        fact_hash=b"",
        record=record,
        person=look.person,
        owner_rep=None,
        holder=None,
        carries=carries,
        passed_over=look.passed_over,
        first_seen_at=None if before is None else before.first_seen_at,
    )
