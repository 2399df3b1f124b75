"""Leads that were put off: who has waited long enough, who can be taken now, who lost their rep.

A lead that again finds nobody is no decision: it keeps its place, and nothing is written. Leads
of a rep who became inactive are asked about once each; the route says whether it takes them.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from daemon.base.events import Notes, Tell
from daemon.leads.occasions import Cases, is_no_news
from daemon.leads.recorder import Case, DecisionRecorder
from daemon.world.router import Router
from daemon.world.world import World
from models.decisions.decider import Batch, Decider
from models.leads.known import KnownLead
from models.leads.last_versions import LastSeen
from models.store.errors import BatchCutShort
from models.store.ids import InternalIds
from models.store.statements import chunks
from routing.decision import WaitFor
from routing.engine import Made
from routing.facts import Cause
from routing.question import Question
from routing.state import OwnerObserved, Waiting, apply

BATCH: Final = 100  #: leads decided in one transaction
_LOOKED_AT: Final = 2_000  #: leads asked about in one round


class RecallLoop:
    """Looks again at leads that nobody reported a change of."""

    def __init__(
        self,
        world: World,
        decider: Decider,
        recorder: DecisionRecorder,
        ids: InternalIds,
        tell: Tell,
    ) -> None:
        self._world = world
        self._decider = decider
        self._recorder = recorder
        self._ids = ids
        self._tell = tell
        self._in_vain: dict[int, frozenset[str]] = {}  #: by book: asked before the rest was
        self._orphans: deque[tuple[str, bool]] = deque()  #: lead, and whether it may be known

    @property
    def has_orphans(self) -> bool:
        """Whether leads of somebody who left are still to be asked about."""
        return bool(self._orphans)

    def lost_their_rep(self, leads: Iterable[str], *, perhaps_asked: bool = False) -> None:
        """These leads' owner is inactive: ask about each of them once.

        Args:
            leads: Their ids.
            perhaps_asked: A process before may have asked; who was decided then is left alone.
        """
        self._orphans.extend((lead, perhaps_asked) for lead in leads)

    def tick(self, now: datetime, token: int) -> int:
        """Decide what can be decided; how many decisions were made."""
        made = 0
        with self._world.lock:
            for book, router in enumerate((self._world.live, self._world.shadow)):
                if router.due(now):
                    made += self._round(now, token, partial(_Round.due, router=router))
                if router.state.waits or router.state.recall:
                    made += self._round(now, token, partial(self._take, router=router, book=book))
            while self._orphans:
                leads = [self._orphans.popleft() for _ in range(min(BATCH, len(self._orphans)))]
                made += self._round(now, token, partial(_Round.orphans, leads=leads))
        return made

    def _take(self, found: "_Round", *, router: Router, book: int) -> None:
        """Whom nobody could take is not asked again before everybody behind them was."""
        self._in_vain[book] = found.takers(router, self._in_vain.get(book, frozenset()))

    def _round(self, now: datetime, token: int, act: Callable[["_Round"], None]) -> int:
        notes = Notes(self._tell)
        with self._world.unless_it_fails():
            try:
                with self._decider.batch(token=token, at=now) as batch:
                    cases = Cases(self._world, self._ids, batch, now)
                    found = _Round(self._world, self._recorder, batch, cases, notes)
                    act(found)
            except BatchCutShort as cut:
                self._tell.alert("row_refused", lead=cut.lead, error=type(cut.cause).__name__)
                self._world.reload(now)
                return 0
        notes.publish()
        return found.made


class Known:
    """Leads in an order, read from the ledger some at a time, from the one that is asked for.

    Args:
        cases: Reads them.
        in_order: Everybody who may be asked for.
        in_vain: Those among them who are left out this time.
    """

    def __init__(self, cases: Cases, in_order: Sequence[str], in_vain: Iterable[str]) -> None:
        self._cases = cases
        self._in_order = in_order
        self._places = {lead: place for place, lead in enumerate(in_order)}
        self._left = _LOOKED_AT
        self._found: dict[str, tuple[KnownLead, LastSeen]] = {}
        self.asked = set(in_vain)
        self.is_cut = False  #: more were asked for than are read in one round

    def lead(self, lead: str) -> tuple[KnownLead, LastSeen] | None:
        """A lead with its last version; None where it cannot be routed, or not in this round."""
        if lead not in self.asked and lead in self._places:
            if self._left > 0:
                self._read_from(self._places[lead])
            else:
                self.is_cut = True
        return self._found.get(lead)

    def _read_from(self, place: int) -> None:
        behind = self._in_order[place : place + BATCH]
        some = [lead for lead in behind if lead not in self.asked][: self._left]
        self._left -= len(some)
        self.asked.update(some)
        self._found |= self._cases.known(some)


class _Round:
    """One transaction's worth of leads."""

    def __init__(
        self, world: World, recorder: DecisionRecorder, batch: Batch, cases: Cases, notes: Notes
    ) -> None:
        self._world = world
        self._recorder = recorder
        self._batch = batch
        self._cases = cases
        self._notes = notes
        self._asked: dict[str, Case] = {}
        self.made = 0

    def due(self, router: Router) -> None:
        """Leads that have waited long enough."""
        for waiting in chunks(router.due(self._cases.at), BATCH):
            known = self._cases.known(each.lead for each in waiting)
            here = [
                each
                for each in waiting
                if each.lead in known and self._is_of(router, known[each.lead][0])
            ]
            if here:
                self._waited_enough(here, known, router)
                return

    def _is_of(self, router: Router, lead: KnownLead) -> bool:
        """Whether this book counts for the lead now: its connection may be in shadow meanwhile."""
        return self._world.router(self._world.connections[lead.connection]) is router

    def _waited_enough(
        self,
        waiting: Sequence[Waiting],
        known: Mapping[str, tuple[KnownLead, LastSeen]],
        router: Router,
    ) -> None:
        for each in waiting:
            case = self._waited(each.occasion, known[each.lead])
            made = None if case is None else self._recorder.ask(case, self._cases.at)
            if case is not None and isinstance(made, Made):
                if not is_no_news(made, known[each.lead][0], each):
                    self._keep(case, made)
            else:
                self._drop(each.lead, router)

    def takers(self, router: Router, in_vain: frozenset[str]) -> frozenset[str]:
        """Leads that somebody can take: those who wait first, then the recall list.

        Returns:
            Those who were asked in vain while others could not be: the next round begins behind.
        """
        in_order = [*router.state.waits, *(place.lead for place in router.state.recall_order())]
        known = Known(self._cases, in_order, in_vain)
        for made in router.takers(lambda lead: self._question(router, lead, known), self._cases.at):
            self._keep(self._asked[made.decision.lead], made)
            if self.made >= BATCH:
                break
        return frozenset() if self.made or not known.is_cut else frozenset(known.asked)

    def orphans(self, leads: Sequence[tuple[str, bool]]) -> None:
        """Leads whose owner left."""
        perhaps_asked = dict(leads)
        for lead, last in self._cases.known(perhaps_asked).values():
            if not lead.open or lead.passed_over is not None:
                continue
            if perhaps_asked[lead.id] and self._cases.was_taken_from(lead, lead.owner_rep):
                continue
            for route in self._world.guide.book.routes:
                if route.name in lead.assignments:
                    continue
                case = self._cases.following(lead, last, route=route.name, cause=Cause.OWNER_LEFT)
                made = self._recorder.ask(case, self._cases.at)
                if isinstance(made, Made):
                    self._keep(case, made)
                    break

    def _question(self, router: Router, lead: str, known: Known) -> Question | None:
        case = self._case(router, lead, known.lead(lead))
        if case is None or self._world.router(case.connection) is not router:
            return None
        self._asked[lead] = case
        return self._recorder.question(case, self._cases.at)

    def _case(
        self, router: Router, lead: str, known: tuple[KnownLead, LastSeen] | None
    ) -> Case | None:
        if known is None or not known[0].open:
            return None
        waiting = router.state.waits.get(lead)
        if waiting is not None:
            if waiting.wait.reason in (WaitFor.FIELDS, WaitFor.PARTNER):
                return None  # nobody's coming free brings a fact, or a record
            return self._waited(waiting.occasion, known)
        place = router.state.recall.get(lead)
        found, last = known
        if place is None or found.assignments:
            return None
        before = self._cases.occasion(place.occasion)
        if before is None:
            return None
        case = self._cases.following(found, last, route=before.route, cause=Cause.RECALLED)
        is_held = case.pair.held_by is not None or case.pair.is_under_way
        return None if is_held else case

    def _waited(self, occasion: str, known: tuple[KnownLead, LastSeen]) -> Case | None:
        found = self._cases.occasion(occasion)
        return None if found is None else self._cases.again(*known, found)

    def _keep(self, case: Case, made: Made) -> None:
        with self._batch.lead(case.lead) as writer:
            self._recorder.keep(case, made, writer, self._notes)
        self.made += 1

    def _drop(self, lead: str, router: Router) -> None:
        """The route does not take it any more: a human has it, or it left the stage."""
        with self._batch.lead(lead) as writer:
            writer.forget()
        router.state = apply(router.state, OwnerObserved(lead, None, None))
