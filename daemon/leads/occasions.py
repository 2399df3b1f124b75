"""Cases from what is known: an arrival, a lead that waits, a recall, a refusal, a request.

Here an occasion is given its number and its cause; whether the lead is taken is the engine's
question.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from daemon.leads.person.changes import cause_of
from daemon.leads.person.observation import Look
from daemon.leads.person.pair import ALONE, Carrier, Pair, pair_of, partner_until
from daemon.leads.recorder import Case
from daemon.world.world import World
from models.decisions.decider import Batch
from models.leads.known import KnownLead, Lane
from models.leads.last_versions import LastSeen
from models.leads.pairs import Paired
from models.store.ids import InternalIds
from routing.engine import Made
from routing.facts import Cause, Lead, Occasion
from routing.rulebook.model import Route
from routing.state import Waiting

#: causes that come by the hundred, and for which nobody waits at this moment
_BULK = (Cause.RECALLED, Cause.OWNER_LEFT)
#: causes that go on from a decision that was made already
_GOES_ON = (Cause.CHANGED, Cause.RECALLED)


def is_no_news(made: Made, before: KnownLead, waiting: Waiting | None = None) -> bool:
    """Whether a decision only says again what was decided already.

    A lead that waits and goes on waiting as before keeps its place; so does one whose facts
    changed, and that would end where it is.
    """
    decision, occasion = made.decision, made.inputs.question.occasion
    if waiting is not None:
        wait = decision.wait
        known = (waiting.wait.reason, waiting.wait.until)
        return wait is not None and known == (wait.reason, wait.until)
    if occasion.cause is not Cause.CHANGED:
        return False
    last = before.last.get(occasion.route)
    found = (decision.method, decision.owner, decision.queue)
    return last is not None and found == (last.method, last.owner, last.queue)


class Cases:
    """Makes cases within one batch, at one instant."""

    def __init__(self, world: World, ids: InternalIds, batch: Batch | None, at: datetime) -> None:
        self._world = world
        self._ids = ids
        self._batch = batch
        self._paired: dict[str, Paired] = {}  #: by lead
        self.followed: set[str] = set()  #: leads decided because somebody took them by hand
        self.at = at

    def of_look(self, look: Look, route: Route) -> Case | None:
        """The case of an arrival; None where nothing happened that this route asks about."""
        if look.before is None:
            return self._seen(look, self._first(look.lead, route.name))
        waiting = self._world.router(look.connection).state.waits.get(look.lead)
        if waiting is not None:
            occasion = self._occasion(waiting.occasion)
            same = occasion is not None and occasion.route == route.name
            return self._seen(look, occasion, opened=True) if same and occasion else None
        stage = None if look.known is None else look.known.stage
        now = look.arrival.seen.stage
        cause = cause_of(look.change, look.before, route, before=stage, now=now)
        is_same = cause is Cause.CHANGED and not look.is_unplaced and self._says_the_same(look)
        if cause is None or is_same:
            return None
        return self._seen(look, self._next(look.before, route, cause))

    def of_taken(self, look: Look, route: str) -> Case | None:
        """The case of a person whom somebody took by hand after we had given them."""
        if look.before is None:
            return None
        if look.carries:
            return self._seen(look, self._numbered(look.before, route, Cause.HELD_ELSEWHERE))
        ended = None if look.found is None else look.found.absorbed
        was = look.before.id  #: whose rows tell of the carrier until this batch is written
        if ended is not None and ended.record == look.before.record:
            was = ended.id
        last = {} if self._batch is None else self._batch.last_seen([was])
        if was not in last:
            return None
        return self.following(look.before, last[was], route=route, cause=Cause.HELD_ELSEWHERE)

    def paired(self, lead: str) -> Paired | None:
        """All records of a lead that is `known`; None where it is in no pair."""
        return self._paired.get(lead)

    def after_failure(self, look: Look, route: Route) -> Case:
        """The case of an arrival that our own code failed on."""
        if look.before is None:
            return self._seen(look, self._first(look.lead, route.name))
        return self._seen(look, self._next(look.before, route, Cause.CHANGED))

    def known(self, leads: Iterable[str]) -> dict[str, tuple[KnownLead, LastSeen]]:
        """These leads with their last versions, where they can be routed at all."""
        if self._batch is None:
            return {}
        wanted = set(leads)
        seen = self._batch.last_seen(wanted)
        if self._world.pairing is not None:
            self._paired |= self._batch.paired(wanted)
        return {
            lead.id: (lead, seen[lead.id])
            for lead in self._batch.leads(wanted).values()
            if lead.id in seen and lead.connection in self._world.connections
        }

    def again(self, lead: KnownLead, last: LastSeen, occasion: Occasion) -> Case:
        """The same occasion once more: the lead waited."""
        return self._following(lead, last, occasion, opened=True)

    def following(
        self,
        lead: KnownLead,
        last: LastSeen,
        *,
        route: str,
        cause: Cause,
        lane: Lane = Lane.INTERACTIVE,
    ) -> Case:
        """A new occasion for a lead that is known; in this lane, unless its cause has one."""
        case = self._following(lead, last, self._numbered(lead, route, cause))
        return replace(case, lane=Lane.BULK if cause in _BULK else lane)

    def refused(self, lead: KnownLead, last: LastSeen, *, after: Occasion, rep: str) -> Case:
        """One attempt more: the CRM refused this rep, who must not be picked again."""
        case = self.following(lead, last, route=after.route, cause=Cause.REFUSED)
        occasion = replace(
            case.occasion,
            attempt=after.attempt + 1,
            without=tuple(sorted({*after.without, rep})),
        )
        return replace(case, occasion=occasion, lane=self._lane(after))

    def was_taken_from(self, lead: KnownLead, rep: str | None) -> bool:
        """Whether the last decision was made because this owner left, in the mode of now.

        In shadow, and where a write failed, the lead is still with them.
        """
        mode = self._world.connections[lead.connection].decides_as
        for last in lead.last.values():
            occasion = self._occasion(last.occasion)
            left = occasion is not None and occasion.cause is Cause.OWNER_LEFT
            if left and last.mode is mode and last.owner != rep:
                return True
        return False

    def occasion(self, id: str) -> Occasion | None:
        """An occasion by its id."""
        return self._occasion(id)

    def _following(
        self, lead: KnownLead, last: LastSeen, occasion: Occasion, *, opened: bool = False
    ) -> Case:
        pair = self._pair(lead, last)
        return Case(
            connection=self._world.connections[lead.connection],
            seen=last.seen,
            record=last.record,
            owner=last.owner,
            occasion=occasion,
            opened=opened,
            before=lead.believed,
            visible_at=last.taken_at,
            lane=self._lane(occasion) if opened else Lane.INTERACTIVE,
            pair=pair,
            partner_until=self._partner_until(pair, lead.connection, occasion),
        )

    def _seen(self, look: Look, occasion: Occasion, *, opened: bool = False) -> Case:
        seen = look.arrival.seen
        return Case(
            connection=look.connection,
            seen=seen,
            record=look.record,
            owner=seen.owner,
            occasion=occasion,
            opened=opened,
            before=look.rep,
            visible_at=look.arrival.taken_at,
            lane=look.arrival.lane,
            pair=look.pair,
            partner_until=self._partner_until(look.pair, look.connection.name, occasion),
        )

    def _pair(self, lead: KnownLead, last: LastSeen) -> Pair:
        if self._world.pairing is None:
            return ALONE
        carrier = Carrier(last.record, lead.connection)
        return pair_of(self._paired.get(lead.id), carrier, self._world)

    def _partner_until(self, pair: Pair, connection: str, occasion: Occasion) -> datetime | None:
        """Until when the person's record in the CRM that assigns is waited for, from now on."""
        pairing = self._world.pairing
        if pairing is None:
            return None
        since, cause = occasion.opened_at, occasion.cause
        until = partner_until(pairing, pair, connection=connection, cause=cause, since=since)
        return None if until is None or until <= self.at else until

    def _first(self, lead: str, route: str) -> Occasion:
        return Occasion(self._ids.new("o"), lead, route, Cause.FIRST_SIGHT, 1, self.at)

    def _next(self, lead: KnownLead, route: Route, cause: Cause) -> Occasion:
        return self._numbered(lead, route.name, cause)

    def _numbered(self, lead: KnownLead, route: str, cause: Cause) -> Occasion:
        """A new occasion; one that goes on from the fallback knows whom the CRM refused."""
        n = lead.next_n(route, cause.value)
        occasion = Occasion(self._ids.new("o"), lead.id, route, cause, n, self.at)
        last = lead.last.get(route)
        if cause not in _GOES_ON or last is None:
            return occasion
        before = self._occasion(last.occasion)
        if before is None or before.attempt == 1:
            return occasion
        return replace(occasion, attempt=before.attempt, without=before.without)

    def _says_the_same(self, look: Look) -> bool:
        """Whether a version tells rules nothing new: an echo of our own write, mostly."""
        if self._batch is None:
            return False
        last = self._batch.last_seen([look.lead]).get(look.lead)
        if last is None:
            return False
        reading = look.connection.reading
        versions = (last.seen, look.arrival.seen)
        before, now = (reading.lead(seen, lead=look.lead, holder=None) for seen in versions)
        links = {(seen.account, seen.company) for seen in versions}
        return _told(before) == _told(now) and len(links) == 1

    def _lane(self, occasion: Occasion) -> Lane:
        """The lane that an occasion came in by."""
        lanes = {} if self._batch is None else self._batch.lanes([occasion.id])
        return lanes.get(occasion.id, Lane.INTERACTIVE)

    def _occasion(self, id: str) -> Occasion | None:
        return None if self._batch is None else self._batch.occasions([id]).get(id)


def _told(lead: Lead) -> tuple[object, ...]:
    """What rules may look at, without when it was observed."""
    facts = tuple((name, fact.value) for name, fact in sorted(lead.facts.items()))
    return (facts, lead.stage, lead.email_host, lead.test, lead.converted)
