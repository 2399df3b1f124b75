"""Text as nodes: YAML's traps are named, with the place and the way out."""

import json

import pytest

from routing.reading import (
    MapNode,
    Mistakes,
    Place,
    ScalarNode,
    as_text,
    compose,
    decode,
    plain_value,
)


def complaints(text):
    mistakes = Mistakes()
    compose(text, file="f.yaml", mistakes=mistakes)
    return [str(mistake) for mistake in mistakes.found]


def composed(text):
    mistakes = Mistakes()
    node = compose(text, file="f.yaml", mistakes=mistakes)
    assert not mistakes.found
    return node


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param(
            "a: &x [1]",
            'f.yaml:1:4: Anchors ("&x") are not supported. Write the value out.',
            id="anchor",
        ),
        pytest.param(
            "a: *x",
            'f.yaml:1:4: Aliases ("*x") are not supported. Write the value out.',
            id="alias",
        ),
        pytest.param(
            "a: !!str 1",
            'f.yaml:1:4: Tags ("!!str") are not supported. Write the value without one.',
            id="tag",
        ),
        pytest.param(
            "<<: {a: 1}",
            'f.yaml:1:1: Merge keys ("<<") are not supported. Write the keys out where they'
            " belong.",
            id="merge key",
        ),
        pytest.param(
            "a: 1\n---\nb: 1",
            'f.yaml:2:1: A second document begins here ("---"). Put it into a file of its own.',
            id="second document",
        ),
        pytest.param(
            "a: 1\na: 2",
            'f.yaml:2:1: "a" appears twice; the first is on line 1. Keep one of them.',
            id="duplicate key",
        ),
        pytest.param(
            "NO: 1",
            'f.yaml:1:1: The key NO is a boolean to YAML. Quote it: "NO".',
            id="boolean key",
        ),
        pytest.param(
            "a:\n\tb: 1",
            "f.yaml:2:1: This is not valid YAML: a tab is used as white space. Use spaces; YAML"
            " does not allow tabs here.",
            id="tab",
        ),
        pytest.param(
            "a: b\0",
            "f.yaml:1:5: The file holds a null byte. It cannot be seen and has no place in a text"
            " file. Delete it.",
            id="null byte",
        ),
        pytest.param("", "f.yaml:1:1: The file is empty.", id="empty"),
        pytest.param(
            "a: @b",
            'f.yaml:1:4: This is not valid YAML: a value cannot begin with "@". Put the value in'
            " quotes.",
            id="reserved character",
        ),
        pytest.param(
            "a: [1, 2",
            'f.yaml:2:1: This is not valid YAML: a list that began with "[" goes wrong here. Check'
            ' its commas and its "]".',
            id="list never closed",
        ),
        pytest.param(
            "[" * 5_000,
            "f.yaml:1:49: Lists and mappings are nested more than 48 levels deep. Flatten them.",
            id="nested without end",
        ),
    ],
)
def test_each_yaml_trap_is_named_with_its_place(text, complaint):
    assert complaints(text) == [complaint]


def test_all_traps_of_a_file_are_reported_at_once_in_file_order():
    found = complaints("a: 1\nb: &x 2\na: 3\nc: *x\n")

    assert [line.split(": ")[0] for line in found] == ["f.yaml:2:4", "f.yaml:3:1", "f.yaml:4:4"]


def test_a_billion_laughs_is_refused_without_growing():
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a]\n" for n in range(50))

    assert len(complaints(bomb)) == 51 + 150


def test_every_node_knows_its_line_and_column():
    node = composed("rules:\n  - name: dach\n")

    rule = node.get("rules").parts[0]
    assert rule.get("name").place == ("f.yaml", 2, 11)


def test_a_byte_order_mark_at_the_start_is_dropped():
    assert composed("\ufeffa: 1") == composed("a: 1")


def test_json_with_tabs_and_surrogate_pairs_is_read_as_json_reads_it():
    text = '{\n\t"emoji": "\\ud83d\\ude00",\t"path": "c:\\\\u0041"\n}'

    assert plain_value(composed(text)) == json.loads(text)


def test_bytes_that_are_not_utf_8_are_reported_with_their_place():
    mistakes = Mistakes()

    assert decode("a: 1\nb: é".encode("latin-1"), file="f.yaml", mistakes=mistakes) is None
    assert [str(each) for each in mistakes.found] == [
        "f.yaml:2:4: Byte 0xe9 is not UTF-8. Save the file as UTF-8."
    ]


def test_a_tree_written_as_text_reads_as_the_same_values():
    node = composed('{a: ["NO", no, 010, "x\\n\\u2028", 1.50, null], b: 2026-01-05T09:00:00Z}')

    again = composed(as_text(node))
    assert as_text(again) == as_text(node)
    assert plain_value(again) == plain_value(node)


def test_a_value_keeps_whether_it_was_quoted():
    node = composed('a: "NO"')

    assert isinstance(node, MapNode)
    assert node.get("a") == ScalarNode(Place("f.yaml", 1, 4), "NO", plain=False)
