"""Jobs that come round, and jobs that run once per period."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from daemon.clock import SystemClock
from daemon.metrics import Metrics
from daemon.schedule import Job, Schedule, once_per_period, period_of
from tests.fakes.clock import SettableClock

HOUR = timedelta(hours=1)


class Runs:
    """What the ledger keeps of job runs, in a dict."""

    def __init__(self) -> None:
        self.outcomes: dict[tuple[str, str], str | None] = {}

    def claim(self, job: str, period: str) -> bool:
        if (job, period) in self.outcomes:
            return False
        self.outcomes[job, period] = None
        return True

    def finish(self, job: str, period: str, outcome: str) -> None:
        self.outcomes[job, period] = outcome

    def forget(self, job: str, period: str) -> None:
        del self.outcomes[job, period]


def count(metrics: Metrics, job: str, result: str) -> float | None:
    labels = {"job": job, "result": result}
    return metrics.registry.get_sample_value("signalbox_jobs_total", labels)


def test_a_periodic_job_runs_once_however_often_it_is_started():
    ran: list[str] = []
    clock, runs = SettableClock(), Runs()
    here = once_per_period(Job("seal", HOUR, lambda: ran.append("here")), runs, clock)
    there = once_per_period(Job("seal", HOUR, lambda: ran.append("there")), runs, clock)

    here.run()
    there.run()
    clock.advance(HOUR.total_seconds())
    there.run()

    assert ran == ["here", "there"]
    assert set(runs.outcomes.values()) == {"done"}


def test_a_periodic_job_that_failed_is_run_again_in_its_period():
    clock, runs = SettableClock(), Runs()
    outcomes = iter([ValueError("no"), None])

    def act() -> None:
        if error := next(outcomes):
            raise error

    job = once_per_period(Job("seal", HOUR, act), runs, clock)

    with pytest.raises(ValueError, match="no"):
        job.run()
    job.run()

    assert list(runs.outcomes.values()) == ["done"]


@pytest.mark.parametrize(
    ("at", "every", "period"),
    [
        pytest.param("2026-10-25T00:59:59+00:00", HOUR, "2026-10-25T00:00:00Z", id="before"),
        pytest.param("2026-10-25T01:00:00+00:00", HOUR, "2026-10-25T01:00:00Z", id="autumn, 02:00"),
        pytest.param("2026-10-25T02:30:00+01:00", HOUR, "2026-10-25T01:00:00Z", id="any zone"),
        pytest.param("2026-03-02T23:59:59+00:00", 24 * HOUR, "2026-03-02T00:00:00Z", id="a day"),
    ],
)
def test_a_period_is_named_by_its_beginning_in_utc(at: str, every: timedelta, period: str):
    assert period_of(datetime.fromisoformat(at), every) == period


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
