"""What judging found, in sentences."""

import pytest

from daemon.operators.evaluation_text import lines

SPAN = {"estimate": 0.019, "low": 0.003, "high": 0.035}
VALUE = {"estimate": 0.142, "low": 0.13, "high": 0.154}
HOLDOUT = {
    "routed": {"leads": 9600, "wins": 1344, "rate": 0.14},
    "holdout": {"leads": 1204, "wins": 146, "rate": 0.121},
    "difference": SPAN,
    "reason": "",
}
ESTIMATE = {
    "leads": 10804,
    "ess": 3410.2,
    "logged": 0.126,
    "snips": VALUE,
    "doubly_robust": VALUE,
    "reason": "",
}
WOULD = (
    "v1, had it routed these 10,804 leads: 14.2% won (13.0% to 15.4%), against 12.6% as they were "
    "routed; it rests on effectively 3,410 of them."
)
SHARES = {
    "largest": ["bob", 1.62],
    "disparity": {"site": [{"group": "lisbon", "ratio": 0.7, "adverse": True}]},
}


def said(*, holdout=HOLDOUT, estimate=ESTIMATE):
    told = {"version": "v1", "holdout": holdout, "estimate": estimate, "shares": SHARES}
    return list(lines(told))


def test_a_clear_answer_is_told_with_its_interval_and_what_it_rests_on():
    assert said() == [
        "9,600 leads that a model ranked, 14.0% won; 1,204 of the holdout, by lot, 12.1% won.",
        "Ranking helped: +1.9 points of won leads (95 % interval +0.3 to +3.5).",
        WOULD,
        "A second way to reckon (doubly robust): 14.2% (13.0% to 15.4%).",
        "Most leads by its ranking: bob, 1.62 times an even split.",
        "site lisbon gets 70% of what the group that fares best gets: below four fifths.",
    ]


@pytest.mark.parametrize(
    ("low", "high", "answer"),
    [
        (-0.02, 0.03, "Whether ranking helped cannot be told from chance yet"),
        (-0.03, -0.01, "Ranking did harm"),
    ],
)
def test_an_interval_is_read_honestly(low, high, answer):
    gap = {"estimate": (low + high) / 2, "low": low, "high": high}

    assert said(holdout={**HOLDOUT, "difference": gap})[1].startswith(answer)


def test_where_there_is_no_answer_the_reason_stands_in_its_place():
    few = {**HOLDOUT, "difference": None, "reason": "each side needs 100."}
    none = {**ESTIMATE, "snips": None, "reason": "no support."}
    told = said(holdout=few, estimate=none)

    assert told[1] == "Whether ranking helped cannot be said: each side needs 100."
    assert told[2] == "What v1 would have won cannot be said: no support."
