"""What a run leaves behind for people to look up, in a store of its own."""

import json

import pytest

from routing.ranker import read_tables
from tests.unit.training.worlds import LATER, TERMS, past, world
from training.card import model_card
from training.export import decode_npz
from training.plots import calibration_plot, lift_plot, shares_plot
from training.tracking import CHALLENGER, CHAMPION, PREVIOUS, Tracking
from training.train import train

# MLflow maps its tables in a way that its SQLAlchemy will give up.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")

NAMES = ("document.json", "tables.npz")
STRONG = (0.6, 0.4, 0.2, 0.2)


@pytest.fixture(scope="module")
def trained():
    return train(past(world(seed=3, spreads=STRONG)), TERMS, LATER)


@pytest.fixture(scope="module")
def few():
    return train(past(world(seed=3, spreads=STRONG), 200), TERMS, LATER)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mlflow")
    return Tracking(f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts")


def test_a_run_is_logged_whole_and_its_version_can_be_read_back(store, trained, tmp_path):
    logged = store.log(trained, TERMS)
    client = store._client()
    run = client.get_run(logged.run)
    files = {each.path for each in client.list_artifacts(logged.run, "version")}
    folder = client.download_artifacts(logged.run, "version", str(tmp_path))

    assert run.data.tags["data_sha256"] == trained.report["data_sha256"]
    assert run.data.metrics["ranker.log_loss.high"] > run.data.metrics["ranker.log_loss.low"]
    assert {"version/card.md", "version/calibration.png", "version/tables.npz"} <= files
    document, tables = ((tmp_path / "version" / name).read_bytes() for name in NAMES)
    assert folder
    assert read_tables(document, decode_npz(tables)).reps


def aliases(store):
    return tuple(store.version_of(alias) for alias in (CHAMPION, PREVIOUS, CHALLENGER))


def test_the_aliases_follow_a_promotion_and_the_way_back(store, trained):
    first, second = (store.log(trained, TERMS) for _ in range(2))
    store.follow(first.run, None)
    at_first = aliases(store)
    store.follow(second.run, first.run)
    promoted = aliases(store)
    store.follow(first.run, second.run)

    assert at_first == (first.version, None, second.version)
    assert promoted == (second.version, first.version, None)
    assert aliases(store) == (first.version, second.version, None)


def test_a_refused_run_is_logged_and_registers_nothing(store, few):
    logged = store.log(few, TERMS)

    assert logged.version is None
    assert store._client().get_run(logged.run).data.tags["verdict"] == "refuse"


def test_a_report_is_plain_json(trained, few):
    assert json.loads(json.dumps(trained.report))["verdict"] == "promote"
    assert json.loads(json.dumps(few.report))["verdict"] == "refuse"


def test_the_card_says_what_was_found_and_what_it_is_not_for(trained):
    card = model_card(trained.report)

    assert "must not be used for that" in card
    assert "Annex III" in card
    assert "| country | choice | routing | feature |" in card
    assert f"{trained.report['rows']['wins']:,} of them closed" in card


def test_the_card_of_a_refusal_shows_the_gate(few):
    card = model_card(few.report)

    assert "It may not be used" in card
    assert "| decided leads | 200 | at least 1,000 | NO |" in card


def test_a_name_with_a_bar_does_not_break_the_cards_tables(trained):
    line = {"group": "north | pole", "multiple": 1.0, "ratio": 1.0, "adverse": False}
    card = model_card({**trained.report, "disparity": {"office": [line]}})

    assert "| north \\| pole | 1.0 | 1.0 | no |" in card


@pytest.mark.parametrize(("reps", "shown"), [(2, 2), (10, 10), (11, 10)])
def test_the_card_lists_a_rep_once(trained, reps, shown):
    names = [f"rep-{n:03}" for n in range(reps)]
    shares = [{"rep": name, "leads": 1.0, "even": 1.0, "multiple": 1.0} for name in names]
    card = model_card({**trained.report, "shares": shares})

    assert sum(card.count(f"| {name} |") for name in names) == shown
    assert all(card.count(f"| {name} |") <= 1 for name in names)


def test_the_pictures_are_png(trained):
    report = trained.report
    pictures = [
        calibration_plot(report["calibration"]),
        lift_plot(report["calibration"]),
        shares_plot(report["shares"], 1.3),
    ]

    assert {picture[:4] for picture in pictures} == {b"\x89PNG"}
