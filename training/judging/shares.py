"""Who gets how many leads: by rep, and across groups of reps that the user names.

Measured against an even split among those who could have had each lead, so that a small
territory is no disadvantage and a large one no favour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.encode import Floats

LEAST_EVEN = 20.0  #: reps with fewer leads in an even split are too few to speak of a multiple
FOUR_FIFTHS = 0.8  #: the rule of thumb below which an impact is called adverse


@dataclass(frozen=True, slots=True)
class Shares:
    """Leads by rep: as they would be routed, and in an even split."""

    reps: tuple[str, ...]
    got: Floats
    even: Floats

    def largest_multiple(self) -> float:
        """The most that a rep gets as a multiple of an even split; 1 where nobody has enough."""
        enough = self.even >= LEAST_EVEN
        return float((self.got[enough] / self.even[enough]).max()) if enough.any() else 1.0

    def concentration(self) -> float:
        """Herfindahl index of the leads as a multiple of that of the even split."""
        return float(_herfindahl(self.got) / _herfindahl(self.even))

    def by_rep(self) -> list[dict[str, object]]:
        """A line a rep, most leads first."""
        order = np.argsort(-self.got, kind="stable")
        return [
            {
                "rep": self.reps[at],
                "leads": round(float(self.got[at]), 1),
                "even": round(float(self.even[at]), 1),
                "multiple": round(float(self.got[at] / max(self.even[at], 1e-9)), 3),
            }
            for at in order.tolist()
            if self.even[at] > 0
        ]


def disparity(shares: Shares, groups: Mapping[str, str]) -> list[dict[str, object]]:
    """How groups fare, each beside the one that fares best.

    Args:
        shares: Leads by rep.
        groups: rep -> group; who is in none is left out.

    Returns:
        A line a group: its multiple of an even split, its ratio to the best group's, and whether
        that ratio is below four fifths.
    """
    multiples = {}
    for group in sorted(set(groups.values())):
        own = np.array([groups.get(rep) == group for rep in shares.reps])
        if shares.even[own].sum() > 0:
            multiples[group] = float(shares.got[own].sum() / shares.even[own].sum())
    best = max(multiples.values(), default=0.0)
    return [
        {
            "group": group,
            "multiple": round(multiple, 3),
            "ratio": round(multiple / best, 3) if best else 1.0,
            "adverse": bool(best and multiple / best < FOUR_FIFTHS),
        }
        for group, multiple in multiples.items()
    ]


def shares_of(reps: Sequence[str], got: Floats, even: Floats) -> Shares:
    """From chances by lead and rep."""
    return Shares(tuple(reps), got.sum(axis=0), even.sum(axis=0))


def _herfindahl(leads: Floats) -> float:
    total = max(float(leads.sum()), 1e-9)
    return max(float(np.square(leads / total).sum()), 1e-12)
