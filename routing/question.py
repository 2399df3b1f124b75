"""One question to the decision: this lead, for this reason, at this instant."""

from dataclasses import dataclass
from datetime import datetime

from routing.facts import Account, Lead, Occasion


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be decided. `at` is aware and the only time the decision knows."""

    occasion: Occasion
    lead: Lead
    account: Account | None
    at: datetime
