"""When a stream is asked: at its beat, or earlier where a CRM says that there is something new."""

from datetime import timedelta

import pytest

from daemon.world.connections.poll_schedule import PollSchedule
from routing.facts import Stream
from tests.fakes.clock import NOON


def after(seconds: float):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def poll_schedule() -> PollSchedule:
    """Leads every ten seconds, asked at noon."""
    made = PollSchedule({Stream.LEADS: 10.0})
    made.asked(Stream.LEADS, NOON, more=False)
    return made


@pytest.mark.parametrize(
    ("hints", "due"),
    [
        pytest.param([], 10.0, id="no hint"),
        pytest.param([4.0], 4.0, id="at once"),
        pytest.param([0.3], 1.0, id="a second after it was asked last"),
        pytest.param([0.3, 0.4, 0.5], 1.0, id="many are one"),
        pytest.param([12.0], 10.0, id="it is due anyway"),
    ],
)
def test_a_hint_brings_the_next_poll_forward(poll_schedule, hints, due):
    for each in hints:
        poll_schedule.hint(Stream.LEADS, after(each))

    assert not poll_schedule.due(after(due - 0.01))
    assert poll_schedule.due(after(due)) == (Stream.LEADS,)


def test_an_early_poll_is_early_once(poll_schedule):
    poll_schedule.hint(Stream.LEADS, after(4))
    early_at = poll_schedule.early_at
    poll_schedule.asked(Stream.LEADS, after(4), more=False)

    assert (early_at, poll_schedule.early_at) == (after(4), None)
    assert poll_schedule.next_at(after(4)) == after(14)
