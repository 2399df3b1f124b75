"""A decision in sentences, whichever way it went."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from daemon.base.decision_text import headline, how_long, turn, what_would_change, why_not
from routing.decision import Code, Decision, Drop, Layer, Method, TurnCharge, Wait, WaitFor
from routing.rotation import LEAD

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
SOON = AT + timedelta(seconds=90)
BASE = Decision("L1", "o1", "inbound", AT, Method.ROUND_ROBIN, owner="ada", rule="us", pool="us")
NAMES = {"ada": "Ada"}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, 'L1 goes to Ada by round robin (rule "us", pool "us").'),
        (
            {"method": Method.ACCOUNT_OWNER, "pool": None},
            'L1 goes to Ada because of the account they belong to (rule "us").',
        ),
        (
            {"method": Method.FALLBACK, "owner": None, "queue": "triage", "rule": None},
            'L1 falls back to the queue "triage" (no rule matched).',
        ),
        (
            {"method": Method.NOBODY, "owner": None, "nobody": "junk"},
            'L1 goes to nobody ("junk"), as rule "us" says.',
        ),
        (
            {"owner": None, "wait": Wait(WaitFor.FIELDS, SOON, ("country", "size"))},
            "L1 waits until 2026-01-05T09:01:30Z for country, size to be filled in.",
        ),
        (
            {"owner": None, "wait": Wait(WaitFor.HOLD, None)},
            'L1 waits because the rule holds it (rule "us").',
        ),
    ],
)
def test_the_headline_says_where_the_lead_goes_and_why(said, sentence):
    assert headline(replace(BASE, **said), lambda rep: NAMES[rep]) == sentence


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_something_that_would_help(code):
    assert what_would_change(Drop("ada", Layer.LOAD, code))


def test_who_was_passed_over_is_named_with_the_value_that_decided():
    drop = Drop("ada", Layer.LOAD, Code.CAPACITY_FULL, "30 open leads of 30")

    assert why_not(drop) == "ada was passed over (capacity_full): 30 open leads of 30."


def test_a_turn_is_told_in_leads():
    charge = TurnCharge("us", "ada", (("ada", LEAD // 2), ("bob", LEAD // 2)), LEAD, 0, -LEAD // 2)

    assert turn(charge) == (
        'Pool "us": 2 could have taken it; ada\'s claim went from +0.00 to -0.50 leads.'
    )
    assert turn(None) == "No turn was charged."


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0s"),
        (timedelta(seconds=59), "59s"),
        (timedelta(minutes=90), "1h 30m"),
        (timedelta(days=2, minutes=1), "2d 1m"),
    ],
)
def test_a_span_is_told_in_the_shortest_words(span, words):
    assert how_long(span) == words
