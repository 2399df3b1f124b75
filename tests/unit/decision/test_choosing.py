"""The last step with a ranker: the model's word, ties, refusals, and what is left to chance."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from routing.chance import Shares
from routing.choose import choose, wants_scores
from routing.decision import MILLION
from routing.facts import Candidate, Cause, Lead, Occasion
from routing.question import Question
from routing.ranking import NoScores, Scores
from routing.rotation import LEAD
from routing.rulebook.model import Choose, Rule, Target, TargetKind
from routing.shortlist import Conclusion, Shortlist

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
RULE = Rule("us", Target(TargetKind.POOL, "us"), choose=Choose.MODEL)
REPS = (Candidate("ada"), Candidate("bob", claim=LEAD), Candidate("cleo"), Candidate("dan"))
ALL_HOLDOUT = Shares(holdout_ppm=MILLION, salt=b"salt")


def found(*, lead="L1", attempt=1, rule=RULE, eligible=REPS):
    occasion = Occasion("o1", lead, "inbound", Cause.FIRST_SIGHT, 1, AT, attempt)
    question = Question(occasion, Lead(lead), None, AT)
    return Shortlist(question, Conclusion.RANK, rule, "us", eligible)


def ranked(*ppm):
    return Scores("m1", tuple((rep.id, each) for rep, each in zip(REPS, ppm, strict=False)))


def pick(scores, *, shares=Shares(), **said):
    return choose(found(**said), scores, shares)


def test_the_highest_score_takes_the_lead_and_no_turn_is_charged():
    decision = pick(ranked(10, 20, 30, 5))

    assert (decision.owner, decision.method, decision.charge) == ("cleo", "model", None)
    assert decision.pick.probability_ppm == MILLION
    assert decision.pick.model == "m1"


def test_equal_scores_are_left_to_the_rotation_with_its_charge():
    decision = pick(ranked(7, 7, 7, 7))

    assert (decision.owner, decision.method) == ("bob", "round_robin")
    assert decision.charge is not None
    assert (decision.pick.refusal, decision.pick.model) == ("equal scores", "m1")


def test_two_at_the_top_go_by_claim_as_in_the_rotation_but_charge_nothing():
    decision = pick(ranked(9, 9, 1, 9))

    assert (decision.owner, decision.method, decision.charge) == ("bob", "model", None)


@pytest.mark.parametrize("reason", ["no model in force", "stale", "off"])
def test_a_refusal_is_recorded_and_rotation_decides(reason):
    decision = pick(NoScores(reason))

    assert (decision.owner, decision.method) == ("bob", "round_robin")
    assert decision.pick.refusal == reason


@pytest.mark.parametrize(
    ("way", "eligible", "asked"),
    [
        (Choose.MODEL, REPS, True),
        (Choose.MODEL, REPS[:1], False),
        (Choose.ROUND_ROBIN, REPS, False),
        (Choose.LEAST_LOADED, REPS, False),
    ],
)
def test_the_model_is_asked_where_a_rule_wants_it_and_there_is_a_choice(way, eligible, asked):
    assert wants_scores(found(rule=replace(RULE, choose=way), eligible=eligible)) is asked


@pytest.mark.parametrize("way", [Choose.MODEL, Choose.LEAST_LOADED])
def test_a_rule_that_counts_picks_as_turns_charges_its_own_pool(way):
    rule = replace(RULE, choose=way, counts_as_turn=True)
    decision = pick(ranked(10, 20, 30, 5), rule=rule)

    assert decision.charge.chosen == decision.owner
    assert sum(decision.charge.amounts().values()) == 0
    assert not decision.charge.served_only


def test_a_holdout_lead_goes_to_the_same_rep_at_every_attempt():
    owners = {pick(ranked(1, 2, 3, 4), shares=ALL_HOLDOUT, attempt=n).owner for n in (1, 2, 3)}

    assert len(owners) == 1


def test_holdout_is_uniform_free_of_charge_and_says_its_chance():
    shares = ALL_HOLDOUT
    made = [pick(ranked(1, 2, 3, 4), shares=shares, lead=f"L{n}") for n in range(2_000)]
    counts = Counter(decision.owner for decision in made)

    assert {decision.method for decision in made} == {"holdout"}
    assert {decision.charge for decision in made} == {None}
    assert {decision.pick.probability_ppm for decision in made} == {MILLION // 4}
    assert all(430 < count < 570 for count in counts.values())


def test_the_share_of_the_holdout_is_kept_and_a_lead_stays_in_it_when_it_grows():
    small, large = (Shares(holdout_ppm=ppm, salt=b"salt") for ppm in (100_000, 200_000))
    inside = [
        {
            n
            for n in range(4_000)
            if pick(ranked(1, 2, 3, 4), shares=each, lead=f"L{n}").method == "holdout"
        }
        for each in (small, large)
    ]

    assert 340 < len(inside[0]) < 460
    assert 720 < len(inside[1]) < 880
    assert inside[0] < inside[1]


def test_exploration_is_drawn_anew_at_every_attempt():
    shares = Shares(exploration_ppm=500_000, salt=b"salt")
    methods = {pick(ranked(1, 2, 3, 4), shares=shares, attempt=n).method for n in range(1, 30)}

    assert methods == {"model", "exploration"}


def test_the_chance_of_a_pick_counts_both_ways_in_which_it_could_have_come():
    shares = Shares(exploration_ppm=100_000, salt=b"salt")
    made = [pick(ranked(1, 2, 3, 4), shares=shares, lead=f"L{n}") for n in range(3_000)]
    chances = {(d.owner, d.pick.probability_ppm) for d in made}

    assert chances == {("dan", 925_000), ("ada", 25_000), ("bob", 25_000), ("cleo", 25_000)}
    assert 240 < sum(d.method == "exploration" for d in made) < 360


def test_another_salt_leaves_other_leads_to_chance():
    def explored(salt):
        shares = Shares(holdout_ppm=100_000, salt=salt)
        return [pick(ranked(1, 2, 3, 4), shares=shares, lead=f"L{n}").method for n in range(200)]

    assert explored(b"one") != explored(b"two")


def test_where_the_model_refuses_nothing_is_left_to_chance():
    assert pick(NoScores("off"), shares=ALL_HOLDOUT).method == "round_robin"


def priced(*price_ppm, top=()):
    scores = ranked(300, 290, 200, 100)
    prices = tuple((rep.id, each) for rep, each in zip(REPS, price_ppm, strict=True))
    return replace(scores, price_ppm=prices, top=top)


def test_probability_less_price_decides():
    assert pick(priced(150, 0, 0, 0)).owner == "bob"
    assert pick(priced(150, 140, 0, 0)).owner == "cleo"


def test_prices_that_make_all_equal_leave_the_lead_to_the_rotation():
    decision = pick(priced(200, 190, 100, 0))

    assert (decision.owner, decision.method) == ("bob", "round_robin")
    assert decision.pick.refusal == "equal scores"


def test_those_whom_the_model_cannot_tell_apart_take_turns_among_themselves():
    decision = pick(priced(0, 0, 0, 0, top=("ada", "cleo")))

    assert (decision.owner, decision.method) == ("ada", "round_robin")
    assert decision.pick.refusal == "cannot tell apart"
    assert {rep for rep, _ in decision.charge.gains} == {"ada", "cleo"}
    assert decision.pick.scores_ppm == ranked(300, 290, 200, 100).ppm


def test_a_top_of_one_takes_the_lead_whatever_is_close_behind():
    decision = pick(priced(0, 0, 0, 0, top=("ada",)))

    assert (decision.owner, decision.method, decision.charge) == ("ada", "model", None)


def test_the_chance_of_a_turn_at_the_top_is_its_share_of_what_exploration_leaves():
    shares = Shares(exploration_ppm=100_000, salt=b"salt")
    scores = priced(0, 0, 0, 0, top=("ada", "cleo"))
    made = [pick(scores, shares=shares, lead=f"L{n}") for n in range(2_000)]
    chances = {(d.owner, d.pick.probability_ppm) for d in made}

    assert chances == {("ada", 475_000), ("cleo", 475_000), ("bob", 25_000), ("dan", 25_000)}


def test_a_heavier_rep_at_the_top_has_the_larger_share():
    reps = (replaced(REPS[0], weight=3), *REPS[1:])
    decision = pick(priced(0, 0, 0, 0, top=("ada", "cleo")), eligible=reps)

    assert (decision.owner, decision.pick.probability_ppm) == ("ada", 750_000)


def replaced(rep, **said):
    return rep._replace(**said)
