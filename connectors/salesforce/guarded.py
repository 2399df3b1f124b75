"""Writes owners so that nobody is overwritten: read, compare, write under a guard, look again.

Each write carries If-Unmodified-Since with the stamp that was read. That guard is blind within
one second, so a row that changed less than two seconds before it was read waits. Rows go out
sorted by id, twenty-five in a call, each at most once at a time. A call without a clear answer is
read back before anything else is done; what cannot even be read back is `later`, and safe to
send again, because every attempt begins with a reading.

After the first call that may have written, nothing is raised any more: what was not done comes
back as `later`, so that what was done is not lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from connectors.errors import ConnectorError, NeedsOperator, TryLater
from connectors.in_flight import InFlight
from connectors.salesforce.judging import (
    AGAIN_S,
    Job,
    after_doubt,
    after_guard,
    after_refusal,
    after_success,
    before_write,
    body_of,
    job_of,
)
from connectors.salesforce.owners import Found, Owners
from connectors.salesforce.refusals import CRM, Refusal, Silence
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.stamps import http_date
from connectors.salesforce.verdicts import DRIFT, Verdict, verdict_on
from connectors.salesforce.wire import Answer, Wire
from routing.facts.crm import Applied, Effect, EffectResult, KnownBy

_ROWS_A_CALL: Final = 25
_ROWS_A_READ: Final = 200
_LOCKED_S: Final = (1.0, 30.0)
_AWAY_S: Final = 10.0
_DRIFT_S: Final = 2.0  #: the next call names what is missing, to somebody who can mend it
_NO_RULES: Final = {"Sforce-Auto-Assign": "FALSE"}

Results = dict[int, EffectResult]


@dataclass
class GuardedWrites:
    """One call of `apply`. Made anew for each."""

    wire: Wire
    owners: Owners
    settings: SalesforceSettings
    in_flight: InFlight
    drifted: bool = False  #: a field that could be written when we looked no longer can
    _wrote: bool = False
    _results: Results = field(default_factory=dict)

    def apply(self, effects: Sequence[Effect]) -> list[EffectResult]:
        """Every effect's outcome, in order."""
        jobs = self._jobs(effects)
        self._require_rights(jobs)
        for lot in _lots(jobs):
            ours = self.in_flight.take(lot)
            try:
                self._guarded_lot(ours)
            finally:
                self.in_flight.give_back(ours)
        waiting = (job for job in jobs if job.place not in self._results)
        self._put_off(list(waiting), "IN_FLIGHT", "another write is under way", AGAIN_S)
        return [self._results[place] for place in range(len(effects))]

    def _jobs(self, effects: Sequence[Effect]) -> list[Job]:
        jobs = []
        for place, effect in enumerate(effects):
            job = job_of(place, effect, self.settings)
            if isinstance(job, Job):
                jobs.append(job)
            else:
                applied, code = job
                at = self.wire.best_now
                self._results[place] = EffectResult(effect.id, applied, at, code=code)
        return jobs

    def _require_rights(self, jobs: Sequence[Job]) -> None:
        """Stop before the first write if a field cannot be written at all."""
        wanted = {
            f"{job.routed.sobject}.{name}"
            for job in jobs
            for name in (job.effect.field, *job.effect.also)
        }
        missing = sorted(wanted.intersection(self.owners.schema.cannot_write()))
        if missing:
            raise NeedsOperator(
                CRM,
                f"the integration user may not write {', '.join(missing)}.",
                "Grant edit access (permission set, field-level security), or set the connection"
                " to shadow; the leads wait.",
                code="INSUFFICIENT_ACCESS",
            )

    def _guarded_lot(self, lot: Sequence[Job]) -> None:
        """Do a lot; once something may have been written, put off instead of raising."""
        try:
            self._lot(lot)
        except (ConnectorError, Refusal, Silence) as error:
            if not self._wrote:
                raise
            promised = error if isinstance(error, ConnectorError) else error.as_promised()
            after_s = promised.after_s if isinstance(promised, TryLater) else _AWAY_S
            undone = [job for job in lot if job.place not in self._results]
            self._put_off(undone, promised.code or "NOT_SENT", str(promised), after_s)

    def _lot(self, lot: Sequence[Job]) -> None:
        found = self._read(lot)
        to_write = []
        for job in lot:
            settled = before_write(job, found[job.record], quarantine_s=self.settings.quarantine_s)
            if settled is None:
                to_write.append(job)
            else:
                self._results[job.place] = settled
        for start in range(0, len(to_write), _ROWS_A_CALL):
            self._write(to_write[start : start + _ROWS_A_CALL], found)

    def _write(self, jobs: Sequence[Job], found: Mapping[str, Found]) -> None:
        requests = [self._request(job, found[job.record]) for job in jobs]
        try:
            answer = self.wire.composite(requests, _NO_RULES)
        except Silence as silence:
            if not silence.sent:
                raise
            self._wrote = True
            self._look(jobs, silence.cause)
            return
        except Refusal as refusal:
            if not refusal.doubtful:
                raise
            self._wrote = True
            self._look(jobs, str(refusal))
            return
        self._wrote = True
        self._take_in(jobs, found, answer)

    def _request(self, job: Job, found: Found) -> dict[str, Any]:
        sobject, version = job.routed.sobject, self.settings.api_version
        modified_at = found.owner.modified_at or found.owner.read_at
        schema = self.owners.schema
        lengths = {name: schema.length(sobject, name) for name in job.effect.also}
        return {
            "method": "PATCH",
            "url": f"/services/data/v{version}/sobjects/{sobject}/{job.record}",
            "referenceId": f"r{job.place}",
            "httpHeaders": {"If-Unmodified-Since": http_date(modified_at), **_NO_RULES},
            "body": body_of(job, lengths),
        }

    def _take_in(self, jobs: Sequence[Job], found: Mapping[str, Found], answer: Answer) -> None:
        elements = _elements(answer.body, jobs)
        unclear: list[tuple[Job, Verdict]] = []
        for job, element in zip(jobs, elements, strict=True):
            verdict = verdict_on(element)
            before = found[job.record]
            if verdict.applied is Applied.CONFIRMED and not self.settings.read_back:
                owner = self._owner_after(job, before)
                written = replace(before.owner, owner=owner, read_at=answer.date)
                result = job.result(Applied.CONFIRMED, written)
                self._results[job.place] = replace(result, known_by=KnownBy.ANSWER)
            elif verdict.applied in (Applied.REFUSED_REP, Applied.REFUSED_RECORD):
                self._results[job.place] = after_refusal(job, verdict, before)
            elif verdict.applied is Applied.LATER:
                self._retry(job, verdict, before)
            else:
                unclear.append((job, verdict))
        self._clear_up(unclear)

    def _owner_after(self, job: Job, before: Found) -> str | None:
        owns = job.effect.field == job.routed.owner_field
        return job.value if owns else before.owner.owner

    def _retry(self, job: Job, verdict: Verdict, before: Found) -> None:
        drifted = verdict.code in DRIFT
        self.drifted = self.drifted or drifted
        after_s = _DRIFT_S if drifted else self.wire.pause(*_LOCKED_S)
        result = after_refusal(job, verdict, before)
        self._results[job.place] = replace(result, after_s=after_s)

    def _clear_up(self, unclear: Sequence[tuple[Job, Verdict]]) -> None:
        """Read again what the answer did not settle: guarded, gone, doubtful, to be verified."""
        jobs = [job for job, _ in unclear]
        found = self._look_at(jobs, "the answer was not clear")
        if found is None:
            return
        for job, verdict in unclear:
            now = found[job.record]
            if verdict.stale:
                result = after_guard(job, now)
            elif verdict.applied is Applied.CONFIRMED:
                result = after_success(job, now)
            elif verdict.applied is Applied.GONE:
                result = after_refusal(job, verdict, now)
            else:
                result = after_doubt(job, now, verdict.detail)
            self._results[job.place] = result

    def _look(self, jobs: Sequence[Job], why: str) -> None:
        """The whole call was in doubt."""
        found = self._look_at(jobs, why)
        if found is None:
            return
        for job in jobs:
            self._results[job.place] = after_doubt(job, found[job.record], why)

    def _look_at(self, jobs: Sequence[Job], why: str) -> dict[str, Found] | None:
        """The rows as they are now; None, and all put off, where even that cannot be read."""
        try:
            return self._read(jobs) if jobs else {}
        except (ConnectorError, Refusal, Silence):
            detail = f"not known whether it was written ({why}); the next attempt reads first"
            self._put_off(jobs, "UNKNOWN", detail, _AWAY_S)
            return None

    def _read(self, jobs: Sequence[Job]) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for routed in dict.fromkeys(job.routed for job in jobs):
            mine = [job for job in jobs if job.routed == routed]
            also = dict.fromkeys(name for job in mine for name in job.read_too)
            found |= self.owners.read(routed, [job.record for job in mine], also)
        return found

    def _put_off(self, jobs: Sequence[Job], code: str, detail: str, after_s: float) -> None:
        at = self.wire.best_now
        for job in jobs:
            self._results[job.place] = EffectResult(
                job.effect.id, Applied.LATER, at, code=code, detail=detail, after_s=after_s
            )


def _lots(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Lots of one object, sorted by id, no record twice in a lot."""
    waiting = sorted(jobs, key=lambda job: (job.routed.object, job.record, job.place))
    while waiting:
        lot: dict[str, Job] = {}
        rest = []
        for job in waiting:
            fits = len(lot) < _ROWS_A_READ and job.routed == waiting[0].routed
            if fits and job.record not in lot:
                lot[job.record] = job
            else:
                rest.append(job)
        yield list(lot.values())
        waiting = rest


def _elements(body: Any, jobs: Sequence[Job]) -> list[Any]:
    """The answer's elements by position; None where one is missing or names another row."""
    given = body.get("compositeResponse") if isinstance(body, Mapping) else None
    elements = given if isinstance(given, list) else []
    padded = [*elements, *[None] * len(jobs)][: len(jobs)]
    return [
        element
        if isinstance(element, Mapping) and element.get("referenceId") == f"r{job.place}"
        else None
        for job, element in zip(jobs, padded, strict=True)
    ]
