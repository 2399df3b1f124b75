"""Did it help, would it help, and whom does it favour, in worlds whose truth is known."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from routing.ranker import read_tables
from tests.unit.training.worlds import CONTRACT, LATER, TERMS, past, world
from training.batch import even, routed, score
from training.export import decode_npz
from training.judging.holdout import compare_with_holdout
from training.judging.offpolicy import estimate_value, known_probability, policy_of
from training.judging.shares import Shares, disparity
from training.rows import matured
from training.train import train
from training.worlds import STARTS_AT

EPSILON = 0.1
STRONG = (0.6, 0.4, 0.2, 0.2)


@pytest.fixture(scope="module")
def strong():
    return world(seed=3, spreads=STRONG)


@pytest.fixture(scope="module")
def tables(strong):
    version = train(past(strong), TERMS, LATER)
    return read_tables(version.document, decode_npz(version.tables))


def batch_of(strong, tables, leads):
    open_to = strong.eligible(leads)
    facts = [leads.facts(row) for row in range(len(leads))]
    who = [tuple(strong.reps[at] for at in np.flatnonzero(row)) for row in open_to]
    return score(tables, facts, who)


def routed_past(strong, tables, *, count=3_000, stream=21, epsilon=EPSILON):
    """Leads as the version routes them: a tenth by holdout, some by exploration."""
    leads = strong.leads(count, stream=stream)
    batch = batch_of(strong, tables, leads)
    best = routed(batch, (), 0)
    chance = np.random.default_rng(stream)
    held = chance.random(count) < 0.1
    mixed = np.where(held[:, None], even(batch), (1 - epsilon) * best + epsilon * even(batch))
    chosen = (mixed.cumsum(axis=1) < chance.random(count)[:, None]).sum(axis=1)
    ppm = np.round(mixed[np.arange(count), chosen] * 1e6).astype(int)
    picks = [("holdout" if each else "model", int(p)) for each, p in zip(held, ppm, strict=True)]
    rows = strong.decided(leads, chosen, chance=chance, until=STARTS_AT, picks=picks)
    return matured(rows, horizon=TERMS.horizon, at=LATER), leads, batch


def truth_of(strong, leads, shares):
    return float((strong.probabilities(leads) * shares).sum()) / len(leads)


def test_the_holdout_tells_that_routing_helped(strong, tables):
    rows, leads, batch = routed_past(strong, tables, count=12_000)

    found = compare_with_holdout(rows)
    gain = truth_of(strong, leads, routed(batch, (), 0)) - truth_of(strong, leads, even(batch))

    assert found.difference is not None
    assert found.difference.low > 0
    assert found.difference.low < (1 - EPSILON) * gain < found.difference.high


def test_few_leads_in_the_holdout_are_no_answer(strong, tables):
    rows, _, _ = routed_past(strong, tables, count=300)

    found = compare_with_holdout(rows)

    assert found.difference is None
    assert "each side needs 100" in found.reason


def test_the_value_of_another_policy_lies_in_its_intervals(strong, tables):
    rows, leads, batch = routed_past(strong, tables, count=6_000)
    policy = policy_of(replace(tables, prices_ppm=(), tie_milli=0))

    found = estimate_value(rows, policy, CONTRACT)
    truth = truth_of(strong, leads, routed(batch, (), 0))

    assert found.snips is not None
    assert found.doubly_robust is not None
    assert found.snips.low < truth < found.snips.high
    assert found.doubly_robust.low < truth < found.doubly_robust.high
    assert found.ess > 3_000


def test_without_support_there_is_no_answer(strong, tables):
    rows, _, _ = routed_past(strong, tables, epsilon=0.0)
    certain = [each for each in rows if each.row.method == "model"]
    other = policy_of(replace(tables, prices_ppm=tuple((r, 900_000) for r in tables.reps[:6])))

    found = estimate_value(certain, other, CONTRACT)

    assert found.snips is None
    assert "Route a share of leads by exploration" in found.reason


def test_leads_that_humans_gave_away_say_nothing(strong, tables):
    rows = matured(past(strong, 300), horizon=timedelta(days=90), at=LATER)

    assert estimate_value(rows, policy_of(tables), CONTRACT).leads == 0


@pytest.mark.parametrize(
    ("method", "recorded", "known"),
    [
        pytest.param("model", 950_000, 0.95, id="the model's pick"),
        pytest.param("exploration", 20_000, 0.02, id="an exploring pick"),
        pytest.param("round_robin", 1_000_000, 0.25, id="a turn, as good as an even draw"),
        pytest.param("round_robin", 480_000, 0.48, id="a turn among those at the top"),
        pytest.param("account_owner", 1_000_000, None, id="an account's owner"),
        pytest.param("manual", None, None, id="a human"),
    ],
)
def test_the_chance_of_a_pick_is_known_where_chance_had_a_say(strong, method, recorded, known):
    row = replace(
        past(strong, 1)[0],
        method=method,
        pick_probability_ppm=recorded,
        rep="a",
        eligible=("a", "b", "c", "d"),
    )

    assert known_probability(row) == known


def test_hidden_favouritism_flatters_history_and_not_the_holdout():
    favoured = world(seed=5, spreads=(0.0, 0.0, 0.0, 0.0), hidden=1.5, favouritism=2.0)
    version = train(past(favoured, 6_000), TERMS, LATER)
    model = read_tables(version.document, decode_npz(version.tables))
    rows, _, _ = routed_past(favoured, model, count=8_000)

    found = compare_with_holdout(rows)

    assert found.difference is not None
    assert found.difference.low < 0 < found.difference.high


def test_a_holdout_that_is_not_decided_yet_is_not_counted(strong, tables):
    rows, _, _ = routed_past(strong, tables)
    decided = [each.row for each in rows]

    early = matured(decided, horizon=TERMS.horizon, at=STARTS_AT - timedelta(days=100))

    assert 0 < len(early) < len(rows)
    assert compare_with_holdout(early).routed.leads < compare_with_holdout(rows).routed.leads


def test_the_interval_of_the_holdout_covers_the_truth_about_as_often_as_it_says(strong, tables):
    covered = []
    for stream in range(40, 80):
        rows, leads, batch = routed_past(strong, tables, count=1_500, stream=stream)
        found = compare_with_holdout(rows, resamples=200)
        gain = truth_of(strong, leads, routed(batch, (), 0)) - truth_of(strong, leads, even(batch))
        assert found.difference is not None
        covered.append(found.difference.low < (1 - EPSILON) * gain < found.difference.high)

    assert np.mean(covered) >= 0.85


def test_groups_are_compared_with_the_one_that_fares_best():
    shares = Shares(("ada", "bob", "cleo"), np.array([60.0, 40.0, 20.0]), np.array([40.0] * 3))

    told = disparity(shares, {"ada": "east", "bob": "west", "cleo": "west"})

    assert [(line["group"], line["ratio"], line["adverse"]) for line in told] == [
        ("east", 1.0, False),
        ("west", 0.5, True),
    ]


def test_reps_with_a_handful_of_leads_do_not_count_as_a_multiple():
    shares = Shares(("ada", "new"), np.array([100.0, 9.0]), np.array([90.0, 1.0]))

    assert shares.largest_multiple() == pytest.approx(100 / 90)
