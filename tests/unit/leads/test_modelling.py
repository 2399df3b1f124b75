"""What operators ask of the ranker, and training that never stands in the way of routing."""

import json
from datetime import timedelta

import pytest

from models.rankers.versions import Verdict
from tests.fakes.office import Office
from tests.fakes.ranked_office import MONA, ROUTE, RankedOffice
from tests.fakes.trained import trained

LIMIT_S = 900.0
HORIZON = timedelta(days=90)


class FakeProcess:
    """A process that trains until a test ends it; it may keep a version before that."""

    def __init__(self, order):
        self.order = order
        self.code = None
        self.output = ("", "")
        self.killed = False

    def poll(self):
        return self.code

    def kill(self):
        self.killed = True

    def said(self):
        return self.output

    def ends(self, code=0, *, err="", **said):
        self.code, self.output = code, (json.dumps(said) if said else "", err)


class LearningOffice(RankedOffice):
    """An office whose training processes are fakes."""

    def __init__(self, folder, url):
        super().__init__(folder, url)
        self.processes = []
        self.app.loops.training.launch = self.launch

    def launch(self, order):
        self.processes.append(FakeProcess(order))
        return self.processes[-1]


@pytest.fixture
def office(tmp_path):
    made = LearningOffice(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    made.round()
    yield made
    made.app.close()


def ask(office, kind, **arguments):
    return office.app.ledger.requests.ask(kind, arguments, actor=MONA, at=office.clock.now())


def answer(office, request):
    found = office.app.ledger.requests.get(request)
    return found.state.value, found.answer


def asked(office, kind, **arguments):
    request = ask(office, kind, **arguments)
    office.round()
    return answer(office, request)


def keep(office, *, better="ada", verdict=Verdict.PROMOTE):
    new = office.model(better=better, verdict=verdict)
    return office.app.ledger.rankers.keep(ROUTE, new, act=office.act)


def test_a_version_is_promoted_by_hand_with_actor_and_reason(office):
    version = keep(office, better="bob")
    state, said = asked(office, "model_promote", version=version, why="better")

    assert (state, said["ranks"]) == ("done", f"model {version}")
    assert office.routed()["result"]["owner"] == office.rep("bob")
    assert office.app.ledger.rankers.standing(ROUTE).in_force.version == version


def test_what_the_gate_refused_needs_to_be_said_twice(office):
    version = keep(office, verdict=Verdict.REFUSE)
    state, said = asked(office, "model_promote", version=version, why="I know better")
    again = asked(office, "model_promote", version=version, why="I do", anyway=True)

    assert state == "refused"
    assert "--anyway" in said["why"]
    assert again[0] == "done"


def test_an_unknown_version_is_refused_with_a_hint(office):
    version = keep(office)
    state, said = asked(office, "model_promote", version=f"{version}0", why="better")

    assert state == "refused"
    assert version in said["why"]


def test_a_damaged_version_is_refused_to_whoever_asks_for_it(office):
    version = keep(office)
    with office.app.ledger.store.append() as database:
        database.exec_driver_sql("UPDATE model_versions SET tables = X'78'")
    state, said = asked(office, "model_promote", version=version, why="better")

    assert state == "refused"
    assert "SHA-256" in said["why"]


def test_a_rollback_needs_a_version_before_and_puts_it_in_force(office):
    first = office.put_in_force(better="bob")
    refused = asked(office, "model_rollback", why="worse")
    office.put_in_force(better="ada")
    state, said = asked(office, "model_rollback", why="worse")

    assert (refused[0], "model off" in refused[1]["why"]) == ("refused", True)
    assert (state, said["version"]) == ("done", first)
    assert office.routed()["result"]["owner"] == office.rep("bob")


def test_off_and_on_take_effect_with_the_next_lead(office):
    office.put_in_force()
    off = asked(office, "model_off", why="complaints")
    record = office.routed()
    on = asked(office, "model_on", why="solved")

    assert off[1]["ranks"] == "switched off"
    assert record["result"]["refusal"] == "switched off"
    assert on[1]["causes"] == ["off"]
    assert office.routed()["result"]["method"] == "model"


def test_training_runs_beside_routing_and_is_answered_when_it_ends(office):
    request = ask(office, "train")
    office.round(3)
    state = answer(office, request)[0]
    record = office.routed()
    office.processes[0].ends(version="2026-03-02.1", verdict="promote", why="good", promoted=True)
    office.round(2)

    assert state == "claimed"
    assert record["result"]["method"] == "round_robin"
    assert answer(office, request)[0] == "done"
    assert answer(office, request)[1]["version"] == "2026-03-02.1"
    assert [each["version"] for each in office.told.named("training_done")] == ["2026-03-02.1"]


def test_the_process_is_told_all_it_needs_by_its_input(office):
    ask(office, "train")
    office.round()
    order = office.processes[0].order

    assert (order["do"], order["route"], order["token"]) == ("train", ROUTE, office.act.token)
    assert order["actor"][0] == "mona"
    assert order["ledger"] == office.url
    assert order["training"]["horizon_d"] == 90
    assert order["tracking"].endswith("/mlflow.db")


def test_two_requests_share_a_run(office):
    first, second = ask(office, "train"), ask(office, "train")
    office.round()
    office.processes[0].ends(version="v", verdict="refuse", why="few", promoted=False)
    office.round(3)

    assert len(office.processes) == 1
    assert [answer(office, each)[0] for each in (first, second)] == ["done", "done"]


@pytest.mark.parametrize(
    ("code", "err", "said"),
    [
        pytest.param(-9, "", "signal 9", id="killed"),
        pytest.param(1, "Traceback ...\nMemoryError", "MemoryError", id="out of memory"),
        pytest.param(0, "", "code 0", id="says nothing"),
    ],
)
def test_a_crash_leaves_the_champion_in_force_and_is_told(office, code, err, said):
    office.put_in_force(better="bob")
    request = ask(office, "train")
    office.round()
    office.processes[0].ends(code, err=err)
    office.round(2)

    assert answer(office, request)[0] == "refused"
    assert said in answer(office, request)[1]["why"]
    assert said in office.told.named("training_failed")[0]["problem"]
    assert office.routed()["result"]["owner"] == office.rep("bob")


def test_a_run_that_takes_too_long_is_ended(office):
    request = ask(office, "train")
    office.round()
    for _ in range(int(LIMIT_S / 5) + 2):
        office.clock.advance(5)
        office.app.hold_lease(office.clock.now())
    office.round(2)

    assert office.processes[0].killed
    assert "longer than 900 s" in answer(office, request)[1]["why"]


def test_there_is_nothing_to_train_for_where_no_rule_asks_for_a_model(tmp_path):
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    office.round()
    state, said = asked(office, "train")
    office.app.close()

    assert (state, "choose: model" in said["why"]) == ("refused", True)


def test_training_begins_by_itself_once_enough_has_ripened(office, monkeypatch):
    ripe = {"now": 999}
    monkeypatch.setattr("daemon.ranker.runs.ripened", lambda *_, **__: ripe["now"])
    office.round()
    before = len(office.processes)
    ripe["now"] = 1000
    pass_time(office, 601)

    assert (before, len(office.processes)) == (0, 1)


def test_training_begins_again_when_so_many_more_have_ripened(office, monkeypatch):
    version = trained(at=office.clock.now())
    office.app.ledger.rankers.keep(ROUTE, version, act=office.act)
    kept_at = office.clock.now()
    ripe = {"more": 199}

    def count(_store, _route, *, ripe_at):
        return 1000 + (ripe["more"] if ripe_at > kept_at - HORIZON else 0)

    monkeypatch.setattr("daemon.ranker.runs.ripened", count)
    pass_time(office, 1200)
    before = len(office.processes)
    ripe["more"] = 200
    pass_time(office, 601)

    assert (before, len(office.processes)) == (0, 1)


def pass_time(office, seconds):
    for _ in range(int(seconds / 10) + 1):
        office.clock.advance(10)
        office.app.hold_lease(office.clock.now())
    office.round()


@pytest.mark.parametrize(
    ("more", "hours", "runs"),
    [
        pytest.param(1, 16, 1, id="three in the morning has passed"),
        pytest.param(1, 14, 0, id="not yet"),
        pytest.param(0, 16, 0, id="nothing has ripened"),
    ],
)
def test_training_follows_the_calendar(office, monkeypatch, more, hours, runs):
    office.app.ledger.rankers.keep(ROUTE, trained(at=office.clock.now()), act=office.act)
    kept_at = office.clock.now()

    def count(_store, _route, *, ripe_at):
        return 1000 + (more if ripe_at > kept_at - HORIZON else 0)

    monkeypatch.setattr("daemon.ranker.runs.ripened", count)
    office.clock.jump(hours * 3600)
    office.round()

    assert len(office.processes) == runs
