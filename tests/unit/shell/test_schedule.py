"""Jobs that come round, and jobs that run once per period."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from daemon.clock import SystemClock
from daemon.metrics import Metrics
from daemon.schedule import Job, JobRuns, Schedule, once_per_period, period_of
from models.jobs import Jobs
from tests.fakes.clock import SettableClock

HOUR = timedelta(hours=1)


class Runs:
    """What the ledger keeps of job runs, in a dict."""

    def __init__(self) -> None:
        self.outcomes: dict[tuple[str, str], str | None] = {}

    def start(self, job: str, period: str, *, at: datetime, token: int) -> bool:
        if (job, period) in self.outcomes:
            return False
        self.outcomes[job, period] = None
        return True

    def end(self, job: str, period: str, *, outcome: str, at: datetime, token: int) -> None:
        self.outcomes[job, period] = outcome


def as_the_ledger_has_it(jobs: Jobs) -> JobRuns:
    """Says to the type checker that the ledger's memory is what a periodic job needs."""
    return jobs


class Seal:
    """A job that seals the journal once an hour, in as many processes as you like."""

    def __init__(self) -> None:
        self.clock, self.runs, self.ran = SettableClock(), Runs(), list[str]()
        self.token: int | None = 7

    def by(self, process: str, error: Exception | None = None) -> Job:
        def act() -> None:
            self.ran.append(process)
            if error is not None:
                raise error

        job = Job("seal", HOUR, act)
        return once_per_period(job, self.runs, clock=self.clock, token=lambda: self.token)


def count(metrics: Metrics, job: str, result: str) -> float | None:
    labels = {"job": job, "result": result}
    return metrics.registry.get_sample_value("signalbox_jobs_total", labels)


def test_a_periodic_job_runs_once_however_often_it_is_started():
    seal = Seal()
    here, there = seal.by("here"), seal.by("there")

    here.run()
    there.run()
    seal.clock.advance(HOUR.total_seconds())
    there.run()

    assert seal.ran == ["here", "there"]
    assert set(seal.runs.outcomes.values()) == {"done"}


def test_a_periodic_job_that_failed_is_noted_and_the_failure_goes_on():
    seal = Seal()

    with pytest.raises(ValueError, match="no"):
        seal.by("here", ValueError("no")).run()

    assert list(seal.runs.outcomes.values()) == ["failed"]


def test_without_the_lease_a_periodic_job_does_not_run():
    seal = Seal()
    seal.token = None

    seal.by("here").run()

    assert (seal.ran, seal.runs.outcomes) == ([], {})


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
