"""What operators ask for, from the command line to the ledger and back."""

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.governance.requests import Request, RequestState
from tests.acceptance.cli.installation import (
    daemon_that,
    doing,
    install,
    ledger_of,
    refusing,
)
from tests.acceptance.cli.process import signalbox


@pytest.fixture
def home(tmp_path: Path) -> Path:
    install(tmp_path)
    return tmp_path


def test_a_new_ledger_stands_still(home: Path):
    ended = signalbox("status", "--json", cwd=home)

    standing = json.loads(ended.out)
    assert ended.code == 0
    assert standing["daemon"] == {"running": False, "holder": None}
    assert (standing["inbox"], standing["waiting"], standing["recallable"]) == (0, 0, 0)
    assert standing["ranking"] is None


def test_status_tells_people_how_to_start(home: Path):
    ended = signalbox("status", cwd=home)

    assert "No daemon runs. Start it with: signalbox run" in ended.out


def test_a_ledger_that_was_never_made_is_named_with_the_way_out(home: Path):
    (home / "signalbox.db").unlink()

    ended = signalbox("status", cwd=home)

    assert ended.code == 3
    assert "signalbox run" in ended.err


def test_an_order_is_done_by_the_daemon_and_its_answer_shown(home: Path):
    heard: list[Request] = []

    with daemon_that(home, doing({"rep": "r1"}, heard)):
        ended = signalbox("people", "away", "ada", "--until", "2027-03-01", cwd=home)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "ada is away until 2027-03-01.\n"
    assert heard[0].kind == "away"
    assert heard[0].arguments == {"rep": "ada", "from": None, "until": "2027-03-01T00:00:00+00:00"}
    assert heard[0].actor.channel == "cli"
    assert heard[0].actor.name


@pytest.mark.parametrize(
    ("arguments", "kind", "asked"),
    [
        (["pause"], "pause", {"connections": []}),
        (["resume", "salesforce"], "resume", {"connections": ["salesforce"]}),
        (["reassign", "00Q1", "--to", "ada"], "reassign", {"lead": "00Q1", "to": "ada"}),
        (["people", "back", "ada"], "back", {"rep": "ada"}),
        (["people", "pause", "ada"], "pause_person", {"rep": "ada"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_commands_ask_for_what_they_say(home: Path, arguments, kind: str, asked):
    heard: list[Request] = []

    with daemon_that(home, doing({}, heard)):
        ended = signalbox(*arguments, "--json", cwd=home)

    assert ended.code == 0
    assert json.loads(ended.out)["state"] == "done"
    assert [(each.kind, each.arguments) for each in heard] == [(kind, asked)]


def test_a_refusal_is_wrong_use_and_says_why(home: Path):
    with daemon_that(home, refusing("adda is not on the roster.")):
        ended = signalbox("reassign", "00Q1", "--to", "adda", cwd=home)

    assert (ended.code, ended.err) == (2, "adda is not on the roster.\n")


def test_without_a_daemon_a_command_does_it_itself(home: Path):
    ended = signalbox("people", "pause", "ada", cwd=home)

    states = signalbox("people", "list", "--json", cwd=home).out.splitlines()
    assert (ended.code, ended.out, ended.err) == (0, "ada is paused.\n", "")
    assert {each["id"]: each["state"] for each in map(json.loads, states)}["ada"] == "paused"


def test_two_commands_at_once_both_get_their_way(home: Path):
    orders = [["people", "pause", "ada"], ["people", "away", "bob"], ["pause"]]
    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(lambda words: signalbox(*words, "--wait", "30", cwd=home), orders))

    assert [(each.code, each.err) for each in ended] == [(0, "")] * 3


def test_without_a_daemon_what_cannot_be_done_is_kept_and_said_so(home: Path):
    (home / "roster.yaml").write_text("people: [{id: ada, wieght: 1}]")

    ended = signalbox("pause", cwd=home)

    assert ended.code == 3
    assert 'Did you mean "weight"?' in ended.out
    with ledger_of(home) as ledger:
        request = ledger.requests.get(ended.out.split("Request ")[1].split()[0])
    assert request is not None
    assert request.state is RequestState.ASKED


def test_a_rep_that_is_misspelt_is_named_with_the_likely_one(home: Path):
    ended = signalbox("people", "pause", "adda", cwd=home)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == 'adda is not on the roster. Did you mean "ada"?\n'


def test_a_time_that_is_none_is_named(home: Path):
    ended = signalbox("people", "away", "ada", "--until", "tomorrow", cwd=home)

    assert ended.code == 2
    assert '--until "tomorrow" is no time' in ended.err


def test_everybody_on_the_roster_is_listed(home: Path):
    ended = signalbox("people", "list", "--json", cwd=home)

    people = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 0
    assert {"ada", "bob"} <= {each["id"] for each in people}
    assert {each["state"] for each in people} == {"there"}


def test_a_lead_that_was_never_seen_has_no_story(home: Path):
    ended = signalbox("explain", "00Q5g00000AbCdEEAV", cwd=home)

    assert ended.code == 2
    assert "00Q5g00000AbCdEEAV is not in the ledger" in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["00Q1", "--lead", "lead.yaml"], "--lead belongs to deciding from files"),
        (["00Q1", "--at", "2027-01-01T00:00:00Z"], "--at belongs to deciding from files"),
        (["--set", "country=DE"], "--set changes a LEAD of the ledger"),
        (["--rulebook", "rulebook.yaml"], "Missing: --people, --lead. Name a LEAD"),
        (["00Q1"], "00Q1 is not in the ledger"),
    ],
)
def test_deciding_asks_the_ledger_or_files_and_never_both(home: Path, words, said: str):
    ended = signalbox("decide", *words, cwd=home)

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_a_period_without_shadow_decisions_has_no_difference(home: Path):
    ended = signalbox("compare", "--since", "30d", cwd=home)

    assert ended.code == 0
    assert "0 leads: 0 agree, 0 differ, 0 open." in ended.out


def test_an_export_is_whole_and_says_so_itself(home: Path):
    ended = signalbox("audit", "export", "--since", "1d", "--out", "a.jsonl", "--json", cwd=home)

    lines = [json.loads(line) for line in (home / "a.jsonl").read_text().splitlines()]
    receipt = json.loads((home / "a.jsonl.receipt.json").read_text())
    assert ended.code == 0
    assert set(lines[0]) == {"header"}
    assert lines[-1]["receipt"] == receipt
    assert json.loads(ended.out)["sha256"] == receipt["sha256"]


def test_a_table_goes_to_standard_output_and_its_receipt_beside_it(home: Path):
    ended = signalbox(
        "audit", "export", "--since", "1d", "--what", "journal", "--format", "csv", cwd=home
    )

    assert ended.code == 0
    assert next(csv.reader([ended.out]))[:3] == ["seq", "kind", "at"]
    assert json.loads(ended.err)["written"]["journal"]["count"] == 0


def test_an_export_is_entered_in_the_journal_even_without_a_daemon(home: Path):
    ended = signalbox("audit", "export", "--since", "1d", "--out", "a.jsonl", "--json", cwd=home)
    again = signalbox("audit", "export", "--since", "1d", "--what", "journal", cwd=home)

    said, lines = json.loads(ended.out), map(json.loads, again.out.splitlines())
    bodies = [json.loads(line["journal"]["body"]) for line in lines if "journal" in line]
    (entry,) = [body for body in bodies if body["kind"] == "export"]
    assert (ended.code, said["journalled"]) == (0, True)
    assert entry["export_sha256"] == said["sha256"]
    assert (entry["channel"], entry["format"]) == ("cli", "jsonl")


def test_an_export_from_a_read_only_ledger_says_that_it_is_not_in_the_journal(home: Path):
    (home / "signalbox.db").chmod(0o444)

    ended = signalbox(
        "audit", "export", "--since", "1d", "--out", "a.jsonl", cwd=home, as_root=False
    )

    assert ended.code == 3
    assert "This export is whole, but it is not in the journal" in ended.err
    assert "Give this user the right to write" in ended.err
    assert (home / "a.jsonl").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--since", "1d", "--format", "xml"], "Use jsonl or csv"),
        (["--since", "1d", "--format", "csv"], "--what"),
        (["--since", "1d", "--what", "all"], "Use journal"),
        (["--since", "2027-01-02", "--until", "2027-01-01"], "before it begins"),
        (["--since", "2027-01-02T09:00"], "no time zone"),
        (["--since", "1d", "--out", "no/such/a.jsonl"], "cannot be written"),
    ],
)
def test_a_wrong_question_is_named(home: Path, options: list[str], said: str):
    ended = signalbox("audit", "export", *options, cwd=home)

    assert ended.code == 2
    assert said in ended.err


def test_settings_with_mistakes_stop_every_command_with_all_of_them(home: Path):
    settings = home / "signalbox.yaml"
    settings.write_text(settings.read_text().replace("shadow", "shdow").replace("8642", "x"))

    ended = signalbox("status", cwd=home)

    assert ended.code == 2
    assert "it has 2 mistakes" in ended.err
    assert 'Did you mean "shadow"?' in ended.err
