"""When the leads of now no longer look like those that a model learned from."""

from datetime import UTC, datetime, timedelta

import pytest

from daemon.ranker.drift import Seen, alarms, lead_score_ppm, stability
from daemon.settings import Drift
from models.rankers.training_rows import DecidedRow
from tests.fakes.small_ranker import small_tables

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
TOLD = Drift(leads=500, psi=0.25, unseen=0.2, base_rate=0.5)
LEARNED = {
    "rows": 5000,
    "base_rate_ppm": 120_000,
    "counts": [["country", [0, 0, 2500, 2500]]],
    "score_edges_ppm": [120_000],
    "score_counts": [2500, 2500],
}
TABLES = small_tables(reference=LEARNED)


def lead(country="US", *, won=None, after_d=10):
    outcome_at = None if won is None else AT + timedelta(days=after_d)
    facts = {"country": country}
    return DecidedRow(
        "d", "l", "inbound", AT, "ada", "model", ("ada",), None, facts, won, outcome_at
    )


def recent(*countries):
    return Seen([lead(country) for country in countries], ())


def ripe(won, of):
    return Seen((), [lead(won=True)] * won + [lead(won=False)] * (of - won))


def test_the_same_leads_raise_no_alarm():
    assert alarms(TABLES, recent(*["US", "DE"] * 250), TOLD) == ()


def test_a_fact_that_moved_is_told_with_its_figure():
    (first, *rest) = alarms(TABLES, recent(*["US"] * 480, *["DE"] * 20), TOLD)

    assert first.startswith("country has moved (PSI 1.")
    assert [each.partition(" (")[0] for each in rest] == ["its scores have moved"]


def test_values_that_training_had_not_seen_are_told_by_their_share():
    said = alarms(TABLES, recent(*["US", "DE", "US", "DE", "FR"] * 100), Drift(psi=9, unseen=0.15))

    assert said == ("20% more leads than learned from have a country it had not seen",)


@pytest.mark.parametrize(
    ("won", "of", "alarmed"),
    [
        pytest.param(60, 500, False, id="as before"),
        pytest.param(80, 500, False, id="a third more is within the limit"),
        pytest.param(100, 500, True, id="two thirds more"),
        pytest.param(10, 500, True, id="hardly any"),
        pytest.param(50, 250, True, id="two thirds more of fewer"),
        pytest.param(60, 199, False, id="too few leads say nothing"),
    ],
)
def test_the_rate_of_wins_is_compared_with_what_was_learned(won, of, alarmed):
    assert bool(alarms(TABLES, ripe(won, of), TOLD)) is alarmed


def test_a_win_after_the_horizon_is_none():
    late = Seen((), [lead(won=True, after_d=91)] * 60 + [lead(won=False)] * 440)

    assert "from 12.0% to 0.0%" in alarms(TABLES, late, TOLD)[0]


def test_too_few_leads_say_nothing():
    assert alarms(TABLES, recent(*["FR"] * 199), TOLD) == ()


def test_chance_alone_is_taken_off_a_fact_with_many_values():
    before, now = [10] * 200, [3, 2] * 100

    assert stability(before, now) < 0.05


def test_a_leads_score_is_its_probability_with_a_rep_nobody_knows():
    assert lead_score_ppm(TABLES, {"country": "DE"}) == 182_426
