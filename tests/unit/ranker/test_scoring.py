"""One lead against its candidates, by tables of two reps."""

from math import exp

import pytest

from routing.facts import Candidate, Fact, Lead, Value
from routing.ranker import RankTables, TableRanker
from routing.ranking import Scores
from tests.fakes.small_ranker import small_tables

ADA, BOB, NEW = Candidate("ada"), Candidate("bob"), Candidate("new")


def lead(**facts: Value | None) -> Lead:
    return Lead("L1", {name: Fact(value) for name, value in facts.items()})


def ask(tables: RankTables, routed: Lead, *candidates: Candidate) -> Scores:
    answer = TableRanker(tables, "7").scores(routed, candidates)
    assert isinstance(answer, Scores)
    return answer


def ppm(log_odds: float) -> int:
    return round(1_000_000 / (1 + exp(-log_odds)))


@pytest.mark.parametrize(
    ("facts", "ada"),
    [
        pytest.param({"country": "US"}, -2.0 - 0.5 + 0.5, id="a choice"),
        pytest.param({"employees": 49}, -2.0 - 0.25 + 0.5, id="the first bin"),
        pytest.param({"employees": 50}, -2.0 + 0.5, id="a bin holds its lower edge"),
        pytest.param({"employees": 200}, -2.0 + 0.25 + 0.5, id="the last bin"),
        pytest.param({"products": ("api", "support")}, -2.0 + 0.375 + 0.5, id="elements add up"),
        pytest.param({"country": "DE"}, -2.0 + 0.5 + 0.5 - 1.0, id="the rep in a segment"),
        pytest.param({"country": "FR", "employees": "many"}, -2.0 + 0.5, id="unseen values"),
        pytest.param({}, -2.0 + 0.5, id="nothing known"),
    ],
)
def test_a_score_is_the_sum_of_what_the_tables_say(facts: dict[str, Value], ada: float):
    assert ask(small_tables(), lead(**facts), ADA).ppm == (("ada", ppm(ada)),)


def test_a_new_rep_starts_at_the_populations_mean():
    assert ask(small_tables(), lead(), NEW, ADA).ppm == (("ada", ppm(-1.5)), ("new", ppm(-2.0)))


def test_the_order_of_the_candidates_changes_nothing():
    tables, routed = small_tables(), lead(country="US")

    assert ask(tables, routed, ADA, BOB, NEW) == ask(tables, routed, NEW, BOB, ADA)


def test_a_rep_far_ahead_is_alone_at_the_top():
    assert ask(small_tables(), lead(country="US"), ADA, BOB).top == ("ada",)


def test_a_segment_can_turn_the_order_around():
    assert ask(small_tables(), lead(country="DE"), ADA, BOB).top == ("bob",)


def test_reps_within_the_models_own_doubt_share_the_top():
    doubtful = small_tables(arrays={"rep.sd": [2.0, 2.0]})

    assert ask(doubtful, lead(country="US"), ADA, BOB).top == ("ada", "bob")


def test_a_threshold_of_zero_leaves_only_the_best():
    strict = small_tables(arrays={"rep.sd": [2.0, 2.0]}, tie_milli=0)

    assert ask(strict, lead(country="US"), ADA, BOB).top == ("ada",)


def test_a_price_takes_the_top_from_a_rep_who_would_get_too_much():
    answer = ask(small_tables(prices_ppm=[["ada", 90_000]]), lead(country="US"), ADA, BOB)

    assert (answer.price_ppm, answer.top) == ((("ada", 90_000),), ("bob",))


def test_a_model_of_leads_alone_scores_everybody_alike_and_names_no_top():
    answer = ask(small_tables(blocks=[], reps=[]), lead(country="US"), ADA, BOB)

    assert (answer.ppm, answer.top) == ((("ada", ppm(-2.5)), ("bob", ppm(-2.5))), ())


def test_scores_name_the_version_and_the_hash_of_its_document():
    tables = small_tables()

    assert ask(tables, lead(), ADA).model == f"7/sha256:{tables.hash}"


@pytest.mark.parametrize(("intercept", "said"), [(-5_000.0, 0), (5_000.0, 1_000_000)])
def test_absurd_odds_are_certain_and_do_not_overflow(intercept: float, said: int):
    tables = small_tables(arrays={"intercept": [intercept]})

    assert ask(tables, lead(), ADA).ppm == (("ada", said),)
