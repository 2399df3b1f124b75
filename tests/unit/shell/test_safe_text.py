"""Hostile text, made harmless."""

import pytest

from daemon.base.safe_text import csv_safe, visible


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        pytest.param("\x1b]0;owned\x07", r"\x1b]0;owned\x07", id="escape sequence"),
        pytest.param("a\u202egnp.exe", r"a\u202egnp.exe", id="text that runs backwards"),
        pytest.param("a\r\nb", r"a\r\nb", id="line breaks"),
        pytest.param("a\0b", r"a\x00b", id="null byte"),
        pytest.param("\ud800", r"\ud800", id="lone surrogate"),
        pytest.param("محمد Åsa 李", "محمد Åsa 李", id="letters of any script stay"),
        pytest.param("a\u00a0b", "a b", id="a wide space is a space"),
    ],
)
def test_what_could_drive_a_terminal_is_spelled_out(hostile: str, shown: str):
    assert visible(hostile) == shown


def test_a_name_of_100_kb_is_cut():
    assert len(visible("x" * 100_000)) == 200


@pytest.mark.parametrize("start", [*"=+-@\t\r\n＝＋－＠", "  ="])
def test_a_cell_never_begins_like_a_formula(start: str):
    assert csv_safe(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("value", "cell"),
    [(-5, "-5"), (None, ""), (True, "true"), ("Kim - sales", "Kim - sales"), ("a\0", "a\ufffd")],
)
def test_harmless_values_stay_as_they_are(value: object, cell: str):
    assert csv_safe(value) == cell
