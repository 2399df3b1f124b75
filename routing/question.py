"""One question to the decision: this lead, for this reason, at this instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.facts import Account, Cause, Lead, Occasion

#: Reasons to decide again a lead that has had its time to wait: nobody was found, or was refused.
_HAS_WAITED = frozenset({Cause.RECALLED, Cause.CHANGED, Cause.REFUSED})


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be decided. `at` is aware and the only time the decision knows."""

    occasion: Occasion
    lead: Lead
    account: Account | None
    at: datetime
    partner_until: datetime | None = None  #: the person's record in another CRM may still come

    def waits_until(self, span: timedelta) -> datetime:
        """When this lead has waited for so long; one that is decided again has waited before."""
        if self.occasion.cause in _HAS_WAITED:
            return self.at
        return self.occasion.opened_at + span
