"""One battery for every layer: whoever is asked about is accounted for once, whatever the order."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.facts import Candidate, CapUse
from routing.layers.availability import keep_present_reps, keep_reps_on_hours
from routing.layers.identity import keep_reps_who_can_own
from routing.layers.load import keep_reps_with_room
from routing.layers.skill import keep_skilled_reps
from routing.layers.verdict import Verdict

Layer = Callable[[Sequence[Candidate]], Verdict]

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)

LAYERS: dict[str, Layer] = {
    "who can own": lambda reps: keep_reps_who_can_own(reps, without=("r1",)),
    "skill": lambda reps: keep_skilled_reps(reps, ("api",)),
    "presence": keep_present_reps,
    "hours": keep_reps_on_hours,
    "room": keep_reps_with_room,
}

some_reps = st.lists(
    st.builds(
        Candidate,
        id=st.sampled_from([f"r{n}" for n in range(12)]),
        active=st.booleans(),
        away=st.booleans(),
        away_until=st.sampled_from([None, NOON]),
        holiday=st.sampled_from([None, "New Year"]),
        paused=st.booleans(),
        on_hours=st.sampled_from([True, False, None]),
        weight=st.integers(0, 3),
        skills=st.sampled_from([(), ("api",), ("api", "german")]),
        open_leads=st.integers(0, 3),
        capacity=st.sampled_from([None, 0, 2]),
        caps=st.sampled_from([(), (CapUse("person", "day", 2, 2),), (CapUse("us", "day", 1, 2),)]),
        crm_identity=st.booleans(),
    ),
    unique_by=lambda rep: rep.id,
)

each_layer = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS.keys())


@each_layer
@given(reps=some_reps)
def test_every_rep_is_kept_or_dropped_once(layer: Layer, reps: list[Candidate]):
    verdict = layer(reps)

    answered = [rep.id for rep in verdict.kept] + [drop.person for drop in verdict.drops]
    assert sorted(answered) == sorted(rep.id for rep in reps)


@each_layer
@given(reps=some_reps)
def test_asked_again_about_whom_it_kept_it_keeps_them_all(layer: Layer, reps: list[Candidate]):
    kept = layer(reps).kept

    assert layer(kept).kept == kept


@each_layer
@given(reps=some_reps)
def test_order_in_is_order_out_and_changes_no_answer(layer: Layer, reps: list[Candidate]):
    forwards, backwards = layer(reps), layer(reps[::-1])

    assert forwards.kept == backwards.kept[::-1]
    assert set(forwards.drops) == set(backwards.drops)


@each_layer
@given(reps=some_reps)
def test_who_gets_a_flag_was_kept(layer: Layer, reps: list[Candidate]):
    verdict = layer(reps)

    assert {rep for rep, _ in verdict.flags} <= {rep.id for rep in verdict.kept}
