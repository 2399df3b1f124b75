"""Runs the application's rounds from threads until a signal says to stop.

Timers only wake loops. Each connection has three threads of its own, which are all that ever call
its CRM: one reads, one writes, one compares it with the ledger; a CRM that hangs holds up nothing
else. The decider and the pushers wake on new work; a thread of its own keeps the lease
(`daemon.running.heartbeat`), the main one takes over and watches for signals. SIGTERM or SIGINT:
not ready any more, rounds under way are finished, the lease is given back; a second signal ends
the process at once. SIGHUP: rulebook and roster are read again now. Killed at any point, the next
process finds in the ledger all that there is to know.
"""

import gc
import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Thread
from types import FrameType
from typing import Final, TypeVar

import structlog

from daemon.base.clock import Wakeup
from daemon.base.metrics import Metrics
from daemon.running.application import Application
from daemon.running.heartbeat import Heartbeat
from daemon.running.schedule import Job, Schedule
from daemon.running.upkeep import RELOAD, Upkeep
from daemon.settings import Settings
from daemon.web.health import Health
from daemon.web.hints import Hints, doors_of
from daemon.web.http import HttpServer, health_app
from daemon.world.connections.connection import Connection
from models.store.errors import Fenced, LedgerError
from routing.facts import Stream

_log = structlog.get_logger(__name__)

SLOWEST_TICK_S: Final = 120.0  #: a loop that takes longer is stuck
_SLOWEST_CALLS_S: Final = 1800.0  #: the same for one that calls a CRM, which may be slow
_LOOK_S: Final = 0.2  #: how often the main thread looks at signals and the lease
_IDLE_S: Final = 5.0
_OF_THE_DRAIN: Final = 0.9  #: the rest is for giving things back
_PUSH_S: Final = 0.1  #: how soon an effect in quarantine is looked at again
_LEDGER_PAUSE_S: Final = 1.0
_COMPARE_S: Final = 10.0  #: how often it is asked whether a comparison is due
_FOLLOW_UP: Final = timedelta(seconds=5)
_GAUGES: Final = timedelta(seconds=5)
_FILES: Final = timedelta(seconds=2)
_REQUESTS: Final = timedelta(seconds=0.5)
_RANKING: Final = timedelta(seconds=2)

T = TypeVar("T")
Act = Callable[[int], float]  #: one round under a token; how long to sleep unless woken


@dataclass(slots=True)
class Loop:
    """One thread, and what wakes it."""

    name: str
    act: Act
    slowest_s: float = SLOWEST_TICK_S
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
        self._upkeep = Loop("upkeep", self._keeping_up)
        self._intakes = self._of_each("intake", self._intake_of)
        self._pushes = self._of_each("push", self._push_of)
        self._compares = self._of_each("compare", self._compare_of)

    def _of_each(self, name: str, act: Callable[[Connection], Act]) -> dict[str, Loop]:
        """A loop for each connection that is not off."""
        return {
            connection.name: Loop(f"{name}.{connection.name}", act(connection), _SLOWEST_CALLS_S)
            for connection in self._app.world.working()
        }

    @property
    def _loops(self) -> tuple[Loop, ...]:
        of_connections = (self._intakes, self._pushes, self._compares)
        return (self._decide, self._upkeep, *(x for each in of_connections for x in each.values()))

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
            with Heartbeat(self._app.lease, self._app.tell, beaten=self._beaten):
                schedule.start()
                for loop in self._loops:
                    self._start(loop)
                _log.info("daemon_started", connections=sorted(self._app.world.connections))
                while not self._stopping:
                    self._follow_lease()
                    self._app.clock.sleep(_LOOK_S)
                self._drain()
            schedule.stop()
        self._app.close()
        _log.info("daemon_stopped")

    def stop(self) -> None:
        """Stop as a signal would."""
        self._stopping = True

    def _beaten(self) -> None:
        self._metrics.lease_held.set(0 if self._app.lease.token is None else 1)
        self._health.ticked("lease")

    def _follow_lease(self) -> None:
        """Whoever just got the lease takes over, and has all loops look at once."""
        before = self._app.ready_for
        token = self._guarded("taking over", lambda: self._app.follow_lease(self._app.clock.now()))
        self._health.ticked("taking over")
        if token is not None and before != token:
            _keep_for_good()
            for loop in self._loops:
                loop.wakeup.set()

    def _drain(self) -> None:
        """Finish what is under way, for as long as the settings allow."""
        self._health.drain()
        clock = self._app.clock
        deadline = clock.monotonic() + self._settings.timing.drain_s * _OF_THE_DRAIN
        for loop in self._loops:
            loop.wakeup.set()
        while any(loop.lives for loop in self._loops) and clock.monotonic() < deadline:
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
                self._health.ticked(loop.name, within_s=loop.slowest_s)

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
            self._wake_pushers()
            self._app.freed = True
        return _IDLE_S

    def _wake_pushers(self) -> None:
        for loop in self._pushes.values():
            loop.wakeup.set()

    def _push_of(self, connection: Connection) -> Act:
        def push(token: int) -> float:
            del token  # the pusher asks the lease itself, and again before anything leaves
            app = self._app
            if app.loops.push.tick(connection, app.clock.now(), app.lease):
                app.freed = True
                return 0.0
            now, trouble = app.clock.now(), connection.writes.trouble
            if trouble is not None:
                return min(max((trouble.until - now).total_seconds(), _PUSH_S), _IDLE_S)
            if connection.push_at is not None:
                return min(max((connection.push_at - now).total_seconds(), 0.0), _PUSH_S)
            return _IDLE_S if app.ledger.outbox.is_empty(connection.name) else _PUSH_S

        return push

    def _compare_of(self, connection: Connection) -> Act:
        def compare(token: int) -> float:
            self._app.reconcile(connection, self._app.clock.now(), token)
            return _COMPARE_S

        return compare

    def _keeping_up(self, token: int) -> float:
        due, self._due = self._due, set()
        if self._upkeep_rounds.run(due, token):
            self._wake_pushers()
        return _IDLE_S

    def _intake_of(self, connection: Connection) -> Act:
        def intake(token: int) -> float:
            new = self._app.loops.intake.tick(connection, self._app.clock.now(), token)
            is_news = connection.is_primed and connection.name not in self._primed
            if is_news:  # what lay in the inbox waited for people and accounts
                self._primed.add(connection.name)
            if new or is_news:
                self._decide.wakeup.set()
            early_at, now = connection.poll_schedule.early_at, self._app.clock.now()
            if early_at is not None and connection.reads.may_run(now):
                return min(max((early_at - now).total_seconds(), 0.0), _IDLE_S)
            return _IDLE_S if connection.is_primed else _LEDGER_PAUSE_S

        return intake

    def _hinted(self, connection: str) -> bool:
        """Poll for leads early; False: another process routes, and polls in its own time."""
        app = self._app
        if app.lease.token is None or app.lease.token != app.ready_for:
            return False
        app.world.connections[connection].poll_schedule.hint(Stream.LEADS, app.clock.now())
        self._intakes[connection].wakeup.set()
        return True

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
            self._upkeep_job("files", _FILES),
            self._upkeep_job("recall", timedelta(seconds=timing.recall_s)),
            self._upkeep_job("follow_up", _FOLLOW_UP),
            self._upkeep_job("ranking", _RANKING),
            self._upkeep_job("gauges", _GAUGES),
        )

    def _upkeep_job(self, name: str, every: timedelta) -> Job:
        return Job(name, every, lambda: self._wake_upkeep(name))

    def _wake_upkeep(self, what: str) -> None:
        self._due.add(what)
        self._upkeep.wakeup.set()

    def _poll_every(self, name: str) -> timedelta:
        return timedelta(
            seconds=min(self._app.world.connections[name].poll_schedule.every_s.values())
        )

    def _served(self) -> AbstractContextManager[object]:
        http = self._settings.http
        if not http.enabled:
            return nullcontext()
        clock, metrics = self._app.clock, self._metrics
        doors = doors_of(self._settings.connections.items())
        hints = Hints(doors, self._hinted, clock, metrics) if doors else None
        app = health_app(self._health, metrics if http.metrics else None, hints)
        return HttpServer(app, http, clock=clock)

    def _listen_to_signals(self) -> None:
        """The first signal drains, the second ends the process where it stands."""

        def stop(number: int, _: FrameType | None) -> None:
            if self._stopping:
                os._exit(128 + number)
            self._stopping = True

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        signal.signal(signal.SIGHUP, lambda *_: self._wake_upkeep(RELOAD))


def _keep_for_good() -> None:
    """Accounts, people and state were just read and stay: spare the collector walking them."""
    gc.collect()
    gc.freeze()
