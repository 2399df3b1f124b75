"""What a row that was read says about an effect: before the write, after a doubt, after the guard.

Pure comparisons. The owner that was read decides, never who is more likely to be right: the wanted
one is `already`, the expected one may be written, any other is a conflict. But where the expected
owner stands beside the id of this very decision, which goes out with the owner and with nothing
else, an earlier attempt had landed and somebody gave the record back since: a conflict, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from connectors.port import OwnerSeen
from connectors.salesforce.owners import Found
from connectors.salesforce.rows import exact
from connectors.salesforce.settings import RoutedObject, SalesforceSettings
from connectors.salesforce.verdicts import Verdict
from connectors.salesforce_ids import canonical
from routing.facts.crm import Applied, Effect, EffectKind, EffectResult, KnownBy

AGAIN_S: Final = 2.0
_LONGEST_QUARANTINE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Job:
    """An effect that can be asked for: known object, well-formed ids."""

    place: int  #: in the caller's order
    effect: Effect
    routed: RoutedObject
    record: str  #: canonical id
    value: str | None
    expected: str | None
    mark: tuple[str, str] | None = None  #: where the decision's id is written, and that id

    @property
    def read_too(self) -> tuple[str, ...]:
        """Fields that must be read to judge it."""
        return (self.effect.field, *(self.mark[:1] if self.mark else ()))

    def has_landed(self, found: Found) -> bool:
        """Whether the row bears the decision's id: it was written, whoever owns it now."""
        return self.mark is not None and found.fields.get(self.mark[0]) == self.mark[1]

    def current(self, found: Found) -> str | None:
        """What the field holds."""
        held = exact(found.fields.get(self.effect.field))
        return None if held is None or held == "" else _plain(str(held), self.effect.kind)

    def result(
        self, applied: Applied, found: OwnerSeen, *, code: str | None = None, detail: str = ""
    ) -> EffectResult:
        """The outcome, with the owner that was found."""
        return EffectResult(
            effect=self.effect.id,
            applied=applied,
            at=found.read_at,
            owner=found.owner,
            version_at=found.modified_at,
            code=code,
            detail=detail,
            merged_into=found.merged_into,
        )


def job_of(place: int, effect: Effect, settings: SalesforceSettings) -> Job | tuple[Applied, str]:
    """The effect as a job, or why it cannot be one."""
    routed = settings.routed_object(effect.object)
    if routed is None:
        return Applied.REFUSED_RECORD, "UNKNOWN_OBJECT"
    if effect.kind not in (EffectKind.OWNER, EffectKind.FIELD):
        return Applied.REFUSED_RECORD, "UNSUPPORTED_EFFECT"
    record = canonical(effect.record)
    if record is None:
        return Applied.REFUSED_RECORD, "MALFORMED_ID"
    value = _plain(effect.value, effect.kind)
    if (
        effect.kind is EffectKind.OWNER
        and effect.value is not None
        and canonical(effect.value) is None
    ):
        return Applied.REFUSED_REP, "MALFORMED_ID"
    expected = _plain(effect.expected, effect.kind)
    mark = _mark(effect, settings) if effect.kind is EffectKind.OWNER else None
    return Job(place, effect, routed, record, value=value, expected=expected, mark=mark)


def _mark(effect: Effect, settings: SalesforceSettings) -> tuple[str, str] | None:
    field = settings.decision_field(effect.object)
    said = effect.also.get(field) if field is not None else None
    return None if field is None or not said else (field, said)


def before_write(job: Job, found: Found, *, quarantine_s: int) -> EffectResult | None:
    """The outcome that makes a write needless, wrong or too early; None: write."""
    settled = _compared(job, found)
    if settled is not None:
        return settled
    seen = found.owner
    age_s = (seen.read_at - (seen.modified_at or seen.read_at)).total_seconds()
    if age_s >= quarantine_s:
        return None
    wait_s = min(quarantine_s - age_s, _LONGEST_QUARANTINE_S)
    return _later(job, found, "QUARANTINE", f"changed {age_s:.0f} s before it was read", wait_s)


def after_guard(job: Job, found: Found) -> EffectResult:
    """The guard held: somebody changed the row after we read it."""
    settled = _compared(job, found)
    if settled is not None:
        return settled
    return _later(job, found, "CHANGED_MEANWHILE", "the owner is still the expected one", AGAIN_S)


def after_doubt(job: Job, found: Found, why: str) -> EffectResult:
    """A call had no clear answer: what the row holds tells whether it was carried out."""
    if not found.there:
        return job.result(Applied.GONE, found.owner)
    current = job.current(found)
    if current == job.value:
        is_unsaid = found.owner.modified_by is None
        ours = found.owner.by_us or is_unsaid or job.has_landed(found)
        applied = Applied.CONFIRMED if ours else Applied.ALREADY
        result = job.result(applied, found.owner, detail=f"read back: {why}")
        return replace(result, known_by=KnownBy.READ_BACK)
    if current == job.expected and not job.has_landed(found):
        return _later(job, found, "NOT_WRITTEN", f"read back as not written: {why}", AGAIN_S)
    return _conflict(job, found)


def after_success(job: Job, found: Found) -> EffectResult:
    """A write was accepted; does the row hold it?"""
    if not found.there:
        return job.result(Applied.GONE, found.owner)
    if job.current(found) == job.value:
        return replace(job.result(Applied.CONFIRMED, found.owner), known_by=KnownBy.READ_BACK)
    return _conflict(job, found)


def after_refusal(job: Job, verdict: Verdict, found: Found) -> EffectResult:
    """The row was refused for a reason that speaks for itself; `found` tells the survivor."""
    applied = verdict.applied or Applied.LATER
    return job.result(applied, found.owner, code=verdict.code, detail=verdict.detail)


def body_of(job: Job, lengths: Mapping[str, int | None]) -> dict[str, Any]:
    """The fields of one guarded write; texts are cut to what their field holds."""
    body: dict[str, Any] = {job.effect.field: job.value}
    for name, value in job.effect.also.items():
        longest = lengths.get(name)
        body[name] = value if longest is None else value[:longest]
    return body


def _compared(job: Job, found: Found) -> EffectResult | None:
    if not found.there:
        return job.result(Applied.GONE, found.owner)
    current = job.current(found)
    if current == job.value:
        already = job.result(Applied.ALREADY, found.owner)
        return replace(already, by_us=found.owner.by_us or job.has_landed(found))
    unasked = job.effect.kind is EffectKind.FIELD and job.expected is None
    if (current != job.expected and not unasked) or job.has_landed(found):
        return _conflict(job, found)
    return None


def _conflict(job: Job, found: Found) -> EffectResult:
    seen = found.owner
    if seen.by_us:
        detail = "written with our own key, and not what we wrote: an automation undid it"
        undone = job.result(Applied.CONFLICT, seen, code="UNDONE_BY_AUTOMATION", detail=detail)
        return replace(undone, by_us=True)
    return job.result(Applied.CONFLICT, seen, detail=f"changed by {seen.modified_by or 'others'}")


def _later(job: Job, found: Found, code: str, detail: str, after_s: float) -> EffectResult:
    return EffectResult(
        effect=job.effect.id,
        applied=Applied.LATER,
        at=found.owner.read_at,
        owner=found.owner.owner,
        code=code,
        detail=detail,
        after_s=after_s,
    )


def _plain(value: str | None, kind: EffectKind) -> str | None:
    if value is None or kind is not EffectKind.OWNER:
        return value
    return canonical(value) or value
