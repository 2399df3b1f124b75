"""Transaction 2 of a lead's path: what was decided, with everything that must hold with it.

A batch is one transaction for many leads. Each lead's rows are gathered in memory and join the
batch when its block ends well; a lead that fails leaves nothing, and its caller records the
fallback instead. Should the database refuse the rows of a batch, they are written again lead by
lead, each under a savepoint, up to the one it refuses.

    with ledger.decider.batch(token=token, at=now) as batch:
        known = batch.records(keys)
        for each in arrivals:
            with batch.lead(lead_id) as lead:
                lead.seen(...)
                lead.open(occasion)
                lead.decided(...)
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError, StatementError

from models.governance.requests import Answer, finished
from models.journal.entries import Entry
from models.leads import known
from models.leads.addresses import bearers_of
from models.leads.at_hand import Claimed
from models.leads.known import KnownLead, KnownRecord, Lane, RecordKey
from models.leads.last_versions import LastSeen, lanes_of, last_seen_of, occasions_of
from models.leads.lead_writer import LeadWriter, noted
from models.leads.pairs import Doubt, First, Paired, doubts_of, first_of, paired_of
from models.leads.settlement import PATIENCE, Finished, Retries, settle
from models.leads.turns import Credit, credited
from models.store.errors import BatchCutShort
from models.store.ids import InternalIds
from models.store.postgres import pipelined
from models.store.transactions import Store
from models.store.writes import Writes
from models.tables import InboxRow
from models.tables.stored import unpack_record
from routing.facts import EffectResult, Occasion, RecordSeen

_inbox = InboxRow.__table__.c
_PENDING = (
    select(_inbox.seq, _inbox.connection, _inbox.body, _inbox.read_at, _inbox.fact_hash)
    .add_columns(_inbox.taken_at, _inbox.lane)
    .where(_inbox.done_at.is_(None))
    .order_by(_inbox.seq)
)

#: What the database says when a row itself is at fault, not the database.
_ROW_AT_FAULT = (StatementError, ValueError, TypeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A version of a record that waits in the inbox."""

    seq: int
    connection: str
    seen: RecordSeen
    fact_hash: bytes
    taken_at: datetime
    lane: Lane = Lane.INTERACTIVE

    @property
    def key(self) -> RecordKey:
        """Where the record is found."""
        return RecordKey(self.connection, self.seen.object, self.seen.id)


class Decider:
    """Reads what is to be decided and writes what was."""

    def __init__(self, store: Store, ids: InternalIds) -> None:
        self._store = store
        self._ids = ids

    def pending(
        self,
        limit: int = 200,
        *,
        lane: Lane = Lane.INTERACTIVE,
        connections: Collection[str] | None = None,
    ) -> tuple[Arrival, ...]:
        """What nobody has looked at yet in a lane, in the order in which it arrived.

        Args:
            limit: So many at most.
            lane: Which one. An index holds each lane's rows in order; to ask for both at once
                reads every row that was ever done.
            connections: Only of these; None: of all.
        """
        query = _PENDING.where(_inbox.lane == lane).limit(limit)
        if connections is not None:
            query = query.where(_inbox.connection.in_(sorted(connections)))
        with self._store.read() as connection:
            return tuple(
                Arrival(
                    seq=row.seq,
                    connection=row.connection,
                    seen=unpack_record(row.body, row.read_at),
                    fact_hash=row.fact_hash,
                    taken_at=row.taken_at,
                    lane=Lane(row.lane),
                )
                for row in connection.execute(query)
            )

    @contextmanager
    def batch(self, *, token: int, at: datetime) -> Iterator["Batch"]:
        """One transaction for many leads; all of it is stored when the block ends, or nothing.

        Raises:
            Fenced: Another process holds the lease; nothing was written.
            BatchCutShort: A lead's rows were refused; those before it are stored.
            LedgerUnavailable: The database broke off; nothing was written.
        """
        with self._store.write(token) as connection:
            batch = Batch(connection, self._ids, at)
            yield batch
            cut = batch.flush()
        if cut is not None:
            raise cut from cut.cause


class Batch:
    """An open batch. Reads see what was stored before it began, not what it has gathered."""

    def __init__(self, connection: Connection, ids: InternalIds, at: datetime) -> None:
        self._connection = connection
        self._ids = ids
        self._at = at
        self._leads: list[tuple[str, Writes]] = []
        self._rest = Writes()

    def records(self, keys: Iterable[RecordKey]) -> dict[RecordKey, KnownRecord]:
        """The records among these that the ledger knows."""
        return known.records_of(self._connection, keys)

    def leads(self, ids: Iterable[str]) -> dict[str, KnownLead]:
        """These leads, with all that their next decision may depend on."""
        return known.leads_of(self._connection, ids)

    def records_of(self, leads: Iterable[str]) -> dict[str, list[KnownRecord]]:
        """All records of each of these leads, oldest first."""
        return known.records_of_leads(self._connection, leads)

    def occasions(self, ids: Iterable[str]) -> dict[str, Occasion]:
        """These occasions."""
        return occasions_of(self._connection, ids)

    def lanes(self, occasions: Iterable[str]) -> dict[str, Lane]:
        """The lane of each of these occasions."""
        return lanes_of(self._connection, occasions)

    def last_seen(self, leads: Iterable[str]) -> dict[str, LastSeen]:
        """What the record that carries each of these leads said last."""
        return last_seen_of(self._connection, leads)

    def bearers(self, keys: Iterable[bytes]) -> dict[bytes, list[KnownRecord]]:
        """Records that bear these addresses, in all connections."""
        return bearers_of(self._connection, keys)

    def paired(self, leads: Iterable[str]) -> dict[str, Paired]:
        """All records of each of these leads, and what ties those of two connections."""
        return paired_of(self._connection, leads)

    def first(self, decision: str) -> First | None:
        """The effect that a decision's assignment hangs on."""
        return first_of(self._connection, decision)

    def doubts(self, records: Iterable[str]) -> dict[str, Doubt]:
        """What is in doubt about these records."""
        return doubts_of(self._connection, records)

    def settle(
        self, results: Sequence[tuple[Claimed, EffectResult]], *, retries: Retries = PATIENCE
    ) -> tuple[Finished, ...]:
        """Transaction 4 together with what follows from it; see `Outbox.finish`.

        Written at once, so that the batch's reads see it.
        """
        return settle(self._connection, results, at=self._at, retries=retries)

    @contextmanager
    def lead(self, lead: str) -> Iterator[LeadWriter]:
        """Gather one lead's rows; they join the batch unless the block raises."""
        writes = Writes()
        yield LeadWriter(lead, writes, ids=self._ids, at=self._at)
        self._leads.append((lead, writes))

    def journal(self, entry: Entry) -> None:
        """Enter an act that is about no single lead."""
        noted(self._rest, entry, self._at)

    def credited(self, credit: Credit) -> None:
        """Move a rep's claim in a pool by hand."""
        credited(self._rest, credit, self._at)

    def answered(self, request: str, answer: Answer) -> None:
        """An operator's request was done or refused, with this batch."""
        finished(self._rest, request, answer=answer, at=self._at)

    def flush(self) -> BatchCutShort | None:
        """Write everything that was gathered; what cut it short, if anything did."""
        everything = Writes()
        for _, writes in self._leads:
            everything.absorb(writes)
        everything.absorb(self._rest)
        if self._stored(everything) is None:
            return None
        return self._replay()

    def _replay(self) -> BatchCutShort | None:
        for place, (lead, writes) in enumerate(self._leads):
            refusal = self._stored(writes)
            if refusal is not None:
                undone = tuple(each for each, _ in self._leads[place + 1 :])
                return BatchCutShort(lead, refusal, undone=undone)
        refusal = self._stored(self._rest)
        if refusal is not None:
            raise refusal
        return None

    def _at_once(self) -> AbstractContextManager[None]:
        is_sqlite = self._connection.dialect.name == "sqlite"
        return nullcontext() if is_sqlite else pipelined(self._connection)

    def _stored(self, writes: Writes) -> Exception | None:
        try:
            with self._connection.begin_nested(), self._at_once():
                writes.flush(self._connection)
        except OperationalError:
            raise  # the database's trouble, not a row's
        except _ROW_AT_FAULT as error:
            return error
        return None
