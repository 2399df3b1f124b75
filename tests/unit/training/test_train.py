"""A whole run: what is learned, what is judged, and what may go into force."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from routing.facts import Candidate, Fact, Lead
from routing.ranker import TableRanker, read_tables
from routing.ranking import Scores
from tests.unit.training.worlds import LATER, TERMS, past, world
from training.export import decode_npz
from training.terms import Bounds, Verdict
from training.train import train
from training.worlds import NULL

STRONG = (0.6, 0.4, 0.2, 0.2)


@pytest.fixture(scope="module")
def strong():
    return world(seed=3, spreads=STRONG)


@pytest.fixture(scope="module")
def trained(strong):
    return train(past(strong), TERMS, LATER)


@pytest.fixture(scope="module")
def null():
    return train(past(world(seed=3, spreads=NULL)), TERMS, LATER)


def tables_of(version):
    return read_tables(version.document, decode_npz(version.tables))


def check(version, name):
    return next(each for each in version.report["gate"] if each["check"] == name)


def test_reps_who_differ_are_told_apart_and_the_version_may_rank(trained):
    assert (trained.verdict, trained.reasons) == (Verdict.PROMOTE, ())
    assert len(tables_of(trained).blocks) == 4


def test_routing_by_the_version_wins_more_than_an_even_split(strong, trained):
    ranker = TableRanker(tables_of(trained))
    leads = strong.leads(1_500, stream=8)
    truth, open_to = strong.probabilities(leads), strong.eligible(leads)
    won = []
    for row in range(len(leads)):
        who = np.flatnonzero(open_to[row])
        facts = {name: Fact(value) for name, value in leads.facts(row).items()}
        said = ranker.scores(Lead("L", facts), [Candidate(strong.reps[at]) for at in who])
        assert isinstance(said, Scores)
        won.append(truth[row, [strong.reps.index(rep) for rep in said.top]].mean())

    even = (truth * open_to).sum(axis=1) / open_to.sum(axis=1)

    assert np.mean(won) > 1.15 * even.mean()


def test_where_reps_do_not_differ_only_lead_scores_are_published(null):
    tables = tables_of(null)

    assert null.verdict is Verdict.SCORES_ONLY
    assert "chance of such differences" in null.reasons[0]
    assert (tables.blocks, tables.reps, tables.prices_ppm) == ((), (), ())


def test_too_few_leads_are_refused_before_anything_is_fitted(strong):
    few = train(past(strong, 500), TERMS, LATER)

    assert (few.verdict, few.document) == (Verdict.REFUSE, b"")
    assert few.reasons[0] == "decided leads: 500, wanted at least 1,000"


def test_leads_younger_than_the_horizon_are_not_learned_from(strong):
    early = train(past(strong), TERMS, LATER - timedelta(days=160))

    assert early.report["rows"]["matured"] < early.report["rows"]["given"] == 4_000


def test_a_version_that_would_flood_a_rep_is_published_without_its_ranking(strong):
    strict = replace(TERMS, bounds=Bounds(largest_share=1.01))

    version = train(past(strong), strict, LATER)

    assert version.verdict is Verdict.SCORES_ONLY
    assert "multiple of an even split" in version.reasons[0]


def test_a_version_worse_than_the_champion_is_refused(strong, trained):
    coin = [
        replace(row, won=index % 7 == 0, outcome_at=row.at)
        for index, row in enumerate(past(strong))
    ]

    version = train(coin, TERMS, LATER, tables_of(trained))

    assert version.verdict is Verdict.REFUSE
    assert not check(version, "log loss saved against the base rate")["holds"]


def test_the_champion_is_judged_on_the_same_window(strong, trained):
    again = train(past(strong), TERMS, LATER, tables_of(trained))

    assert "champion" in again.report["metrics"]
    assert check(again, "share of the champion's log loss saved")["wanted"].endswith("-0.001")


def test_the_same_rows_in_any_order_give_the_same_bytes(strong, trained):
    again = train(past(strong)[::-1], TERMS, LATER)

    assert (again.document, again.tables) == (trained.document, trained.tables)


def test_groups_that_the_user_names_are_compared(strong):
    groups = {
        "office": {rep: "east" if place % 2 else "west" for place, rep in enumerate(strong.reps)}
    }

    version = train(past(strong), replace(TERMS, groups=groups), LATER)

    assert [line["group"] for line in version.report["disparity"]["office"]] == ["east", "west"]


def test_the_reference_for_drift_counts_the_newest_window(trained):
    reference = tables_of(trained).reference

    assert reference.rows == 800
    assert {sum(counts) for _, counts in reference.counts} == {800}
    assert sum(reference.score_counts) == 800
