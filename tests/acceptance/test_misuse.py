"""Scenarios that nobody can play, and leads that somebody made up: named, placed, never fatal."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.cli.entry import run_command

STORY: dict[str, Any] = {
    "rulebook": {
        "rulebook": "inbound",
        "fields": {
            "country": {"type": "choice", "values": ["US"]},
            "score": {"type": "integer"},
            "amount": {"type": "money"},
            "note": {"type": "text"},
        },
        "pools": {"us": {"team": "us"}},
        "rules": [{"name": "us", "pool": "us"}],
        "fallback": {"queue": "triage"},
    },
    "people": [{"id": "ada", "teams": ["us"]}],
    "accounts": [{"id": "acme"}],
    "events": [{"at": "2026-01-05T09:00:00Z", "lead": {"id": "L1"}}],
}
AT = "2026-01-05T10:00:00Z"
PLACED = re.compile(r"^\S*story\.json:\d+:\d+: ", re.MULTILINE)


class Desk:
    """Plays a file and says how it ended."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = folder / "story.json"
        self._capsys = capsys

    def play(self, content: bytes) -> tuple[int, str, str]:
        self.path.write_bytes(content)
        return self.run(self.path)

    def run(self, path: Path) -> tuple[int, str, str]:
        code = run_command(["simulate", str(path)])
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def story(self, change: Callable[[dict[str, Any]], object]) -> tuple[int, str, str]:
        told = copy.deepcopy(STORY)
        change(told)
        return self.play(json.dumps(told, indent=1).encode())

    def lead(self, **facts: object) -> tuple[int, str, str]:
        return self.story(lambda told: told["events"][0]["lead"].update(facts))


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "The file is empty", id="empty"),
        pytest.param(bytes(range(256)), "not UTF-8 at byte 128", id="binary"),
        pytest.param(b"events: [\x00]", "null byte", id="null byte"),
        pytest.param(b"[" * 20_000 + b"]" * 20_000, "more than 48 levels", id="deep list"),
        pytest.param(b"a: " + b"{b: " * 9_000, "more than 48 levels", id="deep mapping"),
        pytest.param(b"# nothing\n" * 1_000_000, "The file is empty", id="10 MB of comments"),
        pytest.param(b"scenario: " + b"x" * 10_000_000, '"events"', id="10 MB in a word"),
        pytest.param(b"[1, 2]", "must be a mapping, but is a list", id="a list"),
        pytest.param(b"hello", 'is the text "hello"', id="a word"),
        pytest.param(b"scenario: &x [*x]", "not supported", id="an anchor"),
        pytest.param(b"scenario: !!python/name:os.system x", "Tags", id="a tag"),
        pytest.param(b"{", "not valid YAML", id="cut short"),
    ],
)
def test_what_is_no_scenario_ends_with_2_and_one_sentence(desk: Desk, content: bytes, said: str):
    code, out, err = desk.play(content)

    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_folder_and_a_missing_file_are_named(desk: Desk, tmp_path: Path):
    folder, missing = desk.run(tmp_path), desk.run(tmp_path / "nope.yaml")

    assert folder[0] == missing[0] == 2
    assert "is a folder" in folder[2]
    assert "nope.yaml: no such file. Check the path." in missing[2]


def more(**event: object) -> Callable[[dict[str, Any]], object]:
    return lambda told: told["events"].append({"at": AT, **event})


def when(**test: object) -> Callable[[dict[str, Any]], object]:
    return lambda told: told["rulebook"]["rules"][0].update(when=test)


def person(**said: object) -> Callable[[dict[str, Any]], object]:
    return lambda told: told["people"][0].update(said)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(more(away="adda"), '"adda" is not a person on the roster. Did you mean "ada"'),
        pytest.param(more(back="bob"), '"bob" is not a person on the roster'),
        pytest.param(more(leave="bob"), '"bob" is not a person on the roster'),
        pytest.param(more(close="L2"), '"L2" is not a lead of this scenario'),
        pytest.param(more(owner={"lead": "L2", "to": None}), '"L2" is not a lead of this scenario'),
        pytest.param(more(owner={"lead": "L1"}), 'has no "to"'),
        pytest.param(more(owner={"lead": "L1", "to": "queue:"}), "names no queue"),
        pytest.param(more(lead={"id": "L2", "account": "acne"}), 'Did you mean "acme"'),
        pytest.param(more(lead={"id": "L2", "contry": "US"}), 'Did you mean "country"'),
        pytest.param(more(lead={"country": "US"}), 'has no "id"'),
        pytest.param(more(lead=["L2"]), "must be a mapping, but is a list"),
        pytest.param(more(), "this one has none of them"),
        pytest.param(more(close="L1", away="ada"), "this one has both"),
        pytest.param(more(away="ada", until="2026-01-05T10:00:00Z"), "must be later"),
        pytest.param(more(lead={"id": "L2"}, every="1d"), '"every" needs "times"'),
        pytest.param(more(lead={"id": "L2"}, every="1d", times=10**9), "at most 1000000"),
        pytest.param(more(person={"id": "bob", "backup": "eve"}), '"eve", who is not on'),
        pytest.param(when(contry={"is": "US"}), 'Did you mean "country"'),
        pytest.param(when(country={"is": "DE"}), '"DE" is not among the values of "country"'),
        pytest.param(when(country={"iss": "US"}), 'Did you mean "is"'),
        pytest.param(when(score={"at_least": "many"}), "many"),
        pytest.param(person(weight=101), "at most 100, but is 101"),
        pytest.param(person(capacity=-1), "at least 0, but is -1"),
        pytest.param(person(hours={"mon": "09:00-17:00"}), "has hours but no timezone"),
        pytest.param(person(timezone="Mars/Base"), "Mars/Base"),
        pytest.param(person(backup="ada"), "is their own backup"),
        pytest.param(lambda told: told["people"].append({"id": "ada"}), "appears twice"),
        pytest.param(lambda told: told["accounts"][0].update(owner="zoe"), '"zoe", who is not'),
        pytest.param(lambda told: told.update(evnts=[]), 'Did you mean "events"'),
        pytest.param(lambda told: told.pop("rulebook"), 'has no "rulebook"'),
        pytest.param(lambda told: told["rulebook"].pop("rules"), 'has no "rules"'),
        pytest.param(lambda told: told["rulebook"].pop("fallback"), 'has no "fallback"'),
        pytest.param(lambda told: told.update(rulebook="nope.yaml"), "no such file"),
        pytest.param(lambda told: told["events"][0].update(at="yesterday"), '"yesterday"'),
        pytest.param(lambda told: told["events"][0].update(at="2026-01-05T09:00:00"), "time zone"),
    ],
)
def test_every_wrong_name_and_value_is_shown_in_its_place(
    desk: Desk, change: Callable[[dict[str, Any]], object], said: str
):
    code, out, err = desk.story(change)

    assert (code, out) == (2, "")
    assert said in err
    assert PLACED.search(err)
    assert ".." not in err


def test_all_mistakes_of_a_scenario_come_at_once(desk: Desk):
    def spoil(told: dict[str, Any]) -> None:
        told["people"][0]["weight"] = 101
        told["rulebook"]["rules"][0]["when"] = {"contry": {"is": "US"}}
        told["events"].append({"at": AT, "away": "adda"})

    _, _, err = desk.story(spoil)

    assert all(said in err for said in ("101", '"contry"', '"adda"'))


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        pytest.param("note", "=HYPERLINK(1)", id="a formula"),
        pytest.param("note", "x" * 100_000, id="100 kB"),
        pytest.param("note", "\u202egnp.exe\u2066", id="right to left"),
        pytest.param("note", "a\0b\x1b[2J", id="a null byte and an escape sequence"),
        pytest.param("note", "\U0001f600" * 9, id="emoji"),
        pytest.param("company", "\u202e\0=1+1" * 1_000, id="a company"),
        pytest.param("email", "a@" + "b." * 1_000 + "com", id="a long host"),
        pytest.param("email", "\0@\0.com", id="no host"),
        pytest.param("email", "@", id="only an at sign"),
        pytest.param("score", 1e308, id="a huge number"),
        pytest.param("score", 10**400, id="a longer number"),
        pytest.param("score", "\u0664", id="an Arabic digit"),
        pytest.param("score", float("nan"), id="not a number"),
        pytest.param("score", float("inf"), id="infinity"),
        pytest.param("amount", "1e999999", id="an amount that would fill the memory"),
        pytest.param("country", ["US"], id="a list for a choice"),
        pytest.param("country", True, id="a truth for a choice"),
        pytest.param("stage", "x" * 100_000, id="a long stage"),
    ],
)
def test_a_hostile_value_is_routed_all_the_same(desk: Desk, fact: str, value: object):
    code, out, err = desk.lead(**{fact: value})

    assert (code, "-> ada" in out) == (0, True), err
    assert "\x1b" not in out + err


@pytest.mark.parametrize(
    ("id_", "said"),
    [
        pytest.param("a\0b", "cannot be seen", id="a null byte"),
        pytest.param("\u202e", "cannot be seen", id="right to left"),
        pytest.param("x" * 100_000, "more than 200", id="100 kB"),
        pytest.param("", "empty", id="nothing"),
        pytest.param(5, "Quote it", id="a number"),
    ],
)
def test_an_id_that_nobody_could_read_is_a_mistake(desk: Desk, id_: object, said: str):
    code, out, err = desk.lead(id=id_)

    assert (code, out) == (2, "")
    assert said in err
    assert PLACED.search(err)
