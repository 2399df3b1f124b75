"""The registry's aliases go with what is in force, whoever put it there."""

from dataclasses import replace

import pytest

from models.rankers.versions import ALIASES
from tests.fakes.ranked_office import MONA, ROUTE
from tests.unit.leads.test_modelling import LearningOffice


@pytest.fixture
def office(tmp_path):
    made = LearningOffice(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    made.round()
    yield made
    made.app.close()


def in_force(office, run, *, better="ada"):
    """A version comes into force by hand; its number."""
    new = replace(office.model(better=better), run=run)
    version = office.app.ledger.rankers.keep(ROUTE, new, act=office.act)
    asked = {"version": version, "why": "better"}
    office.app.ledger.requests.ask("model_promote", asked, actor=MONA, at=office.clock.now())
    office.round(2)
    return version


def orders(office):
    return [process.order["do"] for process in office.processes]


def test_a_promotion_by_hand_moves_them_once(office):
    version = in_force(office, "run1")
    order = office.processes[0].order
    office.processes[0].ends(version=version, tracking_problem=None)
    office.round(3)

    assert (order["token"], order["route"]) == (office.act.token, ROUTE)
    assert orders(office) == ["follow"]
    assert office.told.named("aliases_moved")[0]["version"] == version


def test_so_does_each_change_after_it(office):
    for n in range(2):
        in_force(office, f"run{n}")
        office.processes[n].ends(version="v", tracking_problem=None)
        office.round()
    asked = {"why": "worse"}
    office.app.ledger.requests.ask("model_rollback", asked, actor=MONA, at=office.clock.now())
    office.round(2)

    assert orders(office) == ["follow"] * 3


def test_what_the_process_that_trained_has_done_is_not_done_again(office):
    jobs, act = office.app.ledger.jobs, office.act
    new = replace(office.model(), run="run1")
    office.app.ledger.rankers.keep(ROUTE, new, act=act, promote=True)
    standing = office.app.ledger.rankers.standing(ROUTE)
    assert standing.in_force is not None
    period = standing.in_force.period
    jobs.start(ALIASES, period, at=act.at, token=act.token)
    jobs.end(ALIASES, period, outcome=period, at=act.at, token=act.token)
    office.round(2)

    assert orders(office) == []


def test_a_version_that_was_never_tracked_has_none(office):
    in_force(office, None)

    assert orders(office) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param(0, {"version": "v", "tracking_problem": "no answer"}, id="server away"),
        pytest.param(1, {"problem": "no answer"}, id="process broke"),
    ],
)
def test_a_registry_that_is_away_is_told_and_costs_nothing_else(office, code, said):
    in_force(office, "run1", better="bob")
    office.processes[0].ends(code, **said)
    office.round(2)

    assert office.told.named("tracking_failed")[0]["problem"] == "no answer"
    assert orders(office) == ["follow"]
    assert office.routed()["result"]["owner"] == office.rep("bob")


def test_a_process_that_hangs_is_ended(office):
    in_force(office, "run1")
    for _ in range(26):
        office.clock.advance(5)
        office.app.hold_lease(office.clock.now())
    office.round()

    assert office.processes[0].killed
    assert "longer than 120 s" in office.told.named("tracking_failed")[0]["problem"]


def test_training_goes_first(office):
    act = office.act
    office.app.ledger.requests.ask("train", {}, actor=MONA, at=act.at)
    office.round()
    in_force(office, "run1")
    before = orders(office)
    office.processes[0].ends(version="v", verdict="refuse", why="few", promoted=False)
    office.round(2)

    assert (before, orders(office)) == (["train"], ["train", "follow"])


def test_what_is_under_way_ends_with_the_daemon(office):
    in_force(office, "run1")
    office.app.loops.aliases.close()

    assert office.processes[0].killed
    assert office.app.loops.aliases.process is None
