"""How much of the possible uplift a ranker captures, in a world whose truth is known.

Value is the true win probability of the leads as they would be routed, on leads that nobody
learned from. Zero is an even split among the eligible, one is an oracle that knows the truth.
Capped, no rep may take more than 1.3 times an even split at any time, but for three leads of
play; the oracle there knows the truth, has prices of its own and is capped in the same way. It
reaches 0.97 of the dual bound, which no policy can pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import numpy as np
from threadpoolctl import threadpool_limits

from training.batch import Batch, even, routed, score, worths
from training.data import Data
from training.encode import Facts, Floats, Places, encode
from training.export import Stamp
from training.fitting import final
from training.prices import fit_prices
from training.references import boosted, fewer_reps
from training.rows import Contract, data_digest, matured
from training.terms import TrainingTerms
from training.version import make_version
from training.worlds import FIELDS, SEGMENTS, STARTS_AT, World, WorldTerms

LATER = STARTS_AT + timedelta(days=400)
CONTRACT = Contract(
    tuple(sorted([*((name, "choice") for name in FIELDS), ("score", "integer")])), SEGMENTS
)
TERMS = TrainingTerms(CONTRACT)
FRESH, PRICED, PLAY, CAP = 6_000, 4_000, 3.0, 1.3

Scorer = Callable[[Sequence[Facts], Sequence[tuple[str, ...]]], Batch]


@dataclass(frozen=True, slots=True)
class Uplift:
    """One ranker in one world."""

    free: float  #: share of the oracle's uplift
    capped: float  #: the same under the cap
    own: float  #: what it expects of its own routing, as a multiple of the truth


class Trial:
    """One world, one past, and the leads that are yet to come."""

    def __init__(self, spreads: tuple[float, float, float, float], seed: int, leads: int) -> None:
        self.world = World(WorldTerms(seed=seed, spreads=spreads))
        learned = matured(self.world.history(leads), horizon=TERMS.horizon, at=LATER)
        self.data = Data(learned, TERMS)
        self.stamped = Stamp(LATER, 90, data_digest(learned), "", leads, 0)
        self.truth = self._truth(9)

    def ranker(self) -> Uplift:
        """Ours: exported tables, prices and threshold as a version has them."""
        with threadpool_limits(limits=1):
            version = make_version(self.data, final(self.data, reps=True), self.stamped, CAP)
        fresh = self._scored(lambda facts, who: score(version.tables, facts, who), 9)
        return self._uplift(fresh, version.tables.prices_ppm, version.tables.tie_milli)

    def trees(self) -> Uplift:
        """Gradient boosting with the rep as a category."""
        data = self.data
        with threadpool_limits(limits=1):
            model = boosted(data.layout, data.matrix, data.won, 0)
            return self._by(
                lambda facts, reps: model.predict_proba(
                    fewer_reps(data.layout, encode(data.layout, facts, reps))
                )[:, 1]
            )

    def raw(self) -> Uplift:
        """Win rates of each rep in each industry and size, as they are."""
        layout, matrix = self.data.layout, self.data.matrix
        columns = [layout.rep, *layout.segments[:2]]

        def keys(rows: Floats) -> Places:
            return (rows[:, columns] + 1).astype(int) @ [10_000, 100, 1]

        seen, at = np.unique(keys(matrix), return_inverse=True)
        rates = np.bincount(at, self.data.won) / np.bincount(at)
        base = self.data.won.mean()

        def predict(facts: Sequence[Facts], reps: Sequence[str]) -> Floats:
            wanted = keys(encode(layout, facts, reps))
            place = np.minimum(np.searchsorted(seen, wanted), len(seen) - 1)
            return np.where(seen[place] == wanted, rates[place], base)

        return self._by(predict)

    def _by(self, predict: Callable[[Sequence[Facts], Sequence[str]], Floats]) -> Uplift:
        def scored(facts, who):
            batch = self._truth_of(facts, who)
            rows, reps = np.nonzero(batch.open_to)
            guessed = np.zeros_like(batch.probabilities)
            guessed[rows, reps] = predict(
                [facts[row] for row in rows], [batch.reps[rep] for rep in reps]
            )
            return Batch(batch.reps, guessed, np.zeros_like(guessed), batch.open_to)

        prices = fit_prices(self._scored(scored, 10), CAP)
        return self._uplift(self._scored(scored, 9), prices, 0)

    def _scored(self, scorer: Scorer, stream: int) -> Batch:
        leads = self.world.leads(FRESH if stream == 9 else PRICED, stream=stream)
        facts = [leads.facts(row) for row in range(len(leads))]
        open_to = self.world.eligible(leads)
        who = [tuple(self.world.reps[at] for at in np.flatnonzero(row)) for row in open_to]
        return scorer(facts, who)

    def _truth(self, stream: int) -> Batch:
        leads = self.world.leads(FRESH, stream=stream)
        truth = self.world.probabilities(leads)
        return Batch(self.world.reps, truth, np.zeros_like(truth), self.world.eligible(leads))

    def _truth_of(self, facts, who) -> Batch:
        place = {rep: at for at, rep in enumerate(self.world.reps)}
        open_to = np.zeros((len(facts), len(place)), dtype=bool)
        for row, reps in enumerate(who):
            open_to[row, [place[rep] for rep in reps]] = True
        empty = np.zeros(open_to.shape)
        return Batch(self.world.reps, empty, empty, open_to)

    def _uplift(self, fresh: Batch, prices, tie: int) -> Uplift:
        truth = self.truth.probabilities
        assert fresh.reps == self.truth.reps
        base = float((even(self.truth) * truth).sum()) / FRESH
        best = float(np.where(self.truth.open_to, truth, 0).max(axis=1).mean())
        free = routed(fresh, (), tie)
        value = float((free * truth).sum()) / FRESH
        own = float((free * fresh.probabilities).sum()) / FRESH
        taken = _capped(fresh, prices, tie)
        capped = float(truth[np.arange(FRESH), taken].mean())
        return Uplift(
            _share(value - base, best - base),
            _share(capped - base, _oracle(self) - base),
            own / value,
        )


@lru_cache(maxsize=16)
def _oracle(trial: "Trial") -> float:
    """What the truth is worth under the cap."""
    truth = trial.truth
    taken = _capped(truth, fit_prices(truth, CAP), 0)
    return float(truth.probabilities[np.arange(FRESH), taken].mean())


def _share(got: float, possible: float) -> float:
    return got / possible if possible > 1e-9 else 0.0


def _capped(batch: Batch, prices, tie: int) -> Places:
    """Lead by lead: the best who has room, a tie to whoever is furthest behind."""
    worth, fair = worths(batch, prices), even(batch).cumsum(axis=0)
    slope = batch.probabilities * (1 - batch.probabilities)
    spreads = slope * slope * batch.variances
    got = np.zeros(len(batch.reps))
    taken = np.zeros(len(batch), dtype=int)
    for row in range(len(batch)):
        room = got + 1 <= CAP * fair[row] + PLAY
        can = np.flatnonzero(batch.open_to[row] & room)
        can = np.flatnonzero(batch.open_to[row]) if not len(can) else can
        best = can[worth[row, can].argmax()]
        limit = tie / 1000 * np.sqrt(spreads[row, best] + spreads[row, can])
        level = can[(worth[row, best] - worth[row, can] <= limit) | (can == best)]
        taken[row] = level[(got - fair[row])[level].argmin()]
        got[taken[row]] += 1
    return taken
