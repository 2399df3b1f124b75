"""The same versions in any order give the same owner, and twice is once."""

from datetime import UTC, datetime, timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from routing.facts import KnownBy
from routing.life.register import Register, newer_of

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_instants = st.integers(0, 4).map(lambda s: _NOON + timedelta(seconds=s))


@st.composite
def _histories(draw: st.DrawFn) -> list[Register]:
    """Versions of one record as they were known: no two alike in version, reading and evidence."""
    keys = draw(
        st.lists(
            st.tuples(_instants, _instants, st.sampled_from(KnownBy)),
            min_size=1,
            max_size=8,
            unique=True,
        )
    )
    owners = st.sampled_from([None, "ada", "bob", "cleo"])
    return [Register(draw(owners), *key) for key in keys]


@given(_histories().flatmap(lambda each: st.tuples(st.just(each), st.permutations(each))))
def test_the_same_versions_in_any_order_give_the_same_owner(
    histories: tuple[list[Register], list[Register]],
):
    told, shuffled = histories

    assert reduce(newer_of, told, None) == reduce(newer_of, shuffled, None)


@given(_histories())
def test_a_version_twice_is_a_version_once(told: list[Register]):
    once = reduce(newer_of, told, None)

    assert reduce(newer_of, [*told, *told], None) == once


@given(_histories())
def test_no_version_makes_a_register_older(told: list[Register]):
    known: Register | None = None
    for each in told:
        after = newer_of(known, each)
        assert known is None or after.version_at >= known.version_at
        known = after
