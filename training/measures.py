"""How good predicted probabilities are, and how sure one can be of that.

Every measure takes weights, so that a bootstrap is the same measure with other weights.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Measure = Callable[[Floats, Floats, Floats], float]

_STILL = 1e-9  #: a step that changes no digit anybody is told
_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """For a report."""
        return {"estimate": self.estimate, "low": self.low, "high": self.high}


def losses(won: Floats, probability: Floats) -> Floats:
    """Log loss of each lead, in nats."""
    kept = np.clip(probability, _EDGE, 1 - _EDGE)
    loss: Floats = -(won * np.log(kept) + (1 - won) * np.log1p(-kept))
    return loss


def log_loss(won: Floats, probability: Floats, weights: Floats) -> float:
    """Mean log loss, in nats: what a bet at these odds would cost."""
    return float(np.average(losses(won, probability), weights=weights))


def brier(won: Floats, probability: Floats, weights: Floats) -> float:
    """Mean squared difference between what was promised and what closed."""
    return float(np.average(np.square(probability - won), weights=weights))


def auc(won: Floats, probability: Floats, weights: Floats) -> float:
    """The chance that a won lead was scored above a lost one; ties count half."""
    levels, at = np.unique(probability, return_inverse=True)
    wins = np.bincount(at, won * weights, len(levels))
    defeats = np.bincount(at, (1 - won) * weights, len(levels))
    below = np.cumsum(defeats) - defeats / 2
    pairs = wins.sum() * defeats.sum()
    return float((wins * below).sum() / pairs) if pairs else 0.5


def expected_calibration_error(won: Floats, probability: Floats, weights: Floats) -> float:
    """Mean gap between what was promised and what closed, over ten bins of equal width.

    Source:
        Naeini, Cooper and Hauskrecht (2015), AAAI, section "Calibration Measures".
    """
    at = np.minimum((probability * 10).astype(np.intp), 9)
    gaps = np.bincount(at, (won - probability) * weights, 10)
    return float(np.abs(gaps).sum() / weights.sum())


def calibration_slope(won: Floats, probability: Floats, weights: Floats) -> float:
    """How far the log odds should be stretched: below 1 the model promises too much contrast."""
    kept = np.clip(probability, _EDGE, 1 - _EDGE)
    basis = np.column_stack([np.ones(len(kept)), np.log(kept / (1 - kept))])
    line = np.array([0.0, 1.0])
    for _ in range(12):
        chance = 1 / (1 + np.exp(-np.clip(basis @ line, -30, 30)))
        curve = weights * chance * (1 - chance)
        square = basis.T @ (basis * curve[:, None]) + 1e-9 * np.eye(2)
        step = np.clip(np.linalg.solve(square, basis.T @ (weights * (won - chance))), -1, 1)
        line = line + step
        if np.abs(step).max() < _STILL:
            break
    return float(line[1])


def lift(won: Floats, probability: Floats, weights: Floats) -> float:
    """Win rate of the tenth with the highest scores, as a multiple of everybody's."""
    order = np.argsort(-probability, kind="stable")
    within = np.cumsum(weights[order]) <= weights.sum() / 10
    best = order[within] if within.any() else order[:1]
    rate = np.average(won, weights=weights)
    top = np.average(won[best], weights=np.maximum(weights[best], _EDGE))
    return float(top / rate) if rate else 0.0


MEASURES: dict[str, Measure] = {
    "log_loss": log_loss,
    "brier": brier,
    "auc": auc,
    "ece": expected_calibration_error,
    "slope": calibration_slope,
    "lift_at_10": lift,
}


def bootstrap(measure: Measure, won: Floats, probability: Floats, *, draws: Floats) -> Interval:
    """A measure with its percentile interval.

    Args:
        measure: One of `MEASURES`, or alike.
        won: 1 or 0 for each lead.
        probability: What was promised.
        draws: Weights from `resamples`, a row each.
    """
    order = np.argsort(-probability, kind="stable")  # some measures sort: here it is done once
    won, probability = won[order], probability[order]
    found = [measure(won, probability, weights[order]) for weights in draws]
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(measure(won, probability, np.ones(len(won))), float(low), float(high))


def mean_interval(values: Floats, draws: Floats) -> Interval:
    """The mean of some values with its percentile interval."""
    found = draws @ values / draws.sum(axis=1)
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))


def resamples(leads: int, count: int, seed: int) -> Floats:
    """How often each lead is drawn in each of so many resamples of all leads."""
    chance = np.random.default_rng([seed, leads])
    return chance.multinomial(leads, np.full(leads, 1 / leads), size=count).astype(np.float64)


def calibration_table(won: Floats, probability: Floats, bins: int = 10) -> list[dict[str, float]]:
    """Promised and closed, by tenths of the leads in the order of their scores."""
    parts = np.array_split(np.argsort(probability, kind="stable"), bins)
    return [
        {
            "leads": float(len(part)),
            "promised": float(probability[part].mean()),
            "closed": float(won[part].mean()),
        }
        for part in parts
        if len(part)
    ]
