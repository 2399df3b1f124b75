"""The book of faults: which calls a script strikes, and what a wrong script is told."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.simulator.faults import FaultBook, Stage
from connectors.simulator.options import SimulatorOptions, read_faults
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.faults import KINDS
from tests.unit.simulator.small import NINE

LIMITS = "/services/data/v64.0/limits"


def call(path: str = LIMITS, *, method: str = "GET", query: str = "") -> Call:
    return Call(method, path, {"q": query}, {}, b"", number=1)


def struck(
    script: dict[str, Any], calls: list[Call], *, after_s: float = 0, seed: int = 1
) -> list[bool]:
    """Which of the calls the only fault in the book strikes."""
    book = FaultBook(seed, KINDS)
    book.add(script, NINE)
    now = NINE + timedelta(seconds=after_s)
    return [bool(list(book.striking(Stage.REQUEST, one, now))) for one in calls]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param({}, [True] * 4, id="always"),
        pytest.param({"times": 2}, [True, True, False, False], id="twice"),
        pytest.param({"match": {"nth": 3}}, [False, False, True, False], id="the third"),
        pytest.param({"match": {"nth": [1, 4]}}, [True, False, False, True], id="first and fourth"),
        pytest.param({"match": {"every": 2}}, [False, True, False, True], id="every second"),
        pytest.param({"match": {"probability": 0}}, [False] * 4, id="never"),
        pytest.param({"match": {"probability": 1}}, [True] * 4, id="certainly"),
        pytest.param({"match": {"method": "patch"}}, [False] * 4, id="another method"),
        pytest.param({"match": {"path": "*/limits"}}, [True] * 4, id="a path"),
        pytest.param({"match": {"object": "Lead"}}, [False] * 4, id="another object"),
    ],
)
def test_a_script_strikes(script: dict[str, Any], expected: list[bool]):
    assert struck({"kind": "server_error", **script}, [call() for _ in range(4)]) == expected


@pytest.mark.parametrize(
    ("after_s", "expected"), [(0, False), (10, True), (19.9, True), (20, False)]
)
def test_a_window_opens_and_closes(after_s: float, expected: bool):
    script = {"kind": "server_error", "match": {"from_s": 10, "until_s": 20}}

    assert struck(script, [call()], after_s=after_s) == [expected]


def test_an_object_is_found_in_the_path_or_in_the_query():
    calls = [
        call("/services/data/v64.0/sobjects/Lead/00Q"),
        call("/services/data/v64.0/query", query="SELECT Id FROM lead"),
        call("/services/data/v64.0/query", query="SELECT Id FROM User"),
    ]

    assert struck({"kind": "slow", "match": {"object": "Lead"}}, calls) == [True, True, False]


def test_chance_is_the_same_for_the_same_seed():
    script = {"kind": "server_error", "match": {"probability": 0.5}}
    calls = [call() for _ in range(64)]

    runs = [struck(script, calls, seed=seed) for seed in (1, 1, 2)]

    assert runs[0] == runs[1] != runs[2]
    assert 16 < sum(runs[0]) < 48


def test_a_fault_by_the_clock_happens_once_when_its_time_has_come():
    book = FaultBook(1, KINDS)
    book.add({"kind": "mass_touch", "match": {"from_s": 5}}, NINE)

    due = [len(list(book.due(NINE + timedelta(seconds=at)))) for at in (4, 5, 6)]

    assert due == [0, 1, 0]


@pytest.mark.parametrize(
    ("script", "part"),
    [
        pytest.param({"kind": "gremlin"}, "There is no fault of kind 'gremlin'", id="kind"),
        pytest.param({"kind": "slow", "dealy_s": 1}, "unknown setting 'dealy_s'", id="setting"),
        pytest.param(
            {"kind": "slow", "match": {"mthod": 1}}, "cannot match on 'mthod'", id="match"
        ),
        pytest.param({"kind": "slow", "match": []}, "", id="an empty match"),
        pytest.param({"kind": "slow", "match": "x"}, "match must be a mapping", id="no mapping"),
        pytest.param(
            {"kind": "slow", "match": {"every": "x"}}, "every must be a number", id="every"
        ),
        pytest.param({"kind": "slow", "times": 0}, "times must be a whole number", id="times"),
    ],
)
def test_a_mistake_in_a_script_is_named(script: dict[str, Any], part: str):
    book = FaultBook(1, KINDS)

    if not part:
        assert book.add(script, NINE).number == 1
        return
    with pytest.raises(ValueError, match=part):
        book.add(script, NINE)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param("faults: 7", "must be a list of faults", id="no list"),
        pytest.param("- {kind: slow", "neither YAML nor JSON", id="no YAML"),
        pytest.param(
            "- {kind: slow, x: 1}\n- {kind: gremlin}", "fault 1: .*; fault 2: ", id="two mistakes"
        ),
    ],
)
def test_a_bad_faults_file_is_refused_with_every_mistake(tmp_path: Path, text: str, part: str):
    path = tmp_path / "faults.yaml"
    path.write_text(text)

    with pytest.raises(ValueError, match=part):
        read_faults(path)


def test_a_faults_file_may_be_yaml_or_json(tmp_path: Path):
    yaml, json = tmp_path / "faults.yaml", tmp_path / "faults.json"
    yaml.write_text("faults:\n  - {kind: slow, delay_s: 2, match: {nth: 3}}\n")
    json.write_text('[{"kind": "slow", "delay_s": 2, "match": {"nth": 3}}]')

    assert read_faults(yaml) == read_faults(json)


def test_a_missing_faults_file_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match=r"nowhere\.yaml cannot be read"):
        read_faults(tmp_path / "nowhere.yaml")


def test_options_out_of_bounds_are_named_together():
    with pytest.raises(ValueError, match=r"people is 0.* rate is -1"):
        SimulatorOptions(people=0, rate=-1)
