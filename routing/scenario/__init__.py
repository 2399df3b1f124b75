"""Files that tell a story: scenarios, and the leads and accounts that a decision is asked about."""

from routing.scenario.files import AccountsRead, LeadRead, read_accounts, read_lead
from routing.scenario.leads import LeadGiven
from routing.scenario.model import (
    QUEUE,
    Away,
    Back,
    Close,
    Event,
    Expected,
    LeadArrives,
    Leave,
    OwnerChanged,
    PersonJoins,
)
from routing.scenario.read import ReadFile, Scenario, ScenarioRead, read_scenario

__all__ = [
    "QUEUE",
    "AccountsRead",
    "Away",
    "Back",
    "Close",
    "Event",
    "Expected",
    "LeadArrives",
    "LeadGiven",
    "LeadRead",
    "Leave",
    "OwnerChanged",
    "PersonJoins",
    "ReadFile",
    "Scenario",
    "ScenarioRead",
    "read_accounts",
    "read_lead",
    "read_scenario",
]
