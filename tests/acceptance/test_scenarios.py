"""Sentences of DESIGN as scenarios: each file says in its head what `simulate` must print.

A line of the head, `#> time lead owner method rule pool drops`, stands for one decision; `-` is
null, a drop is `person:layer/code`, the time leaves out the year and a zero of seconds.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from daemon.cli.entry import run_command

FOLDER = Path(__file__).parent / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))
HEAD = "#> "


def in_short(line: dict[str, Any]) -> str:
    owner = line["owner"] if line["queue"] is None else f"queue:{line['queue']}"
    drops = (f"{drop['person']}:{drop['layer']}/{drop['code']}" for drop in line["dropped"])
    words = (owner, line["method"], line["rule"], line["pool"], *drops)
    at = line["at"].removesuffix("Z")[5:].removesuffix(":00")
    return " ".join((at, line["lead"], *(word or "-" for word in words)))


def expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(HEAD).rstrip() for line in lines if line.startswith(HEAD)]


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in FILES])
def test_a_scenario_prints_what_its_head_says(path: Path, capsys: pytest.CaptureFixture[str]):
    code = run_command(["simulate", str(path), "--json"])
    said = capsys.readouterr()

    assert [in_short(json.loads(line)) for line in said.out.splitlines()] == expected(path)
    assert code == 0, said.err
