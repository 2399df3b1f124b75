"""Periodic jobs, each once per period: whoever inserts the row first runs it."""

from datetime import datetime

from models.statements import changing, inserting_new
from models.store import Store
from models.tables import JobRun

_START = inserting_new(JobRun, ("job", "period"))
_END = changing(JobRun, ("job", "period"), ("finished_at", "outcome"))


class Jobs:
    """Remembers which job ran for which period."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(self, job: str, period: str, *, at: datetime, token: int) -> bool:
        """Claim a job for a period; False where it was started before."""
        row = {"job": job, "period": period, "started_at": at, "finished_at": None, "outcome": None}
        with self._store.write(token) as database:
            return _START.run(database, [row]) == 1

    def end(self, job: str, period: str, *, outcome: str, at: datetime, token: int) -> None:
        """Say what came of it."""
        row = {"key_job": job, "key_period": period, "finished_at": at, "outcome": outcome}
        with self._store.write(token) as database:
            _END.run(database, [row])
