"""The state machine: what each event leaves behind, and what it leaves alone."""

from datetime import UTC, datetime, timedelta

from routing.decision import Code, Decision, Drop, Layer, Method, Wait, WaitFor
from routing.facts import Candidate
from routing.rotation import LEAD, least_loaded, rotate
from routing.state import (
    Closed,
    Credited,
    Decided,
    GaveBack,
    OwnerObserved,
    Reassigned,
    State,
    Turn,
    apply,
)

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
PAIR = (Candidate("ada"), Candidate("bob"))
FULL = (Drop("ada", Layer.LOAD, Code.CAPACITY_FULL),)


def decided(lead, *, at=START, value=-1, before=None, **said):
    decision = Decision(lead, f"o-{lead}", "inbound", at, said.pop("method", Method.ROUND_ROBIN))
    for name, what in said.items():
        object.__setattr__(decision, name, what)
    return Decided(decision, opened_at=at, received_at=at, value=value, before=before)


def fell_back(lead, **said):
    return decided(lead, method=Method.FALLBACK, queue="triage", recall=True, drops=FULL, **said)


def after(*events, state=None):
    state = state or State()
    for event in events:
        state = apply(state, event)
    return state


def test_a_rotation_pick_moves_claims_load_and_last_served_together():
    charge = rotate("us", PAIR)
    state = after(decided("L1", owner="ada", pool="us", charge=charge))

    assert state.turns["us"] == {"ada": Turn(-LEAD // 2, 1), "bob": Turn(LEAD // 2, 0)}
    assert state.load == {"ada": 1}
    assert state.used("ada", window="hour", at=START) == 1


def test_least_loaded_moves_no_claim_but_counts_as_served():
    state = after(decided("L1", owner="ada", pool="us", charge=least_loaded("us", PAIR)))

    assert state.turns["us"] == {"ada": Turn(0, 1)}


def test_a_pick_that_does_not_count_changes_neither_claim_nor_last_served():
    state = after(decided("L1", owner="ada", method=Method.ACCOUNT_OWNER))

    assert state.turns == {}
    assert state.load == {"ada": 1}


def test_giving_back_restores_claim_cap_and_load():
    charge = rotate("us", PAIR)
    state = after(
        decided("L1", owner="ada", pool="us", charge=charge),
        GaveBack("L1", "o-L1", "ada", charge),
    )

    assert {rep: turn.claim for rep, turn in state.turns["us"].items()} == {"ada": 0, "bob": 0}
    assert state.load == {"ada": 0}
    assert state.used("ada", window="week", at=START) == 0


def test_a_window_forgets_an_assignment_exactly_when_it_is_as_old_as_the_window():
    state = after(decided("L1", owner="ada", pool="us"))
    last = START + timedelta(hours=1)

    assert state.used("ada", window="hour", at=last - timedelta(microseconds=1)) == 1
    assert state.used("ada", window="hour", at=last) == 0
    assert state.used("ada", window="day", at=last, pool="dach") == 0


def test_the_recall_list_goes_by_value_then_by_age_then_by_the_order_of_falling_back():
    state = after(
        fell_back("old"),
        fell_back("young", at=START + timedelta(hours=1)),
        fell_back("rich", at=START + timedelta(hours=2), value=5),
        fell_back("old-too"),
    )

    assert [place.lead for place in state.recall_order()] == ["rich", "old", "old-too", "young"]


def test_whoever_gets_an_owner_leaves_the_recall_list():
    assert after(fell_back("L1"), decided("L1", owner="ada")).recall == {}
    assert after(fell_back("L1"), OwnerObserved("L1", None, "bob")).recall == {}
    assert after(fell_back("L1"), Closed("L1", None)).recall == {}


def test_a_waiting_lead_is_remembered_until_it_is_decided():
    wait = Wait(WaitFor.FIELDS, START + timedelta(seconds=90), ("country",))
    waiting = after(decided("L1", method=Method.WAITING, wait=wait))

    assert waiting.waits["L1"].wait == wait
    assert after(decided("L1", owner="ada"), state=waiting).waits == {}


def test_an_operators_reassignment_moves_load_and_counts_for_caps_but_returns_no_turn():
    charge = rotate("us", PAIR)
    before = after(decided("L1", owner="ada", pool="us", charge=charge))
    state = after(Reassigned("L1", "o2", "ada", "bob", START), state=before)

    assert state.load == {"ada": 0, "bob": 1}
    assert state.used("bob", window="day", at=START) == 1
    assert state.turns == before.turns


def test_a_credit_moves_one_claim():
    assert after(Credited("us", "ada", LEAD)).turns["us"]["ada"].claim == LEAD


def test_nothing_is_changed_in_place():
    before = after(decided("L1", owner="ada", pool="us", charge=rotate("us", PAIR)))
    shown = repr(before)
    after(fell_back("L2"), Closed("L1", "ada"), state=before)

    assert repr(before) == shown
