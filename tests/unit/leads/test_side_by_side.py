"""Two CRMs at once: what one of them does to us, the other one's leads never feel."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event, Thread

import pytest

from connectors.errors import NeedsOperator, TryLater
from routing.facts import Effect, EffectResult
from tests.fakes.branches import WEST, Branches
from tests.fakes.crm import FakeConnector

PATIENCE_S = 20.0  #: a test that hangs longer has failed


@pytest.fixture
def branches(tmp_path: Path) -> Iterator[Branches]:
    made = Branches(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    made.round()
    yield made
    made.app.close()


def speed_s(branches: Branches) -> float:
    """How long the last confirmed lead of the western CRM waited for its owner."""
    confirmed = branches.told.named("lead_confirmed")
    return [float(str(each["speed_s"])) for each in confirmed if each["connection"] == WEST][-1]


class HangingCall:
    """A write into a CRM that answers when the test lets it, from a thread of its own."""

    def __init__(self, branches: Branches, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_out, self.answer = Event(), Event()
        original, slow = FakeConnector.apply, branches.connector

        def apply(connector: FakeConnector, effects: Sequence[Effect]) -> list[EffectResult]:
            if connector is slow:
                self.is_out.set()
                assert self.answer.wait(PATIENCE_S)
            return original(connector, effects)

        monkeypatch.setattr(FakeConnector, "apply", apply)
        app, connection = branches.app, branches.app.world.connections["sf"]
        push = app.loops.push.tick
        self._thread = Thread(target=lambda: push(connection, app.clock.now(), app.lease))
        self._thread.start()
        assert self.is_out.wait(PATIENCE_S)

    def ends(self) -> None:
        self.answer.set()
        self._thread.join(PATIENCE_S)


def turn(branches: Branches, seconds: float) -> None:
    """Everything runs once, but for the pusher of the CRM that hangs."""
    branches.clock.advance(seconds)
    app, now = branches.app, branches.clock.now()
    token = app.hold_lease(now)
    assert token is not None
    for connection in app.world.working():
        app.loops.intake.tick(connection, now, token)
    app.decide(now, token)
    app.loops.push.tick(app.world.connections[WEST], now, app.lease)


def test_while_a_call_to_one_crm_hangs_the_other_gets_its_owners_as_fast_as_ever(
    branches, monkeypatch
):
    undisturbed = branches.west_crm.add_lead("00Q-west", stage="new", Country="DE")
    branches.round(2)
    before_s = speed_s(branches)
    stuck = branches.crm.add_lead(stage="new", Country="US")
    branches.round(every_s=1)
    branches.clock.advance(3)
    call = HangingCall(branches, monkeypatch)

    other = branches.west_crm.add_lead("00Q-other", stage="new", Country="DE")
    for _ in range(2):
        turn(branches, 3)
    owner, after_s = branches.west_crm.owners[other], speed_s(branches)
    still_out = branches.states(stuck)
    call.ends()

    assert branches.west_crm.owners[undisturbed] == owner == "u-cleo"
    assert (after_s, still_out) == (before_s, ["sent"])
    assert branches.states(stuck) == ["confirmed"]
    assert branches.is_in_step()


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(TryLater("sf", "busy", 300.0), id="limited for minutes"),
        pytest.param(NeedsOperator("sf", "refused.", "Renew it."), id="stopped"),
    ],
)
def test_a_crm_that_refuses_for_minutes_changes_nothing_for_the_other(branches, trouble):
    branches.west_crm.add_lead("00Q-west", stage="new", Country="DE")
    branches.round(2)
    before_s = speed_s(branches)
    for call in ("apply", "changes"):
        branches.crm.fail(call, *(trouble for _ in range(5)))
    branches.crm.add_lead(stage="new", Country="US")
    branches.round(2)

    other = branches.west_crm.add_lead("00Q-other", stage="new", Country="DE")
    branches.round(2)

    assert branches.west_crm.owners[other] == "u-cleo"
    assert speed_s(branches) == before_s


def test_a_connection_claims_only_what_is_owed_to_its_own_crm(branches):
    ours = branches.crm.add_lead(stage="new", Country="US")
    theirs = branches.west_crm.add_lead("00Q-west", stage="new", Country="US")
    branches.round(every_s=1)
    branches.clock.advance(3)

    app, now = branches.app, branches.clock.now()
    app.loops.push.tick(app.world.connections[WEST], now, app.lease)

    assert branches.states(theirs) == ["confirmed"]
    assert branches.states(ours) == ["pending"]


def test_the_result_of_a_slow_call_counts_from_when_it_came(branches, monkeypatch):
    record = branches.crm.add_lead(stage="new", Country="US")
    branches.round(every_s=1)
    branches.clock.advance(3)
    call = HangingCall(branches, monkeypatch)
    branches.clock.advance(100)
    answered_at = branches.clock.now()
    call.ends()

    story = branches.app.ledger.reading.story(branches.lead(record))

    assert story is not None
    assert story.assignments[0]["settled_at"] == answered_at
