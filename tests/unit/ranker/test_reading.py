"""A model that does not fit is refused whole, with what to do."""

from typing import Any

import pytest

from routing.ranker import WrongTables, read_tables
from tests.fakes.small_ranker import ARRAYS, small_tables


@pytest.mark.parametrize(
    ("document", "said"),
    [
        pytest.param(b"{", "its document is not JSON", id="not JSON"),
        pytest.param(b"[]", "does not say that it is a signalbox-ranker", id="not an object"),
        pytest.param(b'{"kind":"other"}', "does not say that it is", id="something else"),
    ],
)
def test_another_file_is_no_model(document: bytes, said: str):
    with pytest.raises(WrongTables, match=said):
        read_tables(document, ARRAYS)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"schema": 2}, "schema 2, and this version of Signalbox reads 1", id="schema"),
        pytest.param({"engine": 9}, "engine 9", id="engine"),
        pytest.param({"reps": ["bob", "ada"]}, "reps are not sorted", id="order of reps"),
        pytest.param({"features": None}, "lacks or garbles", id="no features"),
        pytest.param({"trained_at": "yesterday"}, "a wrong value", id="no time"),
        pytest.param(
            {"features": [{"name": "n", "type": "integer", "levels": [], "edges": ["2", "1"]}]},
            "levels or edges of n are not in ascending order",
            id="edges",
        ),
        pytest.param(
            {"blocks": [{"name": "rep", "segment": "planet"}]}, "'planet'", id="unknown segment"
        ),
    ],
)
def test_a_garbled_document_is_refused(changed: dict[str, Any], said: str):
    with pytest.raises(WrongTables, match=said):
        small_tables(**changed)


@pytest.mark.parametrize(
    ("array", "numbers", "said"),
    [
        pytest.param("rep.effect", [1.0], "has 1 numbers instead of 2", id="short"),
        pytest.param("intercept", [float("nan")], "not a finite number", id="not a number"),
        pytest.param("rep.sd", [0.1, -0.1], "negative standard deviation", id="negative"),
    ],
)
def test_a_garbled_array_is_refused(array: str, numbers: list[float], said: str):
    with pytest.raises(WrongTables, match=said):
        small_tables(arrays={array: numbers})


def test_a_missing_array_is_named_with_what_to_do():
    with pytest.raises(WrongTables, match=r"array rep x planet\.effect is missing.*train again"):
        small_tables(blocks=[{"name": "rep x planet", "segment": "country"}])
