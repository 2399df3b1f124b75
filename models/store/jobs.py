"""Periodic jobs, each once per period: whoever inserts the row first runs it.

A period whose run failed may be claimed again. So may one that was never finished, once another
process holds the lease than when it began: whoever ran it has died, or may write no more.
"""

from datetime import datetime

from sqlalchemy import and_, or_, select

from models.store.statements import changing, inserting_new
from models.store.transactions import LEASE, Store
from models.tables import JobRun, LeaseRow

FAILED = "failed"  #: the outcome after which a period may be claimed again

_START = inserting_new(JobRun, ("job", "period"))
_END = changing(JobRun, ("job", "period"), ("finished_at", "outcome"))


class Jobs:
    """Remembers which job ran for which period."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(self, job: str, period: str, *, at: datetime, token: int) -> bool:
        """Claim a job for a period; False where it was done, or is being done."""
        c, lease = JobRun.__table__.c, LeaseRow.__table__.c
        taken_at = select(lease.taken_at).where(lease.name == LEASE).scalar_subquery()
        abandoned = and_(c.finished_at.is_(None), c.started_at < taken_at)
        again = JobRun.__table__.update().where(
            c.job == job, c.period == period, or_(c.outcome == FAILED, abandoned)
        )
        with self._store.write(token) as database:
            begun = {
                "started_at": self._store.now(database, at),
                "finished_at": None,
                "outcome": None,
            }
            if _START.run(database, [{"job": job, "period": period, **begun}]) == 1:
                return True
            return database.execute(again.values(begun)).rowcount == 1

    def last(self, job: str) -> tuple[str, datetime] | None:
        """What came of a job when it last came to an end well, and when that was."""
        c = JobRun.__table__.c
        done = (c.job == job, c.finished_at.is_not(None), c.outcome != FAILED)
        query = select(c.outcome, c.finished_at).where(*done).order_by(c.finished_at.desc())
        with self._store.read() as database:
            row = database.execute(query.limit(1)).one_or_none()
        return None if row is None else (row.outcome, row.finished_at)

    def end(self, job: str, period: str, *, outcome: str, at: datetime, token: int) -> None:
        """Say what came of it."""
        row = {"key_job": job, "key_period": period, "finished_at": at, "outcome": outcome}
        with self._store.write(token) as database:
            _END.run(database, [row])
