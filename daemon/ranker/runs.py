"""Training as the daemon sees it: a process that is started, watched, and never waited for.

The process reads the ledger, trains and keeps its version with the verdict in one transaction of
its own, under the fencing token it was started with. It is bounded in memory and time; whatever
becomes of it, the version in force ranks on. Runs are due by the calendar, by the number of leads
that have ripened, or when somebody asks.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryFile
from typing import IO, Any, Final, Protocol

from apscheduler.triggers.cron import CronTrigger

from daemon.base.clock import Clock
from daemon.base.events import Tell
from daemon.ranker.serving import Ranking
from daemon.settings import Settings
from models.journal.entries import Act
from models.ledger import Ledger
from models.rankers.training_rows import last_trained_at, ripened
from models.store.jobs import FAILED

_JOB: Final = "train"
_LOOK_EVERY: Final = timedelta(minutes=10)
_ALONE: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_IMPATIENT: Final = {  # MLflow would ask a server that is away for a quarter of an hour
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}
_AFTER_FAILURE: Final = timedelta(hours=6)
_WAIT_S: Final = 0.1
_LONGEST_SAID: Final = 300  #: characters of a process's last words


class Process(Protocol):
    """A process that trains."""

    def poll(self) -> int | None:
        """How it ended; None: it runs."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...

    def said(self) -> tuple[str, str]:
        """What it wrote to both outputs."""
        ...


class Launch(Protocol):
    """Starts the process; `launched` has the real one."""

    def __call__(self, order: Mapping[str, Any]) -> Process:
        """Start it with an order."""
        ...


class _Launched:
    """The real process."""

    def __init__(self, process: subprocess.Popen[bytes], out: IO[bytes], err: IO[bytes]) -> None:
        self._process = process
        self._outputs = (out, err)

    def poll(self) -> int | None:
        return self._process.poll()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def said(self) -> tuple[str, str]:
        texts = []
        for output in self._outputs:
            output.seek(0)
            texts.append(output.read().decode(errors="replace"))
            output.close()
        return texts[0], texts[1]


def launched(order: Mapping[str, Any]) -> Process:
    """Start the process that trains; the order, which may name a password, goes to its input."""
    out, err = TemporaryFile(), TemporaryFile()  # noqa: SIM115 - closed once they were read
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "daemon.train_worker"],
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=err,
        env={**_IMPATIENT, **os.environ, **dict.fromkeys(_ALONE, "1")},
    )
    if process.stdin is not None:
        process.stdin.write(json.dumps(order).encode())
        process.stdin.close()
    return _Launched(process, out, err)


@dataclass(frozen=True, slots=True)
class Run:
    """A process that is under way."""

    process: Process
    period: str
    started_at: datetime
    give_up_at: float  #: monotonic


class TrainingRuns:
    """Starts and watches the process that trains.

    Args:
        ledger: Where rows come from and versions go.
        ranking: Which route is ranked, and by what.
        settings: The installation's.
        clock: For times and time limits.
        tell: Hears how a run ended.
    """

    def __init__(
        self, ledger: Ledger, ranking: Ranking, settings: Settings, *, clock: Clock, tell: Tell
    ) -> None:
        self._ledger = ledger
        self.ranking = ranking
        self._settings = settings
        self._clock = clock
        self._tell = tell
        self._look_at: datetime | None = None
        self.launch: Launch = launched
        self.run: Run | None = None
        self.ended = 0  #: runs so far
        self.last: Mapping[str, Any] = {}  #: how the last of them ended

    def tick(self, now: datetime, token: int) -> bool:
        """Watch the run under way, else start one that is due; whether one came to an end."""
        if self.run is not None:
            return self._watch(self.run, now, token)
        if self.ranking.is_wanted and self._settings.training.enabled:
            period = self._due(now)
            if period is not None:
                self.begin(Act(now, token), period=period)
        return False

    def begin(self, act: Act, *, period: str) -> bool:
        """Start a run; False where it was done for this period, or one is under way."""
        now = act.at
        if self.run is not None:
            return False
        if not self._ledger.jobs.start(_JOB, period, at=now, token=act.token):
            return False
        process = self.started(self._order(act))
        give_up_at = self._clock.monotonic() + self._settings.training.at_most_s
        self.run = Run(process, period, now, give_up_at)
        self._tell.event("training_started", period=period)
        return True

    def close(self) -> None:
        """End a run that is under way: the process ends with the daemon."""
        if self.run is not None and self.run.process.poll() is None:
            self.run.process.kill()
            self.run.process.said()
        self.run = None

    def _due(self, now: datetime) -> str | None:
        """For which period a run is due: at a time of the calendar, or once enough has ripened."""
        if self._look_at is not None and now < self._look_at:
            return None
        self._look_at, told = now + _LOOK_EVERY, self._settings.training
        route, store = self.ranking.name, self._ledger.store
        ripe = ripened(store, route, ripe_at=now - told.horizon)
        if ripe < told.floors.decided:
            return None
        trained_at = last_trained_at(store, route)
        if trained_at is None:
            return f"first at {now:%Y-%m-%dT%H}"
        before = ripened(store, route, ripe_at=trained_at - told.horizon)
        if ripe - before >= told.after_outcomes:
            return f"{ripe} ripe"
        calendar = CronTrigger.from_crontab(told.schedule, timezone=UTC)
        planned = calendar.get_next_fire_time(None, trained_at)
        if ripe > before and planned is not None and planned <= now:
            return f"planned {planned:%Y-%m-%dT%H:%M}"
        return None

    def started(self, order: Mapping[str, Any]) -> Process:
        """Start the process with what it is to do, and what it has to know for that."""
        return self.launch({**_common(self._settings, self.ranking.name), **order})

    def _order(self, act: Act) -> dict[str, Any]:
        actor = act.actor
        return {
            "do": "train",
            "token": act.token,
            "actor": [actor.name, actor.on_behalf_of, actor.channel.value],
        }

    def _watch(self, run: Run, now: datetime, token: int) -> bool:
        code = run.process.poll()
        if code is None and self._clock.monotonic() < run.give_up_at:
            return False
        if code is None:
            run.process.kill()
            run.process.said()
            limit = self._settings.training.at_most_s
            self._end(run, {"problem": f"it took longer than {limit:.0f} s and was ended"}, now)
        else:
            self._end(run, ended(code, *run.process.said()), now)
        outcome = FAILED if "problem" in self.last else "done"
        self._ledger.jobs.end(_JOB, run.period, outcome=outcome, at=now, token=token)
        self.ranking.tick(now, token)
        return True

    def _end(self, run: Run, said: Mapping[str, Any], now: datetime) -> None:
        self.run, self.last = None, said
        self.ended += 1
        if "problem" in said:
            self._look_at = now + _AFTER_FAILURE
            self._tell.alert("training_failed", period=run.period, problem=said["problem"])
        else:
            self._tell.event("training_done", period=run.period, **said)
            if said.get("tracking_problem"):
                problem = said["tracking_problem"]
                self._tell.alert("tracking_failed", period=run.period, problem=problem)
            if said.get("unreadable"):
                first = said["first_unreadable"]
                self._tell.alert("records_unreadable", records=said["unreadable"], first=first)


def judged(settings: Settings, route: str, version: str, *, clock: Clock) -> Mapping[str, Any]:
    """Let a process of its own say whether a version helped, and wait for that."""
    chance_ppm = settings.ranker.exploration_ppm
    asked = {"do": "evaluate", "version": version, "chance_ppm": chance_ppm}
    process = launched({**_common(settings, route), **asked})
    give_up_at = clock.monotonic() + settings.training.at_most_s
    while True:
        code = process.poll()
        if code is not None:
            return ended(code, *process.said())
        if clock.monotonic() >= give_up_at:
            process.kill()
            process.said()
            return {"problem": f"it took longer than {settings.training.at_most_s:.0f} s"}
        clock.sleep(_WAIT_S)


def _common(settings: Settings, route: str) -> dict[str, Any]:
    """What the process is told; nothing of it stands in its arguments or environment."""
    return {
        "ledger": settings.ledger.address().get_secret_value(),
        "route": route,
        "training": settings.training.model_dump(mode="json"),
        **_tracking(settings),
    }


def _tracking(settings: Settings) -> dict[str, str | None]:
    """Where runs are tracked: as told, else in a file beside the ledger or the rulebook.

    A server has a place of its own for files.
    """
    beside = (settings.ledger.file or settings.rulebook).absolute().parent
    told = settings.training.mlflow or f"sqlite:///{beside / 'mlflow.db'}"
    is_server = told.startswith(("http://", "https://"))
    return {"tracking": told, "artifacts": None if is_server else str(beside / "mlflow-artifacts")}


def ended(code: int, out: str, err: str) -> Mapping[str, Any]:
    """What a process that ended made of it: its last line, or why there is none."""
    try:
        said: dict[str, Any] = json.loads(out.strip().rpartition("\n")[2])
    except ValueError:
        last = err.strip().rpartition("\n")[2][:_LONGEST_SAID]
        how = f"signal {-code}" if code < 0 else f"code {code}"
        return {"problem": f"the process ended with {how}{': ' if last else ''}{last}"}
    return said
