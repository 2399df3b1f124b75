"""Writes owners so that nobody is overwritten for longer than a moment: read, compare, write, look.

HubSpot has no guarded write. So every record is read just before, a hundred in a call, and read
again just after, with the history of its owner: if a human was faster between the two, their owner
is given back, however many attempts that takes, and the lost race is told. As applied counts only
what came back with the wanted value; what an answer left out, or an answer that was lost, is read
back before anything else is done. A batch that fails whole is taken apart until the records at
fault stand alone.

After the first call that may have written, nothing is raised any more: what was not done comes
back as `later`, and is safe to send again, because every attempt begins with a reading.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from connectors.errors import ConnectorError, NeedsOperator, TryLater
from connectors.hubspot.following import Followers
from connectors.hubspot.judging import (
    AGAIN_S,
    Job,
    after_write,
    already,
    as_answered,
    before_write,
    conflict,
    job_of,
    learn,
    overwritten,
)
from connectors.hubspot.owners import IDS_A_CALL, Found, Owners
from connectors.hubspot.refusals import CRM, CrmError, Refusal, Silence
from connectors.hubspot.rows import text
from connectors.hubspot.verdicts import Verdict, verdict_on
from connectors.hubspot.wire import Answer, Wire
from connectors.in_flight import InFlight
from routing.facts.crm import Applied, Effect, EffectResult

_AWAY_S: Final = 10.0
_ATTEMPTS: Final = 3

Results = dict[int, EffectResult]


class Race(NamedTuple):
    """A human was faster by a moment, and we overwrote them."""

    owner: str  #: whom they had given it to
    by: str  #: who they are, as the history has it

    @property
    def said(self) -> str:
        """What happened, in a sentence."""
        return f"{self.by} gave it to {self.owner} between our reading and our write"


@dataclass
class CarefulWrites:
    """One call of `apply`. Made anew for each."""

    wire: Wire
    owners: Owners
    in_flight: InFlight
    lost: dict[str, Race]  #: races whose owner could not be given back yet, by record
    _wrote: bool = False
    _results: Results = field(default_factory=dict)

    def apply(self, effects: Sequence[Effect]) -> list[EffectResult]:
        """Every effect's outcome, in order."""
        jobs = self._jobs(effects)
        for lot in _lots(jobs):
            ours = self.in_flight.take(lot)
            try:
                self._kept_lot(ours)
            finally:
                self.in_flight.give_back(ours)
        waiting = [job for job in jobs if job.place not in self._results]
        self._put_off(waiting, "IN_FLIGHT", "another write is under way", AGAIN_S)
        return [self._results[place] for place in range(len(effects))]

    def _jobs(self, effects: Sequence[Effect]) -> list[Job]:
        jobs = []
        for place, effect in enumerate(effects):
            job = job_of(place, effect, self.owners.settings)
            if isinstance(job, Job):
                jobs.append(job)
            else:
                applied, code = job
                at = self.wire.best_now
                self._results[place] = EffectResult(effect.id, applied, at, code=code)
        return jobs

    def _kept_lot(self, lot: Sequence[Job]) -> None:
        """Do a lot; once something may have been written, put off instead of raising."""
        try:
            self._lot(lot)
        except (ConnectorError, Refusal, Silence) as error:
            promised = error if isinstance(error, ConnectorError) else _promised(error)
            if not self._wrote:
                raise promised from error
            after_s = promised.after_s if isinstance(promised, TryLater) else _AWAY_S
            undone = [job for job in lot if job.place not in self._results]
            self._put_off(undone, promised.code or "NOT_SENT", str(promised), after_s)

    def _lot(self, lot: Sequence[Job]) -> None:
        if not lot:
            return
        found = self._read(lot)
        to_write, others = [], []
        for job in lot:
            if self._is_owed_back(job, found[job.record]):
                race = self.lost[job.record]
                self._results[job.place] = self._given_back(job, found[job.record], race)
                continue
            settled = before_write(job, found[job.record])
            if settled is None:
                to_write.append(job)
            elif settled.applied in (Applied.CONFLICT, Applied.ALREADY) and job.is_owner:
                others.append(job)
            else:
                self._results[job.place] = settled
        self._cite(others, found)
        if to_write:
            self._write(to_write, found)
        self._follow(lot)

    def _cite(self, jobs: Sequence[Job], found: Mapping[str, Found]) -> None:
        """Say of owners that stand there whose they are, as the history has it."""
        told = self._look_at(jobs, history=True) or found
        for job in jobs:
            now = told[job.record]
            is_wanted = now.holds(job.effect.field) == job.value
            self._results[job.place] = (already if is_wanted else conflict)(job, now)

    def _write(self, jobs: Sequence[Job], found: Mapping[str, Found]) -> None:
        inputs = [_input(job) for job in jobs]
        try:
            answer = self.wire.batch_update(jobs[0].routed.kind, inputs)
        except Silence as silence:
            if not silence.sent:
                raise
            self._wrote = True
            self._look(jobs, found, silence.cause)
            return
        except Refusal as refusal:
            if refusal.doubtful:
                self._wrote = True
                self._look(jobs, found, str(refusal))
            elif refusal.transient or refusal.missing or refusal.expired:
                raise
            else:
                self._apart(jobs, found, refusal.error)
            return
        self._wrote = True
        self._take_in(jobs, found, answer)

    def _apart(self, jobs: Sequence[Job], found: Mapping[str, Found], error: CrmError) -> None:
        """The whole batch was refused, and nothing of it written: find out for whose sake."""
        if len(jobs) > 1:
            for part in _parted(jobs, error):
                self._write(part, found)
            return
        job = jobs[0]
        self._blame(job, _verdict(job, error), found[job.record])

    def _take_in(self, jobs: Sequence[Job], found: Mapping[str, Found], answer: Answer) -> None:
        errors = _errors_by_job(jobs, answer)
        returned = {str(row["id"]): row for row in answer.rows()}
        written, unclear = [], []
        for job in jobs:
            error = errors.get(job.place)
            row = returned.get(job.record)
            if error is not None:
                self._blame(job, _verdict(job, error), found[job.record])
            elif row is not None and text(row, job.effect.field) == job.value:
                written.append(job)
            else:
                unclear.append(job)
        self._look(unclear, found, "the answer left it out")
        self._verify(written, found, answer)

    def _blame(self, job: Job, verdict: Verdict, before: Found) -> None:
        if verdict.applied is Applied.GONE:
            self._look([job], {job.record: before}, verdict.detail)
        elif verdict.applied is Applied.LATER:
            code = verdict.code or "LATER"
            self._results[job.place] = job.later(before.owner, code, verdict.detail, AGAIN_S)
        else:
            applied = verdict.applied or Applied.REFUSED_RECORD
            self._results[job.place] = job.result(
                applied, before.owner, code=verdict.code, detail=verdict.detail
            )

    def _verify(self, jobs: Sequence[Job], before: Mapping[str, Found], answer: Answer) -> None:
        """What was written, beside the history: was a human faster?"""
        owners = [job for job in jobs if job.is_owner]
        now = self._look_at(owners, history=True)
        for job in jobs:
            was = before[job.record]
            if not job.is_owner:
                self._results[job.place] = job.result(Applied.CONFIRMED, was.owner)
            elif now is None:
                self._results[job.place] = as_answered(job, was, answer)
            else:
                self._settle(job, now[job.record], was, None)

    def _look(self, jobs: Sequence[Job], before: Mapping[str, Found], why: str) -> None:
        """Whether these were written is in doubt."""
        now = self._look_at(jobs, history=True)
        if now is None:
            detail = f"not known whether it was written ({why}); the next attempt reads first"
            self._put_off(jobs, "UNKNOWN", detail, _AWAY_S)
            return
        for job in jobs:
            self._settle(job, now[job.record], before[job.record], why)

    def _settle(self, job: Job, now: Found, before: Found, doubt: str | None) -> None:
        faster = overwritten(job, now, before)
        if faster is not None:
            race = Race(faster, now.history[1].by)
            self._results[job.place] = self._given_back(job, now, race)
            return
        result = after_write(job, now, before, doubt=doubt)
        if result.applied is Applied.CONFIRMED:
            learn(self.owners.hand, job, now, before)
        self._results[job.place] = result

    def _is_owed_back(self, job: Job, now: Found) -> bool:
        """Whether our own write still stands where a human's owner should."""
        if job.record in self.lost and now.holds(job.effect.field) != job.value:
            del self.lost[job.record]  # somebody has seen to it
        return job.record in self.lost

    def _given_back(self, job: Job, now: Found, race: Race) -> EffectResult:
        """The human's owner is written again, until it stands there or somebody else's does."""
        for _ in range(_ATTEMPTS):
            if self._write_back(job, race.owner):
                seen = replace(now.owner, owner=race.owner)
                self.lost.pop(job.record, None)
                return job.result(Applied.CONFLICT, seen, code="LOST_RACE", detail=race.said)
            again = self._look_at([job], history=True)
            if again is not None and again[job.record].holds(job.effect.field) != job.value:
                self.lost.pop(job.record, None)
                return replace(conflict(job, again[job.record]), code="LOST_RACE", detail=race.said)
        self.lost[job.record] = race
        return job.later(now.owner, "LOST_RACE", f"{race.said}; to be given back", AGAIN_S)

    def _write_back(self, job: Job, owner: str) -> bool:
        wanted = {"id": job.record, "properties": {job.effect.field: owner}}
        try:
            rows = self.wire.batch_update(job.routed.kind, [wanted]).rows()
        except (ConnectorError, Refusal, Silence):
            return False
        return any(text(row, job.effect.field) == owner for row in rows)

    def _follow(self, lot: Sequence[Job]) -> None:
        done = (Applied.CONFIRMED, Applied.ALREADY)
        mine = [job for job in lot if job.is_owner and self._results[job.place].applied in done]
        notes = Followers(self.wire, self.owners).follow(mine)
        for job in mine:
            note = notes.get(job.place)
            if note is not None:
                result = self._results[job.place]
                detail = "; ".join(part for part in (result.detail, note) if part)
                self._results[job.place] = replace(result, detail=detail)

    def _look_at(self, jobs: Sequence[Job], *, history: bool) -> dict[str, Found] | None:
        """The records as they are now; None where even that cannot be read."""
        try:
            return self._read(jobs, history=history) if jobs else {}
        except (ConnectorError, Refusal, Silence):
            return None

    def _read(self, jobs: Sequence[Job], *, history: bool = False) -> dict[str, Found]:
        also = dict.fromkeys(name for job in jobs for name in job.read_too)
        records = [job.record for job in jobs]
        return self.owners.read(jobs[0].routed, records, also, history=history)

    def _put_off(self, jobs: Sequence[Job], code: str, detail: str, after_s: float) -> None:
        at = self.wire.best_now
        for job in jobs:
            self._results[job.place] = EffectResult(
                job.effect.id, Applied.LATER, at, code=code, detail=detail, after_s=after_s
            )


def _promised(error: Refusal | Silence) -> ConnectorError:
    """The error in the port's words; a right that is missing for writing, with what helps."""
    if isinstance(error, Refusal) and error.missing:
        named = ", ".join(error.error.scopes) or "write access to the object"
        return NeedsOperator(
            CRM,
            f"this key may not write: {error.error.message} ({error.code}).",
            f"Grant {named}, or set the connection to shadow; the leads wait.",
            code=error.code,
        )
    return error.as_promised()


def _input(job: Job) -> Mapping[str, Any]:
    return {"id": job.record, "properties": job.properties(), "objectWriteTraceId": job.trace}


def _verdict(job: Job, error: CrmError) -> Verdict:
    return verdict_on(error, job.effect.field, is_owner=job.is_owner)


def _errors_by_job(jobs: Sequence[Job], answer: Answer) -> dict[int, CrmError]:
    """Which job each error is about, by trace or by id."""
    by_trace = {job.trace: job.place for job in jobs}
    by_id = {job.record: job.place for job in jobs}
    found: dict[int, CrmError] = {}
    for error in answer.errors():
        named = [by_trace.get(trace) for trace in error.traces]
        named += [by_id.get(id) for id in error.ids]
        found.update({place: error for place in named if place is not None})
    return found


def _parted(jobs: Sequence[Job], error: CrmError) -> Iterator[Sequence[Job]]:
    """Those whose value the refusal names apart from the others; else two halves."""
    said = " ".join(flaw.message for flaw in error.flaws).split()
    named = [job for job in jobs if job.value is not None and job.value in said]
    if named and len(named) < len(jobs):
        yield [job for job in jobs if job not in named]
        yield named
        return
    half = len(jobs) // 2
    yield jobs[:half]
    yield jobs[half:]


def _lots(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Lots of one object, sorted by id, no record twice in a lot."""
    waiting = sorted(jobs, key=lambda job: (job.routed.object, int(job.record), job.place))
    while waiting:
        lot: dict[str, Job] = {}
        rest = []
        for job in waiting:
            fits = len(lot) < IDS_A_CALL and job.routed == waiting[0].routed
            if fits and job.record not in lot:
                lot[job.record] = job
            else:
                rest.append(job)
        yield list(lot.values())
        waiting = rest
