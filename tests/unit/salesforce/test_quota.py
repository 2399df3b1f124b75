"""Counting calls: ours, everybody's, and when none may be made."""

import pytest

from connectors.errors import TryLater
from connectors.salesforce.quota import Quota
from tests.fakes.clock import SettableClock


@pytest.fixture
def clock():
    return SettableClock()


@pytest.fixture
def quota(clock):
    return Quota(share=0.1, monotonic=clock.monotonic)


def test_nothing_is_claimed_before_the_org_has_said_anything(quota):
    assert quota.budget().left is None


@pytest.mark.parametrize(
    "header",
    [
        "api-usage=673/15000",
        "api-usage=673/15000; per-app-api-usage=17/250(appName=x)",
        "per-app-api-usage=17/250(appName=x); api-usage=673/15000",
    ],
)
def test_every_form_of_the_header_is_read(quota, header):
    quota.heard(header)

    assert (quota.budget().used, quota.budget().limit) == (673, 15_000)


@pytest.mark.parametrize("header", [None, "", "nonsense", "api-usage=-1/0"])
def test_a_header_that_says_nothing_changes_nothing(quota, header):
    quota.heard(header)

    assert quota.budget().used is None


def test_a_count_that_goes_backwards_is_not_believed_for_minutes(quota, clock):
    quota.heard("api-usage=700/15000")
    quota.heard("api-usage=640/15000")
    assert quota.budget().used == 700
    clock.advance(301)
    quota.heard("api-usage=650/15000")

    assert quota.budget().used == 650


def test_what_is_left_is_our_share_less_our_own_calls(quota):
    quota.heard("api-usage=673/15000")
    for _ in range(40):
        quota.admit()

    assert quota.budget().left == 1_500 - 40


def test_what_is_left_is_never_more_than_there_is(quota):
    quota.heard("api-usage=14990/15000")

    assert quota.budget().left == 10


def test_our_own_calls_are_forgotten_after_a_day(quota, clock):
    quota.admit()
    clock.advance(86_400 + 601)

    assert quota.budget().own == 0


def test_a_closed_gate_says_how_long(quota, clock):
    quota.close(300.0, "TotalRequests Limit exceeded.")
    clock.advance(100)
    with pytest.raises(TryLater) as shut:
        quota.admit()
    clock.advance(201)
    quota.admit()

    assert shut.value.after_s == pytest.approx(200.0)
