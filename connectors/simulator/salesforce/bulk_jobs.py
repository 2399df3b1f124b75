"""Bulk API 2.0 jobs as remembered: their state, their input and what came of it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class BulkJob:
    """One job, query or ingest."""

    id: str
    kind: str  #: query or ingest
    operation: str
    sobject: str
    created_at: datetime
    created_by: str
    version: str
    state: str
    query: str = ""
    error: str | None = None
    polls: int = 0
    delimiter: str = "COMMA"
    line_ending: str = "LF"
    external_id: str = ""
    data: bytes = b""
    header: list[str] = field(default_factory=list)
    results: list[list[str]] = field(default_factory=list)
    succeeded: list[list[str]] = field(default_factory=list)
    failed: list[list[str]] = field(default_factory=list)
    given: list[str] = field(default_factory=list)  #: the columns of the uploaded data


class BulkJobs:
    """The jobs of an org, by id."""

    def __init__(self) -> None:
        self._jobs: dict[str, BulkJob] = {}

    def add(self, job: BulkJob) -> None:
        """Remember a job."""
        self._jobs[job.id] = job

    def find(self, job_id: str, kind: str) -> BulkJob | None:
        """The job of that id and kind, which may be written with 15 characters."""
        for job in self._jobs.values():
            if job.id[:15] == job_id[:15] and job.kind == kind:
                return job
        return None

    def all(self, kind: str) -> list[BulkJob]:
        """Every job of a kind, oldest first."""
        return [job for job in self._jobs.values() if job.kind == kind]

    def remove(self, job_id: str) -> None:
        """Forget a job."""
        self._jobs.pop(job_id, None)
