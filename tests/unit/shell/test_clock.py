"""Time, ids and waking."""

import threading
from datetime import timedelta

from daemon.base.clock import RandomIds, SystemClock, Wakeup
from tests.fakes.clock import NOON, CountingIds, SettableClock


def test_the_system_clock_says_the_time_in_utc():
    now = SystemClock().now()

    assert now.utcoffset() == timedelta(0)


def test_random_ids_carry_their_prefix_and_nothing_that_needs_escaping():
    one, other = RandomIds().new("lead"), RandomIds().new("lead")

    assert one != other
    assert one.startswith("lead-")
    assert len(one) == len("lead-") + 16
    assert one.removeprefix("lead-").isalnum()


def test_salts_are_32_bytes_and_never_the_same():
    ids = RandomIds()

    assert len(ids.secret()) == 32
    assert ids.secret() != ids.secret()


def test_a_call_before_the_nap_is_not_missed_and_counts_once():
    wakeup = Wakeup()

    wakeup.set()
    wakeup.set()

    assert wakeup.wait(timeout_s=0.0)
    assert not wakeup.wait(timeout_s=0.0)


def test_another_thread_ends_the_nap():
    wakeup = Wakeup()

    caller = threading.Thread(target=wakeup.set)
    caller.start()

    assert wakeup.wait(timeout_s=5.0)
    caller.join()


def test_a_settable_clock_keeps_its_monotonic_hand_when_somebody_sets_the_time():
    clock = SettableClock()
    before = clock.monotonic()

    clock.jump(-3600)
    clock.advance(5)

    assert clock.now() == NOON + timedelta(seconds=5 - 3600)
    assert clock.monotonic() == before + 5


def test_counting_ids_count_each_prefix_by_itself():
    ids = CountingIds()

    assert [ids.new("a"), ids.new("b"), ids.new("a")] == ["a-1", "b-1", "a-2"]
    assert ids.secret() != ids.secret()
