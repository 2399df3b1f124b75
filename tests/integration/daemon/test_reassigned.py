"""What an operator's reassignment moves: load and caps go along, a turn stays where it was paid."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.governance.requests import Request
from models.journal.entries import Actor, Channel
from tests.fakes.office import BOOK, PEOPLE, Office

MONA = Actor("mona", "revops", Channel.API)
CAPPED = tuple({**person, "caps": {"day": 1}} for person in PEOPLE)


@pytest.fixture
def office(tmp_path: Path, ledger_url: str) -> Iterator[Office]:
    """Everybody may get one lead a day."""
    made = Office(tmp_path, ledger_url, book=BOOK, people=CAPPED)
    made.round()
    yield made
    made.app.close()


def reassign(office: Office, record: str, to: str) -> Request:
    requests, asked = office.app.ledger.requests, {"lead": record, "to": to}
    request = requests.ask("reassign", asked, actor=MONA, at=office.clock.now())
    office.round(3)
    found = requests.get(request)
    assert found is not None
    return found


def claim(office: Office, person: str) -> int:
    return office.app.world.live.state.turn("us", office.app.team.ids[person])[0]


def test_load_goes_along_and_the_turn_stays(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    first, other = ("ada", "bob") if office.owner(record) == "u-ada" else ("bob", "ada")
    paid = claim(office, first)

    reassign(office, record, other)

    assert (office.load(first), office.load(other)) == (0, 1)
    assert claim(office, first) == paid < 0
    assert office.is_in_step()


def test_it_counts_for_the_caps_of_who_got_it(office):
    record = office.crm.add_lead(stage="new", Country="FR")
    office.round(3)
    reassign(office, record, "cleo")

    german = office.crm.add_lead(stage="new", Country="DE")
    office.round(3)

    assert office.owner(german) == "q-triage"
    assert office.is_in_step()


def test_the_journal_says_who_asked_for_whom_and_how(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)

    reassign(office, record, "cleo")

    story = office.app.ledger.reading.story(office.lead(record))
    assert story is not None
    (entry,) = [row for row in story.journal if row["kind"] == "reassignment"]
    assert (entry["actor"], entry["on_behalf_of"], entry["channel"]) == ("mona", "revops", "api")
    assert office.states(record) == ["confirmed", "confirmed"]


def test_a_human_who_was_faster_keeps_the_lead_and_load_follows_them(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    office.crm.before_write(lambda _: office.crm.human_sets_owner(record, "u-cleo"))

    done = reassign(office, record, "bob" if office.owner(record) == "u-ada" else "ada")

    assert done.state == "done"
    assert office.owner(record) == "u-cleo"
    assert office.states(record)[-1] == "conflict"
    assert [office.load(each) for each in ("ada", "bob", "cleo")] == [0, 0, 1]
    assert office.is_in_step()
