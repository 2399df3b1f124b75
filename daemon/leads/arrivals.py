"""The decider: looks at what arrived, in order, and decides what is to be decided on sight.

A batch is one transaction. A lead that makes our own code fail is rolled back alone and goes to
the fallback; a row that the database refuses is treated so in the next round; a row that is
refused even then is put aside with an alert. Nothing stops the rows behind it.

A lead that turns up twice is looked at once per batch: what is read in a batch was stored before.
Interactive arrivals come before bulk ones (`lanes`); a version that was overtaken so by a later one
of the same record is put by. Connections whose people are not known yet keep theirs for later.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from daemon.base.events import Notes, Tell
from daemon.leads.following import after_look
from daemon.leads.occasions import Cases, is_no_news
from daemon.leads.person.changes import is_gone
from daemon.leads.person.linking import RecordLinking, absorb
from daemon.leads.person.named_records import Named, in_order, named_by, tie_records, ties_of
from daemon.leads.person.observation import UNDONE, Look, Remembered, look_at, take_sight
from daemon.leads.person.partners import Finder, Found, Search
from daemon.leads.priorities import Turn
from daemon.leads.recorder import DecisionRecorder
from daemon.world.world import World
from models.decisions.decider import Arrival, Batch, Decider
from models.leads.known import Lane, RecordKey
from models.leads.lead_writer import LeadWriter
from models.store.errors import BatchCutShort, LedgerError
from models.store.ids import InternalIds
from routing.engine import Made
from routing.facts import Cause
from routing.rulebook.model import Route

BATCHES: Final = {Lane.INTERACTIVE: 200, Lane.BULK: 100}
_STRIKES: Final = 2  #: a row is put aside after so many refusals of the database


class RowRefused(Exception):
    """The database refused what we wanted to store about this row of the inbox."""

    def __init__(self, inbox: int) -> None:
        super().__init__(f"The database refused the rows that follow from inbox row {inbox}.")


class ArrivalLoop:
    """Drains the inbox."""

    def __init__(
        self,
        world: World,
        decider: Decider,
        recorder: DecisionRecorder,
        ids: InternalIds,
        *,
        tell: Tell,
    ) -> None:
        self._world = world
        self._decider = decider
        self._recorder = recorder
        self._ids = ids
        self._tell = tell
        self._linking = RecordLinking(world, ids)
        self.partners = Finder(world)
        self._strikes: dict[int, int] = {}  #: row of the inbox -> refusals
        self._one_by_one = 0  #: rows still to be looked at alone, after a batch that broke
        self._turn = Turn()

    def tick(self, now: datetime, token: int) -> int:
        """Look at a batch; how many rows were taken off the inbox."""
        with self._world.lock:
            arrivals = self._pending()
            if not arrivals:
                return 0
            if self._one_by_one:
                self._one_by_one -= 1
                arrivals = arrivals[:1]
            return self._unbroken(arrivals, now, token)

    def _pending(self) -> Sequence[Arrival]:
        """A page of the first lane in which there is anything that may be decided."""
        primed = [
            name for name, connection in self._world.connections.items() if connection.is_primed
        ]
        for lane in self._turn.order():
            arrivals = self._decider.pending(BATCHES[lane], lane=lane, connections=primed)
            if arrivals:
                self._turn.served(lane)
                return arrivals
        return ()

    def _unbroken(self, arrivals: Sequence[Arrival], now: datetime, token: int) -> int:
        """A batch; one that breaks for no reason we know is taken apart, row by row."""
        try:
            return self._batch(arrivals, now, token)
        except LedgerError:
            raise
        except Exception as error:  # noqa: BLE001 - it would come again, and again
            inbox = arrivals[0].seq
            self._tell.alert("batch_failed", rows=len(arrivals), inbox=inbox, exc_info=error)
            if len(arrivals) > 1:
                self._one_by_one = len(arrivals)
            else:
                self._strikes[inbox] = self._strikes.get(inbox, 0) + 1
            return len(arrivals)

    def _batch(self, arrivals: Sequence[Arrival], now: datetime, token: int) -> int:
        notes = Notes(self._tell)
        looked: dict[str, int] = {}
        records = [(self._world.connections[each.connection], each.seen) for each in arrivals]
        with self._world.unless_it_fails(), self._recorder.having_accounts_of(records):
            try:
                with self._decider.batch(token=token, at=now) as batch:
                    for look in self._looks(batch, arrivals):
                        looked[look.lead] = look.arrival.seq
                        self._look(batch, look, now, notes)
            except BatchCutShort as cut:
                self._strike(looked, cut)
                self._world.reload(now)
                return len(looked) - len(cut.undone) - 1
        notes.publish()
        return len(looked)

    def _strike(self, looked: dict[str, int], cut: BatchCutShort) -> None:
        inbox = looked.get(cut.lead)
        if inbox is None:
            raise cut
        self._strikes[inbox] = self._strikes.get(inbox, 0) + 1
        self._tell.alert("row_refused", inbox=inbox, error=type(cut.cause).__name__)

    def _looks(self, batch: Batch, arrivals: Sequence[Arrival]) -> Iterable[Look]:
        """Arrivals with what was known of them, up to the first lead that comes twice."""
        named = {each.seq: self._named(each) for each in arrivals}
        keys = {key for several in named.values() for key, _ in several}
        search = self.partners.search(batch, arrivals, keys)
        if search is None:
            records = batch.records({each.key for each in arrivals} | keys)
            leads = batch.leads({record.lead for record in records.values()})
        else:
            records, leads = search.records, search.leads
        touched: set[str | bytes | RecordKey] = set()
        for arrival in in_order(arrivals, named):
            known, names = records.get(arrival.key), named[arrival.seq]
            subject = arrival.key if known is None else known.lead
            together: set[str | bytes | RecordKey] = {subject, *(key for key, _ in names)}
            lead = None if known is None else leads.get(known.lead)
            remembered = Remembered(known, lead, ties_of(names, records))
            if search is not None:
                remembered = _with_partner(search, arrival, remembered)
                together |= search.touches(arrival, remembered.found or Found())
            if not touched.isdisjoint(together):
                return
            touched |= together
            yield look_at(arrival, self._world, self._ids, remembered)

    def _named(self, arrival: Arrival) -> Named:
        objects = self._world.connections[arrival.connection].config.objects
        return named_by(arrival, frozenset(str(name) for name in objects))

    def _look(self, batch: Batch, look: Look, now: datetime, notes: Notes) -> None:
        """One lead under its own savepoint; our own mistakes end here."""
        struck = self._strikes.get(look.arrival.seq, 0)
        error = (
            RowRefused(look.arrival.seq)
            if struck
            else self._try(
                batch, look, notes, lambda writer: self._take(batch, look, writer, now, notes)
            )
        )
        if error is None:
            return
        if struck < _STRIKES:
            again = self._try(
                batch, look, notes, lambda writer: self._give_up(look, writer, error, now, notes)
            )
            if again is None:
                return
        with batch.lead(look.lead) as writer:
            writer.looked_at(look.arrival.seq, None)
        notes.alert("record_put_aside", inbox=look.arrival.seq, connection=look.connection.name)

    def _try(
        self, batch: Batch, look: Look, notes: Notes, act: Callable[[LeadWriter], None]
    ) -> Exception | None:
        """Do something with a lead, wholly or not at all; what went wrong, if anything did."""
        kept, mark = self._world.snapshot(), notes.mark()
        try:
            with batch.lead(look.lead) as writer:
                act(writer)
        except LedgerError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever our own code may raise
            self._world.back_to(kept)
            notes.back_to(mark)
            return error
        return None

    def _take(
        self, batch: Batch, look: Look, writer: LeadWriter, now: datetime, notes: Notes
    ) -> None:
        if not look.is_new:
            writer.looked_at(look.arrival.seq, look.record)
            return
        if look.found is not None:
            absorb(look.found, writer, self._world)
        take_sight(look, writer, self._world)
        tie_records(look, writer, self._ids)
        self._linking.keep(look, writer, batch, notes)
        cases = Cases(self._world, self._ids, batch, now)
        if self._follow(cases, look, writer, notes):
            return
        self._linking.owe(look, writer, batch, notes)
        if not look.carries:
            self._released_elsewhere(cases, look, writer, notes)
        elif look.passed_over is None:
            self._ask(cases, look, writer, notes)
        elif look.passed_over == UNDONE and look.change.owner:
            notes.alert("lead_left_alone", lead=look.lead, connection=look.connection.name)

    def _follow(self, cases: Cases, look: Look, writer: LeadWriter, notes: Notes) -> bool:
        """Whoever took one record of a person gets what we gave of them to somebody else."""
        following = after_look(look, cases, self._world)
        return following is not None and following.keep(self._recorder, cases.at, writer, notes)

    def _open_routes(self, look: Look) -> Iterable[Route]:
        """Routes that may be asked: none of a gone lead, none whose last write is under way."""
        if is_gone(look.arrival.seen) or not look.carries:
            return
        for route in self._world.guide.book.routes:
            is_assigned = look.before is not None and route.name in look.before.assignments
            if is_assigned or look.pair.is_under_way:
                self._world.look_again.add(look.lead)
            else:
                yield route

    def _ask(self, cases: Cases, look: Look, writer: LeadWriter, notes: Notes) -> None:
        """Ask the routes in their order, until the lead is the business of one."""
        for route in self._open_routes(look):
            if self._route(cases, look, route, writer, notes):
                return

    def _route(
        self, cases: Cases, look: Look, route: Route, writer: LeadWriter, notes: Notes
    ) -> bool:
        """Ask one route; whether the lead is its business."""
        case = cases.of_look(look, route)
        if case is None:
            return False
        made = self._recorder.ask(case, cases.at)
        if not isinstance(made, Made):
            return False
        waiting = self._world.router(look.connection).state.waits.get(look.lead)
        if look.before is None or look.is_unplaced or not is_no_news(made, look.before, waiting):
            self._recorder.keep(case, made, writer, notes)
        return True

    def _released_elsewhere(
        self, cases: Cases, look: Look, writer: LeadWriter, notes: Notes
    ) -> None:
        """Nobody holds the person in the other CRM any more: the lead may be free now."""
        known = look.before
        is_freed = look.change.owner and look.is_free
        if not is_freed or known is None or known.passed_over is not None or known.assignments:
            return
        found = cases.known([known.id]).get(known.id)
        if found is None or not found[0].open:
            return
        for route in self._world.guide.book.routes:
            case = cases.following(*found, route=route.name, cause=Cause.RELEASED)
            case = replace(case, pair=look.pair, before=None)
            made = self._recorder.ask(case, cases.at)
            if isinstance(made, Made):
                self._recorder.keep(case, made, writer, notes)
                return

    def _give_up(
        self, look: Look, writer: LeadWriter, error: Exception, now: datetime, notes: Notes
    ) -> None:
        """The fallback, where the lead is routable at all."""
        if look.found is not None:
            absorb(look.found, writer, self._world)
        take_sight(look, writer, self._world)
        route = next(iter(self._open_routes(look)), None)
        if route is None or look.passed_over is not None:
            notes.alert("lead_failed", lead=look.lead, error=type(error).__name__)
            return
        case = Cases(self._world, self._ids, None, now).after_failure(look, route)
        self._recorder.give_up(case, error, now, writer, notes)


def _with_partner(search: Search, arrival: Arrival, before: Remembered) -> Remembered:
    """What the ledger knows of the person in both CRMs, the lead as it is from now on."""
    found = search.found(arrival)
    known, lead = before.record, found.lead
    if known is not None and lead is not None:
        known = replace(known, lead=lead.id, person=lead.person)
    return Remembered(known, lead, before.ties, found)
