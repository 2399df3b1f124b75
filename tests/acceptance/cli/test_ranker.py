"""The ranker from the command line: versions, acts with reasons, exit codes."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from models.governance.requests import Request
from models.journal.entries import Act
from models.ledger import Ledger
from models.rankers.versions import Cause, Verdict
from tests.acceptance.cli.installation import CLOCK, daemon_that, doing, install, ledger_of
from tests.acceptance.cli.process import signalbox
from tests.fakes.trained import trained

ROUTE = "inbound"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    install(tmp_path)
    return tmp_path


def keep(home: Path, *verdicts: Verdict) -> list[str]:
    """Versions with these verdicts, the first in force; their numbers."""
    with ledger_of(home) as ledger:
        act = Act(CLOCK.now(), _token(ledger))
        return [
            ledger.rankers.keep(
                ROUTE, trained(at=act.at, verdict=verdict), act=act, promote=place == 0
            )
            for place, verdict in enumerate(verdicts)
        ]


def _token(ledger: Ledger) -> int:
    lease = ledger.leases.acquire("test", ttl=timedelta(minutes=5), at=CLOCK.now())
    assert lease is not None
    ledger.leases.release(lease, at=CLOCK.now())
    return lease.token


def standing(home: Path):
    with ledger_of(home) as ledger:
        return ledger.rankers.standing(ROUTE)


def test_a_new_installation_has_no_version_and_says_what_happens_then(home: Path):
    ended = signalbox("model", "list", cwd=home)

    assert ended.code == 0
    assert "No version is in force: leads go round robin." in ended.out


def test_there_is_nothing_to_show_before_the_first_version(home: Path):
    ended = signalbox("model", "show", cwd=home)

    assert ended.code == 2
    assert "signalbox train" in ended.err


def test_versions_are_listed_newest_first_with_their_verdicts(home: Path):
    versions = keep(home, Verdict.PROMOTE, Verdict.REFUSE)
    ended = signalbox("model", "list", "--json", cwd=home)

    listed = [json.loads(line) for line in ended.out.splitlines()]
    assert [(e["version"], e["verdict"], e["in_force"]) for e in listed] == [
        (versions[1], "refuse", False),
        (versions[0], "promote", True),
    ]


def test_the_card_of_the_version_in_force_is_printed(home: Path):
    keep(home, Verdict.PROMOTE)

    assert "# Model card" in signalbox("model", "show", cwd=home).out


def test_a_version_is_shown_to_machines_whole(home: Path):
    (version,) = keep(home, Verdict.PROMOTE)
    shown = json.loads(signalbox("model", "show", version, "--json", cwd=home).out)

    assert (shown["version"], shown["report"], shown["holds"]) == (
        version,
        {"log_loss": 0.31},
        [],
    )


def test_without_a_daemon_the_command_acts_itself_and_the_journal_keeps_the_reason(home: Path):
    first, second = keep(home, Verdict.PROMOTE, Verdict.PROMOTE)
    ended = signalbox("model", "promote", second, "--why", "better in Berlin", cwd=home)
    back = signalbox("model", "rollback", "--why", "it was not", cwd=home)

    assert (ended.code, back.code) == (0, 0)
    assert standing(home).in_force.version == first
    with ledger_of(home) as ledger, ledger.store.read() as database:
        query = "SELECT body FROM journal WHERE kind = 'model_promoted'"
        bodies = b"".join(row[0] for row in database.exec_driver_sql(query))

    assert b"better in Berlin" in bodies


def test_what_the_gate_refused_is_not_promoted_by_the_way(home: Path):
    _, refused = keep(home, Verdict.PROMOTE, Verdict.REFUSE)
    ended = signalbox("model", "promote", refused, "--why", "please", cwd=home)

    assert ended.code == 2
    assert "--anyway" in ended.err


def test_ranking_is_switched_off_and_on_with_a_reason(home: Path):
    keep(home, Verdict.PROMOTE)
    off = signalbox("model", "off", "--why", "works council", cwd=home)
    held = standing(home).holds
    on = signalbox("model", "on", "--why", "agreed", cwd=home)

    assert (off.code, on.code) == (0, 0)
    assert [(hold.cause, hold.why) for hold in held] == [(Cause.OFF, "works council")]
    assert standing(home).holds == ()


def test_status_says_what_ranks_and_what_holds_it_back(home: Path):
    (home / "rulebook.yaml").write_text(
        "rulebook: inbound\npools: {us: {team: us}}\n"
        "rules: [{name: all, pool: us, choose: model}]\nfallback: {queue: triage}\n"
    )
    (version,) = keep(home, Verdict.PROMOTE)
    signalbox("model", "off", "--why", "works council", cwd=home)
    held = json.loads(signalbox("status", "--json", cwd=home).out)["ranking"]
    signalbox("model", "on", "--why", "agreed", cwd=home)
    told = signalbox("status", cwd=home).out

    assert (held["route"], held["ranks"], held["in_force"]) == (ROUTE, "switched off", version)
    assert [(hold["cause"], hold["why"]) for hold in held["holds"]] == [("off", "works council")]
    assert f"model {version}" in told


def test_a_reason_is_asked_for(home: Path):
    ended = signalbox("model", "off", cwd=home)

    assert ended.code == 2
    assert "--why" in ended.err


@pytest.mark.parametrize(("verdict", "code"), [("promote", 0), ("refuse", 1)])
def test_training_ends_with_one_where_the_gate_refused(home: Path, verdict: str, code: int):
    heard: list[Request] = []
    said = {"version": "2026-03-02.1", "verdict": verdict, "why": "figures", "promoted": True}

    with daemon_that(home, doing(said, heard)):
        ended = signalbox("train", cwd=home)

    assert (ended.code, heard[0].kind) == (code, "train")
    assert ended.out.startswith("Version 2026-03-02.1: figures.")


def test_training_for_a_book_without_the_model_is_refused(home: Path):
    (home / "rulebook.yaml").write_text(
        "rulebook: inbound\npools: {us: {team: us}}\n"
        "rules: [{name: all, pool: us}]\nfallback: {queue: triage}\n"
    )
    ended = signalbox("train", cwd=home)

    assert ended.code == 2
    assert "choose: model" in ended.err


def test_nothing_that_routes_loads_what_trains():
    script = (
        "import sys, daemon.cli.app, daemon.main, daemon.running.threads;"
        "daemon.cli.app.build_app();"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert not {"mlflow", "sklearn", "pandas", "scipy", "training"} & set(ended.stdout.split())
