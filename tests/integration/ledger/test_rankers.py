"""Model versions: kept whole, one in force for a route, held back and let go, all journalled."""

import pytest

from models.journal.entries import Act, Actor
from models.rankers.promotion import goes_in_force
from models.rankers.versions import Cause, NewModel, Verdict
from models.store.errors import Fenced
from routing.canonical import parse

MONA = Actor("mona")
ROUTE = "inbound"


def act(path):
    return Act(path.at, path.token, MONA)


def model(n=1, verdict=Verdict.PROMOTE):
    return NewModel(
        document=b"document %d" % n,
        tables=b"tables %d" % n,
        verdict=verdict,
        why=f"log-loss 0.{n}",
        report={"auc": 0.7, "wins": 130},
        card="# Card",
        data_sha256="d" * 64,
        rows=1200,
        rulebook="b" * 64,
    )


def keep(path, n=1, *, verdict=Verdict.PROMOTE, promote=False):
    return path.ledger.rankers.keep(ROUTE, model(n, verdict), act=act(path), promote=promote)


def standing(path):
    return path.ledger.rankers.standing(ROUTE)


def entries(path):
    query = "SELECT kind, body FROM journal ORDER BY seq"
    with path.ledger.store.read() as database:
        found = [(kind, parse(bytes(body))) for kind, body in database.exec_driver_sql(query)]
    return [(kind, body) for kind, body in found if kind.startswith("model_")]


def test_a_version_is_kept_whole_and_numbered_by_the_day(path):
    versions = [keep(path, n) for n in (1, 2)]
    artifact = path.ledger.rankers.artifact(ROUTE, versions[1])
    told = path.ledger.rankers.told(ROUTE, versions[1])

    assert versions == [f"{path.at:%Y-%m-%d}.1", f"{path.at:%Y-%m-%d}.2"]
    assert (artifact.document, artifact.tables) == (b"document 2", b"tables 2")
    assert artifact.is_whole
    assert (told.report, told.card, told.listed.rows) == ({"auc": 0.7, "wins": 130}, "# Card", 1200)
    assert [each.version for each in path.ledger.rankers.versions(ROUTE)] == versions[::-1]
    assert standing(path).in_force is None


def test_a_version_and_its_promotion_are_one_act_with_two_entries(path):
    version = keep(path, promote=True)
    kinds = [(kind, body["version"], body["actor"]) for kind, body in entries(path)]

    assert standing(path).in_force.version == version
    assert standing(path).in_force.trained_at == path.at
    assert kinds == [("model_trained", version, "mona"), ("model_promoted", version, "mona")]


def test_a_refusal_is_journalled_with_its_figures_and_changes_nothing(path):
    champion = keep(path, promote=True)
    refused = keep(path, 2, verdict=Verdict.REFUSE)

    assert standing(path).in_force.version == champion
    assert entries(path)[-1][0] == "model_refused"
    assert (entries(path)[-1][1]["version"], entries(path)[-1][1]["why"]) == (
        refused,
        "log-loss 0.2",
    )


def test_a_rollback_puts_the_one_before_in_force_and_back_again(path):
    rankers = path.ledger.rankers
    one, two = keep(path, 1, promote=True), keep(path, 2, promote=True)
    back = rankers.rollback(ROUTE, why="worse in Europe", act=act(path))

    assert (back, standing(path).in_force.version) == (one, one)
    assert standing(path).previous == two
    assert entries(path)[-1][0] == "model_rolled_back"
    assert rankers.rollback(ROUTE, why="no", act=act(path)) == two


def test_there_is_nothing_to_roll_back_to_before_the_second_version(path):
    keep(path, promote=True)

    with pytest.raises(LookupError, match="no other version"):
        path.ledger.rankers.rollback(ROUTE, why="worse", act=act(path))


def test_an_unknown_version_cannot_be_promoted(path):
    with pytest.raises(LookupError, match="no version 2020"):
        path.ledger.rankers.promote(ROUTE, "2020-01-01.1", why="better", act=act(path))


def test_promoting_what_is_in_force_changes_nothing(path):
    version = keep(path, promote=True)

    assert not path.ledger.rankers.promote(ROUTE, version, why="again", act=act(path))
    assert len(entries(path)) == 2


def test_switched_off_is_a_hold_that_outlives_a_promotion(path):
    rankers = path.ledger.rankers
    keep(path, promote=True)
    held = [rankers.hold(ROUTE, Cause.OFF, why="complaints", act=act(path)) for _ in range(2)]
    keep(path, 2, promote=True)

    assert held == [True, False]
    assert [(hold.cause, hold.why, hold.actor) for hold in standing(path).holds] == [
        (Cause.OFF, "complaints", "mona")
    ]
    assert rankers.release(ROUTE, why="solved", act=act(path)) == (Cause.OFF,)
    assert standing(path).holds == ()
    assert entries(path)[-1][0] == "model_on"


def test_an_alarm_about_a_version_is_raised_once_and_ends_with_the_next_version(path):
    rankers = path.ledger.rankers
    version = keep(path, promote=True)
    alarm = {"why": "PSI 0.4", "act": act(path), "version": version}
    raised = [rankers.hold(ROUTE, Cause.DRIFT, **alarm)]
    rankers.release(ROUTE, why="looked into", act=act(path))
    raised.append(rankers.hold(ROUTE, Cause.DRIFT, **alarm))
    rankers.hold(ROUTE, Cause.STALE, why="old", act=act(path), version=version)
    newer = keep(path, 2, promote=True)

    assert raised == [True, False]
    assert standing(path).holds == ()
    assert rankers.hold(ROUTE, Cause.DRIFT, why="PSI", act=act(path), version=newer)


def test_bytes_that_changed_in_the_ledger_are_told_from_those_that_were_kept(path):
    version = keep(path, promote=True)
    with path.ledger.store.append() as database:
        database.exec_driver_sql("UPDATE model_versions SET tables = document")

    assert not path.ledger.rankers.artifact(ROUTE, version).is_whole


def test_a_process_that_lost_the_lease_keeps_no_version(path):
    gone = Act(path.at, path.token - 1, MONA)

    with pytest.raises(Fenced):
        path.ledger.rankers.keep(ROUTE, model(), act=gone, promote=True)
    assert path.ledger.rankers.versions(ROUTE) == ()


@pytest.mark.parametrize(
    ("new", "now", "wanted"),
    [
        pytest.param(Verdict.PROMOTE, None, True, id="the first that may rank"),
        pytest.param(Verdict.PROMOTE, Verdict.SCORES_ONLY, True, id="ranking after scoring"),
        pytest.param(Verdict.SCORES_ONLY, None, True, id="scores where nothing ranks"),
        pytest.param(Verdict.SCORES_ONLY, Verdict.SCORES_ONLY, True, id="newer scores"),
        pytest.param(Verdict.SCORES_ONLY, Verdict.PROMOTE, False, id="the champion stays"),
        pytest.param(Verdict.REFUSE, None, False, id="refused"),
    ],
)
def test_a_version_that_only_scores_leads_is_put_in_force_where_none_ranks(new, now, wanted):
    assert goes_in_force(new, now) is wanted
