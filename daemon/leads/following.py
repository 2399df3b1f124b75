"""Follows whoever took one record of a person by hand: a decision of its own, and what it writes.

Asked when a record was looked at, and when the result of a write is there; a lead whose write is
still under way is asked about again then.
"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from daemon.base.events import Notes
from daemon.leads.occasions import Cases
from daemon.leads.person.changes import is_gone
from daemon.leads.person.linking import falls_to
from daemon.leads.person.observation import Look
from daemon.leads.person.pair import Carrier
from daemon.leads.person.split_owners import Apart, apart, as_looked, route_of
from daemon.leads.recorder import Case, DecisionRecorder
from daemon.world.world import World
from models.leads.lead_writer import LeadWriter
from routing.facts import Cause


class Following(NamedTuple):
    """A person whose records went apart, and whom they are to follow."""

    case: Case
    rep: str | None
    problem: str | None

    def keep(
        self, recorder: DecisionRecorder, at: datetime, writer: LeadWriter, notes: Notes
    ) -> bool:
        """Decide it as whoever took the person did; whether that could be done."""
        case, rep, problem = self
        if problem is not None or rep is None:
            said = {"rep": rep, "state": "cannot_follow", "problem": problem}
            notes.alert("pair_differs", lead=case.lead, connection=case.connection.name, **said)
            return False
        recorder.keep(case, recorder.by_hand(case, rep, at), writer, notes)
        return True


def after_look(look: Look, cases: Cases, world: World) -> Following | None:
    """Whom the person's records are to follow after this version; None where nobody.

    Where a write of theirs is under way, the lead is put down to be asked about when it is there.
    """
    before = look.before
    if before is None or not _may_follow(look, world):
        return None
    if before.assignments or look.pair.is_under_way:
        world.look_again.add(look.lead)
        return None
    parted = _parted(look, cases.at, world)
    route = None if parted is None else route_of(before, parted.rep, cases.at)
    case = None if route is None else cases.of_taken(look, route)
    if case is None or parted is None:
        return None
    if not look.carries and falls_to(look, world):
        case = replace(case, before=parted.rep)
    return _following(replace(case, pair=look.pair), parted)


def after_settling(lead: str, cases: Cases, world: World) -> Following | None:
    """The same of a lead as the ledger has it, now that a result is there."""
    known, last = cases.known([lead]).get(lead, (None, None))
    paired = cases.paired(lead)
    if known is None or last is None or paired is None or known.passed_over is not None:
        return None
    if not known.open or known.assignments or any(each.sent for each in paired.owed):
        return None
    parted = apart(paired, Carrier(last.record, known.connection), world)
    route = None if parted is None else route_of(known, parted.rep, cases.at)
    if parted is None or route is None:
        return None
    case = cases.following(known, last, route=route, cause=Cause.HELD_ELSEWHERE)
    return _following(case, parted)


def _may_follow(look: Look, world: World) -> bool:
    """Whether a version is of a person in two CRMs that bring one another no owners."""
    found, pairing = look.found, world.pairing
    if pairing is None or found is None or found.paired is None or look.before is None:
        return False
    if pairing.synced and found.is_linked(look.record):
        return False
    is_work = (look.before.open or look.takes_over) and not is_gone(look.arrival.seen)
    return is_work and look.passed_over is None


def _parted(look: Look, at: datetime, world: World) -> Apart | None:
    """What this version makes of the pair; a problem is told once."""
    found, before = look.found, look.before
    if found is None or found.paired is None or before is None:
        return None
    carrier = Carrier(before.record, before.connection)
    if look.carries:
        carrier = Carrier(look.record, look.connection.name)
    paired = as_looked(found.paired, look, at)
    parted = apart(paired, carrier, world, joined=found.absorbed is not None)
    is_news = look.change.owner or look.is_first
    return None if parted is not None and parted.problem and not is_news else parted


def _following(case: Case, parted: Apart) -> Following:
    """Nothing is written to what a human holds."""
    beside = replace(case.pair, beside=parted.beside)
    return Following(replace(case, pair=beside), parted.rep, parted.problem)
