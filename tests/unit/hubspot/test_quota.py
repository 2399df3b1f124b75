"""Our own pace, on a clock that moves only by the naps we take."""

from math import ulp

from connectors.hubspot.quota import Lane, Quota
from tests.fakes.clock import SettableClock

SEARCHES = 5


class Watched(SettableClock):
    """A clock that loses patience with naps that do not move it."""

    def __init__(self, reads: float) -> None:
        super().__init__()
        self._monotonic = reads

    def sleep(self, seconds: float) -> None:
        assert len(self.slept) < 10
        super().sleep(seconds)


def quota_at(clock: Watched) -> Quota:
    return Quota(share=0.2, burst_share=1.0, clock=clock)


def test_the_sixth_search_of_a_second_waits_for_its_end():
    clock = Watched(1000.0)
    quota = quota_at(clock)
    for _ in range(SEARCHES):
        quota.admit(Lane.SEARCH)

    quota.admit(Lane.SEARCH)

    assert sum(clock.slept) == 1.0


def test_a_rest_that_is_less_than_the_clock_can_tell_is_slept_off():
    clock = Watched(1023.5 + ulp(1023.5))  # its grain doubles at 1024
    quota = quota_at(clock)
    for _ in range(SEARCHES):
        quota.admit(Lane.SEARCH)
    clock._monotonic = 1024.5

    quota.admit(Lane.SEARCH)

    assert 0 < sum(clock.slept) < 0.01
