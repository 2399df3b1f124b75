"""Linting a rulebook from the command line."""

import json
from pathlib import Path

import pytest

from tests.acceptance.cli.process import Ended, signalbox

BOOK = """
rulebook: inbound
fields: {country: {type: choice, values: [US, DE]}}
pools: {us: {team: us}}
rules: [{name: us, when: {country: {is: US}}, pool: us}]
fallback: {queue: triage}
"""
ROSTER = 'people: [{id: ada, teams: [us], timezone: UTC, hours: {mon-fri: "09:00-17:00"}}]'


def linted(folder: Path, book: str, *more: str) -> Ended:
    (folder / "book.yaml").write_text(book)
    (folder / "roster.yaml").write_text(ROSTER)
    return signalbox("rules", "lint", "book.yaml", *more, cwd=folder)


def test_a_good_book_ends_with_0(tmp_path: Path):
    ended = linted(tmp_path, BOOK, "--roster", "roster.yaml")

    assert (ended.code, ended.out) == (0, "No mistakes.\n")


def test_a_mistake_ends_with_1_and_names_its_place(tmp_path: Path):
    ended = linted(tmp_path, BOOK.replace("{country: {is: US}}", "{contry: {is: US}}"))

    assert ended.code == 1
    assert 'book.yaml:5:27: error: "contry"' in ended.out
    assert 'Did you mean "country"?' in ended.out


def test_a_warning_ends_with_0(tmp_path: Path):
    ended = linted(tmp_path, BOOK.replace("team: us}", "team: ux}"), "--roster", "roster.yaml")

    assert ended.code == 0
    assert "warning" in ended.out


def test_what_a_right_book_may_not_mean_is_pointed_out(tmp_path: Path):
    shadowing = "rules: [{name: all, pool: us, sla: {respond_within: 15m}}, "

    ended = linted(tmp_path, BOOK.replace("rules: [", shadowing))

    assert ended.code == 1
    assert 'book.yaml:5:1: error: rule "all" has no condition and takes every lead' in ended.out
    assert "not enforced yet" in ended.out
    assert ended.out.endswith("1 error, no warnings, 1 note.\n")


@pytest.mark.parametrize("broken", ["rules: [", "", "\0", "a\tb: {"])
def test_a_book_that_does_not_parse_ends_with_2(tmp_path: Path, broken: str):
    ended = linted(tmp_path, broken)

    assert ended.code == 2
    assert "book.yaml:" in ended.out


def test_an_unknown_person_is_found_with_the_roster(tmp_path: Path):
    book = BOOK.replace("{queue: triage}", "{person: adda, then: {queue: triage}}")

    ended = linted(tmp_path, book, "--roster", "roster.yaml", "--json")

    finding = json.loads(ended.out)
    assert ended.code == 1
    assert finding["severity"] == "error"
    assert 'Did you mean "ada"?' in finding["message"]


def test_hostile_text_in_a_book_cannot_drive_the_terminal(tmp_path: Path):
    ended = linted(tmp_path, BOOK.replace("contry", "x") + 'k"\\x1b[2J": 1\n"\\e[31m": 1\n')

    assert "\x1b" not in ended.out
