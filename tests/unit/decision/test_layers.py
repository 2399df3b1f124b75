"""Each layer's own reasons, at their edges."""

from datetime import UTC, datetime

import pytest

from routing.facts import Candidate, CapUse, Fact, Lead
from routing.layers.availability import keep_present_reps, keep_reps_on_hours, why_not_reachable
from routing.layers.identity import keep_reps_who_can_own
from routing.layers.load import keep_reps_with_room
from routing.layers.skill import keep_skilled_reps, needed_skills
from routing.rulebook.model import Skills

NINE = datetime(2026, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("open_leads", "capacity", "kept"),
    [
        pytest.param(29, 30, True, id="one short of capacity"),
        pytest.param(30, 30, False, id="exactly at capacity"),
        pytest.param(31, 30, False, id="over, after a cut in capacity"),
        pytest.param(0, 0, False, id="capacity zero closes the door"),
        pytest.param(9_999, None, True, id="no capacity, no limit"),
    ],
)
def test_room_means_strictly_fewer_open_leads_than_capacity(open_leads, capacity, kept):
    verdict = keep_reps_with_room([Candidate("ada", open_leads=open_leads, capacity=capacity)])

    assert bool(verdict.kept) is kept


@pytest.mark.parametrize(
    ("cap", "detail"),
    [
        (CapUse("person", "hour", 5, 5), "5 of 5 in the last hour"),
        (CapUse("dach", "day", 21, 20), "21 of 20 in the last day in pool dach"),
        (CapUse("person", "week", 0, 0), "0 of 0 in the last week"),
    ],
)
def test_a_cap_is_reached_at_its_limit_and_says_which(cap, detail):
    (drop,) = keep_reps_with_room([Candidate("ada", caps=(cap,))]).drops

    assert (drop.layer, drop.code, drop.detail) == ("load", "cap_reached", detail)


def test_weight_zero_is_said_before_capacity_so_that_it_recalls_nobody():
    (drop,) = keep_reps_with_room([Candidate("ada", weight=0, open_leads=9, capacity=1)]).drops

    assert (drop.layer, drop.code) == ("load", "weight_zero")


@pytest.mark.parametrize(
    ("rep", "code", "detail"),
    [
        (Candidate("ada", active=False, away=True), "inactive", "no longer active"),
        (Candidate("ada", away=True), "pto", "away"),
        (
            Candidate("ada", away=True, away_until=NINE, holiday="Epiphany"),
            "pto",
            "away until 2026-01-09T00:00:00Z",
        ),
        (Candidate("ada", holiday="Epiphany", paused=True), "holiday", "Epiphany"),
        (Candidate("ada", paused=True), "paused", "paused"),
    ],
)
def test_absence_names_the_first_reason_in_the_order_of_the_layer(rep, code, detail):
    (drop,) = keep_present_reps([rep]).drops

    assert (drop.layer, drop.code, drop.detail) == ("availability", code, detail)


def test_a_rep_reached_by_account_may_be_on_holiday_but_not_away():
    assert why_not_reachable(Candidate("ada", holiday="Epiphany", on_hours=False)) is None
    gone = why_not_reachable(Candidate("ada", away=True))
    assert gone is not None
    assert gone.code == "pto"


def test_unknown_hours_are_eligible_and_flagged():
    verdict = keep_reps_on_hours([Candidate("ada", on_hours=None)])

    assert verdict.flags == (("ada", "availability_unknown"),)


def test_a_rep_needs_every_skill_of_the_rule_and_of_the_leads_own_facts():
    lead = Lead("L1", facts={"products": Fact(("analytics", "api")), "language": Fact("german")})
    needed = needed_skills(Skills(("healthcare",), ("products", "language", "region")), lead)

    assert needed == ("analytics", "api", "german", "healthcare")
    assert keep_skilled_reps([Candidate("ada", skills=needed)], needed).drops == ()
    assert keep_skilled_reps([Candidate("bob", skills=needed[1:])], needed).kept == ()


def test_without_a_user_in_the_crm_nobody_owns_whatever_their_skills():
    (drop,) = keep_reps_who_can_own([Candidate("ada", crm_identity=False)], without=("ada",)).drops

    assert drop.code == "no_crm_identity"
