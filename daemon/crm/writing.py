"""The pusher: what is owed to a CRM is claimed, sent, and settled with all that follows.

Each connection is pushed on its own, so that a CRM that hangs, fails or limits us keeps nobody
waiting but itself: the world's lock is held for claiming and for settling, never while bytes are
on the wire.

The attempt is in the ledger before any byte leaves; the result is stored together with what comes
next: turn and load given back, a refused rep's lead decided again without them, facts that changed
meanwhile looked at. Between claim and sending the lease is checked once more, because a CRM cannot
check our token. What follows from a result happens when the answer came, not when we asked.

A CRM that is away or stopped costs an effect none of its attempts: nothing was sent.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from connectors.errors import BadRecord, NeedsOperator, TryLater
from daemon.base.clock import Clock
from daemon.base.events import Notes, Tell
from daemon.crm.cross_check import CrossCheck
from daemon.leads.following import after_settling
from daemon.leads.occasions import Cases, is_no_news
from daemon.leads.person.changes import keeps_undoing
from daemon.leads.priorities import Turn
from daemon.leads.recorder import DecisionRecorder
from daemon.settings import Kind
from daemon.world.connections.connection import Connection
from daemon.world.world import World
from models.decisions.decider import Batch, Decider
from models.delivery.outbox import Outbox, Wanted
from models.leads.at_hand import Claimed
from models.leads.known import KnownLead, Lane
from models.leads.settlement import Finished, Retries
from models.store.errors import BatchCutShort
from models.store.ids import InternalIds
from routing.engine import Made
from routing.facts import Applied, Cause, EffectKind, EffectResult
from routing.state import Closed, GaveBack, OwnerObserved

PAGE: Final = 100
#: a page of bulk is one call, so that what is interactive never waits for more than that
BULK_PAGES: Final = {Kind.SALESFORCE: 25}
ATTEMPTS: Final = 3  #: reps a CRM may refuse for one lead before it goes to the fallback
_PATIENT: Final = Retries(counts=False)
_OUR_MISTAKE_S: Final = 30.0
_USUAL: Final = Retries()

Results = list[tuple[Claimed, EffectResult]]


class Fence(Protocol):
    """Says whether this process may write."""

    @property
    def token(self) -> int | None:
        """The fencing token while the lease is held by our own deadline; None: do not write."""
        ...


class WriteLoop:
    """Empties the outbox, one connection at a time; one object for all, a thread for each."""

    def __init__(
        self,
        world: World,
        parts: tuple[Outbox, Decider, DecisionRecorder, CrossCheck],
        ids: InternalIds,
        tell: Tell,
        clock: Clock,
    ) -> None:
        self._world = world
        self._outbox, self._decider, self._recorder, self._cross_check = parts
        self._ids = ids
        self._tell = tell
        self._clock = clock
        self._turns: dict[str, Turn] = {}  #: by connection

    def tick(
        self, connection: Connection, now: datetime, fence: Fence, *, decision: str | None = None
    ) -> int:
        """Send what is due, or only what one decision owes; how many effects were claimed."""
        token = fence.token
        if token is None or not connection.may_write or not connection.writes.may_run(now):
            return 0
        turn = self._turns.setdefault(connection.name, Turn())
        with self._world.lock:  # no operator withdraws what is being claimed
            connection.pushed(now)
            wanted = Wanted(connection.name, _pages(connection, turn), decision)
            claimed = self._outbox.claim(wanted, at=now, token=token)
        if claimed:
            turn.served(claimed[0].lane)
        meant = [each for each in claimed if _is_still_meant(connection, each)]
        kept = [each for each in claimed if not _is_still_meant(connection, each)]
        if meant and fence.token != token:
            return 0  # another process has the lease: it claims them again
        self._settle([_kept_back(each, now) for each in kept], now, token)
        shared = self._cross_check.shared(connection, meant)
        asked = {one.claimed.effect.id for one in shared}
        self._write(connection, [each for each in meant if each.effect.id not in asked], token)
        held = self._cross_check.held(connection, shared, now)
        self._settle(held, self._clock.now(), token)
        left = asked - {each.effect.id for each, _ in held}
        if fence.token == token:  # else another process has the lease: it claims them again
            self._write(connection, [each for each in meant if each.effect.id in left], token)
        return len(claimed)

    def _write(self, connection: Connection, claimed: Sequence[Claimed], token: int) -> None:
        """Send effects that nothing speaks against, and settle them."""
        if not claimed:
            return
        sent, patient = self._sent(connection, claimed)
        after = self._clock.now()
        self._settle(sent, after, token)
        self._settle(patient, after, token, retries=_PATIENT)

    def _sent(self, connection: Connection, claimed: Sequence[Claimed]) -> tuple[Results, Results]:
        """Results that count as attempts, and those of what never left."""
        try:
            results = connection.connector.apply([each.effect for each in claimed])
        except (TryLater, NeedsOperator) as error:
            now = self._clock.now()
            self._failed(connection, error, now)
            return [], _put_off(claimed, now, str(error), getattr(error, "after_s", 60.0))
        except BadRecord as error:
            now = self._clock.now()
            return [_blamed(each, error, now) for each in claimed], []
        except Exception as error:  # noqa: BLE001 - the port promises no other: our own mistake
            self._tell.alert("push_failed", connection=connection.name, exc_info=error)
            now = self._clock.now()
            return [], _put_off(claimed, now, type(error).__name__, _OUR_MISTAKE_S)
        if connection.writes.recovered():
            self._tell.event("connection_recovered", connection=connection.name, what="writes")
        return list(zip(claimed, results, strict=True)), []

    def _failed(
        self, connection: Connection, error: TryLater | NeedsOperator, now: datetime
    ) -> None:
        is_news = connection.writes.failed(error, now)
        if isinstance(error, NeedsOperator) and is_news:
            self._tell.alert("connection_stopped", connection=connection.name, problem=str(error))
        elif is_news:
            self._tell.event("connection_waits", connection=connection.name, problem=str(error))

    def _settle(
        self, results: Results, now: datetime, token: int, *, retries: Retries = _USUAL
    ) -> None:
        if not results:
            return
        notes = Notes(self._tell)
        with self._world.lock, self._world.unless_it_fails():
            try:
                with self._decider.batch(token=token, at=now) as batch:
                    known = batch.leads({claimed.lead for claimed, _ in results})
                    finished = batch.settle(results, retries=retries)
                    settled = [
                        e for e in finished if e.state != "pending" and e.route and not e.beside
                    ]
                    beside = [e for e in finished if e.state != "pending" and e.beside]
                    for each in settled:
                        self._move(each, known[each.claimed.lead], notes)
                    cases = Cases(self._world, self._ids, batch, now)
                    for each in settled:
                        self._next(batch, cases, each, notes)
                    for each in beside:
                        self._move_beside(each, known[each.claimed.lead])
                        self._after_beside(batch, cases, each, notes)
            except BatchCutShort as cut:
                self._tell.alert("row_refused", lead=cut.lead, error=type(cut.cause).__name__)
                self._world.reload(now)
        notes.publish()

    def _move(self, done: Finished, known: KnownLead, notes: Notes) -> None:
        """The state after a result; `known` is the lead as it stood before."""
        lead, world = done.claimed.lead, self._world
        _note(done, known, notes)
        owner = known.owner_rep if known.open else None
        if done.superseded and done.state == "confirmed":
            world.happened(OwnerObserved(lead, done.rep, owner))
            return
        if done.state == "confirmed":
            if known.open:
                world.shadowed(OwnerObserved(lead, owner, done.rep))
            else:
                world.happened(Closed(lead, done.rep))
            return
        if done.gave_back and done.rep is not None:
            world.happened(GaveBack(lead, done.occasion, done.rep, done.charge))
        world.happened(OwnerObserved(lead, None, owner))
        if done.state == "conflict" and known.open and not done.superseded:
            world.observed(lead, owner, done.found_rep)

    def _next(self, batch: Batch, cases: Cases, done: Finished, notes: Notes) -> None:
        """What has to be decided now that the result is known."""
        lead = done.claimed.lead
        again = lead in self._world.look_again
        self._world.look_again.discard(lead)
        if done.state == "confirmed":
            self._wake_the_other(done, cases.at)
            asked = again or done.superseded or _was_sent_before(done)
            if asked and self._follow(batch, cases, lead, notes):
                return
            if done.superseded:
                self._released(batch, cases, done, notes)
            elif again:
                self._look_again(batch, cases, done, notes)
            return
        if done.state == "refused_by_crm" and done.rep is not None:
            self._without(batch, cases, done, notes)
            return
        with batch.lead(lead) as writer:
            writer.forget()
        if self._follow(batch, cases, lead, notes):
            return
        if done.state == "conflict" or (again and done.result.applied is Applied.GONE):
            self._released(batch, cases, done, notes)

    def _move_beside(self, done: Finished, known: KnownLead) -> None:
        """The state after a write to the person's other record, where that carries the lead."""
        if done.carries and known.open:
            given, owner = bool(known.assignments), known.owner_rep
            self._world.observed(done.claimed.lead, owner, done.found_rep, is_given=given)

    def _wake_the_other(self, done: Finished, at: datetime) -> None:
        """What is owed to the person's record in the other CRM may leave now."""
        pairing = self._world.pairing
        other = None if pairing is None else pairing.other(done.claimed.connection)
        if other is not None:
            self._world.connections[other].will_push(at)

    def _after_beside(self, batch: Batch, cases: Cases, done: Finished, notes: Notes) -> None:
        """The person's other record: who took it has the person, and somebody hears of it.

        A lead that was released meanwhile was waiting for this result.
        """
        _note_beside(done, notes)
        lead = done.claimed.lead
        asked = done.state != "confirmed" or lead in self._world.look_again
        asked = asked or _was_sent_before(done)
        self._world.look_again.discard(lead)
        if asked and self._follow(batch, cases, lead, notes):
            return
        found = cases.known([lead]).get(lead)
        if found is None or found[0].assignments or found[0].owner_rep is not None:
            return
        last = found[0].last.get(done.route)
        if last is not None and last.owner is not None and found[0].passed_over is None:
            self._released(batch, cases, done, notes)

    def _follow(self, batch: Batch, cases: Cases, lead: str, notes: Notes) -> bool:
        """A human took one record of the person: what we gave of them to others follows."""
        if self._world.pairing is None or lead in cases.followed:
            return False
        following = after_settling(lead, cases, self._world)
        if following is None:
            return False
        cases.followed.add(lead)
        with batch.lead(lead) as writer:
            return following.keep(self._recorder, cases.at, writer, notes)

    def _look_again(self, batch: Batch, cases: Cases, done: Finished, notes: Notes) -> None:
        """Facts changed while the write was under way."""
        found = cases.known([done.claimed.lead]).get(done.claimed.lead)
        if found is None or not found[0].open or done.rep is not None:
            return
        case = cases.following(
            *found, route=done.route, cause=Cause.CHANGED, lane=done.claimed.lane
        )
        made = self._recorder.ask(case, cases.at)
        if isinstance(made, Made) and not is_no_news(made, found[0]):
            with batch.lead(done.claimed.lead) as writer:
                self._recorder.keep(case, made, writer, notes)

    def _released(self, batch: Batch, cases: Cases, done: Finished, notes: Notes) -> None:
        """A human was faster, and may have left the lead with nobody: in another queue, say."""
        found = cases.known([done.claimed.lead]).get(done.claimed.lead)
        if found is None or not found[0].open or keeps_undoing(found[0], done.route, cases.at):
            return
        case = cases.following(
            *found, route=done.route, cause=Cause.RELEASED, lane=done.claimed.lane
        )
        made = self._recorder.ask(case, cases.at)
        if isinstance(made, Made):
            with batch.lead(done.claimed.lead) as writer:
                self._recorder.keep(case, made, writer, notes)

    def _without(self, batch: Batch, cases: Cases, done: Finished, notes: Notes) -> None:
        """The CRM refused the rep: one attempt more without them, or the fallback."""
        found = cases.known([done.claimed.lead]).get(done.claimed.lead)
        after = cases.occasion(done.occasion)
        if found is None or after is None or done.rep is None:
            return
        case = cases.refused(*found, after=after, rep=done.rep)
        if case.occasion.attempt > ATTEMPTS + 1:  # even the fallback's person is refused
            notes.alert("lead_unowned", lead=done.claimed.lead, problem="the CRM refuses everybody")
            return
        with batch.lead(done.claimed.lead) as writer:
            if case.occasion.attempt > ATTEMPTS:
                self._recorder.fall_back(case, cases.at, writer, notes)
                return
            made = self._recorder.ask(case, cases.at)
            if isinstance(made, Made):
                self._recorder.keep(case, made, writer, notes)


def _pages(connection: Connection, turn: Turn) -> list[tuple[Lane, int]]:
    sizes = {Lane.INTERACTIVE: PAGE, Lane.BULK: BULK_PAGES.get(connection.config.kind, PAGE)}
    return [(lane, sizes[lane]) for lane in turn.order()]


def _note(done: Finished, known: KnownLead, notes: Notes) -> None:
    claimed, result = done.claimed, done.result
    said = {
        "lead": claimed.lead,
        "decision": claimed.decision,
        "connection": claimed.connection,
        "attempts": claimed.attempts,
        "code": result.code,
    }
    match done.state:
        case "confirmed":
            speed_s = (result.at - known.created_at).total_seconds()
            written = result.applied is Applied.CONFIRMED
            notes.event("lead_confirmed", written=written, speed_s=speed_s, **said)
        case "conflict":
            notes.event("lead_conflict", **said)
        case "refused_by_crm":
            notes.alert("rep_refused", rep=done.rep, **said)
        case _:
            notes.alert("lead_dead", why=result.applied.value, **said)


def _note_beside(done: Finished, notes: Notes) -> None:
    claimed, result = done.claimed, done.result
    said = {"lead": claimed.lead, "decision": claimed.decision, "connection": claimed.connection}
    if done.state == "confirmed":
        notes.event("pair_confirmed", written=result.applied is Applied.CONFIRMED, **said)
    else:
        notes.alert("pair_differs", state=done.state, code=result.code, **said)


def _was_sent_before(done: Finished) -> bool:
    """Whether what was put down to be asked again may have ended with another process."""
    return done.claimed.attempts > 1


def _is_still_meant(connection: Connection, claimed: Claimed) -> bool:
    effect = claimed.effect
    return effect.kind is not EffectKind.OWNER or connection.holders.may_receive(effect.value)


def _kept_back(claimed: Claimed, now: datetime) -> tuple[Claimed, EffectResult]:
    """The roster names another user by now: decided again, and nothing is sent."""
    said = "the user is nobody's on the roster any more"
    return claimed, EffectResult(
        claimed.effect.id, Applied.REFUSED_REP, now, code="identity_changed", detail=said
    )


def _put_off(
    claimed: Sequence[Claimed], now: datetime, why: str, after_s: float
) -> list[tuple[Claimed, EffectResult]]:
    return [
        (
            each,
            EffectResult(each.effect.id, Applied.LATER, now, detail=why, after_s=max(after_s, 0.0)),
        )
        for each in claimed
    ]


def _blamed(claimed: Claimed, error: BadRecord, now: datetime) -> tuple[Claimed, EffectResult]:
    """One record of a call is at fault: it is dead, the others go again."""
    if claimed.effect.record == error.record:
        return claimed, EffectResult(
            claimed.effect.id, Applied.REFUSED_RECORD, now, code=error.code, detail=str(error)
        )
    return claimed, EffectResult(claimed.effect.id, Applied.LATER, now, detail="sent again")
