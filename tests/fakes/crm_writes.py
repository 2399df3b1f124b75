"""Writes to the fake CRM: read, compare, write, as real connectors do, with scripted faults."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from routing.facts.crm import Applied, Effect, EffectKind, EffectResult, KnownBy

if TYPE_CHECKING:
    from tests.fakes.crm import FakeCrm

US = "user-signalbox"  #: the user the connector acts as
DECISION = "Decision__c"  #: the field that takes a decision's id


@dataclass(frozen=True)
class FakeWrites:
    """Applies effects to a fake CRM, one by one."""

    crm: "FakeCrm"
    quarantine: timedelta

    def apply(self, effect: Effect) -> EffectResult:
        """What became of one effect."""
        if effect.kind not in (EffectKind.OWNER, EffectKind.FIELD):
            return self._result(effect, Applied.REFUSED_RECORD, code="UNSUPPORTED_EFFECT")
        found = self._compared(effect)
        if found is None and self.crm._ambush:
            self.crm._ambush.popleft()(effect)
            found = self._compared(effect)
        return found or self._refused(effect) or self._written(effect)

    def _refused(self, effect: Effect) -> EffectResult | None:
        scripted = self.crm._refusals
        refused = scripted.get(effect.record) or scripted.get(effect.value or "")
        if refused is None:
            return None
        return self._result(effect, refused[0], code=refused[1], detail="as scripted")

    def _written(self, effect: Effect) -> EffectResult:
        if effect.kind is EffectKind.OWNER:
            self.crm._set_owner(effect.record, effect.value, by=US, also=effect.also)
        else:
            fields = {**self.crm.record(effect.record).fields, effect.field: effect.value}
            self.crm._store(effect.record, by=US, fields={**fields, **effect.also})
        if self.crm._lost:
            self.crm._lost -= 1
            return self._result(effect, Applied.CONFIRMED, detail="the answer was lost; read back")
        return self._result(effect, Applied.CONFIRMED)

    def _compared(self, effect: Effect) -> EffectResult | None:
        row = self.crm._rows.get(effect.record)
        if row is None or row.seen.deleted or row.seen.converted:
            merged = None if row is None else self.crm.survivor(row.seen)
            return replace(self._result(effect, Applied.GONE), merged_into=merged)
        owns = effect.kind is EffectKind.OWNER
        held = row.seen.owner if owns else row.seen.fields.get(effect.field)
        if held == effect.value:
            by_us = owns and row.seen.modified_by == US
            return replace(self._result(effect, Applied.ALREADY), by_us=by_us)
        if held != effect.expected and (owns or effect.expected is not None):
            return self._result(effect, Applied.CONFLICT)
        if owns and effect.also.get(DECISION) == row.seen.fields.get(DECISION, ""):
            return self._result(effect, Applied.CONFLICT)  # it had landed, and was undone since
        return self._too_early(effect) or self._inactive(effect)

    def _too_early(self, effect: Effect) -> EffectResult | None:
        age = self.crm.clock.now() - self.crm.record(effect.record).modified_at
        if age >= self.quarantine:
            return None
        wait_s = (self.quarantine - age).total_seconds()
        return replace(self._result(effect, Applied.LATER, code="QUARANTINE"), after_s=wait_s)

    def _inactive(self, effect: Effect) -> EffectResult | None:
        user = self.crm._users.get(effect.value or "")
        if user is None or user.active:
            return None
        return self._result(effect, Applied.REFUSED_REP, code="INACTIVE_OWNER_OR_USER")

    def _result(
        self, effect: Effect, applied: Applied, *, code: str | None = None, detail: str = ""
    ) -> EffectResult:
        row = self.crm._rows.get(effect.record)
        return EffectResult(
            effect=effect.id,
            applied=applied,
            at=self.crm.clock.now(),
            owner=None if row is None else row.seen.owner,
            version_at=None if row is None else row.seen.modified_at,
            known_by=KnownBy.READ_BACK if applied is Applied.CONFIRMED else KnownBy.READ,
            code=code,
            detail=detail,
        )
