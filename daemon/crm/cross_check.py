"""Right before a write: does somebody have the person in the other CRM by now?

A decision saw both records of its person, but it leaves a quarantine later, and a sync brings what
we write over whoever took the other record meanwhile: the latest owner wins there. So the other
CRM is asked who has it, a page at once. Whoever the ledger does not know of yet is waited for; once
it does, the write is a conflict, as if they had taken the record itself: unless an earlier attempt
landed, which this CRM is asked.

A CRM that does not answer is left alone for a while and holds nobody up: then the ledger alone is
asked. What an operator ordered is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from sys import maxsize
from typing import Final, NamedTuple

from connectors.errors import ConnectorError
from connectors.port import OwnerSeen
from daemon.base.events import Tell
from daemon.leads.person.pair import Carrier, is_over, pair_of
from daemon.settings import Mode
from daemon.world.connections.connection import Connection
from daemon.world.world import World
from models.leads.at_hand import Claimed
from models.leads.known import RecordKey
from models.leads.pairs import LastOwner, Paired, Pairs
from routing.facts import Applied, EffectKind, EffectResult, KnownBy
from routing.life.evidence import Signs, who_set
from routing.life.register import Register, newer_of

CODE: Final = "HELD_ELSEWHERE"
_AGAIN_S: Final = 2.0
_LEFT_ALONE: Final = timedelta(minutes=1)  #: a CRM that did not say who has its records

Results = list[tuple[Claimed, EffectResult]]


class Shared(NamedTuple):
    """A write for a person with records in both CRMs."""

    claimed: Claimed
    paired: Paired


class CrossCheck:
    """Asks the other CRM of a pair before a page is written into this one."""

    def __init__(self, world: World, pairs: Pairs, tell: Tell) -> None:
        self._world = world
        self._pairs = pairs
        self._tell = tell
        self._left_alone: dict[str, datetime] = {}  #: by connection, until when

    def shared(self, connection: Connection, claimed: Sequence[Claimed]) -> list[Shared]:
        """Those of a page that the other CRM has a say in."""
        pairing = self._world.pairing
        other = None if pairing is None else pairing.other(connection.name)
        if other is None or self._world.connections[other].mode is Mode.OFF:
            return []
        owners = [each for each in claimed if each.effect.kind is EffectKind.OWNER]
        paired = self._pairs.among(each.lead for each in owners)
        asked = [each for each in owners if each.lead in paired]
        ordered = self._pairs.ordered(each.decision for each in asked)
        return [Shared(one, paired[one.lead]) for one in asked if one.decision not in ordered]

    def held(self, connection: Connection, shared: Sequence[Shared], now: datetime) -> Results:
        """What must not be written, and why."""
        pairing = self._world.pairing
        other = None if pairing is None else pairing.other(connection.name)
        if other is None or not shared:
            return []
        seen = self._seen(self._world.connections[other], [one.paired for one in shared], now)
        with self._world.lock:
            judged = [(each.claimed, self._judged(each, connection, seen, now)) for each in shared]
        return [
            (claimed, self._as_landed(connection, claimed, result))
            for claimed, result in judged
            if result is not None
        ]

    def _as_landed(
        self, connection: Connection, claimed: Claimed, result: EffectResult
    ) -> EffectResult:
        """What is not to be written may have been written before, and nobody heard the answer."""
        if claimed.attempts == 1 or result.applied is not Applied.CONFLICT:
            return result
        effect = claimed.effect
        try:
            found = connection.connector.owners_of([effect.record], object=effect.object)
        except ConnectorError as error:
            return replace(result, applied=Applied.LATER, after_s=_AGAIN_S, detail=str(error))
        there = found.get(effect.record)
        has_landed = there is not None and not there.deleted and there.owner == effect.value
        if there is None or not has_landed:
            return result
        return replace(
            result,
            applied=Applied.ALREADY,
            owner=there.owner,
            version_at=there.modified_at,
            code=None,
            by_us=there.may_be_us,
        )

    def _judged(
        self,
        shared: Shared,
        connection: Connection,
        seen: Mapping[RecordKey, OwnerSeen],
        now: datetime,
    ) -> EffectResult | None:
        claimed, paired = shared
        carrier = Carrier(claimed.record, claimed.connection)
        wanted = connection.holders.rep(claimed.effect.value)
        known = pair_of(paired, carrier, self._world).held_by
        if known is not None and known != wanted:
            return _result(claimed, Applied.CONFLICT, now, known)
        found = pair_of(_as_seen(paired, seen), carrier, self._world).held_by
        if found is not None and found not in (wanted, known):
            return _result(claimed, Applied.LATER, now, found)
        return None

    def _seen(
        self, other: Connection, paired: Iterable[Paired], now: datetime
    ) -> dict[RecordKey, OwnerSeen]:
        """Who has the partners now; nobody is named where the other CRM does not answer."""
        if not other.reads.may_run(now) or now < self._left_alone.get(other.name, now):
            return {}
        wanted: dict[str, set[str]] = {}
        for record in (each for one in paired for each in one.records):
            if record.key.connection == other.name and record.version and not is_over(record):
                wanted.setdefault(record.key.object, set()).add(record.key.crm_id)
        seen: dict[RecordKey, OwnerSeen] = {}
        try:
            for kind, ids in sorted(wanted.items()):
                for id, owner in other.connector.owners_of(sorted(ids), object=kind).items():
                    seen[RecordKey(other.name, kind, id)] = owner
        except ConnectorError as error:
            self._left_alone[other.name] = now + _LEFT_ALONE
            self._tell.event("partners_not_seen", connection=other.name, problem=str(error))
        return seen


def _as_seen(paired: Paired, seen: Mapping[RecordKey, OwnerSeen]) -> Paired:
    """The pair as its other CRM has it now."""
    changed: dict[str, Register] = {}
    for record in paired.records:
        now = seen.get(record.key)
        read = None if now is None else _as_read(now)
        if read is not None and read.owner != record.owner:
            changed[record.id] = newer_of(record.register, read)
    records = [
        replace(each, register=changed.get(each.id, each.register)) for each in paired.records
    ]
    came = {
        id: LastOwner(maxsize, read.set_by.is_ours, read.read_at) for id, read in changed.items()
    }
    return replace(paired, records=tuple(records), owners={**paired.owners, **came})


def _as_read(now: OwnerSeen) -> Register | None:
    """Who has a record now; None where it is no open work. Whatever our key wrote has left."""
    if now.deleted or now.converted or now.modified_at is None:
        return None
    signs = Signs(
        given=now.by_us,
        left=now.by_us,
        by_our_key=now.by_us,
        by_somebody=now.modified_by is not None,
    )
    return Register(now.owner or None, now.modified_at, now.read_at, KnownBy.READ, who_set(signs))


def _result(claimed: Claimed, applied: Applied, now: datetime, holder: str) -> EffectResult:
    return EffectResult(
        claimed.effect.id,
        applied,
        now,
        owner=claimed.effect.expected,
        code=CODE,
        detail=f"{holder} has this person in the other CRM",
        after_s=_AGAIN_S if applied is Applied.LATER else 0.0,
    )
