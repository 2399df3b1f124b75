"""What a record that was read says about an effect: before the write, and after it.

Pure comparisons. The owner that was read decides, never who is more likely to be right: the wanted
one is `already`, the expected one may be written, any other is a conflict. After a write the
history tells whether somebody was faster: the value just before ours must be the one we had read.
Where the expected owner stands beside the id of this very decision, which goes out with the owner
and with nothing else, an earlier attempt had landed and somebody gave the record back since.
"""

from dataclasses import dataclass, replace
from typing import Final

from connectors.hubspot.owners import Found, OurHand
from connectors.hubspot.rows import modified_at
from connectors.hubspot.settings import HubSpotSettings, RoutedObject
from connectors.hubspot.wire import Answer
from connectors.port import OwnerSeen
from routing.facts.crm import Applied, Effect, EffectKind, EffectResult, KnownBy

AGAIN_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Job:
    """An effect that can be asked for: known object, well-formed id."""

    place: int  #: in the caller's order
    effect: Effect
    routed: RoutedObject
    mark: tuple[str, str] | None = None  #: where the decision's id is written, and that id

    @property
    def record(self) -> str:
        """The record's id."""
        return self.effect.record

    @property
    def is_owner(self) -> bool:
        """Whether the owner is to be written."""
        return self.effect.kind is EffectKind.OWNER

    @property
    def value(self) -> str | None:
        """What is wanted; HubSpot does not tell empty from absent."""
        return self.effect.value or None

    @property
    def expected(self) -> str | None:
        """What the decision saw."""
        return self.effect.expected or None

    @property
    def read_too(self) -> tuple[str, ...]:
        """Properties that must be read to judge it."""
        return (self.effect.field, *(self.mark[:1] if self.mark else ()))

    def has_landed(self, found: Found) -> bool:
        """Whether the record bears the decision's id: it was written, whoever owns it now."""
        return self.mark is not None and found.holds(self.mark[0]) == self.mark[1]

    @property
    def trace(self) -> str:
        """How an answer names this write."""
        return self.effect.id

    def properties(self) -> dict[str, str]:
        """What is written."""
        return {self.effect.field: self.value or "", **self.effect.also}

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

    def later(self, found: OwnerSeen, code: str, detail: str, after_s: float) -> EffectResult:
        """Not written; to be tried again."""
        return EffectResult(
            effect=self.effect.id,
            applied=Applied.LATER,
            at=found.read_at,
            owner=found.owner,
            code=code,
            detail=detail,
            after_s=after_s,
        )


def job_of(place: int, effect: Effect, settings: HubSpotSettings) -> Job | tuple[Applied, str]:
    """The effect as a job, or why it cannot be one."""
    routed = settings.object_called(effect.object)
    if routed is None:
        return Applied.REFUSED_RECORD, "UNKNOWN_OBJECT"
    if effect.kind not in (EffectKind.OWNER, EffectKind.FIELD):
        return Applied.REFUSED_RECORD, "UNSUPPORTED_EFFECT"
    if not (effect.record.isascii() and effect.record.isdigit()):
        return Applied.REFUSED_RECORD, "MALFORMED_ID"
    owner = effect.value or ""
    if effect.kind is EffectKind.OWNER and not (owner.isascii() and (owner.isdigit() or not owner)):
        return Applied.REFUSED_REP, "MALFORMED_ID"
    mark = _mark(effect, settings) if effect.kind is EffectKind.OWNER else None
    return Job(place, effect, routed, mark)


def _mark(effect: Effect, settings: HubSpotSettings) -> tuple[str, str] | None:
    name = settings.decision_field(effect.object)
    said = effect.also.get(name) if name is not None else None
    return None if name is None or not said else (name, said)


def before_write(job: Job, found: Found) -> EffectResult | None:
    """The outcome that makes a write needless or wrong; None: write."""
    if found.owner.deleted:
        return job.result(Applied.GONE, found.owner)
    current = found.holds(job.effect.field)
    if current == job.value:
        return already(job, found)
    if not found.there:
        return job.result(Applied.GONE, found.owner)
    unasked = not job.is_owner and job.expected is None
    is_expected = current == job.expected and not job.has_landed(found)
    return None if is_expected or unasked else conflict(job, found)


def already(job: Job, found: Found) -> EffectResult:
    """The wanted value stands there; whose it is, the history says, where it was read."""
    by_us = found.owner.may_be_us if found.history else job.has_landed(found)
    return replace(job.result(Applied.ALREADY, found.owner), by_us=by_us)


def conflict(job: Job, found: Found) -> EffectResult:
    """Somebody else's value stands there; the history, where it was read, says whose."""
    seen = found.owner
    if seen.by_us:
        detail = "written with our own key, and not what we wrote: an automation undid it"
        undone = job.result(Applied.CONFLICT, seen, code="UNDONE_BY_AUTOMATION", detail=detail)
        return replace(undone, by_us=True)
    return job.result(Applied.CONFLICT, seen, detail=f"changed by {seen.modified_by or 'others'}")


def after_write(job: Job, now: Found, before: Found, *, doubt: str | None) -> EffectResult:
    """A write was made, or may have been: does the record hold it?

    Args:
        job: What was wanted.
        now: The record as read afterwards.
        before: The record as read before.
        doubt: Why it is not known whether the write was made; None: it was.
    """
    if now.owner.deleted:
        return job.result(Applied.GONE, now.owner)
    current = now.holds(job.effect.field)
    if current == job.value:
        detail = f"read back: {doubt}" if doubt else ""
        confirmed = job.result(Applied.CONFIRMED, now.owner, detail=detail)
        return replace(confirmed, known_by=KnownBy.READ_BACK)
    if current == before.holds(job.effect.field) and not job.has_landed(now):
        why = f"read back as not written: {doubt or 'the answer left it out'}"
        return job.later(now.owner, "NOT_WRITTEN", why, AGAIN_S)
    return conflict(job, now)


def as_answered(job: Job, before: Found, answer: Answer) -> EffectResult:
    """A write that was accepted and could not be read back: what its own answer says."""
    row = next(each for each in answer.rows() if str(each["id"]) == job.record)
    changed_at = modified_at(row, job.routed.modified) or before.owner.modified_at
    held = replace(before.owner, owner=job.value, modified_at=changed_at, read_at=answer.date)
    result = job.result(Applied.CONFIRMED, held, code="NOT_READ_BACK", detail="not read back")
    return replace(result, known_by=KnownBy.ANSWER)


def overwritten(job: Job, now: Found, before: Found) -> str | None:
    """The owner whom a human had given it to between our reading and our write; else None.

    The history's head is ours; what stands below it must be what we had read.
    """
    if not job.is_owner or len(now.history) < 2 or now.history[0].value != job.value:
        return None
    below = now.history[1].value
    return below if below not in (before.holds(job.effect.field), job.value) else None


def learn(hand: OurHand, job: Job, now: Found, before: Found) -> None:
    """Our write stands at the head of the history: that is how we are named there."""
    if not job.is_owner or not now.history or now.history[0].value != job.value:
        return
    head_was = before.history[0] if before.history else None
    if now.history[0] != head_was:
        hand.learn(now.history[0])
