"""Measures, gate, prices, threshold and the test for a signal, each at its edges."""

from dataclasses import replace

import numpy as np
import pytest

from training.batch import Batch, even, routed
from training.gate import Evidence, checks, judge
from training.measures import (
    Interval,
    auc,
    bootstrap,
    calibration_slope,
    calibration_table,
    expected_calibration_error,
    lift,
    log_loss,
    mean_interval,
    resamples,
)
from training.prices import fit_prices
from training.signal import Past, rep_signal_p
from training.terms import Bounds, Verdict
from training.ties import GIVEN_AWAY, choose_tie

CHANCE = np.random.default_rng(3)
PROMISED = CHANCE.uniform(0.02, 0.6, 8_000)
WON = (CHANCE.random(8_000) < PROMISED).astype(float)
ONES = np.ones(8_000)


def test_honest_probabilities_have_no_calibration_error_and_a_slope_of_one():
    assert expected_calibration_error(WON, PROMISED, ONES) < 0.02
    assert calibration_slope(WON, PROMISED, ONES) == pytest.approx(1.0, abs=0.1)


def test_too_much_contrast_shows_as_a_slope_below_one():
    odds = np.log(PROMISED / (1 - PROMISED))
    boastful = 1 / (1 + np.exp(-2 * odds))

    assert calibration_slope(WON, boastful, ONES) == pytest.approx(0.5, abs=0.05)


def test_the_area_counts_ties_half():
    won = np.array([1.0, 0.0, 1.0, 0.0])

    assert auc(won, np.array([0.5, 0.5, 0.9, 0.1]), np.ones(4)) == pytest.approx(0.875)
    assert auc(np.ones(2), np.array([0.1, 0.2]), np.ones(2)) == 0.5


def test_a_measure_with_weights_is_the_measure_of_repeated_leads():
    weights = CHANCE.integers(0, 3, 400).astype(float)
    often = np.repeat(np.arange(400), weights.astype(int))

    for measure in (auc, log_loss, expected_calibration_error):
        repeated = measure(WON[often], PROMISED[often], np.ones(len(often)))
        assert measure(WON[:400], PROMISED[:400], weights) == pytest.approx(repeated)


def test_the_best_tenth_is_compared_with_everybody():
    won = np.array([1.0] * 2 + [0.0] * 18)

    assert lift(won, np.linspace(1, 0, 20), np.ones(20)) == pytest.approx(10.0)


def test_an_interval_covers_the_truth_about_as_often_as_it_says():
    draws = resamples(200, 200, 1)
    covered = []
    for _ in range(200):
        found = mean_interval(CHANCE.random(200), draws)
        covered.append(found.low < 0.5 < found.high)

    assert 0.9 <= np.mean(covered) <= 1.0


def test_an_estimate_lies_in_its_own_interval():
    found = bootstrap(log_loss, WON[:500], PROMISED[:500], draws=resamples(500, 100, 2))

    assert found.low < found.estimate < found.high


def test_the_calibration_table_holds_every_lead_once():
    assert sum(line["leads"] for line in calibration_table(WON, PROMISED)) == len(WON)


GOOD = Evidence(
    decided=5_000,
    wins=600,
    gain_on_prior=Interval(0.02, 0.01, 0.03),
    gain_on_champion=Interval(0.01, -0.001, 0.02),
    ece=0.05,
    slope=Interval(0.7, 0.6, 0.8),
    signal_p=0.01,
    largest_share=2.0,
)


@pytest.mark.parametrize(
    ("changed", "verdict", "said"),
    [
        pytest.param({}, Verdict.PROMOTE, "", id="everything at its limit"),
        pytest.param({"decided": 999}, Verdict.REFUSE, "decided leads: 999", id="few leads"),
        pytest.param({"wins": 119}, Verdict.REFUSE, "wins: 119", id="few wins"),
        pytest.param(
            {"gain_on_prior": Interval(0.01, 0.0, 0.02)}, Verdict.REFUSE, "base rate", id="prior"
        ),
        pytest.param(
            {"gain_on_champion": Interval(0.01, -0.0011, 0.02)},
            Verdict.REFUSE,
            "champion's log loss",
            id="champion",
        ),
        pytest.param({"ece": 0.051}, Verdict.REFUSE, "calibration error: 0.0510", id="error"),
        pytest.param(
            {"slope": Interval(1.4, 1.26, 1.5)},
            Verdict.REFUSE,
            "calibration slope: 1.40",
            id="slope",
        ),
        pytest.param({"signal_p": 0.02}, Verdict.SCORES_ONLY, "0.020", id="no signal"),
        pytest.param({"largest_share": 2.1}, Verdict.SCORES_ONLY, "2.10", id="a flood"),
    ],
)
def test_the_gate_names_what_failed(changed, verdict, said):
    ranker = replace(GOOD, **changed)
    lead_score = replace(ranker, signal_p=None, largest_share=None)

    found, reasons = judge(checks(ranker, Bounds()), checks(lead_score, Bounds()))

    assert found is verdict
    assert [said in reason for reason in reasons] == ([True] if said else [])


def some_leads(leads: int = 2_000, reps: int = 6) -> Batch:
    """The first rep is the best with nearly every lead."""
    probabilities = np.clip(CHANCE.normal(0.15, 0.03, (leads, reps)), 0.01, 0.9)
    probabilities[:, 0] += 0.1
    names = tuple(f"r{place}" for place in range(reps))
    open_to = np.ones((leads, reps), dtype=bool)
    return Batch(names, probabilities, np.full((leads, reps), 0.02), open_to)


def test_prices_keep_the_best_rep_within_the_cap_and_cost_little_elsewhere():
    batch = some_leads()

    prices = fit_prices(batch, 1.3)
    multiples = routed(batch, prices, 0).sum(axis=0) / even(batch).sum(axis=0)

    assert routed(batch, (), 0).sum(axis=0)[0] > 5 * even(batch).sum(axis=0)[0]
    assert multiples.max() < 1.4
    assert dict(prices)["r0"] == max(price for _, price in prices)


def test_who_stays_within_the_cap_costs_nothing():
    batch = some_leads()
    level = replace(batch, probabilities=CHANCE.uniform(0.1, 0.2, batch.probabilities.shape))

    assert fit_prices(level, 1.5) == ()


def test_the_threshold_gives_away_no_more_than_its_part_of_the_uplift():
    batch = some_leads()
    value = {
        tie: float((routed(batch, (), tie) * batch.probabilities).sum())
        for tie in (0, choose_tie(batch, ()))
    }
    base = float((even(batch) * batch.probabilities).sum())

    assert len(value) == 2
    assert min(value.values()) >= base + (1 - GIVEN_AWAY) * (value[0] - base)


def some_past(effect: float) -> Past:
    """Two offices that share nobody, the leads of one better: that is no signal of reps."""
    chance = np.random.default_rng(17)
    office = chance.integers(0, 2, 3_000)
    rep = office * 4 + chance.integers(0, 4, 3_000)
    expected = np.full(3_000, 0.2)
    truth = np.where(office == 0, 0.15, 0.25) + effect * np.where(rep % 4 == 0, 1.0, -1 / 3)
    who = [tuple(f"r{place}" for place in range(4 * at, 4 * at + 4)) for at in (0, 1)]
    return Past(
        won=(chance.random(3_000) < truth).astype(float),
        expected=expected,
        rep=rep,
        segments=[],
        eligible=[who[at] for at in office],
        reps=who[0] + who[1],
    )


def test_leads_that_differ_between_offices_are_no_difference_between_reps():
    assert rep_signal_p(some_past(0.0), shuffles=99, seed=1) > 0.05


def test_reps_who_differ_within_an_office_are_found():
    assert rep_signal_p(some_past(0.1), shuffles=99, seed=1) == pytest.approx(0.01)
