"""`signalbox reassign` against a simulated Salesforce, with a daemon and without."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from daemon.operators.orders import operator_name
from models.reports.lookups import Story
from models.reports.reconciliation import RollRow
from tests.acceptance.daemon.company import Company, stop, until


class Desk:
    """An operator beside a company whose leads all have their owners."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.daemon = company.daemon()
        company.settles(within_s=40)

    def confirmed(self) -> RollRow:
        """A lead that a rep has, by our own write."""
        found = (row for row in self.company.roll() if row.state == "confirmed")
        return next(row for row in found if str(row.value).startswith("005"))

    def others(self, row: RollRow) -> list[tuple[str, str]]:
        """Reps who do not have this lead: id in the roster, user."""
        ledger = self.company.ledger()
        try:
            reps = ledger.roster.reps()
        finally:
            ledger.close()
        users = {rep.roster_id: rep.identities.get("salesforce") for rep in reps}
        free = [user for user in self.company.people if user != row.value]
        return [(name, str(user)) for name, user in users.items() if user in free]

    def story(self, row: RollRow) -> Story:
        """All that the ledger knows of a lead."""
        ledger = self.company.ledger()
        try:
            (lead,) = ledger.reading.find(row.record)
            found = ledger.reading.story(lead)
        finally:
            ledger.close()
        assert found is not None
        return found

    def owner(self, row: RollRow) -> str:
        """Who owns a lead in the CRM."""
        rows = self.company.simulator.org.store.table("Lead").rows
        return str(rows[row.record]["OwnerId"])

    def settled(self, row: RollRow) -> Callable[[], bool]:
        """Whether no write of a lead is under way."""
        return lambda: all(
            each["state"] not in ("pending", "sent") for each in self.story(row).assignments
        )


@pytest.fixture
def desk(tmp_path: Path, own_ledger_url: str) -> Iterator[Desk]:
    company = Company(tmp_path, own_ledger_url, leads=8, rate=20.0)
    try:
        yield Desk(company)
    finally:
        company.close()


def entries(story: Story, kind: str) -> list[dict[str, Any]]:
    return [json.loads(row["body"]) for row in story.journal if row["kind"] == kind]


def ended(story: Story) -> list[tuple[str, str | None]]:
    """How each write of a lead ended."""
    return [(row["state"], row["code"]) for row in story.assignments]


def test_a_lead_goes_to_another_rep_through_the_running_daemon(desk):
    row = desk.confirmed()
    name, user = desk.others(row)[0]

    said = desk.company.command("reassign", row.record, "--to", name)

    story = desk.story(row)
    (entry,) = entries(story, "reassignment")
    last = story.decisions[-1]
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{row.record} goes to {name}.\nIt is written.\n"
    assert desk.owner(row) == user
    assert (entry["actor"], entry["on_behalf_of"], entry["channel"]) == (
        operator_name(),
        None,
        "cli",
    )
    assert (last["method"], entry["owner"]) == ("manual", last["owner"])
    assert {turn["why"] for turn in story.turns} <= {"rotation"}, "a turn was given back"
    assert "by hand" in desk.company.command("explain", row.record).out


def test_what_was_on_its_way_is_superseded_and_a_faster_human_wins(desk):
    row = desk.confirmed()
    first, second = desk.others(row)[:2]
    desk.company.command("pause")
    waiting = desk.company.command("reassign", row.record, "--to", first[0], "--wait", "1")
    again = desk.company.command("reassign", row.record, "--to", second[0], "--wait", "1")
    human = desk.company.people[-1]
    desk.company.simulator.acts.change_owner(row.record, human)

    desk.company.command("resume")
    until(desk.settled(row), within_s=20, what="the write was settled")

    story = desk.story(row)
    assert (waiting.code, again.code) == (3, 3)
    assert "still to be written" in again.out
    assert ended(story)[1:] == [("dead", "superseded"), ("conflict", story.assignments[2]["code"])]
    assert desk.owner(row) == human
    assert entries(story, "conflict") != []


def test_without_a_daemon_the_command_writes_it_and_a_faster_human_wins(desk):
    assert stop(desk.daemon) == 0
    row = desk.confirmed()
    (name, user), (other, _) = desk.others(row)[:2]

    written = desk.company.command("reassign", row.record, "--to", name)
    owner = desk.owner(row)
    desk.company.simulator.acts.change_owner(row.record, str(row.value))
    beaten = desk.company.command("reassign", row.record, "--to", other)

    assert (written.code, owner) == (0, user)
    assert beaten.code == 1
    assert "Somebody changed the owner in the CRM first" in beaten.out
    assert desk.owner(row) == row.value


def test_who_is_not_known_is_named_with_the_likely_one(desk):
    row = desk.confirmed()
    name, _ = desk.others(row)[0]

    nobody = desk.company.command("reassign", row.record, "--to", f"{name}x")
    nothing = desk.company.command("reassign", "00Q000000000001AAA", "--to", name)

    assert (nobody.code, nothing.code) == (2, 2)
    assert f'Did you mean "{name}"?' in nobody.err
    assert nothing.err.startswith("00Q000000000001AAA is not known.")
