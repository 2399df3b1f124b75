"""Leads of before Signalbox, as a file tells of them."""

import json
from datetime import UTC, datetime

import pytest

from daemon.ranker.past_leads import WrongHistory, past_rows
from routing.rulebook.model import Book, Fallback, Field, FieldType

BOOK = Book(
    "inbound",
    {
        "country": Field("country", FieldType.CHOICE, ("DE", "US")),
        "score": Field("score", FieldType.INTEGER, max=100),
    },
    {},
    (),
    Fallback(queue="triage"),
)
LINE = {
    "lead": "X1",
    "at": "2026-01-05T09:00:00Z",
    "rep": "ada",
    "eligible": ["bob", "ada"],
    "facts": {"country": "DE", "score": 400},
    "won": True,
    "outcome_at": "2026-02-01T09:00:00+00:00",
}


def read(tmp_path, *lines):
    path = tmp_path / "history.jsonl"
    path.write_text(
        "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
    )
    return past_rows(path, BOOK, {"ada": "r1", "bob": "r2"}, "inbound")


def test_people_are_the_reps_of_today_and_values_are_read_as_a_crms_are(tmp_path):
    (row,) = read(tmp_path, LINE)

    assert (row.rep, row.eligible) == ("r1", ("r1", "r2"))
    assert row.facts == {"country": "DE", "score": None}
    assert (row.at, row.won) == (datetime(2026, 1, 5, 9, tzinfo=UTC), True)


def test_somebody_who_is_on_the_roster_no_more_stays_somebody(tmp_path):
    (row,) = read(tmp_path, {**LINE, "rep": "zoe", "eligible": ["zoe"]})

    assert row.rep == "past:zoe"


def test_an_empty_line_is_nothing(tmp_path):
    assert len(read(tmp_path, LINE, "", {**LINE, "lead": "X2", "won": None})) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("{", "line 1: it is no JSON", id="no JSON"),
        pytest.param("[1]", "line 1: it must be an object", id="a list"),
        pytest.param({**LINE, "who": 1}, 'there is no key "who"', id="an unknown key"),
        pytest.param({**LINE, "at": "2026-01-05"}, 'at is "2026-01-05"', id="a day is no time"),
        pytest.param({**LINE, "rep": "eve"}, 'rep is "eve", who is not', id="not eligible"),
        pytest.param({**LINE, "eligible": "ada"}, "write a list of roster ids", id="one for many"),
        pytest.param({**LINE, "won": "yes"}, "write true, false or null", id="a word for a truth"),
        pytest.param({**LINE, "facts": {"land": "DE"}}, 'no field "land"', id="an unknown field"),
        pytest.param({**LINE, "facts": []}, "write an object of", id="facts as a list"),
        pytest.param({"lead": "X1"}, "at is missing", id="a missing key"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, line, said):
    with pytest.raises(WrongHistory, match="cannot be learned from") as caught:
        read(tmp_path, line)

    assert said in str(caught.value)


def test_all_mistakes_are_said_at_once_and_many_are_counted(tmp_path):
    with pytest.raises(WrongHistory) as caught:
        read(tmp_path, *["{"] * 30)

    assert "line 20:" in str(caught.value)
    assert "and 10 more" in str(caught.value)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(WrongHistory, match="it cannot be read: No such file"):
        past_rows(tmp_path / "none", BOOK, {}, "inbound")
