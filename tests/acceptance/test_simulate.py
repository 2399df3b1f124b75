"""`signalbox simulate` and `decide` as a script meets them: lines, streams, exit codes, replays."""

import json
from pathlib import Path

import pytest

from daemon.cli.entry import run_command
from tests.acceptance.cli.process import Ended, signalbox

BOOK = """
rulebook: inbound
fields: {country: {type: choice, values: [US, DE]}}
pools: {us: {team: us}}
rules: [{name: us, when: {country: {is: US}}, pool: us}]
fallback: {queue: triage}
"""
PEOPLE = """
- {id: ada, teams: [us], timezone: UTC, hours: {mon-sun: "00:00-24:00"}}
- {id: bob, teams: [us], timezone: UTC, hours: {mon-sun: "00:00-24:00"}, active: false}
"""
STORY = """
scenario: one lead
rulebook: book.yaml
people: people.yaml
events:
  - {at: 2026-01-05T09:00:00Z, lead: {id: L1, country: US}}
  - {at: 2026-01-05T09:01:00Z, lead: {id: L2, country: DE}}
  - {at: 2026-01-05T09:02:00Z, lead: {id: L3, country: US, owner: someone}}
"""
LINE = (
    '{"lead":"L1","at":"2026-01-05T09:00:00Z","owner":"ada","queue":null,"method":"round_robin",'
    '"rule":"us","pool":"us","route":"inbound",'
    '"dropped":[{"person":"bob","layer":"availability","code":"inactive"}]}'
)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "book.yaml").write_text(BOOK)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    (tmp_path / "story.yaml").write_text(STORY)
    return tmp_path


def play(desk: Path, *, expect: str = "", **env: str) -> Ended:
    (desk / "story.yaml").write_text(STORY + expect)
    return signalbox("simulate", "story.yaml", "--json", cwd=desk, env=env, fresh=bool(env))


def test_a_line_has_the_keys_in_the_order_and_the_words_of_the_contract(desk: Path):
    first = play(desk).out.splitlines()[0]

    assert first == LINE


def test_a_fallback_is_no_failure_and_a_quiet_scenario_says_nothing_else(desk: Path):
    ended = play(desk)

    assert (ended.code, ended.err, len(ended.out.splitlines())) == (0, "", 2)


def test_warnings_go_to_standard_error_and_leave_the_lines_alone(desk: Path):
    quiet = play(desk).out
    (desk / "people.yaml").write_text(
        "[{id: ada, teams: [us]}, {id: bob, active: false, teams: [us]}]"
    )
    loud = play(desk)

    assert "no working hours" in loud.err
    assert (loud.code, loud.out) == (0, quiet)


@pytest.mark.parametrize(
    ("expect", "code"),
    [
        pytest.param("{L1: ada, L2: 'queue:triage', L3: null}", 0, id="every short form"),
        pytest.param(
            "{L1: {owner: ada, method: round_robin, rule: us, route: inbound}}", 0, id="all"
        ),
        pytest.param(
            "{L2: {owner: 'queue:triage', method: fallback, rule: null}}", 0, id="null rule"
        ),
        pytest.param("{L3: {owner: null}}", 0, id="nobody's, in long"),
        pytest.param("{L1: bob}", 1, id="another owner"),
        pytest.param("{L1: null}", 1, id="routed after all"),
        pytest.param("{L1: {rule: null}}", 1, id="another rule"),
        pytest.param("{L2: {method: round_robin}}", 1, id="another method"),
        pytest.param("{L3: ada}", 1, id="not routed"),
        pytest.param("{L3: {method: fallback}}", 1, id="not routed, in long"),
        pytest.param("{L9: ada}", 2, id="unknown lead"),
        pytest.param("{L1: adda}", 2, id="unknown person"),
        pytest.param("{L1: {rule: uss}}", 2, id="unknown rule"),
        pytest.param("{L1: {method: robin}}", 2, id="unknown method"),
        pytest.param("{L1: {route: outbound}}", 2, id="unknown route"),
        pytest.param("{L1: {owners: ada}}", 2, id="unknown key"),
    ],
)
def test_only_an_expectation_that_fails_ends_with_1(
    desk: Path, expect: str, code: int, capsys: pytest.CaptureFixture[str]
):
    (desk / "story.yaml").write_text(f"{STORY}expect: {expect}\n")
    ended = run_command(["simulate", str(desk / "story.yaml"), "--json"])
    said = capsys.readouterr()

    assert (ended, bool(said.err)) == (code, code != 0)
    assert len(said.out.splitlines()) == (0 if code == 2 else 2)


def test_a_failed_expectation_names_the_place_the_wish_and_what_came_instead(desk: Path):
    ended = play(desk, expect="expect: {L1: bob}\n")

    assert ended.err.strip() == ("story.yaml:9:10: L1 should have owner bob, but has ada.")


def test_another_process_with_another_hash_seed_prints_the_same(desk: Path):
    one, other = (play(desk, PYTHONHASHSEED=seed) for seed in ("1", "4711"))

    assert one == other


def decide(desk: Path, *more: str) -> Ended:
    (desk / "lead.yaml").write_text("{id: L1, country: US, email: kim@acme.com}")
    files = ("--rulebook", "book.yaml", "--people", "people.yaml", "--lead", "lead.yaml")
    return signalbox("decide", *files, "--at", "2026-01-05T09:00:00Z", *more, cwd=desk)


def test_decide_prints_the_whole_record_without_the_mailbox(desk: Path):
    ended = decide(desk, "--json")
    record = json.loads(ended.out)

    assert set(record) == {"inputs", "result"}
    assert (ended.code, record["result"]["owner"]) == (0, "ada")
    assert "kim@" not in ended.out
    assert "acme.com" in ended.out


def test_decide_says_who_why_and_why_nobody_else(desk: Path):
    ended = decide(desk)

    assert "L1 goes to ada by round robin" in ended.out
    assert "bob was passed over (inactive)" in ended.out


def test_a_lead_that_is_not_taken_is_no_error(desk: Path):
    (desk / "book.yaml").write_text(BOOK + "entry: {stages: [new]}\n")
    ended = decide(desk)

    assert (ended.code, ended.out.strip()) == (
        0,
        "L1 is not routed: no stage, where the route takes new.",
    )


@pytest.mark.parametrize(
    ("at", "said"),
    [
        pytest.param("noon", "is no time. Write 2026-01-05T09:00:00Z.", id="no time"),
        pytest.param("2026-01-05T09:00:00", "has no time zone", id="no zone"),
        pytest.param("9999-12-31T23:59:59Z", "between the years 1970 and 2199", id="too late"),
        pytest.param("0001-01-01T00:00:00+14:00", "between the years", id="too early"),
    ],
)
def test_decide_refuses_an_instant_that_is_none(
    desk: Path, at: str, said: str, capsys: pytest.CaptureFixture[str]
):
    files = ("--rulebook", "--people", "--lead")
    code = run_command(["decide", *(part for name in files for part in (name, "x")), "--at", at])

    assert code == 2
    assert said in capsys.readouterr().err
