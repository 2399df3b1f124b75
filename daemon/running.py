"""Runs the application's rounds from threads until a signal says to stop.

Timers only wake loops. The decider and the pusher wake on new work; the main thread keeps the
lease and watches for signals. SIGTERM or SIGINT: not ready any more, rounds under way are
finished, the lease is given back; a second signal ends the process at once. Killed at any point,
the next process finds in the ledger all that there is to know.
"""

import gc
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Thread
from types import FrameType
from typing import Final, TypeVar

import structlog

from daemon.application import Application
from daemon.clock import Wakeup
from daemon.health import Health
from daemon.http import HttpServer, health_app
from daemon.loops.end import End
from daemon.metrics import Metrics
from daemon.schedule import Job, Schedule
from daemon.settings import Settings
from models.errors import Fenced, LedgerError

_log = structlog.get_logger(__name__)

SLOWEST_TICK_S: Final = 120.0  #: a loop that takes longer is stuck
_BEAT_S: Final = 0.2  #: how often the main thread looks at signals and the lease
_IDLE_S: Final = 5.0
_OF_THE_DRAIN: Final = 0.9  #: the rest is for giving things back
_PUSH_S: Final = 0.1  #: how soon an effect in quarantine is looked at again
_LEDGER_PAUSE_S: Final = 1.0
_FOLLOW_UP: Final = timedelta(seconds=5)
_GAUGES: Final = timedelta(seconds=5)
_RECONCILE: Final = timedelta(seconds=10)
_REQUESTS: Final = timedelta(seconds=0.5)
_RANKING: Final = timedelta(seconds=2)
_BUSY: Final = 10  #: a recall may take a tenth of the time

T = TypeVar("T")
Act = Callable[[int], float]  #: one round under a token; how long to sleep unless woken


@dataclass(slots=True)
class Loop:
    """One thread, and what wakes it."""

    name: str
    act: Act
    wakeup: Wakeup = field(default_factory=Wakeup)
    thread: Thread | None = None

    @property
    def lives(self) -> bool:
        """Whether its thread still runs."""
        return self.thread is not None and self.thread.is_alive()


class Daemon:
    """The running process around an application."""

    def __init__(
        self, app: Application, settings: Settings, *, metrics: Metrics, health: Health
    ) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._health = health
        self._stopping = False
        self._due: set[str] = set()  #: what a timer asked the upkeep to do
        self._primed: set[str] = set()
        self._upkeep_rounds = Upkeep(app, metrics)
        self._decide = Loop("decide", self._deciding)
        self._push = Loop("push", self._pushing)
        self._upkeep = Loop("upkeep", self._keeping_up)
        self._intakes = {
            end.name: Loop(f"intake.{end.name}", self._intake_of(end))
            for end in app.world.working()
        }

    @property
    def _loops(self) -> tuple[Loop, ...]:
        return (self._decide, self._push, self._upkeep, *self._intakes.values())

    def run(self) -> None:
        """Run until a signal, then drain.

        Raises:
            CannotServe: The address for health and metrics cannot be listened on.
            LedgerError: The ledger cannot be used at all.
        """
        self._listen_to_signals()
        schedule = Schedule(self._jobs(), metrics=self._metrics, clock=self._app.clock)
        with self._served():
            self._app.index_accounts()
            self._app.hold_lease(self._app.clock.now())
            _keep_for_good()
            schedule.start()
            for loop in self._loops:
                self._start(loop)
            _log.info("daemon_started", connections=sorted(self._app.world.ends))
            while not self._stopping:
                self._beat()
                self._app.clock.sleep(_BEAT_S)
            self._drain()
            schedule.stop()
        self._app.close()
        _log.info("daemon_stopped")

    def stop(self) -> None:
        """Stop as a signal would."""
        self._stopping = True

    def _beat(self) -> None:
        """Keep the lease; whoever just got it has all loops look at once."""
        before = self._app.ready_for
        token = self._guarded("lease", lambda: self._app.hold_lease(self._app.clock.now()))
        self._metrics.lease_held.set(0 if token is None else 1)
        self._health.ticked("lease")
        if token is not None and before != token:
            _keep_for_good()
            for loop in self._loops:
                loop.wakeup.set()

    def _drain(self) -> None:
        """Finish what is under way, for as long as the settings allow; keep the lease so long."""
        self._health.drain()
        clock = self._app.clock
        deadline = clock.monotonic() + self._settings.timing.drain_s * _OF_THE_DRAIN
        for loop in self._loops:
            loop.wakeup.set()
        while any(loop.lives for loop in self._loops) and clock.monotonic() < deadline:
            self._guarded("lease", self._app.lease.tick)
            clock.sleep(0.05)
        left = [loop.name for loop in self._loops if loop.lives]
        if left:
            _log.error("drain_timed_out", alert=True, loops=left)

    def _start(self, loop: Loop) -> None:
        loop.thread = Thread(target=self._turn, args=(loop,), name=loop.name, daemon=True)
        loop.thread.start()

    def _turn(self, loop: Loop) -> None:
        pause_s = 0.0
        while not self._stopping:
            loop.wakeup.wait(pause_s)
            if not self._stopping:
                pause_s = self._round(loop)
                self._health.ticked(loop.name)

    def _round(self, loop: Loop) -> float:
        token = self._app.lease.token
        if token is None or token != self._app.ready_for:
            return _IDLE_S
        started = self._app.clock.monotonic()
        pause_s = self._guarded(loop.name, lambda: loop.act(token))
        self._metrics.tick_s.labels(loop.name).observe(self._app.clock.monotonic() - started)
        return _LEDGER_PAUSE_S if pause_s is None else pause_s

    def _guarded(self, name: str, act: Callable[[], T]) -> T | None:
        """A round that fails leaves the others running; None where it failed."""
        try:
            return act()
        except Fenced as error:
            self._app.ready_for = None
            with suppress(LedgerError):  # it is somebody else's already; ours ends here
                self._app.lease.release()
            self._app.tell.alert("lease_lost", loop=name, problem=str(error))
        except LedgerError as error:
            self._app.ready_for = None  # what was committed is read back from the ledger
            self._app.tell.alert("ledger_failed", loop=name, problem=str(error))
        except Exception as error:  # noqa: BLE001 - our own mistake must not end the loop
            self._app.tell.alert("loop_failed", loop=name, exc_info=error)
        return None

    def _deciding(self, token: int) -> float:
        if self._app.decide(self._app.clock.now(), token):
            self._push.wakeup.set()
            self._app.freed = True
        return _IDLE_S

    def _pushing(self, token: int) -> float:
        del token  # the pusher asks the lease itself, and again before anything leaves
        app = self._app
        if app.loops.push.tick(app.clock.now(), app.lease):
            app.freed = True
            return 0.0
        now, due_at = app.clock.now(), app.world.push_at
        if due_at is not None:
            return min(max((due_at - now).total_seconds(), 0.0), _PUSH_S)
        return _PUSH_S if app.ledger.outbox.depth(at=now).pending else _IDLE_S

    def _keeping_up(self, token: int) -> float:
        due, self._due = self._due, set()
        if self._upkeep_rounds.run(due, token):
            self._push.wakeup.set()
        return _IDLE_S

    def _intake_of(self, end: End) -> Act:
        def intake(token: int) -> float:
            new = self._app.loops.intake.tick(end, self._app.clock.now(), token)
            is_news = end.is_primed and end.name not in self._primed
            if is_news:  # what lay in the inbox waited for people and accounts
                self._primed.add(end.name)
            if new or is_news:
                self._decide.wakeup.set()
            return _IDLE_S if end.is_primed else _LEDGER_PAUSE_S

        return intake

    def _jobs(self) -> tuple[Job, ...]:
        """Timers: each only wakes a loop."""
        timing = self._settings.timing
        polls = (
            Job(f"poll.{name}", self._poll_every(name), loop.wakeup.set)
            for name, loop in self._intakes.items()
        )
        return (
            *polls,
            self._upkeep_job("requests", _REQUESTS),
            self._upkeep_job("recall", timedelta(seconds=timing.recall_s)),
            self._upkeep_job("follow_up", _FOLLOW_UP),
            self._upkeep_job("reconcile", _RECONCILE),
            self._upkeep_job("ranking", _RANKING),
            self._upkeep_job("gauges", _GAUGES),
        )

    def _upkeep_job(self, name: str, every: timedelta) -> Job:
        def wake() -> None:
            self._due.add(name)
            self._upkeep.wakeup.set()

        return Job(name, every, wake)

    def _poll_every(self, name: str) -> timedelta:
        return timedelta(seconds=min(self._app.world.ends[name].beats.every_s.values()))

    def _served(self) -> AbstractContextManager[object]:
        http = self._settings.http
        if not http.enabled:
            return nullcontext()
        app = health_app(self._health, self._metrics if http.metrics else None)
        return HttpServer(app, http, clock=self._app.clock)

    def _listen_to_signals(self) -> None:
        """The first signal drains, the second ends the process where it stands."""

        def stop(number: int, _: FrameType | None) -> None:
            if self._stopping:
                os._exit(128 + number)
            self._stopping = True

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)


def _keep_for_good() -> None:
    """Accounts, people and state were just read and stay: spare the collector walking them."""
    gc.collect()
    gc.freeze()


class Upkeep:
    """What is done every so often: requests, recall, follow-ups, reconciliation, gauges."""

    def __init__(self, app: Application, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._recalled_at = 0.0
        self._recall_took_s = 0.0

    def run(self, due: Iterable[str], token: int) -> bool:
        """Do what is due; whether there may be something to push."""
        app, now, due = self._app, self._app.clock.now(), set(due)
        done = app.loops.requests.tick(now, token)
        app.freed = app.freed or done > 0
        if done or "ranking" in due:
            app.follow_model(now, token)
        if "recall" in due or self._is_recall_wanted():
            done += self._recall(token)
        if "follow_up" in due:
            app.follow_up(now, token)
        if "reconcile" in due:
            app.reconcile(now, token)
        if "gauges" in due:
            self._measure()
        return done > 0

    def _is_recall_wanted(self) -> bool:
        """Whether somebody came free or has waited long enough, and we may look again."""
        app, world = self._app, self._app.world
        since = app.clock.monotonic() - self._recalled_at
        if since < self._recall_took_s * _BUSY:
            return False
        now = app.clock.now()
        books = (world.live, world.shadow)
        on_list = any(desk.state.waits or desk.state.recall for desk in books)
        return app.loops.recall.has_orphans or (
            on_list and (app.freed or any(desk.due(now) for desk in books))
        )

    def _recall(self, token: int) -> int:
        clock = self._app.clock
        started = clock.monotonic()
        made = self._app.recall(clock.now(), token)
        self._recalled_at = clock.monotonic()
        self._recall_took_s = self._recalled_at - started
        return made

    def _measure(self) -> None:
        app, metrics = self._app, self._metrics
        live = app.world.live.state
        metrics.waiting.set(len(live.waits))
        metrics.recall_depth.set(len(live.recall))
        now = app.clock.now()
        depth = app.ledger.outbox.depth(at=now)
        age_s = 0.0 if depth.oldest_at is None else (now - depth.oldest_at).total_seconds()
        for end in app.world.working():
            metrics.effects_pending.labels(end.name).set(depth.pending)
            metrics.oldest_pending_s.labels(end.name).set(age_s)
            budget = end.connector.budget()
            if budget.left is not None:
                metrics.api_calls_left.labels(end.name).set(budget.left)
            if budget.used is not None:
                metrics.api_calls_used.labels(end.name).set(budget.used)
