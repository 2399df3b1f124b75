"""Output for people and for machines."""

import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from daemon.cli.printing import Printer

HOSTILE = "Kim\x1b[2J\u202e[bold red]x[/]"


class Terminal(io.StringIO):
    """A terminal, as far as anybody can tell."""

    def isatty(self) -> bool:
        return True


def test_json_is_one_object_a_line_in_the_order_given():
    out = io.StringIO()

    Printer(as_json=True, out=out).table(["lead", "at"], [["L1", datetime(2026, 1, 5, tzinfo=UTC)]])

    assert out.getvalue() == '{"lead":"L1","at":"2026-01-05T00:00:00Z"}\n'


def test_json_keeps_what_only_it_can_say():
    out = io.StringIO()

    Printer(as_json=True, out=out).value({"a": Decimal("2.50"), "b": (1,), "c": {"y", "x"}})

    assert json.loads(out.getvalue()) == {"a": "2.50", "b": [1], "c": ["x", "y"]}


def test_a_lone_surrogate_does_not_stop_the_output():
    out = io.StringIO()

    Printer(as_json=True, out=out).value({"name": "\ud800"})

    assert json.loads(out.getvalue()) == {"name": "\ud800"}


def test_sentences_for_people_are_not_mixed_into_json():
    out = io.StringIO()

    printer = Printer(as_json=True, out=out)
    printer.heading("Next")
    printer.say("lint it")

    assert out.getvalue() == ""


def test_a_leads_name_cannot_drive_the_terminal_or_be_markup():
    out = Terminal()

    printer = Printer(as_json=False, out=out)
    printer.table(["name"], [[HOSTILE]], title=HOSTILE)
    printer.say(HOSTILE)

    shown = out.getvalue()
    assert shown.count(r"Kim\x1b[2J\u202e[bold red]x[/]") == 3
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown


def test_a_table_is_never_cut_where_there_is_no_terminal():
    out = io.StringIO()

    Printer(as_json=False, out=out).table(["a", "b"], [["x" * 150, "y" * 150], [None, True]])

    lines = out.getvalue().splitlines()
    assert "x" * 150 in lines[1]
    assert "y" * 150 in lines[1]
    assert lines[2].split() == ["-", "yes"]
    assert all(line == line.rstrip() or len(line) < 400 for line in lines)


def test_a_table_fits_a_narrow_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    out = Terminal()

    Printer(as_json=False, out=out).table(["name", "rule"], [["x" * 60, "us-healthcare"]])

    plain = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
    assert max(len(line) for line in plain.splitlines()) == 40


def test_a_long_line_goes_on_further_in_on_a_terminal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "40")
    screen = Terminal()

    Printer(as_json=False, out=screen).say("    ada was passed over: she is away until Monday")

    assert screen.getvalue().splitlines() == [
        "    ada was passed over: she is away",
        "        until Monday",
    ]


def test_a_table_tells_the_time_to_the_second_and_json_to_the_end():
    at = datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=UTC)
    people, machines = io.StringIO(), io.StringIO()

    Printer(as_json=False, out=people).table(("at",), [(at,)])
    Printer(as_json=True, out=machines).table(("at",), [(at,)])

    assert people.getvalue().split() == ["at", "2026-03-02", "12:00:00Z"]
    assert json.loads(machines.getvalue()) == {"at": "2026-03-02T12:00:00.250000Z"}
