"""What operators ask of the ranker: train, promote, roll back, off, on.

Done while decisions go on with what ranked before. A version is read whole before it is put in
force, so that a damaged one is refused to whoever asks for it.
"""

from collections.abc import Mapping
from typing import Any

from daemon.operators.requests import Does, Done, Refused
from daemon.ranker.artifacts import DamagedModel, tables_of
from daemon.ranker.runs import TrainingRuns
from daemon.ranker.serving import Ranking
from models.governance.requests import Request
from models.journal.entries import Act
from models.rankers.versions import Cause, Rankers, Verdict
from routing.reading import did_you_mean


class ModelRequests:
    """Does what is asked of the ranker."""

    def __init__(self, rankers: Rankers, ranking: Ranking, runs: TrainingRuns) -> None:
        self._rankers = rankers
        self._ranking = ranking
        self._runs = runs
        self._asked: dict[str, int] = {}  #: request -> how many runs had ended before it
        self.does: Mapping[str, Does] = {
            "train": self._train,
            "model_promote": self._promote,
            "model_rollback": self._roll_back,
            "model_off": self._off,
            "model_on": self._on,
        }

    def _train(self, request: Request, act: Act) -> Done | None:
        """Start a run and answer when it ends; one that is under way already serves as well."""
        if not self._ranking.is_wanted:
            raise Refused(
                "No rule of the rulebook in force says `choose: model`, so there is nothing to "
                "train for."
            )
        ended = self._asked.setdefault(request.id, self._runs.ended)
        if self._runs.run is None and self._runs.ended == ended:
            self._runs.begin(act, period=f"asked {request.id}")
        if self._runs.ended == ended:
            return None
        del self._asked[request.id]
        said = self._runs.last
        if "problem" in said:
            raise Refused(f"Training failed: {said['problem']}. What ranked ranks on.")
        return Done(said)

    def _promote(self, request: Request, act: Act) -> Done:
        version = self._known(str(request.arguments["version"]))
        told = self._rankers.told(self._ranking.name, version)
        anyway = bool(request.arguments.get("anyway"))
        if told is not None and told.listed.verdict is not Verdict.PROMOTE and not anyway:
            raise Refused(
                f"The gate did not let {version} pass: {told.listed.why}. To put it in force "
                "nevertheless, say --anyway; the journal keeps that you did."
            )
        self._refuse_damaged(version)
        why = str(request.arguments["why"])
        changed = self._rankers.promote(self._ranking.name, version, why=why, act=act)
        return self._done(act, version=version, changed=changed)

    def _roll_back(self, request: Request, act: Act) -> Done:
        before = self._rankers.standing(self._ranking.name).previous
        if before is None:
            raise Refused("No other version was in force before. `model off` stops ranking.")
        self._refuse_damaged(before)
        why = str(request.arguments["why"])
        version = self._rankers.rollback(self._ranking.name, why=why, act=act)
        return self._done(act, version=version, changed=True)

    def _off(self, request: Request, act: Act) -> Done:
        why = str(request.arguments["why"])
        changed = self._rankers.hold(self._ranking.name, Cause.OFF, why=why, act=act)
        return self._done(act, changed=changed)

    def _on(self, request: Request, act: Act) -> Done:
        why = str(request.arguments["why"])
        released = self._rankers.release(self._ranking.name, why=why, act=act)
        causes = [cause.value for cause in released]
        return self._done(act, changed=bool(released), causes=causes)

    def _done(self, act: Act, **said: Any) -> Done:
        self._ranking.tick(act.at, act.token)
        return Done({"route": self._ranking.name, **said, "ranks": self._ranking.ranks})

    def _known(self, version: str) -> str:
        known = [each.version for each in self._rankers.versions(self._ranking.name)]
        if version not in known:
            hint = did_you_mean(version, known) or " `signalbox model list` shows them."
            raise Refused(f"There is no version {version}.{hint}")
        return version

    def _refuse_damaged(self, version: str) -> None:
        try:
            tables_of(self._rankers.artifact(self._ranking.name, version))
        except DamagedModel as error:
            raise Refused(f"{version} cannot rank: {error}") from error
