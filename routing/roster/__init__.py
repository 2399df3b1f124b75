"""The roster: who may own leads, with what skills, weight and hours; read whole or not at all."""

from routing.roster.hours import Block, HoursMistake, Week, read_week
from routing.roster.model import Person, PersonAsOf, PersonChange, Roster, StaffAsOf, Step
from routing.roster.places import ANYWHERE, Places
from routing.roster.read import RosterRead, read_roster

__all__ = [
    "ANYWHERE",
    "Block",
    "HoursMistake",
    "Person",
    "PersonAsOf",
    "PersonChange",
    "Places",
    "Roster",
    "RosterRead",
    "StaffAsOf",
    "Step",
    "Week",
    "read_roster",
    "read_week",
]
