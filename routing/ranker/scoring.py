"""One lead against its candidates: table look-ups, added up in a fixed order.

Two reps at the top cannot be told apart when the difference of their scores, probability less
price, is within `tie_milli` thousandths of its own posterior standard deviation. Training chose
that number (see `training/ties.py`); the rotation decides among those reps.
"""

from collections.abc import Sequence
from math import exp, sqrt

from routing.facts import Candidate, Lead
from routing.ranker.tables import Block, RankTables
from routing.ranking import NoScores, Scores

MILLION = 1_000_000


class TableRanker:
    """Implements `routing.ranking.Ranker` with the tables of one version."""

    def __init__(self, tables: RankTables, version: str = "") -> None:
        self._tables = tables
        self._place = {rep: place for place, rep in enumerate(tables.reps)}
        self._prices = dict(tables.prices_ppm)
        self._new_variance = sum(block.tau * block.tau for block in tables.blocks)
        self._model = f"{version or tables.trained_at.date().isoformat()}/sha256:{tables.hash}"

    def scores(self, lead: Lead, candidates: Sequence[Candidate]) -> Scores | NoScores:
        """The close probability of each candidate, their prices, and who stands at the top."""
        tables = self._tables
        base = lead_log_odds(tables, lead)
        rows = [_rows(block, lead) for block in tables.blocks]
        scored = []
        for rep in sorted(candidate.id for candidate in candidates):
            place = self._place.get(rep)
            log_odds, variance = base, 0.0
            if place is None:
                variance = self._new_variance
            else:
                for effects, variances in rows:
                    log_odds += effects[place]
                    variance += variances[place]
            scored.append((rep, probability_of(log_odds), variance))
        ppm = tuple((rep, round(probability * MILLION)) for rep, probability, _ in scored)
        prices = tuple((rep, self._prices[rep]) for rep, _ in ppm if rep in self._prices)
        return Scores(self._model, ppm, prices, self._top(scored))

    def _top(self, scored: Sequence[tuple[str, float, float]]) -> tuple[str, ...]:
        """Who is within the model's own doubt of the best; none where nobody ranks."""
        if not scored or not self._tables.blocks:
            return ()
        prices, limit = self._prices, self._tables.tie_milli / 1000
        worths = [
            (probability - prices.get(rep, 0) / MILLION, probability, variance, rep)
            for rep, probability, variance in scored
        ]
        worth, probability, variance, best = max(worths, key=lambda each: each[0])
        doubt = spread(probability, variance)
        return tuple(
            rep
            for each, own, own_variance, rep in worths
            if rep == best or worth - each <= limit * sqrt(doubt + spread(own, own_variance))
        )


def lead_log_odds(tables: RankTables, lead: Lead) -> float:
    """The log odds of a lead with a rep of whom nothing is known."""
    log_odds = tables.intercept
    for table in tables.lead:
        fact = lead.facts.get(table.feature.name)
        for place in table.feature.places(None if fact is None else fact.value):
            log_odds += table.effects[place]
    return log_odds


def probability_of(log_odds: float) -> float:
    """The probability that these log odds stand for; beyond thirty there is no difference."""
    return 1.0 / (1.0 + exp(-min(max(log_odds, -30.0), 30.0)))


def spread(probability: float, variance: float) -> float:
    """The variance of a probability whose log odds have this variance, to first order."""
    slope = probability * (1.0 - probability)
    return slope * slope * variance


def _rows(block: Block, lead: Lead) -> tuple[tuple[float, ...], tuple[float, ...]]:
    fact = None if block.segment is None else lead.facts.get(block.segment.name)
    place = block.place(None if fact is None else fact.value)
    return block.effects[place], block.variances[place]
