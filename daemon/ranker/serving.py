"""What ranks at this moment: the version in force as tables in memory, or why nothing does.

The ledger says what is in force and what holds it back. A version is read and checked beside the
decisions, which go on with what ranked before; only the exchange of one reference waits for the
world's lock. A version that cannot be read is left for the one before it, or for round robin; so
is one that has become too old. Either is journalled once and told.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from daemon.base.clock import Ids
from daemon.base.events import Tell
from daemon.ranker.artifacts import DamagedModel, tables_of
from daemon.settings import Ranker as Told
from daemon.world.world import World
from models.journal.entries import Act
from models.ledger import Ledger
from models.rankers.versions import Cause, Hold, InForce, Standing
from routing.canonical import Json
from routing.chance import Shares
from routing.facts import Candidate, Lead
from routing.ranker import RankTables, TableRanker
from routing.ranking import NoModel, NoScores, Ranker
from routing.rulebook.model import Book, Choose

_SUBJECT: Final = "ranker"  #: of the entry about shares and salt
_OFF: Final = "ranking is off in the settings"
_NONE: Final = "no model in force"
_AS_SAID: Final = {
    Cause.OFF: "switched off",
    Cause.STALE: "model {version} is too old",
    Cause.DRIFT: "drift alarm on model {version}",
    Cause.DAMAGED: "model {version} is damaged",
}


@dataclass(frozen=True, slots=True)
class Refusing:
    """A ranker that always refuses, with one reason; the record keeps it."""

    reason: str

    def scores(self, lead: Lead, candidates: Sequence[Candidate]) -> NoScores:
        """Refuse."""
        del lead, candidates
        return NoScores(self.reason)


@dataclass(frozen=True, slots=True)
class Serving:
    """The tables of one version, in memory."""

    version: str
    artifact: str
    tables: RankTables
    ranker: TableRanker


def wants_ranking(book: Book) -> bool:
    """Whether any rule asks for the model."""
    return any(rule.choose is Choose.MODEL for route in book.routes for rule in route.rules)


def ranked_route(book: Book) -> str:
    """What models are named by: the route they rank for, which is the first that asks for one."""
    asking = (
        route.name
        for route in book.routes
        if any(rule.choose is Choose.MODEL for rule in route.rules)
    )
    return next(asking, book.routes[0].name)


def refusal(hold: Hold) -> str:
    """Why nothing is ranked, as records say it."""
    return _AS_SAID[hold.cause].format(version=hold.version)


def ranks_by(standing: Standing, told: Told) -> str:
    """What ranks by the ledger's word, or why nothing does; no version is read for it."""
    if not told.enabled:
        return _OFF
    if standing.in_force is None:
        return _NONE
    if standing.holds:
        return refusal(standing.holds[0])
    return f"model {standing.in_force.version}"


class Ranking:
    """Keeps the desks' ranker in step with the ledger.

    Args:
        ledger: Where versions lie.
        world: Whose desks rank.
        told: The settings.
        ids: Makes the salt, once.
        tell: Hears of alarms.
    """

    def __init__(self, ledger: Ledger, world: World, told: Told, *, ids: Ids, tell: Tell) -> None:
        self._ledger = ledger
        self._world = world
        self._told = told
        self._ids = ids
        self._tell = tell
        self._said: str | None = None  #: what was last told
        self.name = ranked_route(world.guide.book)
        self.serving: Serving | None = None
        self.standing = Standing()

    @property
    def ranks(self) -> str:
        """What ranks, or why nothing does, in a word."""
        return self._said or _NONE

    @property
    def is_wanted(self) -> bool:
        """Whether the book in force has anything to rank."""
        return wants_ranking(self._world.guide.book)

    def take_over(self, act: Act) -> None:
        """Salt and shares, and the version in force, as the ledger has them."""
        self.name = ranked_route(self._world.guide.book)
        if not self.is_wanted:
            self._share(Shares())  # records need not say what has no say
        else:
            salt = self._told.salt() or self._ledger.governance.keep_salt(
                self._ids.secret(), act=act
            )
            shares = Shares(self._told.holdout_ppm, self._told.exploration_ppm, salt)
            self._share(shares)
            about: dict[str, Json] = {
                "holdout_ppm": shares.holdout_ppm,
                "exploration_ppm": shares.exploration_ppm,
                "salt_sha256": shares.salt_hash(),
            }
            self._ledger.governance.declare(_SUBJECT, about, act=act)
        self.tick(act.at, act.token)

    def look(self) -> None:
        """The same without the lease: nothing is written, alarms are not raised."""
        salt = self._told.salt() or self._ledger.governance.salt()
        if self.is_wanted and salt is not None:
            self._share(Shares(self._told.holdout_ppm, self._told.exploration_ppm, salt))
        self.standing = self._ledger.rankers.standing(self.name)
        now = self.standing.in_force
        if now is not None and self._told.enabled and not self.standing.holds:
            with suppress(DamagedModel):  # `_ranker` says so
                self.serving = self._loaded(now)
        self._rank(self._ranker())

    def tick(self, now: datetime, token: int) -> bool:
        """Follow the ledger; whether what ranks changed."""
        if not self.is_wanted:
            return False
        act = Act(now, token)
        self.standing = self._ledger.rankers.standing(self.name)
        if self.standing.in_force is not None and self._told.enabled:
            self._follow(self.standing.in_force, act)
        return self._rank(self._ranker())

    def _follow(self, in_force: InForce, act: Act) -> None:
        """Read a version that is new, and stop one that is too old or cannot be read."""
        if any(hold.cause is Cause.DAMAGED for hold in self.standing.holds):
            return
        serving = self.serving
        if serving is None or (serving.version, serving.artifact) != (
            in_force.version,
            in_force.artifact,
        ):
            try:
                self.serving = self._loaded(in_force)
            except DamagedModel as error:
                self._leave(in_force, error, act)
                return
        trained_at = in_force.trained_at
        if trained_at is not None and act.at - trained_at > self._told.max_age:
            why = f"trained on {trained_at:%Y-%m-%d}, {(act.at - trained_at).days} days ago"
            self.stop(Cause.STALE, in_force.version, why=why, act=act)

    def stop(self, cause: Cause, version: str, *, why: str, act: Act) -> None:
        """Raise an alarm about a version: round robin until somebody has acted. Once."""
        if self._ledger.rankers.hold(self.name, cause, why=why, act=act, version=version):
            self._tell.alert("ranking_stopped", cause=cause.value, version=version, problem=why)
            self.standing = self._ledger.rankers.standing(self.name)

    def _leave(self, in_force: InForce, error: DamagedModel, act: Act) -> None:
        """Go on with the version before it, where that one can be read; else with round robin."""
        why = f"{in_force.version} cannot be used: {error}"
        before = self.standing.previous
        artifact = None if before is None else self._ledger.rankers.artifact(self.name, before)
        try:
            tables_of(artifact)
        except DamagedModel:
            self.serving = None
            self.stop(Cause.DAMAGED, in_force.version, why=why, act=act)
            return
        self._ledger.rankers.rollback(self.name, why=why, act=act)
        self._tell.alert("model_damaged", version=in_force.version, back_to=before, problem=why)
        self.standing = self._ledger.rankers.standing(self.name)
        if self.standing.in_force is not None:
            self.serving = self._loaded(self.standing.in_force)

    def _loaded(self, in_force: InForce) -> Serving:
        artifact = self._ledger.rankers.artifact(self.name, in_force.version)
        tables = tables_of(artifact)
        ranker = TableRanker(tables, in_force.version)
        return Serving(in_force.version, in_force.artifact, tables, ranker)

    def _ranker(self) -> Ranker:
        if not self._told.enabled:
            return Refusing(_OFF)
        if self.standing.in_force is None:
            self.serving = None
            return NoModel()
        if self.standing.holds:
            return Refusing(refusal(self.standing.holds[0]))
        if self.serving is None or self.serving.version != self.standing.in_force.version:
            return Refusing(_AS_SAID[Cause.DAMAGED].format(version=self.standing.in_force.version))
        return self.serving.ranker

    def _rank(self, ranker: Ranker) -> bool:
        said = _said(ranker, self.serving)
        if said == self._said:
            return False
        with self._world.lock:
            for router in (self._world.live, self._world.shadow):
                router.ranker = ranker
        self._said = said
        self._tell.event("ranking_changed", route=self.name, ranks=said)
        return True

    def _share(self, shares: Shares) -> None:
        with self._world.lock:
            for router in (self._world.live, self._world.shadow):
                router.shares = shares


def _said(ranker: Ranker, serving: Serving | None) -> str:
    """What ranks, in a word; what the log says when it changes."""
    if isinstance(ranker, Refusing):
        return ranker.reason
    if isinstance(ranker, NoModel) or serving is None:
        return _NONE
    return f"model {serving.version}"
