"""The facts a decision is made from, and the words in which the ends of the house report them.

Plain frozen values: no behaviour beyond what makes two of them comparable. Connectors see this
package and nothing else of the decision; the ledger stores what is written here.
"""

from routing.facts.crm import (
    AbsenceSeen,
    AccountSeen,
    Applied,
    Bookmark,
    Effect,
    EffectKind,
    EffectResult,
    KnownBy,
    Mapped,
    OutcomeSeen,
    Page,
    QueueSeen,
    RecordSeen,
    Seen,
    Stream,
    TouchSeen,
    UserSeen,
)
from routing.facts.lead import Account, Cause, Evidence, Fact, Lead, Occasion, Value
from routing.facts.rep import Candidate, CapUse

__all__ = [
    "AbsenceSeen",
    "Account",
    "AccountSeen",
    "Applied",
    "Bookmark",
    "Candidate",
    "CapUse",
    "Cause",
    "Effect",
    "EffectKind",
    "EffectResult",
    "Evidence",
    "Fact",
    "KnownBy",
    "Lead",
    "Mapped",
    "Occasion",
    "OutcomeSeen",
    "Page",
    "QueueSeen",
    "RecordSeen",
    "Seen",
    "Stream",
    "TouchSeen",
    "UserSeen",
    "Value",
]
