"""Who set an owner: every line of the table, and what stands above what."""

import pytest

from routing.life.evidence import Signs, who_set
from routing.life.register import SetBy


@pytest.mark.parametrize(
    ("signs", "by"),
    [
        pytest.param(Signs(), SetBy.UNKNOWN, id="nothing is known"),
        pytest.param(Signs(by_somebody=True), SetBy.HUMAN, id="the CRM names somebody"),
        pytest.param(Signs(answered=True, given=True), SetBy.US, id="the answer confirms it"),
        pytest.param(
            Signs(given=True, left=True, by_somebody=True),
            SetBy.US,
            id="a write of it has left, whatever its answer",
        ),
        pytest.param(
            Signs(given=True, by_our_key=True, by_somebody=True),
            SetBy.HUMAN,
            id="the CRM names our key and nothing of ours had left",
        ),
        pytest.param(
            Signs(given=True, left=True, by_our_key=False, by_somebody=True),
            SetBy.HUMAN,
            id="a write had left and the CRM says that it was somebody else",
        ),
        pytest.param(
            Signs(by_other_road=True, by_somebody=True), SetBy.SYNC, id="the sync brought it"
        ),
        pytest.param(
            Signs(by_our_key=True, by_somebody=True),
            SetBy.AUTOMATION,
            id="our key, and not what we wrote",
        ),
    ],
)
def test_the_first_line_that_holds_says_who_set_it(signs: Signs, by: SetBy):
    assert who_set(signs) is by


def test_what_we_gave_is_ours_by_whichever_road_it_came():
    assert [by for by in SetBy if by.is_ours] == [SetBy.US, SetBy.SYNC]
