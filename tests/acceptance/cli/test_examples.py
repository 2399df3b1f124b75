"""The examples that every new installation starts with."""

import json
from pathlib import Path

from tests.acceptance.cli.process import signalbox

CONFIG = Path(__file__).parents[3] / "config"


def test_the_golden_cases_come_out_as_they_say():
    ended = signalbox("simulate", str(CONFIG / "golden.yaml"), cwd=CONFIG)

    assert (ended.code, ended.err) == (0, "")


def test_the_scenario_tells_its_story_without_a_warning():
    ended = signalbox("simulate", str(CONFIG / "scenario.yaml"), "--json", cwd=CONFIG)
    owners = [json.loads(line)["owner"] for line in ended.out.splitlines()]

    assert (ended.code, ended.err) == (0, "")
    assert owners[:4] == ["ada", "felix", "jonas", None]
    assert owners[-6:] == ["kaisa", "lars"] * 3
