"""The tables: one class each, every column's meaning beside it.

They are the schema's single source; migrations must arrive at the same. Working rows are read
and written by the modules beside this package and by nothing else.
"""

from models.tables.base import Row
from models.tables.connections import BookmarkRow, Connection, Content, Counter, JobRun, LeaseRow
from models.tables.crm import AccountRow, CrmAbsence, CrmQueue, CrmUser, OutcomeRow, TouchRow
from models.tables.decisions import (
    Claim,
    DecisionRow,
    Milestones,
    OccasionRow,
    RecallRow,
    TurnRow,
    WaitRow,
)
from models.tables.effects import OPEN, STUCK, AssignmentRow, EffectRow, OwnershipRow
from models.tables.governance import (
    ModelInForce,
    ModelVersion,
    RankingHold,
    RequestRow,
    RulebookVersion,
)
from models.tables.journal import JournalRow
from models.tables.pairs import AddressRow, DoubtRow, SecretRow, TieRow
from models.tables.people import (
    HELD_BY_NO_REP,
    InboxRow,
    LeadRow,
    Person,
    Personal,
    Record,
    RegisterRow,
)
from models.tables.roster import Absence, Rep, RepAttribute, RepIdentity

__all__ = [
    "HELD_BY_NO_REP",
    "OPEN",
    "STUCK",
    "Absence",
    "AccountRow",
    "AddressRow",
    "AssignmentRow",
    "BookmarkRow",
    "Claim",
    "Connection",
    "Content",
    "Counter",
    "CrmAbsence",
    "CrmQueue",
    "CrmUser",
    "DecisionRow",
    "DoubtRow",
    "EffectRow",
    "InboxRow",
    "JobRun",
    "JournalRow",
    "LeadRow",
    "LeaseRow",
    "Milestones",
    "ModelInForce",
    "ModelVersion",
    "OccasionRow",
    "OutcomeRow",
    "OwnershipRow",
    "Person",
    "Personal",
    "RankingHold",
    "RecallRow",
    "Record",
    "RegisterRow",
    "Rep",
    "RepAttribute",
    "RepIdentity",
    "RequestRow",
    "Row",
    "RulebookVersion",
    "SecretRow",
    "TieRow",
    "TouchRow",
    "TurnRow",
    "WaitRow",
]
