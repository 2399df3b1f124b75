"""Many leads against all reps at once, by the tables that the daemon will use.

The same sums as `routing.ranker`, in the same order, on columns instead of one lead at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.ranker import RankTables
from training.encode import Facts, Floats, effects_of, places_of

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Leads by reps."""

    reps: tuple[str, ...]
    probabilities: Floats  #: shape (leads, reps)
    variances: Floats  #: of the rep's part of the log odds, so shaped
    open_to: NDArray[np.bool_]  #: who may take which lead, so shaped

    def __len__(self) -> int:
        return len(self.probabilities)


def score(tables: RankTables, facts: Sequence[Facts], eligible: Sequence[Sequence[str]]) -> Batch:
    """Close probability of every lead with every rep.

    Args:
        tables: One version.
        facts: Of each lead.
        eligible: Who may take it.
    """
    reps = tuple(sorted({*tables.reps, *(rep for who in set(map(tuple, eligible)) for rep in who)}))
    known = np.array([place for place, rep in enumerate(reps) if rep in set(tables.reps)], np.intp)
    log_odds = np.repeat(lead_log_odds(tables, facts)[:, None], len(reps), axis=1)
    new = sum(block.tau * block.tau for block in tables.blocks)
    variances = np.full((len(facts), len(reps)), new)
    variances[:, known] = 0.0
    for block in tables.blocks:
        at = np.zeros(len(facts), np.intp)
        if block.segment is not None:
            at = places_of(block.segment, facts)
        log_odds[:, known] += np.array(block.effects)[at]
        variances[:, known] += np.array(block.variances)[at]
    return Batch(reps, 1.0 / (1.0 + np.exp(-log_odds)), variances, _open_to(reps, eligible))


def lead_log_odds(tables: RankTables, facts: Sequence[Facts]) -> Floats:
    """Log odds of each lead with a rep of whom nothing is known."""
    total = np.full(len(facts), tables.intercept)
    for table in tables.lead:
        total = total + effects_of(table.feature, np.array(table.effects), facts)
    return total


def with_rep(batch: Batch, reps: Sequence[str]) -> Floats:
    """The probability of each lead with the rep who had it."""
    place = {rep: at for at, rep in enumerate(batch.reps)}
    chosen: Floats = batch.probabilities[np.arange(len(reps)), [place[rep] for rep in reps]]
    return chosen


def worths(batch: Batch, prices_ppm: Sequence[tuple[str, int]]) -> Floats:
    """Probability less price; minus infinity for who may not take the lead."""
    prices = dict(prices_ppm)
    cost = np.array([prices.get(rep, 0) for rep in batch.reps]) / MILLION
    worth: Floats = np.where(batch.open_to, batch.probabilities - cost, -np.inf)
    return worth


def top(batch: Batch, worth: Floats, tie_milli: int) -> NDArray[np.bool_]:
    """Whom the model cannot tell apart at the top, as `TableRanker` names them."""
    rows = np.arange(len(batch))
    best = worth.argmax(axis=1)
    slope = batch.probabilities * (1.0 - batch.probabilities)
    spreads = slope * slope * batch.variances
    limit = tie_milli / 1000 * np.sqrt(spreads + spreads[rows, best][:, None])
    tied: NDArray[np.bool_] = worth[rows, best][:, None] - worth <= limit
    tied &= batch.open_to
    tied[rows, best] = True
    return tied


def routed(batch: Batch, prices_ppm: Sequence[tuple[str, int]], tie_milli: int) -> Floats:
    """The chance of each rep to get each lead: even among those at the top."""
    tied = top(batch, worths(batch, prices_ppm), tie_milli)
    share: Floats = tied / tied.sum(axis=1, keepdims=True)
    return share


def even(batch: Batch) -> Floats:
    """The same with every lead split evenly among the eligible."""
    share: Floats = batch.open_to / batch.open_to.sum(axis=1, keepdims=True)
    return share


def _open_to(reps: tuple[str, ...], eligible: Sequence[Sequence[str]]) -> NDArray[np.bool_]:
    place = {rep: at for at, rep in enumerate(reps)}
    known: dict[tuple[str, ...], NDArray[np.bool_]] = {}
    rows = []
    for who in eligible:
        key = tuple(who)
        if key not in known:
            known[key] = np.zeros(len(reps), dtype=bool)
            known[key][[place[rep] for rep in key]] = True
        rows.append(known[key])
    return np.array(rows, dtype=bool).reshape(len(rows), len(reps))
