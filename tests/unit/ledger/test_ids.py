"""Internal ids from a clock and a source of chance that are handed in."""

from datetime import timedelta

from models.store.ids import InternalIds
from tests.fakes.clock import CountingIds, SettableClock


def ids(clock: SettableClock | None = None) -> InternalIds:
    return InternalIds(CountingIds(), (clock or SettableClock()).now)


def test_ids_made_in_one_instant_differ_and_keep_their_order():
    maker = ids()
    made = [maker.new("d") for _ in range(1000)]

    assert made == sorted(set(made))


def test_later_ids_sort_after_earlier_ones():
    clock = SettableClock()
    maker = ids(clock)
    earlier = maker.new("d")
    clock.advance(timedelta(milliseconds=1).total_seconds())

    assert earlier < maker.new("d")


def test_a_clock_set_back_makes_no_id_twice():
    clock = SettableClock()
    maker = ids(clock)
    before = {maker.new("d") for _ in range(10)}
    clock.jump(-3600)

    assert before.isdisjoint(maker.new("d") for _ in range(10))


def test_a_reps_id_is_short_because_fifty_stand_in_one_record():
    rep = ids().rep()

    assert (rep[0], len(rep)) == ("r", 9)


def test_salts_differ_from_row_to_row():
    maker = ids()

    assert maker.salt() != maker.salt()
