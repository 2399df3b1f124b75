"""A version of a record beside what the ledger holds of it: is it newer, and whose is it then?"""

from dataclasses import replace

from daemon.leads.person.changes import is_gone
from models.decisions.decider import Arrival
from models.leads.known import KnownRecord
from routing.facts import RecordSeen
from routing.life.register import Register, newer_of
from routing.life.versions import Version, is_overtaken


def register_seen(known: KnownRecord | None, seen: RecordSeen) -> Register:
    """Who owns the record now that this version is known; who set it stays with the owner."""
    before = None if known is None else known.register
    found = Register(seen.owner, version_at=seen.modified_at, read_at=seen.read_at)
    if before is not None and before.owner == seen.owner:
        found = replace(found, set_by=before.set_by, decision=before.decision)
    return newer_of(before, found)


def says_anything_new(arrival: Arrival, known: KnownRecord, register: Register) -> bool:
    """Whether a version tells of another record or another owner than the ledger knows."""
    if not known.version:
        return True
    is_other = known.fact_hash != arrival.fact_hash or known.owner != register.owner
    return is_other and not _is_overtaken(arrival, known)


def _is_overtaken(arrival: Arrival, known: KnownRecord) -> bool:
    """Whether a later version of the record was looked at before this one."""
    seen = arrival.seen
    if known.read_at is None or (seen.modified_at, seen.read_at) == (
        known.modified_at,
        known.read_at,
    ):
        return known.inbox is not None and known.inbox > arrival.seq
    found = Version(seen.modified_at, seen.read_at, is_gone(seen))
    return is_overtaken(
        found, Version(known.modified_at, known.read_at, known.deleted or known.converted)
    )
