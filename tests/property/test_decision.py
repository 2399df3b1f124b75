"""The laws of a decision, over random staff, leads and a book that uses every layer."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.world.router import Router
from daemon.world.staff.absences import Absence, Absences
from daemon.world.staff.calendars import Calendar, Workplace
from daemon.world.staff.candidates import PoolFacts, RepFacts, Staff
from routing.chance import Shares, draw
from routing.decision import MILLION, Method
from routing.engine import Made, guide_to
from routing.facts import Account, Candidate, Cause, Fact, Lead, Occasion
from routing.question import Question
from routing.ranking import Scores
from routing.record import Same, Skimmed, Spelled, read, reproduce, skim
from routing.roster.hours import read_week
from routing.rulebook.book import read_book
from routing.state import State
from tests.fakes.shelf import Shelf

BOOK = """
rulebook: laws
fields:
  country: {type: choice, values: [US, DE, FR]}
  products: {type: set, values: [api, analytics]}
  size: {type: integer, min: 0}
entry: {wait_for: {fields: [country], at_most: 90s}}
account_owner: {counts_as_turn: true}
pools:
  us: {people: [r0, r1, r2, r3], weights: {r1: 3}, caps: {day: 2}}
  de: {people: [r2, r3, r4]}
  fr: {people: [r4, r5]}
rules:
  - {name: big, when: {size: {at_least: 1000}}, to: {person: r5}}
  - {name: us, when: {country: {is: US}}, pool: us, skills: {from: [products], relax_after: 10m}}
  - {name: de, when: {country: {is: DE}}, pool: de, off_hours: hold, choose: least_loaded}
  - {name: fr, when: {country: {is: FR}}, pool: fr, off_hours: next, choose: model,
     fallback: {person: r0, then: {queue: fr-overflow}}}
fallback: {queue: triage}
"""
NAMES = tuple(f"r{n}" for n in range(6))
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
_BOOK = read_book(BOOK, name="laws.yaml").book
assert _BOOK is not None
GUIDE = guide_to(_BOOK)

OFFICE = Calendar(Workplace("UTC", read_week({"mon-fri": "09:00-12:00, 13:00-17:00"}), "DE"))

reps = st.builds(
    RepFacts,
    id=st.just(""),
    calendar=st.sampled_from([None, OFFICE]),
    active=st.sampled_from([True, True, True, False]),
    paused=st.sampled_from([False, False, True]),
    weight=st.integers(0, 3),
    skills=st.sampled_from([(), ("api",), ("analytics", "api")]),
    open_leads=st.integers(0, 2),
    capacity=st.sampled_from([None, 2, 4]),
    caps=st.sampled_from([(), (("hour", 1),), (("day", 3), ("week", 5))]),
    backup=st.sampled_from([None, *NAMES]),
    availability_known=st.sampled_from([True, True, False]),
)


def _named(name: str) -> st.SearchStrategy[RepFacts]:
    return reps.map(lambda rep: rep._replace(id=name))


staffs = st.tuples(*[_named(name) for name in NAMES])
accounts = st.sampled_from(
    [None, Account("acme", owner="r2", team=("r4", "r1")), Account("gone", owner="nobody")]
)
leads = st.builds(
    lambda country, products, size, account, minutes: (
        {"country": Fact(country), "products": Fact(products), "size": Fact(size)},
        account,
        timedelta(minutes=minutes),
    ),
    st.sampled_from([None, "US", "DE", "FR"]),
    st.sampled_from([None, ("api",), ("analytics",)]),
    st.sampled_from([None, 10, 5_000]),
    accounts,
    st.integers(0, 600),
)
away = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 300), st.integers(1, 300)))

some = settings(max_examples=50, deadline=None)


def desk_of(staff, absent):
    pools = {
        name: PoolFacts(pool.people, pool.weights, tuple(sorted(pool.caps.items())))
        for name, pool in GUIDE.book.pools.items()
    }
    absences = Absences()
    for name, begins, lasts in absent:
        starts_at = START + timedelta(minutes=begins)
        absences.put(name, Absence(starts_at, starts_at + timedelta(minutes=lasts)))
    names = {name: name for name in NAMES}
    return Router(GUIDE, Staff({rep.id: rep for rep in staff}, pools, names), absences)


def play(router, stream):
    """Decide every lead in time order; yields what was made and the state before it."""
    for n, (facts, account, after) in enumerate(sorted(stream, key=lambda lead: lead[2])):
        at = START + after
        occasion = Occasion(f"o{n}", f"L{n}", "laws", Cause.FIRST_SIGHT, 1, at)
        lead = Lead(f"L{n}", facts, received_at=at)
        made = router.decide(Question(occasion, lead, account, at))
        assert isinstance(made, Made)
        yield made, router.state
        router.settle(made)


@some
@given(staffs, away, st.lists(leads, max_size=12))
def test_every_lead_ends_with_an_owner_a_queue_or_a_recorded_wait(staff, absent, stream):
    for made, _ in play(desk_of(staff, absent), stream):
        decision = made.decision

        assert [decision.owner, decision.queue, decision.wait].count(None) == 2


@some
@given(staffs, away, st.lists(leads, max_size=12))
def test_every_candidate_is_accounted_for_once(staff, absent, stream):
    for made, _ in play(desk_of(staff, absent), stream):
        decision = made.decision
        dropped = [drop.person for drop in decision.drops]
        staying = set(decision.eligible) | ({decision.owner} - {None})

        assert sorted({*dropped} | staying) == sorted(decision.candidates)
        assert len(set(dropped)) == len(dropped)
        assert not staying & set(dropped)


@some
@given(staffs, away, st.lists(leads, max_size=12))
def test_a_skimmed_record_says_what_the_whole_one_says(staff, absent, stream):
    for made, _ in play(desk_of(staff, absent), stream):
        decision = made.decision
        dropped = {drop.person for drop in decision.drops}
        members = dict(made.inputs.answers.pools).get(decision.pool or "", ())

        assert skim(made.record()) == Skimmed(
            facts={name: fact.value for name, fact in made.inputs.question.lead.facts.items()},
            left=tuple((rep.id, rep.weight) for rep in members if rep.id not in dropped),
            pick_probability_ppm=decision.owner and decision.pick.probability_ppm,
            model=None,
        )


@some
@given(staffs, away, st.lists(leads, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_staff_and_pools_changes_no_byte(staff, absent, stream, random):
    one = [made.record() for made, _ in play(desk_of(staff, absent), stream)]
    shuffled = random.sample(staff, len(staff))
    other = [made.record() for made, _ in play(desk_of(shuffled, absent), stream)]

    assert one == other


@some
@given(staffs, away, st.lists(leads, max_size=12))
def test_every_record_is_reproduced_byte_for_byte_from_itself_and_the_book(staff, absent, stream):
    for made, _ in play(desk_of(staff, absent), stream):
        assert reproduce(made.record(), Shelf(GUIDE)) == Same()
        assert read(made.record()) == made.inputs


class Opinions:
    """A ranker with an opinion of everybody, by seed; it may not tell some of them apart."""

    def __init__(self, seed: int, *, tied: int) -> None:
        self.seed = seed
        self.tied = tied

    def scores(self, lead: Lead, candidates: Sequence[Candidate]) -> Scores:
        ppm = tuple((rep.id, draw(b"p", f"{self.seed}", rep.id) % 4) for rep in candidates)
        price = tuple((rep.id, draw(b"q", f"{self.seed}", rep.id) % 3) for rep in candidates)
        top = tuple(rep.id for rep in candidates[: self.tied])
        return Scores("m1", ppm, price if self.seed % 2 else (), top)


@some
@given(staffs, st.lists(leads, max_size=12), st.integers(0, 9), st.integers(0, 3))
def test_a_ranked_record_is_reproduced_and_the_owner_is_one_of_the_eligible(
    staff, stream, seed, tied
):
    router = desk_of(staff, [])
    router.ranker = Opinions(seed, tied=tied)
    router.shares = Shares(holdout_ppm=100_000, exploration_ppm=200_000, salt=b"salt")
    shelf = Shelf(GUIDE, {"m1": router.ranker}, b"salt")
    for made, _ in play(router, stream):
        decision = made.decision
        if decision.pick.model is not None:
            assert decision.owner in decision.eligible
            assert 0 < decision.pick.probability_ppm <= MILLION
        assert reproduce(made.record(), shelf) == Same()
        assert read(made.record(), salt=b"salt") == made.inputs


@some
@given(st.lists(staffs, min_size=2, max_size=3), away, st.lists(leads, max_size=6))
def test_what_was_encoded_for_records_before_changes_no_byte(staffs_, absent, stream):
    spelled = Spelled()
    for staff in staffs_:
        for made, _ in play(desk_of(staff, absent), stream):
            assert made.record(spelled=spelled) == made.record()


@some
@given(staffs, st.lists(leads, max_size=25))
def test_a_pool_pick_never_exceeds_a_cap_or_a_capacity(staff, stream):
    router = desk_of(staff, [])
    for made, before in play(router, stream):
        decision = made.decision
        if decision.method in (Method.ROUND_ROBIN, Method.LEAST_LOADED, Method.MODEL):
            rep = router.staff.reps[decision.owner]
            pool = router.staff.pools[decision.pool]

            assert rep.capacity is None or (
                rep.open_leads + before.load.get(rep.id, 0) < rep.capacity
            )
            for window, limit in rep.caps:
                assert before.used(rep.id, window=window, at=decision.at) < limit
            for window, limit in pool.caps:
                used = before.used(rep.id, window=window, at=decision.at, pool=decision.pool)
                assert used < limit


@some
@given(staffs, away, st.lists(leads, max_size=25))
def test_claims_of_a_pool_always_sum_to_zero(staff, absent, stream):
    router = desk_of(staff, absent)
    for _ in play(router, stream):
        pass

    for turns in router.state.turns.values():
        assert sum(turn.claim for turn in turns.values()) == 0


def digest_of_a_fixed_day() -> str:
    """What a fixed staff does with a fixed day, as one hash; run in other processes too."""
    staff = [
        RepFacts(name, weight=1 + n % 3, skills=("api",) if n % 2 else (), capacity=4)
        for n, name in enumerate(NAMES)
    ]
    stream = [
        (
            {
                "country": Fact(("US", "DE", "FR", None)[n % 4]),
                "products": Fact(("api",) if n % 3 == 0 else None),
                "size": Fact(n * 77),
            },
            Account("acme", owner="r2", team=("r4", "r1")) if n % 5 == 0 else None,
            timedelta(minutes=7 * n),
        )
        for n in range(40)
    ]
    hashed = hashlib.sha256()
    for made, _ in play(desk_of(staff, [("r2", 0, 100), ("r0", 30, 45)]), stream):
        hashed.update(made.record())
    return hashed.hexdigest()


@settings(deadline=None, max_examples=3)
@given(st.integers(1, 2**31))
def test_another_process_with_another_hash_seed_writes_the_same_bytes(seed):
    script = "from tests.property.test_decision import digest_of_a_fixed_day as d; print(d())"
    other = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert other.stdout.strip() == digest_of_a_fixed_day()


def test_the_empty_state_is_what_a_new_installation_starts_from():
    assert State().recall_order() == ()
