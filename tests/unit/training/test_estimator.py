"""The estimator keeps scikit-learn's own rules, with and without a rep."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from training.estimator import RepEffectsClassifier

CHANCE = np.random.default_rng(7)
ROWS, REPS, LEVELS = 6_000, 20, 4
REP = CHANCE.integers(0, REPS, ROWS).astype(float)
SEGMENT = CHANCE.integers(0, LEVELS, ROWS).astype(float)
NOISE = CHANCE.normal(size=ROWS)
SKILL = CHANCE.normal(0, 0.5, REPS)
WON = CHANCE.random(ROWS) < 1 / (1 + np.exp(1.5 - SKILL[REP.astype(int)] - 0.3 * SEGMENT))
X = np.column_stack([SEGMENT, NOISE, REP])


@parametrize_with_checks(
    [
        RepEffectsClassifier(),
        RepEffectsClassifier(rep=0, segments=(1,), max_bins=4, passes=20),
    ]
)
def test_it_is_an_estimator_like_any_other(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def fitted():
    return RepEffectsClassifier(rep=2, segments=(0,)).fit(X, WON)


def test_the_spread_of_the_reps_is_found_and_that_of_nothing_is_not(fitted):
    assert fitted.converged_
    assert fitted.taus_[0] == pytest.approx(SKILL.std(), abs=0.2)
    assert fitted.taus_[1] < 0.15  # what is expected before anything is seen


def test_effects_of_reps_lie_near_the_truth_and_nearer_to_zero(fitted):
    effects = fitted.rep_effects_[0][:REPS, 0]

    assert np.corrcoef(effects, SKILL)[0, 1] > 0.9
    assert np.abs(effects).mean() < np.abs(SKILL - SKILL.mean()).mean()


def test_a_rep_with_few_leads_is_shrunken_more_and_known_less():
    rare = np.where((REP == 0) & (np.arange(ROWS) > 400), 1.0, REP)
    model = RepEffectsClassifier(rep=2).fit(np.column_stack([SEGMENT, NOISE, rare]), WON)

    assert model.rep_sds_[0][0, 0] > 1.5 * model.rep_sds_[0][2, 0]


def test_a_rep_or_level_that_training_did_not_see_has_no_effect(fitted):
    unknown = np.array([[99.0, 0.0, 99.0]])
    curve = fitted.lead_effects_[1][fitted._codes(unknown, 1)[0]]

    assert fitted.decision_function(unknown)[0] == pytest.approx(fitted.intercept_ + curve)


def test_recalibration_moves_the_base_rate_and_nothing_else(fitted):
    model = RepEffectsClassifier(rep=2, segments=(0,)).fit(X, WON)
    few = WON & (np.arange(ROWS) % 2 == 0)

    before = model.decision_function(X)
    model.recalibrate(X, few)

    assert model.predict_proba(X)[:, 1].sum() == pytest.approx(few.sum(), rel=0.15)
    assert np.ptp(model.decision_function(X) - before) == pytest.approx(0.0, abs=1e-9)


def test_a_segment_that_is_no_column_is_refused():
    with pytest.raises(ValueError, match="must name different columns of X"):
        RepEffectsClassifier(rep=2, segments=(2,)).fit(X, WON)
