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
    sorted by rep. Candidates compare by probability less price: a price keeps reps whom the
    model favours most within their share. `top` names the reps whom the model cannot tell apart
    at the top: one where it can, none where nobody said so and only the probabilities count.
    """

    model: str  #: version and artifact hash
    ppm: tuple[tuple[str, int], ...]
    price_ppm: tuple[tuple[str, int], ...] = ()  #: (rep, price), sorted; left out: zero
    top: tuple[str, ...] = ()  #: sorted


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
