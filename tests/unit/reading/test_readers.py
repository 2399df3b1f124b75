"""Typed reading of nodes: what is accepted, and what the author is told otherwise."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import pytest

from routing.reading import (
    Mistakes,
    boolean,
    compose,
    day,
    decimal,
    duration,
    instant,
    instant_or_day,
    integer,
    list_of,
    map_of,
    name,
    one_of,
    open_section,
    text,
    unique_list_of,
)


class Choose(StrEnum):
    MODEL = "model"
    ROUND_ROBIN = "round_robin"


def read(reader, written):
    """The value, and the messages."""
    mistakes = Mistakes()
    node = compose(written, file="f", mistakes=mistakes)
    return reader(node, "it", mistakes), [mistake.message for mistake in mistakes.found]


@pytest.mark.parametrize(
    ("reader", "written", "value"),
    [
        pytest.param(text, '"NO"', "NO", id="quoted text"),
        pytest.param(name, '" Zürich "', "Zürich", id="a name is stripped"),
        pytest.param(name, "Zu\u0308rich", "Zürich", id="a name is composed"),
        pytest.param(boolean, "true", True, id="boolean"),
        pytest.param(boolean, "off", False, id="YAML's other booleans"),
        pytest.param(integer(), "-3", -3, id="integer"),
        pytest.param(decimal, "1200.50", Decimal("1200.50"), id="decimal"),
        pytest.param(duration, "90s", timedelta(seconds=90), id="seconds"),
        pytest.param(duration, "10m", timedelta(minutes=10), id="minutes"),
        pytest.param(duration, "2h", timedelta(hours=2), id="hours"),
        pytest.param(duration, '"30d"', timedelta(days=30), id="days, quoted"),
        pytest.param(
            instant, "2026-01-05T10:30:00+01:30", datetime(2026, 1, 5, 9, tzinfo=UTC), id="offset"
        ),
        pytest.param(
            instant, '"2026-01-05 09:00Z"', datetime(2026, 1, 5, 9, tzinfo=UTC), id="with a space"
        ),
        pytest.param(
            instant_or_day, "2026-01-05", datetime(2026, 1, 5, tzinfo=UTC), id="day as instant"
        ),
        pytest.param(day, "2027-03-01", date(2027, 3, 1), id="day"),
        pytest.param(one_of(Choose), "model", Choose.MODEL, id="choice"),
        pytest.param(list_of(integer()), "[1, 2]", (1, 2), id="list"),
        pytest.param(map_of(integer()), "{ada: 2}", {"ada": 2}, id="mapping"),
    ],
)
def test_a_right_value_is_read_without_complaint(reader, written, value):
    assert read(reader, written) == (value, [])


@pytest.mark.parametrize(
    ("reader", "written", "message"),
    [
        pytest.param(
            text, "NO", 'it must be text, but NO is a boolean to YAML. Quote it: "NO".', id="NO"
        ),
        pytest.param(
            text,
            "17:30",
            'it must be text, but 17:30 is a number to YAML. Quote it: "17:30".',
            id="sexagesimal",
        ),
        pytest.param(
            text, "010", 'it must be text, but 010 is a number to YAML. Quote it: "010".', id="010"
        ),
        pytest.param(
            text,
            "2027-03-01",
            'it must be text, but 2027-03-01 is a date to YAML. Quote it: "2027-03-01".',
            id="date for text",
        ),
        pytest.param(text, "[a]", "it must be text, but is a list.", id="list for text"),
        pytest.param(
            text, "~", "it is empty. Write a value, or leave the key out.", id="null for text"
        ),
        pytest.param(name, '" "', "it is empty. Write a name.", id="blank name"),
        pytest.param(
            boolean,
            '"true"',
            'it must be true or false, but is the text "true". Remove the quotes.',
            id="quoted boolean",
        ),
        pytest.param(
            integer(),
            "17:30",
            "it must be a whole number, but is the number 17:30. YAML reads it to the base 60;"
            " write the number in plain digits.",
            id="sexagesimal integer",
        ),
        pytest.param(
            integer(),
            "010",
            "it must be a whole number, but is the number 010. Some readers take a leading 0 for"
            " octal; write 10.",
            id="octal integer",
        ),
        pytest.param(
            integer(),
            "3.0",
            "it must be a whole number, but is the number 3.0. Write 3.",
            id="float for integer",
        ),
        pytest.param(
            integer(),
            '"3"',
            'it must be a whole number, but is the text "3". Remove the quotes.',
            id="quoted integer",
        ),
        pytest.param(
            integer(), "9" * 40, "it has 40 digits, more than 15.", id="number without end"
        ),
        pytest.param(
            integer(at_most=100), "101", "it must be at most 100, but is 101.", id="above the bound"
        ),
        pytest.param(
            duration,
            "90",
            "it must be a duration, but is the number 90. Write a whole number and a unit: 90s,"
            " 10m, 2h or 30d.",
            id="duration without unit",
        ),
        pytest.param(
            instant,
            "2026-01-05T09:00:00",
            'it is "2026-01-05T09:00:00", without a time zone. Add "Z" for UTC.',
            id="naive time",
        ),
        pytest.param(
            day, "2026-02-30", 'it is "2026-02-30", which is not in the calendar.', id="30 February"
        ),
        pytest.param(
            one_of(Choose),
            "modle",
            'it is "modle", which is not known. Did you mean "model"?',
            id="misspelt choice",
        ),
        pytest.param(
            one_of(Choose),
            "zebra",
            'it is "zebra", which is not known. Write one of: model, round_robin.',
            id="unknown choice",
        ),
        pytest.param(
            list_of(name),
            "ada",
            'it must be a list, but is the text "ada". Write [ada].',
            id="one for a list",
        ),
        pytest.param(
            unique_list_of(name), "[a, b, a]", 'it names "a" twice. Keep one of them.', id="twice"
        ),
    ],
)
def test_a_wrong_value_is_answered_with_what_to_write(reader, written, message):
    assert read(reader, written) == (None, [message])


def person(written, mistakes):
    node = compose(written, file="f", mistakes=mistakes)
    assert node is not None
    return open_section(node, "a person", known=("id", "weight"), mistakes=mistakes)


def test_a_section_reports_unknown_and_missing_keys_together():
    mistakes = Mistakes()

    assert person("{wieght: 2}", mistakes).require("id", name) is None
    assert [str(each) for each in mistakes.found] == [
        'f:1:1: a person has no "id", which is required. Add it.',
        'f:1:2: "wieght" is not a key of a person. Did you mean "weight"?',
    ]


def test_a_hostile_text_is_shown_short_and_visible():
    value, messages = read(one_of(Choose), '"\\u202e' + "x" * 100_000 + '"')

    assert value is None
    assert "\\u202exxx" in messages[0]
    assert len(messages[0]) < 200
