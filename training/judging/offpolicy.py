"""Would it help? What another version would have won, from what was routed by chance or nearly.

Every lead that went to a rep with a known probability stands for the leads that another policy
would have sent there, in proportion to the two probabilities. The answer is self-normalised
(SNIPS); beside it stands the doubly robust one, whose model of wins never saw the leads it is
used on. Where the leads that count are effectively few, or the policy would often send leads
where none went, there is no answer.

Source:
    Swaminathan and Joachims (2015), NeurIPS: "The self-normalized estimator for counterfactual
    learning"; Dudik, Langford and Li (2011), ICML: "Doubly robust policy evaluation and learning".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from routing.decision import Method
from routing.ranker import RankTables
from training.batch import MILLION, even, routed, score
from training.encode import Places, encode, learn_layout
from training.estimator import RepEffectsClassifier
from training.measures import Floats, Interval
from training.rows import Contract, DecidedLead, Labelled

LEAST_ESS = 200.0  #: leads that the answer effectively rests on
MOST_UNSUPPORTED = 0.01  #: share of the policy's picks that history could not have made
FOLDS = 4  #: of the doubly robust estimate, in time
_DRAWN = (Method.MODEL.value, Method.EXPLORATION.value, Method.HOLDOUT.value)

#: Which share of each lead every eligible rep would get: (reps in the eligible's order).
Policy = Callable[[Sequence[DecidedLead]], list[Floats]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a policy would have won; `snips` None: no answer, and `reason` says why."""

    leads: int  #: with a known probability
    ess: float  #: effective sample size
    unsupported: float  #: share of the policy's picks without support
    logged: float  #: win rate of these leads as they were routed
    snips: Interval | None = None
    doubly_robust: Interval | None = None
    reason: str = ""


def known_probability(row: DecidedLead) -> float | None:
    """The chance that this rep was picked; None where no chance was involved.

    Round robin takes turns without a look at the lead, which for this purpose is as good as an
    even draw. Account owners, named persons and human picks say nothing about other reps.
    """
    if row.rep not in row.eligible:
        return None
    recorded = row.pick_probability_ppm
    if row.method in _DRAWN and recorded:
        return recorded / MILLION
    if row.method == Method.ROUND_ROBIN.value:
        is_drawn = recorded is not None and 0 < recorded < MILLION
        return recorded / MILLION if is_drawn and recorded else 1.0 / len(row.eligible)
    return None


def policy_of(tables: RankTables, *, chance_ppm: int = 0) -> Policy:
    """The policy of one version, with the share of leads that is left to chance."""

    def chances(rows: Sequence[DecidedLead]) -> list[Floats]:
        batch = score(tables, [row.facts for row in rows], [row.eligible for row in rows])
        ranked = routed(batch, tables.prices_ppm, tables.tie_milli)
        share = chance_ppm / MILLION
        mixed = (1 - share) * ranked + share * even(batch)
        return [each[open_to] for each, open_to in zip(mixed, batch.open_to, strict=True)]

    return chances


def estimate_value(
    rows: Sequence[Labelled], policy: Policy, contract: Contract, *, seed: int = 0
) -> Estimate:
    """What the policy would have won of these leads.

    Args:
        rows: Matured leads, in the order of time.
        policy: As `policy_of` makes it.
        contract: What the doubly robust estimate's model may see.
        seed: Of the bootstrap.
    """
    kept = [(each, chance) for each in rows if (chance := known_probability(each.row)) is not None]
    if not kept:
        return Estimate(0, 0.0, 1.0, 0.0, reason="No lead was routed with a known probability.")
    leads = [each.row for each, _ in kept]
    won = np.array([each.won for each, _ in kept], dtype=np.float64)
    logged = np.array([chance for _, chance in kept])
    wanted = policy(leads)
    places = np.array([row.eligible.index(row.rep) for row in leads])
    weights = np.array([each[at] for each, at in zip(wanted, places, strict=True)]) / logged
    ess = float(weights.sum() ** 2 / max(float(np.square(weights).sum()), 1e-12))
    lost = _unsupported(leads, wanted, logged)
    so_far = Estimate(len(leads), ess, lost, float(won.mean()))
    if ess < LEAST_ESS or lost > MOST_UNSUPPORTED:
        return _refused(so_far)
    draw = np.random.default_rng([seed, 31])
    values = _Expected(leads, won, contract).with_all()
    return Estimate(
        *(so_far.leads, so_far.ess, so_far.unsupported, so_far.logged),
        snips=_ratio(weights * won, weights, draw),
        doubly_robust=_mean(_robust(values, wanted, places, weights, won), draw),
    )


def _refused(found: Estimate) -> Estimate:
    reason = (
        f"The answer would rest on effectively {found.ess:.0f} leads (it takes {LEAST_ESS:.0f}), "
        f"and {found.unsupported:.1%} of the policy's picks have no support in what was routed "
        f"(at most {MOST_UNSUPPORTED:.0%}). Route a share of leads by exploration and ask again."
    )
    return Estimate(*(found.leads, found.ess, found.unsupported, found.logged), reason=reason)


def _unsupported(leads: Sequence[DecidedLead], wanted: Sequence[Floats], logged: Floats) -> float:
    """The share of picks that history could not have made.

    They are of a rep who never got a lead of this route by chance, or of anybody but the one who
    was certain to get it.
    """
    seen = {(row.route, row.rep) for row in leads}
    lost = 0.0
    for row, shares, chance in zip(leads, wanted, logged.tolist(), strict=True):
        for rep, share in zip(row.eligible, shares.tolist(), strict=True):
            if (row.route, rep) not in seen or (chance >= 1.0 and rep != row.rep):
                lost += share
    return lost / len(leads)


class _Expected:
    """The chance of a win of each lead with each eligible rep, by models of other times."""

    def __init__(self, leads: Sequence[DecidedLead], won: Floats, contract: Contract) -> None:
        self._leads, self._won = leads, won
        self._layout = learn_layout(
            [row.facts for row in leads], [row.rep for row in leads], contract
        )

    def with_all(self) -> list[Floats]:
        """In the order of each lead's eligible reps."""
        facts = [row.facts for row in self._leads]
        had = encode(self._layout, facts, [row.rep for row in self._leads])
        found: list[Floats] = []
        for fold in np.array_split(np.arange(len(self._leads)), FOLDS):
            others = np.ones(len(self._leads), dtype=bool)
            others[fold] = False
            model = RepEffectsClassifier(
                self._layout.rep, self._layout.segments, categorical=range(self._layout.rep)
            )
            if len(np.unique(self._won[others])) < 2:
                found += [np.full(len(self._leads[at].eligible), self._won.mean()) for at in fold]
                continue
            model.fit(had[others], self._won[others])
            found += self._predicted(model, had[fold], [self._leads[at] for at in fold])
        return found

    def _predicted(
        self, model: RepEffectsClassifier, had: Floats, leads: Sequence[DecidedLead]
    ) -> list[Floats]:
        known = {rep: place for place, rep in enumerate(self._layout.reps)}
        sizes = [len(row.eligible) for row in leads]
        pairs = np.repeat(had, sizes, axis=0)
        pairs[:, self._layout.rep] = [known.get(rep, -1) for row in leads for rep in row.eligible]
        chance = model.predict_proba(pairs)[:, 1]
        return np.split(chance, np.cumsum(sizes)[:-1])


def _robust(
    values: Sequence[Floats],
    wanted: Sequence[Floats],
    places: Places,
    weights: Floats,
    won: Floats,
) -> Floats:
    """The model's value of the policy, corrected where the model was wrong about what happened."""
    direct = np.array([float(each @ share) for each, share in zip(values, wanted, strict=True)])
    guessed = np.array([each[at] for each, at in zip(values, places, strict=True)])
    summed: Floats = direct + weights / weights.mean() * (won - guessed)
    return summed


def _ratio(above: Floats, below: Floats, draw: np.random.Generator) -> Interval:
    """A ratio of sums with the interval of its linearised variance, or the bootstrap's if wider."""
    point = float(above.sum() / below.sum())
    rest = above - point * below
    spread = 1.96 * float(np.sqrt(np.square(rest).sum())) / float(below.sum())
    drawn = _resampled(np.column_stack([above, below]), draw)
    low, high = np.quantile(drawn[:, 0] / np.maximum(drawn[:, 1], 1e-12), [0.025, 0.975])
    return Interval(point, min(point - spread, float(low)), max(point + spread, float(high)))


def _mean(values: Floats, draw: np.random.Generator) -> Interval:
    drawn = _resampled(np.column_stack([values, np.ones(len(values))]), draw)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))


def _resampled(columns: Floats, draw: np.random.Generator, count: int = 400) -> Floats:
    """Sums of the columns over resamples of the rows."""
    size = len(columns)
    sums = [columns[draw.integers(0, size, size)].sum(axis=0) for _ in range(count)]
    return np.array(sums)
