"""The registry's aliases go with what the ledger has in force, whoever put it there.

A version comes into force by training, by a promotion or a rollback by hand, or because a damaged
one is left for the one before it. The ledger's word is what ranks; that champion and previous bear
the right names where people look them up is done by a process of its own, at the next chance and
once for each change. A registry that is away costs nothing but an alert.
"""

from collections.abc import Mapping
from typing import Any, Final

from daemon.base.clock import Clock
from daemon.base.events import Tell
from daemon.ranker.runs import Process, TrainingRuns, ended
from models.ledger import Ledger
from models.rankers.versions import ALIASES

_AT_MOST_S: Final = 120.0


class AliasRuns:
    """Starts and watches the process that moves the aliases.

    Args:
        ledger: What is in force, and what was done about it.
        training: Whose process goes first: it moves them itself for the version it promotes.
        clock: For the time limit.
        tell: Hears of a registry that is away.
    """

    def __init__(self, ledger: Ledger, training: TrainingRuns, *, clock: Clock, tell: Tell) -> None:
        self._ledger = ledger
        self._training = training
        self._clock = clock
        self._tell = tell
        self._tried = ""
        self._give_up_at = 0.0
        self.process: Process | None = None

    def tick(self, token: int) -> None:
        """Watch the process under way, else start one where something else is in force now."""
        if self.process is not None:
            self._watch(self.process)
        elif self._training.run is None:
            self._begin(token)

    def close(self) -> None:
        """End what is under way; the next daemon does it again."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.said()
        self.process = None

    def _begin(self, token: int) -> None:
        in_force = self._training.ranking.standing.in_force
        if in_force is None or in_force.period == self._tried:
            return
        self._tried = in_force.period
        done = self._ledger.jobs.last(ALIASES)
        is_tracked = self._ledger.rankers.run_of(self._training.ranking.name, in_force.version)
        if is_tracked is not None and (done is None or done[0] != in_force.period):
            self._give_up_at = self._clock.monotonic() + _AT_MOST_S
            self.process = self._training.started({"do": "follow", "token": token})

    def _watch(self, process: Process) -> None:
        code, said = process.poll(), dict[str, Any]()
        if code is None and self._clock.monotonic() < self._give_up_at:
            return
        if code is None:
            process.kill()
            process.said()
            said = {"problem": f"it took longer than {_AT_MOST_S:.0f} s and was ended"}
        else:
            said = dict(ended(code, *process.said()))
        self.process = None
        self._told(said)

    def _told(self, said: Mapping[str, Any]) -> None:
        problem = said.get("problem") or said.get("tracking_problem")
        if problem:
            self._tell.alert("tracking_failed", version=said.get("version"), problem=problem)
        else:
            self._tell.event("aliases_moved", **said)
