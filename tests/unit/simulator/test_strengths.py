"""What is true of the simulated company's reps, and the past that follows from it."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from connectors.simulator.people import hire
from connectors.simulator.strengths import Strengths, past_leads

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
PEOPLE = hire(1, 60)
LEAD = {"Industry": "Healthcare", "NumberOfEmployees": 300, "Score__c": 55.0}


def past(count, *, differ=True, seed=1):
    return list(
        past_leads(seed, PEOPLE, Strengths(seed, PEOPLE, differ=differ), count, ends_at=NOW)
    )


def test_the_same_seed_tells_the_same_past():
    assert past(50) == past(50)


def test_reps_differ_by_much_more_than_nothing_and_never_reach_certainty():
    strengths = Strengths(1, PEOPLE)

    chances = [strengths.chance(person.slug, LEAD) for person in PEOPLE]

    assert max(chances) > 2 * min(chances)
    assert all(0 < chance < 0.6 for chance in chances)


def test_where_reps_do_not_differ_every_rep_has_the_same_chance():
    strengths = Strengths(1, PEOPLE, differ=False)

    assert len({strengths.chance(person.slug, LEAD) for person in PEOPLE}) == 1


def test_a_past_lead_was_given_to_somebody_who_could_have_it_and_closed_after_it_came():
    for lead in past(300):
        assert lead.rep in lead.eligible
        assert lead.won_at is None or timedelta() < lead.won_at - lead.at < timedelta(days=90)


def test_a_past_is_a_year_in_order():
    came = [lead.at for lead in past(200)]

    assert came == sorted(came)
    assert NOW - timedelta(days=365) <= came[0] < came[-1] < NOW


def test_about_one_lead_in_ten_was_won():
    leads = past(4_000)

    share = sum(lead.won_at is not None for lead in leads) / len(leads)

    assert share == pytest.approx(0.11, abs=0.04)


def test_good_leads_went_to_favourites_more_often():
    leads = [lead for lead in past(4_000) if lead.fields["Country"] in ("US", "CA")]
    good = Counter(lead.rep for lead in leads if lead.fields["Score__c"] >= 70)
    others = Counter(lead.rep for lead in leads if lead.fields["Score__c"] < 70)
    team = leads[0].eligible
    favourites = team[: len(team) // 4]

    of_good = sum(good[rep] for rep in favourites) / good.total()
    of_others = sum(others[rep] for rep in favourites) / others.total()

    assert of_good > of_others + 0.1
