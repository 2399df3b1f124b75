"""Jobs that come round."""

import threading
from datetime import UTC, datetime, timedelta

from daemon.base.clock import SystemClock
from daemon.base.metrics import Metrics
from daemon.running.schedule import Job, Schedule
from tests.fakes.clock import SettableClock

HOUR = timedelta(hours=1)


def count(metrics: Metrics, job: str, result: str) -> float | None:
    labels = {"job": job, "result": result}
    return metrics.registry.get_sample_value("signalbox_jobs_total", labels)


def test_jobs_run_at_once_and_are_counted_by_what_became_of_them():
    metrics = Metrics(SystemClock())
    both = threading.Barrier(3)

    def good() -> None:
        both.wait(timeout=5)

    def bad() -> None:
        both.wait(timeout=5)
        raise LookupError

    schedule = Schedule(
        (Job("good", HOUR, good), Job("bad", HOUR, bad)), metrics=metrics, clock=SystemClock()
    )
    schedule.start()
    both.wait(timeout=5)
    schedule.stop()

    assert count(metrics, "good", "done") == 1
    assert count(metrics, "bad", "failed") == 1


def test_a_schedule_that_never_started_can_be_stopped():
    Schedule((), metrics=Metrics(SystemClock()), clock=SystemClock()).stop()


def test_a_job_that_is_late_by_a_day_still_runs():
    ran = threading.Event()
    yesterday = SettableClock(datetime.now(UTC) - timedelta(days=1))  # noqa: TID251
    job = Job("reconcile", 48 * HOUR, ran.set)
    schedule = Schedule((job,), metrics=Metrics(yesterday), clock=yesterday)

    schedule.start()

    assert ran.wait(timeout=5)
    schedule.stop()
