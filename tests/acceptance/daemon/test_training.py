"""Training for real: a process of its own reads the ledger, judges, and keeps its version."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import text

from daemon.base.clock import SystemClock
from daemon.operators.evaluation_text import lines
from daemon.ranker.runs import judged
from models.journal.entries import Actor
from models.rankers.versions import Verdict
from tests.fakes.ranked_office import ROUTE, RankedOffice

MONA = Actor("mona")
CLOCK = SystemClock()
FLOORS = {"decided": 100, "wins": 10}


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """One MLflow store for all: making its tables takes longer than a run."""
    return tmp_path_factory.mktemp("mlflow") / "mlflow.db"


def an_office(folder, url, registry, **told):
    training = {"floors": FLOORS, "horizon_d": 30, "at_most_s": 240, **told}
    training["mlflow"] = f"sqlite:///{registry}"
    made = RankedOffice(folder, url, more={"training": training})
    made.round()
    return made


@pytest.fixture
def office(tmp_path, sqlite_url, registry):
    made = an_office(tmp_path, sqlite_url, registry)
    yield made
    made.app.close()


def a_past(office, leads):
    """Leads that were decided, written, and won one time in five."""
    records = [office.crm.add_lead(stage="new", Country="US") for _ in range(leads)]
    office.round(3)
    for n, record in enumerate(records):
        if n % 5 == 0:
            office.crm.add_outcome(f"006{n:04}", "won", record)
    office.round(3)


def a_damaged_record(office):
    """Damage what was kept of the first decision, about a lead that was won; which one."""
    with office.app.ledger.store.writer.begin() as database:
        first = database.scalar(text("SELECT id FROM decisions ORDER BY decided_at, id LIMIT 1"))
        damage = text("UPDATE decisions SET record = :damaged WHERE id = :first")
        database.execute(damage, {"damaged": b"damaged", "first": first})
    return first


def trained(office):
    """Ask for training and wait for the process; what came of it."""
    office.clock.jump((CLOCK.now() - office.clock.now()).total_seconds())
    request = office.app.ledger.requests.ask("train", {}, actor=MONA, at=office.clock.now())
    give_up_at = CLOCK.monotonic() + 240
    while CLOCK.monotonic() < give_up_at:
        office.round(every_s=0.1)
        found = office.app.ledger.requests.get(request)
        if found.answer is not None:
            return found
        CLOCK.sleep(0.2)
    raise AssertionError("training has not ended")


def test_a_run_keeps_a_version_that_can_be_looked_up_judged_and_promoted(
    tmp_path, own_ledger_url, registry
):
    office = an_office(tmp_path, own_ledger_url, registry)
    a_past(office, 151)
    damaged = a_damaged_record(office)
    found = trained(office)
    said = found.answer
    told = office.app.ledger.rankers.told(ROUTE, said["version"])
    judgement = judged(office.settings(), ROUTE, said["version"], clock=CLOCK)
    promoted(office, said["version"])
    entries = office.entries()
    office.app.close()

    assert found.state == "done"
    assert (said["rows"], said["unreadable"], said["first_unreadable"]) == (150, 1, damaged)
    assert office.told.named("records_unreadable") == [{"records": 1, "first": damaged}]
    assert said["verdict"] in tuple(Verdict)
    assert (said["tracking_problem"], len(said["run"])) == (None, 32)
    assert (entries[0], entries[-1]) == ("model_trained", "model_promoted")
    assert_told(told, office.app.in_force.book.hash)
    assert_cannot_tell(judgement, said["version"])
    assert champion_of(registry) == said["run"]


def assert_told(told, rulebook):
    """What is known of the version."""
    assert told.report["rows"]["wins"] == 30
    assert told.report["contract"] == [
        {"field": "country", "type": "choice", "known_at": "routing", "use": "feature"}
    ]
    assert "# Model card" in told.card
    assert (told.rulebook, len(told.data_sha256)) == (rulebook, 64)


def assert_cannot_tell(said, version):
    """Nothing was left to chance, so nothing can be said, and that is said."""
    told = list(lines(said))
    assert (said["answered"], said["rows"], said["estimate"]["leads"]) == (False, 150, 150)
    assert told[1].startswith("Whether ranking helped cannot be said: 0 leads routed by the model")
    assert told[2].startswith(f"What {version} would have won cannot be said")


def promoted(office, version):
    """Put it in force by hand, and wait until the registry knows."""
    asked = {"version": version, "why": "a test", "anyway": True}
    office.app.ledger.requests.ask("model_promote", asked, actor=MONA, at=office.clock.now())
    give_up_at = CLOCK.monotonic() + 120
    while not office.told.named("aliases_moved"):
        assert CLOCK.monotonic() < give_up_at
        office.round(every_s=0.1)
        CLOCK.sleep(0.2)


def champion_of(registry):
    """The run whose version bears the name, as MLflow's own tables have it."""
    query = (
        "SELECT run_id FROM model_versions JOIN registered_model_aliases USING (name, version)"
        " WHERE alias = 'champion'"
    )
    with closing(sqlite3.connect(registry)) as database:
        return database.execute(query).fetchone()[0]


def test_a_tracking_server_that_is_away_costs_its_figures_and_no_version(office):
    a_past(office, 20)
    launch = office.app.loops.training.launch
    lost = {"tracking": "http://127.0.0.1:9", "artifacts": str(office.folder)}
    office.app.loops.training.launch = lambda order: launch({**order, **lost})
    said = trained(office).answer

    assert said["run"] is None
    assert office.told.named("tracking_failed")[0]["problem"] == said["tracking_problem"]
    assert office.app.ledger.rankers.told(ROUTE, said["version"]) is not None


def test_a_process_that_is_killed_leaves_routing_as_it_was(office):
    office.app.loops.training.launch = killed_at_once(office.app.loops.training.launch)
    found = trained(office)

    assert found.state == "refused"
    assert "signal 9" in found.answer["why"]
    assert office.routed()["result"]["method"] == "round_robin"


def killed_at_once(launch):
    def started(order):
        process = launch(order)
        process.kill()
        return process

    return started


def test_the_process_cannot_take_more_memory_than_it_was_given():
    script = (
        "from daemon.settings import Training; from daemon import train_worker\n"
        "train_worker._bound(Training(memory_mb=1024)); bytearray(2 * 2**30)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert ended.returncode != 0
    assert "MemoryError" in ended.stderr


def a_history(path, leads):
    """Leads of before, one in five of them won."""
    lines = (
        {"lead": f"X{n}", "at": "2025-01-05T09:00:00Z", "rep": "ada", "eligible": ["ada", "bob"],
         "facts": {"country": "US"}, "won": n % 5 == 0, "outcome_at": "2025-01-09T09:00:00Z"}
        for n in range(leads)
    )  # fmt: skip
    path.write_text("\n".join(json.dumps(line) for line in lines))


@pytest.mark.parametrize(
    ("leads", "why"),
    [
        pytest.param(20, "decided leads: 20, wanted at least 100", id="too few to learn from"),
        pytest.param(0, "Training failed: training.history: ", id="not there"),
    ],
)
def test_leads_of_before_are_learned_from_where_the_settings_name_them(
    tmp_path, sqlite_url, registry, leads, why
):
    path = tmp_path / "history.jsonl"
    if leads:
        a_history(path, leads)
    office = an_office(tmp_path, sqlite_url, registry, history=str(path))
    said = trained(office).answer
    in_force = office.app.ledger.rankers.standing(ROUTE).in_force
    office.app.close()

    assert said["why"].startswith(why)
    assert said.get("rows", 0) == leads
    assert in_force is None
