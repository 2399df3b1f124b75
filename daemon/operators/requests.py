"""What operators asked for, done by whoever holds the lease, with the answer in the same breath.

A request that cannot be done is refused with a sentence that says why. One that has to wait for a
write under way stays open and is looked at again in the next round.
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from daemon.base.events import Notes, Tell
from daemon.leads.occasions import Cases
from daemon.leads.recorder import Case, DecisionRecorder
from daemon.settings import Mode
from daemon.world.team import OPERATOR, Team
from daemon.world.world import World
from models.decisions.decider import Batch
from models.governance.requests import Answer, Request
from models.journal.entries import Act, Entry, EntryKind
from models.ledger import Ledger
from models.staff.absences import Away
from models.staff.roster import Dated, RosterEntry
from routing.canonical import Json
from routing.facts import Cause
from routing.reading import did_you_mean

_AT_ONCE: Final = 20
_EXPORTED: Final = ("since", "until", "format", "written", "query_sha256", "export_sha256")


class Refused(Exception):
    """A request cannot be done; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a request."""

    said: Mapping[str, Any]
    is_done: bool = True  #: False: refused
    is_stored: bool = False  #: the answer was stored together with what was done


#: Does what a request asks for; None: it has to wait, and is asked again in the next round.
Does = Callable[[Request, Act], Done | None]


@dataclass(slots=True)
class Move:
    """A lead that is to go to a rep."""

    lead: str
    to: str  #: the rep's roster id
    supersedes: str | None = None  #: the decision whose write is withdrawn


class RequestLoop:
    """Does what was asked for, oldest first."""

    def __init__(
        self, world: World, ledger: Ledger, recorder: DecisionRecorder, team: Team, *, tell: Tell
    ) -> None:
        self.beside: Mapping[str, Does] = {}  #: what is done while decisions go on
        self._world = world
        self._ledger = ledger
        self._recorder = recorder
        self._team = team
        self._tell = tell
        self.before_routing: Callable[[], object] = _ready  #: called before a lead is routed
        self._does: Mapping[str, Does] = {
            "reassign": self._reassign,
            "pause": self._pause,
            "resume": self._pause,
            "away": self._away,
            "back": self._back,
            "pause_person": self._pause_person,
            "export": self._export,
        }

    def tick(self, now: datetime, token: int) -> int:
        """Do what is open; how many requests were answered."""
        if not self._ledger.requests.any_open():
            return 0
        claimed = self._ledger.requests.claim(limit=_AT_ONCE, at=now, token=token)
        return sum(self._answer(each, Act(now, token, each.actor)) for each in claimed)

    def _answer(self, request: Request, act: Act) -> bool:
        try:
            beside = self.beside.get(request.kind)
            with nullcontext() if beside else self._world.lock:
                done = (beside or self._do)(request, act)
        except Refused as refusal:
            done = Done({"why": str(refusal)}, is_done=False)
        if done is None:
            return False
        if not done.is_stored:
            answer = Answer(done=done.is_done, said=done.said)
            self._ledger.requests.finish(request.id, answer, at=act.at, token=act.token)
        said = {"request": request.id, "kind": request.kind, "done": done.is_done}
        self._tell.event("request_answered", **said)
        return True

    def _do(self, request: Request, act: Act) -> Done | None:
        does = self._does.get(request.kind)
        if does is None:
            raise Refused(f"This daemon does not know the request {request.kind!r}.")
        return does(request, act)

    def _reassign(self, request: Request, act: Act) -> Done | None:
        """Move a lead to a rep: a decision by hand, written like any other."""
        self.before_routing()
        move = Move(self._lead(str(request.arguments["lead"])), str(request.arguments["to"]))
        rep = self._rep(move.to)
        notes = Notes(self._tell)
        with (
            self._world.unless_it_fails(),
            self._ledger.decider.batch(token=act.token, at=act.at) as batch,
        ):
            case = self._case(batch, move, rep, act.at)
            if case is None:
                return None
            with batch.lead(move.lead) as writer:
                if move.supersedes is not None:
                    writer.superseded(move.supersedes)
                made = self._recorder.by_hand(case, rep, act.at)
                decision = self._recorder.keep(case, made, writer, notes, actor=act.actor)
            said = {"lead": move.lead, "rep": rep, "decision": decision}
            batch.answered(request.id, Answer(done=True, said=said))
        notes.publish()
        return Done(said, is_stored=True)

    def _case(self, batch: Batch, move: Move, rep: str, at: datetime) -> Case | None:
        """The case of a lead that is to be moved; None while a write of it is under way."""
        cases = Cases(self._world, self._ledger.ids, batch, at)
        found = cases.known([move.lead]).get(move.lead)
        if found is None or not found[0].open:
            raise Refused(f"{move.lead} is closed (converted, merged or deleted); it stays put.")
        route = self._world.guide.book.routes[0].name
        under_way = found[0].assignments.get(route)
        case = cases.following(*found, route=route, cause=Cause.OPERATOR)
        if case.connection.mode is not Mode.LIVE:
            raise Refused(
                f"{case.connection.name} is {case.connection.mode.value}; nothing is written there."
            )
        if not case.connection.has_user(rep):
            raise Refused(f"{move.to} has no user in {case.connection.name}.")
        if under_way is None:
            if found[0].owner_rep == rep:
                raise Refused(f"{move.lead} is with {move.to} already.")
            return case
        move.supersedes = under_way.decision
        return None if under_way.sent else case

    def _pause(self, request: Request, act: Act) -> Done:
        """Stop or start writing, for some connections or for all."""
        paused = request.kind == "pause"
        asked = request.arguments.get("connections") or sorted(self._world.connections)
        unknown = sorted(set(asked) - set(self._world.connections))
        if unknown:
            raise Refused(
                f"There is no connection {unknown[0]!r}: {sorted(self._world.connections)}."
            )
        self._ledger.connections.pause(list(asked), paused=paused, act=act)
        for name in asked:
            self._world.connections[name].paused = paused
        return Done({"connections": list(asked), "paused": paused})

    def _away(self, request: Request, act: Act) -> Done:
        rep = self._rep(request.arguments["rep"])
        starts_at = _instant(request.arguments.get("from")) or act.at
        ends_at = _instant(request.arguments.get("until"))
        if ends_at is not None and ends_at <= starts_at:
            raise Refused("The absence ends before it begins. Give a later --until.")
        away = Away(rep, starts_at, ends_at)
        self._ledger.absences.added(away, source=OPERATOR, act=act)
        self._team.refresh(act)
        return Done({"rep": rep, "from": starts_at, "until": ends_at})

    def _back(self, request: Request, act: Act) -> Done:
        """The rep is back: what commands said of now ends; what a CRM says stays until it does."""
        rep = self._rep(request.arguments["rep"])
        ended = self._ledger.absences.back(rep, source=OPERATOR, act=act)
        entry = RosterEntry(str(request.arguments["rep"]), {"paused": [Dated(value=False)]})
        self._ledger.roster.said(rep, entry, source=OPERATOR, act=act)
        self._team.refresh(act)
        still = self._world.live.absences.away(rep, act.at)
        return Done({"rep": rep, "ended": ended, "still_away": still is not None})

    def _pause_person(self, request: Request, act: Act) -> Done:
        rep = self._rep(request.arguments["rep"])
        entry = RosterEntry(str(request.arguments["rep"]), {"paused": [Dated(value=True)]})
        self._ledger.roster.said(rep, entry, source=OPERATOR, act=act)
        self._team.refresh(act)
        return Done({"rep": rep, "paused": True})

    def _export(self, request: Request, act: Act) -> Done:
        """Somebody made an export: who, of what, how much, with which hash."""
        asked = request.arguments
        about: dict[str, Json] = {name: asked.get(name) for name in _EXPORTED}
        said = {"entered": True, "export_sha256": about["export_sha256"]}
        with self._ledger.decider.batch(token=act.token, at=act.at) as batch:
            batch.journal(Entry(EntryKind.EXPORT, None, about, actor=act.actor))
            batch.answered(request.id, Answer(done=True, said=said))
        return Done(said, is_stored=True)

    def _rep(self, name: object) -> str:
        rep = self._team.rep(str(name))
        if rep is None:
            hint = did_you_mean(str(name), self._team.ids)
            advice = hint or " `signalbox people list` shows who is."
            raise Refused(f"{name} is not on the roster.{advice}")
        return rep

    def _lead(self, text: str) -> str:
        found = self._ledger.reading.find(text)
        if len(found) != 1:
            many = "is not known" if not found else f"could be {len(found)} leads"
            raise Refused(f"{text} {many}. Give the lead's id in the CRM or in the ledger.")
        return found[0]


def _ready() -> None:
    """Everything is known already."""


def _instant(text: object) -> datetime | None:
    if text is None:
        return None
    return datetime.fromisoformat(str(text)).astimezone(UTC)
