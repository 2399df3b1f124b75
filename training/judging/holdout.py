"""Did it help? Leads routed by chance beside those that the model routed.

Only leads that the model could have had: those that fell to the permanent holdout were drawn
before anybody looked at them, so the two arms differ by the model alone. Win rates are compared
within a route and a calendar week where both arms have leads, because seasons and volumes move
both; the interval is a bootstrap over leads within those strata.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.decision import Method
from training.measures import Floats, Interval
from training.rows import Labelled

_MODEL = (Method.MODEL.value,)
_CHANCE = (Method.HOLDOUT.value,)
LEAST_EACH = 100  #: leads in an arm below which nobody should be told a difference


@dataclass(frozen=True, slots=True)
class Arm:
    """One side of the comparison."""

    leads: int
    wins: int

    @property
    def rate(self) -> float:
        """Wins by leads."""
        return self.wins / self.leads if self.leads else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The model's leads beside those of the holdout; `difference` None: too few to say."""

    routed: Arm
    holdout: Arm
    difference: Interval | None  #: of win rates, within strata
    reason: str = ""  #: why there is no difference


def compare_with_holdout(
    rows: Sequence[Labelled], *, resamples: int = 1_000, seed: int = 0
) -> Comparison:
    """The difference of win rates with its 95 % interval, or why there is none."""
    model = [each for each in rows if each.row.method in _MODEL]
    chance = [each for each in rows if each.row.method in _CHANCE]
    routed, holdout = _arm(model), _arm(chance)
    if min(routed.leads, holdout.leads) < LEAST_EACH:
        reason = (
            f"{routed.leads} leads routed by the model and {holdout.leads} of the holdout have "
            f"matured; each side needs {LEAST_EACH}."
        )
        return Comparison(routed, holdout, None, reason)
    found = _strata(model, chance)
    if not found:
        return Comparison(routed, holdout, None, "No week and route has leads of both sides.")
    return Comparison(routed, holdout, _difference(found, resamples, seed))


def _arm(rows: Sequence[Labelled]) -> Arm:
    return Arm(len(rows), sum(each.won for each in rows))


def _strata(
    model: Sequence[Labelled], chance: Sequence[Labelled]
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """(leads, wins) of both arms, where both have leads."""
    sides: list[dict[tuple[str, str], list[bool]]] = [{}, {}]
    for side, rows in zip(sides, (model, chance), strict=True):
        for each in rows:
            year, week, _ = each.row.at.isocalendar()
            side.setdefault((each.row.route, f"{year}-{week:02d}"), []).append(each.won)
    one, other = sides
    return [
        ((len(one[key]), sum(one[key])), (len(other[key]), sum(other[key])))
        for key in sorted(one.keys() & other.keys())
    ]


def _difference(
    found: list[tuple[tuple[int, int], tuple[int, int]]], resamples: int, seed: int
) -> Interval:
    """Strata weigh as the harmonic mean of their arms, which makes the estimate least noisy."""
    model, chance = (np.array([pair[side] for pair in found], dtype=np.float64) for side in (0, 1))
    weights = model[:, 0] * chance[:, 0] / (model[:, 0] + chance[:, 0])

    def estimate(wins: Floats, others: Floats) -> Floats:
        gaps = wins / model[:, 0] - others / chance[:, 0]
        averaged: Floats = (gaps * weights).sum(axis=-1) / weights.sum()
        return averaged

    draw = np.random.default_rng([seed, 21])
    size = (resamples, len(found))
    drawn = [
        draw.binomial(arm[:, 0].astype(int), _rate(arm), size=size).astype(np.float64)
        for arm in (model, chance)
    ]
    point = float(estimate(model[:, 1], chance[:, 1]))
    spread = 1.96 * float(estimate(drawn[0], drawn[1]).std())
    return Interval(point, point - spread, point + spread)


def _rate(arm: Floats) -> Floats:
    """Of the arm as a whole: a stratum of three leads does not know its own rate."""
    pooled: Floats = np.full(len(arm), arm[:, 1].sum() / arm[:, 0].sum())
    return pooled
