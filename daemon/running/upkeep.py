"""What is done every so often: files, requests, the ranker, recall, follow-ups, gauges.

Nothing here calls a CRM, so that no CRM can keep an operator or a waiting lead waiting.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from daemon.base.metrics import Metrics
from daemon.running.application import Application
from models.leads.known import Depth

RELOAD: Final = "reload"  #: somebody asks for it; "files": see whether they changed
_BUSY: Final = 10  #: a recall may take a tenth of the time


class Upkeep:
    """The rounds of it."""

    def __init__(self, app: Application, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._recalled_at = 0.0
        self._recall_took_s = 0.0

    def run(self, due: Iterable[str], token: int) -> bool:
        """Do what is due; whether there may be something to push."""
        app, now, due = self._app, self._app.clock.now(), set(due)
        if RELOAD in due or "files" in due:
            app.reload(now, token, asked=RELOAD in due)
        done = app.loops.requests.tick(now, token)
        app.freed = app.freed or done > 0
        if done or "ranking" in due:
            app.follow_model(now, token)
        if "recall" in due or self._is_recall_wanted():
            done += self._recall(token)
        if "follow_up" in due:
            app.follow_up(now, token)
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
        on_list = any(router.state.waits or router.state.recall for router in books)
        return app.loops.recall.has_orphans or (
            on_list and (app.freed or any(router.due(now) for router in books))
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
        for connection in app.world.working():
            for lane, depth in app.ledger.outbox.depths(connection.name, at=now).items():
                metrics.effects_pending.labels(connection.name, lane.value).set(depth.count)
                metrics.oldest_pending_s.labels(connection.name, lane.value).set(_age_s(depth, now))
            for lane, depth in app.ledger.intake.depths(connection.name).items():
                metrics.inbox_pending.labels(connection.name, lane.value).set(depth.count)
                metrics.oldest_inbox_s.labels(connection.name, lane.value).set(_age_s(depth, now))
            budget = connection.connector.budget()
            if budget.left is not None:
                metrics.api_calls_left.labels(connection.name).set(budget.left)
            if budget.used is not None:
                metrics.api_calls_used.labels(connection.name).set(budget.used)


def _age_s(depth: Depth, now: datetime) -> float:
    return 0.0 if depth.oldest_at is None else (now - depth.oldest_at).total_seconds()
