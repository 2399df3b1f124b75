"""Canonical bytes are those of RFC 8785 on our profile, and nothing outside it gets through."""

from enum import StrEnum

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from routing.canonical import canonical, digest, parse, piece, plain

keys = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


class Word(StrEnum):
    """A code, as records hold them."""

    YES = "yes"


@given(values)
def test_the_bytes_are_those_of_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(values)
def test_what_was_written_reads_back_the_same_and_has_the_same_digest(value):
    assert parse(canonical(value)) == value
    assert digest(parse(canonical(value))) == digest(value)


@given(keys, values, values)
def test_a_part_encoded_before_gives_the_same_bytes(key, value, part):
    whole = {"first": value, key: [part, value]}

    assert canonical({"first": value, key: [piece(part), value]}) == rfc8785.dumps(whole)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(1.0, id="a float"),
        pytest.param({"a": [float("nan")]}, id="not a number, deep inside"),
        pytest.param(2**53, id="beyond what every reader can hold"),
        pytest.param({"é": 1}, id="a key that is not ASCII"),
        pytest.param({1: 1}, id="a key that is no text"),
        pytest.param("\ud800", id="a lone surrogate"),
        pytest.param({1, 2}, id="a set has no order"),
        pytest.param(b"bytes", id="bytes"),
        pytest.param(object(), id="anything else"),
    ],
)
def test_what_has_no_one_form_is_refused(value):
    with pytest.raises(ValueError, match=r"canonical|ASCII|2\*\*53"):
        canonical(value)
    with pytest.raises(ValueError, match=r"canonical|ASCII|2\*\*53"):
        piece(value)


def test_a_code_is_written_as_its_text():
    assert canonical([Word.YES]) == b'["yes"]'


def test_a_set_of_texts_is_a_sorted_list():
    assert plain(("b", "a")) == ["a", "b"]
