"""What happens every so often: APScheduler as a timer, and nothing more.

It keeps no store, so that nothing is pickled and no second process can run a job of ours; it works
in UTC, runs one instance of a job at a time, and runs a late job late rather than never. What must
run once per period asks the ledger (`models.store.jobs`), because a restart forgets what a timer
knows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

import structlog
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
)
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from daemon.base.clock import Clock
from daemon.base.metrics import Metrics

_log = structlog.get_logger(__name__)

_RESULTS = {
    EVENT_JOB_EXECUTED: "done",
    EVENT_JOB_ERROR: "failed",
    EVENT_JOB_MISSED: "missed",
    EVENT_JOB_MAX_INSTANCES: "still_running",
}


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again: often only to wake a loop."""

    name: str
    every: timedelta
    run: Callable[[], None]
    at_start: bool = field(default=True)  #: False: the first time after one interval


class Schedule:
    """Runs jobs from `start` to `stop`. One per process."""

    def __init__(self, jobs: tuple[Job, ...], *, metrics: Metrics, clock: Clock) -> None:
        self._metrics = metrics
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        self._scheduler.add_listener(self._count, sum(_RESULTS))
        for job in jobs:
            self._scheduler.add_job(
                job.run,
                "interval",
                seconds=job.every.total_seconds(),
                id=job.name,
                next_run_time=clock.now() if job.at_start else clock.now() + job.every,
            )

    def start(self) -> None:
        """Begin; jobs run in threads of the scheduler's."""
        self._scheduler.start()

    def stop(self) -> None:
        """Start no more jobs, and wait for those that run."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _count(self, event: Any) -> None:
        result = _RESULTS[event.code]
        self._metrics.jobs.labels(event.job_id, result).inc()
        if result == "failed":
            self._metrics.errors.labels(event.job_id, type(event.exception).__name__).inc()
            _log.error("job_failed", job=event.job_id, exc_info=event.exception)
        elif result != "done":
            _log.warning("job_not_run", job=event.job_id, reason=result)
