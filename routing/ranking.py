"""The seam to the ranker: predicted close probability per candidate, or a stated refusal.

The decision takes scores as facts; who computes them, from which model, is the shell's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from routing.facts import Candidate, Lead


@dataclass(frozen=True, slots=True)
class Scores:
    """What a model predicts for one lead.

    `ppm` holds (rep, predicted close probability in millionths) for every candidate asked about,
    sorted by rep. What counts is the probability less the rep's price, which is what a lead of
    theirs costs the others where load binds.
    """

    model: str  #: version and artifact hash
    ppm: tuple[tuple[str, int], ...]
    #: (rep, price in millionths) for the same reps in the same order; empty: no load binds
    price_ppm: tuple[tuple[str, int], ...] = ()
    #: who stands at the top, sorted: one rep, or those the model cannot tell apart; empty: it does
    #: not say, and the highest is the best
    top: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoScores:
    """Why there is no ranking; rotation decides, with this reason recorded."""

    reason: str


class Ranker(Protocol):
    """Ranks candidates for a lead."""

    def scores(self, lead: Lead, candidates: Sequence[Candidate]) -> Scores | NoScores:
        """Close probability per candidate, or why there is none."""


class NoModel:
    """The ranker of an installation that has not trained a model yet: it always refuses."""

    def scores(self, lead: Lead, candidates: Sequence[Candidate]) -> NoScores:
        """Refuse, with the reason that the record keeps."""
        del lead, candidates
        return NoScores("no model in force")
