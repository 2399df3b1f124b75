"""Availability layer: a rep who is inactive, away, on holiday or paused is passed over.

Who is off hours is passed over while somebody else in the pool is on; when nobody is on, the
rule's `off_hours` decides, where the layers are run. Unknown availability is eligible and
flagged: a broken calendar must not starve a rep. A meeting is not an absence.
"""

from collections.abc import Sequence

from routing.canonical import stamp
from routing.decision import Code, Drop, Layer
from routing.facts import Candidate
from routing.layers.verdict import Verdict, sift


def keep_present_reps(reps: Sequence[Candidate]) -> Verdict:
    """Keep the reps who are active, not away, not on holiday and not paused.

    Examples:
        >>> keep_present_reps([Candidate("ada", away=True)]).drops[0].code
        <Code.PTO: 'pto'>
    """
    return sift(reps, _why_not_present)


def keep_reps_on_hours(reps: Sequence[Candidate]) -> Verdict:
    """Keep the reps who are on hours, or whose hours are unknown, with a flag."""
    verdict = sift(reps, _why_not_on_hours)
    unknown = tuple(
        (rep.id, Code.AVAILABILITY_UNKNOWN) for rep in verdict.kept if rep.on_hours is None
    )
    return Verdict(verdict.kept, verdict.drops, unknown)


def why_not_reachable(rep: Candidate) -> Drop | None:
    """For a rep reached by account, role or name: active, not away, not paused; no more."""
    if not rep.active:
        return Drop(rep.id, Layer.AVAILABILITY, Code.INACTIVE, "no longer active")
    if rep.away:
        return Drop(rep.id, Layer.AVAILABILITY, Code.PTO, _until(rep))
    if rep.paused:
        return Drop(rep.id, Layer.AVAILABILITY, Code.PAUSED, "paused")
    return None


def _why_not_present(rep: Candidate) -> Drop | None:
    if rep.holiday is not None and rep.active and not rep.away:
        return Drop(rep.id, Layer.AVAILABILITY, Code.HOLIDAY, rep.holiday)
    return why_not_reachable(rep)


def _why_not_on_hours(rep: Candidate) -> Drop | None:
    if rep.on_hours is not False:
        return None
    again = "" if rep.next_on_at is None else f"back on {stamp(rep.next_on_at)}"
    return Drop(rep.id, Layer.AVAILABILITY, Code.OUT_OF_HOURS, again)


def _until(rep: Candidate) -> str:
    return "away" if rep.away_until is None else f"away until {stamp(rep.away_until)}"
