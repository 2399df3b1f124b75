"""What ranks at each moment, and how the daemon leaves a model by itself."""

import hashlib
import pickle
from datetime import timedelta

import pytest
import yaml

from models.rankers.versions import Cause
from routing.chance import Shares
from tests.fakes.office import BOOK
from tests.fakes.ranked_office import NO_CHANCE, RANKED_BOOK, ROUTE, RankedOffice
from tests.fakes.trained import trained


@pytest.fixture
def office(tmp_path):
    made = RankedOffice(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    made.round()
    yield made
    made.app.close()


def damage(office, version, column="tables"):
    with office.app.ledger.store.append() as database:
        database.exec_driver_sql(
            f"UPDATE model_versions SET {column} = X'78' WHERE version = '{version}'"
        )


def refusal(record):
    return record["result"].get("refusal")


def test_without_a_model_leads_rotate_and_the_record_says_so(office):
    record = office.routed()

    assert record["result"]["method"] == "round_robin"
    assert refusal(record) == "no model in force"


def test_a_promoted_version_ranks_the_next_lead_and_is_named_in_the_record(office):
    version = office.put_in_force(better="bob")
    records = [office.routed() for _ in range(3)]

    assert [each["result"]["owner"] for each in records] == 3 * [office.rep("bob")]
    assert {each["result"]["method"] for each in records} == {"model"}
    assert records[0]["inputs"]["scores"]["model"].startswith(f"{version}/sha256:")
    assert office.told.named("ranking_changed")[-1]["ranks"] == f"model {version}"


def test_a_newer_version_takes_over_without_a_restart(office):
    office.put_in_force(better="bob")
    office.routed()
    office.put_in_force(better="ada")

    assert office.routed()["result"]["owner"] == office.rep("ada")


def test_the_version_in_force_is_read_again_after_a_restart(office):
    office.put_in_force(better="bob")
    office.restart()

    assert office.routed()["result"]["owner"] == office.rep("bob")


def test_switched_off_by_an_operator_leads_rotate_until_it_is_on_again(office):
    office.put_in_force(better="bob")
    rankers = office.app.ledger.rankers
    rankers.hold(ROUTE, Cause.OFF, why="complaints", act=office.act)
    off = [office.routed() for _ in range(2)]
    rankers.release(ROUTE, why="solved", act=office.act)

    assert {refusal(each) for each in off} == {"switched off"}
    assert len({each["result"]["owner"] for each in off}) == 2
    assert office.routed()["result"]["method"] == "model"


def test_a_version_that_became_too_old_stops_by_itself_and_is_told_once(office):
    version = office.put_in_force()
    office.routed()
    office.clock.advance(timedelta(days=46).total_seconds())
    records = [office.routed() for _ in range(2)]

    assert {refusal(each) for each in records} == {f"model {version} is too old"}
    assert [each["cause"] for each in office.told.named("ranking_stopped")] == ["stale"]
    assert office.entries().count("model_off") == 1


def test_an_operator_may_let_an_old_version_rank_on(office):
    office.put_in_force(better="bob")
    office.clock.advance(timedelta(days=46).total_seconds())
    office.round()
    office.app.ledger.rankers.release(ROUTE, why="nothing newer", act=office.act)

    assert office.routed()["result"]["method"] == "model"


@pytest.mark.parametrize("column", ["document", "tables"])
def test_a_damaged_version_is_left_for_the_one_before_it(office, column):
    first = office.put_in_force(better="bob")
    office.round()
    second = office.put_in_force(better="ada")
    damage(office, second, column)
    record = office.routed()

    assert record["result"]["owner"] == office.rep("bob")
    assert record["inputs"]["scores"]["model"].startswith(first)
    assert office.told.named("model_damaged")[0]["back_to"] == first
    assert office.entries()[-1] == "model_rolled_back"


def test_a_damaged_version_without_one_before_it_leaves_leads_to_the_rotation(office):
    version = office.put_in_force()
    damage(office, version)
    records = [office.routed() for _ in range(2)]

    assert {refusal(each) for each in records} == {f"model {version} is damaged"}
    assert [each["cause"] for each in office.told.named("ranking_stopped")] == ["damaged"]


def test_a_version_that_is_gone_from_the_ledger_is_one_that_is_damaged(office):
    version = office.put_in_force()
    with office.app.ledger.store.append() as database:
        database.exec_driver_sql("DELETE FROM model_versions")
    office.app.ledger.rankers.release(ROUTE, why="try again", act=office.act)
    office.restart()

    assert refusal(office.routed()) == f"model {version} is damaged"


def test_a_pickle_in_place_of_numbers_is_never_opened(office):
    new = office.model()
    evil = pickle.dumps({"intercept": [0.0]})
    said = new.document.replace(
        hashlib.sha256(new.tables).hexdigest().encode(), hashlib.sha256(evil).hexdigest().encode()
    )
    planted = type(new)(**{**fields(new), "document": said, "tables": evil})
    version = office.app.ledger.rankers.keep(ROUTE, planted, act=office.act, promote=True)

    assert refusal(office.routed()) == f"model {version} is damaged"
    assert "cannot be read" in office.told.named("ranking_stopped")[0]["problem"]


def fields(new):
    return {name: getattr(new, name) for name in type(new).__slots__}


def test_ranking_can_be_off_in_the_settings(tmp_path):
    office = RankedOffice(
        tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", ranker={**NO_CHANCE, "enabled": False}
    )
    office.round()
    office.put_in_force()
    record = office.routed()
    office.app.close()

    assert refusal(record) == "ranking is off in the settings"


def test_the_salt_is_made_once_and_only_its_hash_is_journalled(tmp_path):
    office = RankedOffice(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", ranker={"holdout": 0.25})
    office.round()
    salt = office.app.world.live.shares.salt
    office.restart()
    office.round()
    with office.app.ledger.store.read() as database:
        query = "SELECT body FROM journal WHERE kind = 'settings' AND subject = 'ranker'"
        bodies = [bytes(row[0]) for row in database.exec_driver_sql(query)]
    shares = office.app.world.live.shares
    office.app.close()

    assert shares.salt == salt
    assert (shares.holdout_ppm, shares.exploration_ppm) == (250_000, 50_000)
    assert len(bodies) == 1
    assert shares.salt_hash().encode() in bodies[0]
    assert salt not in bodies[0]


def test_a_salt_of_the_operators_own_is_not_kept_in_the_ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("RANKER_SALT", "pepper")
    office = RankedOffice(
        tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", ranker={"salt_env": "RANKER_SALT"}
    )
    office.round()
    kept = office.app.ledger.governance.salt()
    salt = office.app.world.live.shares.salt
    office.app.close()

    assert (salt, kept) == (b"pepper", None)


def test_a_new_rep_starts_at_the_mean_and_gets_the_leads_of_those_who_are_worse(office):
    known = sorted([office.rep("ada"), "r-gone"])
    new = trained(known, at=office.clock.now(), better=known.index("r-gone"))
    office.app.ledger.rankers.keep(ROUTE, new, act=office.act, promote=True)

    assert office.routed()["result"]["owner"] == office.rep("bob")


def test_a_drift_alarm_sends_leads_round_robin_with_the_reason_and_is_told_once(
    office, monkeypatch
):
    monkeypatch.setattr("daemon.ranker.drift._FEWEST", 4)
    version = office.put_in_force(
        reference={
            "rows": 1000,
            "base_rate_ppm": 120_000,
            "counts": [["country", [0, 0, 990, 10]]],
            "score_edges_ppm": [500_000],
            "score_counts": [1000, 0],
        }
    )
    before = [office.routed() for _ in range(4)]
    office.round(1, every_s=5)
    look_again(office)
    after = [office.routed() for _ in range(2)]

    assert {each["result"]["method"] for each in before} == {"model"}
    assert {refusal(each) for each in after} == {f"drift alarm on model {version}"}
    assert [
        "country has moved" in each["problem"] for each in office.told.named("ranking_stopped")
    ] == [True]
    assert office.entries().count("model_off") == 1


def look_again(office):
    for _ in range(400):
        office.clock.advance(10)
        office.app.hold_lease(office.clock.now())


def test_a_book_that_asks_for_the_model_no_more_leaves_nothing_to_chance(office):
    assert office.app.world.live.shares != Shares()

    (office.folder / "rulebook.yaml").write_text(yaml.safe_dump(dict(BOOK)))
    office.app.reload(office.clock.now(), office.act.token, asked=True)

    assert office.app.world.live.shares == Shares()
    assert office.routed()["inputs"].get("shares") is None


def test_a_book_that_begins_to_ask_for_the_model_ranks_without_a_restart(office):
    office.put_in_force(better="bob")
    (office.folder / "rulebook.yaml").write_text(yaml.safe_dump(dict(BOOK)))
    office.app.reload(office.clock.now(), office.act.token, asked=True)
    before = office.routed()
    (office.folder / "rulebook.yaml").write_text(yaml.safe_dump(dict(RANKED_BOOK)))
    office.app.reload(office.clock.now(), office.act.token, asked=True)

    assert before["result"]["method"] == "round_robin"
    assert office.routed()["result"]["method"] == "model"
