"""The laws of the rotation, on every prefix of any sequence of leads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from routing.facts import Candidate
from routing.rotation import LEAD, rotate

A_LITTLE = Fraction(1, 1_000_000)  # what integer shares of more than 30 weights may lose

weights = st.lists(st.integers(1, 100), min_size=2, max_size=9)


@dataclass
class Wheel:
    """A pool and its claims, turned one lead at a time."""

    weights: Mapping[str, int]
    claims: dict[str, int] = field(default_factory=dict)
    served: dict[str, int] = field(default_factory=dict)
    turns: list[str] = field(default_factory=list)

    def turn(self, eligible: Iterable[str]) -> str:
        charge = rotate("pool", [self.candidate(name) for name in eligible])
        for name, units in charge.amounts().items():
            self.claims[name] = self.claims.get(name, 0) + units
        self.turns.append(charge.chosen)
        self.served[charge.chosen] = len(self.turns)
        return charge.chosen

    def candidate(self, name: str) -> Candidate:
        claim, served = self.claims.get(name, 0), self.served.get(name, 0)
        return Candidate(name, weight=self.weights[name], claim=claim, served=served)


def wheel(given_weights: Sequence[int]) -> Wheel:
    return Wheel({f"r{place}": weight for place, weight in enumerate(given_weights)})


def furthest_from_share(pool: Wheel) -> Fraction:
    total, leads = sum(pool.weights.values()), len(pool.turns)
    return max(
        abs(Fraction(weight * leads, total) - pool.turns.count(name))
        for name, weight in pool.weights.items()
    )


@given(weights, st.integers(1, 150))
def test_everybody_stays_within_the_promised_part_of_a_lead_on_every_prefix(chosen, leads):
    pool = wheel(chosen)
    bound = 1 - Fraction(1, 2 * len(chosen) - 2) + A_LITTLE

    for _ in range(leads):
        pool.turn(pool.weights)

        assert furthest_from_share(pool) <= bound


def test_unequal_weights_that_break_the_largest_claim_rule_keep_the_bound():
    pool = wheel([4, 4, 4, 1, 1, 1, 1, 1])

    for _ in range(3_400):
        pool.turn(pool.weights)

        assert furthest_from_share(pool) <= 1 - Fraction(1, 14)


@given(weights, st.data())
def test_under_any_eligibility_claims_sum_to_zero_and_stay_below_half_the_reps(chosen, data):
    pool = wheel(chosen)
    names = sorted(pool.weights)
    ever: set[str] = set()

    for _ in range(60):
        eligible = data.draw(st.sets(st.sampled_from(names), min_size=1))
        ever |= eligible
        pool.turn(eligible)

        assert sum(pool.claims.values()) == 0
        assert max(abs(claim) for claim in pool.claims.values()) <= LEAD * len(ever) // 2


@given(weights, st.integers(1, 60))
def test_who_was_away_returns_with_the_claim_they_left_with(chosen, absent_for):
    pool = wheel(chosen)
    names = sorted(pool.weights)
    for _ in range(20):
        pool.turn(names)
    before = pool.claims[names[0]]
    for _ in range(absent_for):
        pool.turn(names[1:])

    assert pool.claims[names[0]] == before


@given(st.integers(2, 8), st.integers(10, 80))
def test_a_return_from_pto_and_a_late_joiner_bring_no_burst(reps, absent_for):
    pool = wheel([1] * reps)
    names = sorted(pool.weights)
    for _ in range(absent_for):
        pool.turn(names[1:])

    first_round = [pool.turn(names) for _ in range(2 * reps)]

    assert first_round.count(names[0]) <= 3


@given(weights, st.randoms(use_true_random=False))
def test_the_order_in_which_candidates_are_handed_in_changes_nothing(chosen, random):
    pool, other = wheel(chosen), wheel(chosen)
    names = sorted(pool.weights)
    for _ in range(30):
        shuffled = random.sample(names, len(names))

        assert pool.turn(names) == other.turn(shuffled)


def test_equal_weights_take_the_largest_claim_and_ties_go_to_the_least_recently_served():
    pool = wheel([1, 1, 1])

    assert [pool.turn(pool.weights) for _ in range(6)] == ["r0", "r1", "r2", "r0", "r1", "r2"]


def test_a_rep_alone_takes_every_lead_and_owes_nothing():
    pool = wheel([3])
    pool.turn(["r0"])

    assert pool.claims == {"r0": 0}
