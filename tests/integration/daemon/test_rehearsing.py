"""One decision about a lead that the ledger knows, while the daemon runs, and nothing written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from daemon.main import Parts
from daemon.offline.preview import Rehearsed, rehearse
from daemon.operators.overrides import WrongOverrides
from models.journal.entries import Actor, Channel
from models.ledger import Ledger, open_ledger
from models.tables import Row
from routing.canonical import parse
from routing.engine import Made
from routing.layers.entry import NotTaken
from tests.fakes.clock import CountingIds
from tests.fakes.office import BOOK, Office

MONA = Actor("mona", None, Channel.CLI)
ENTRY = {"entry": {"stages": ["new"], "wait_for": {"fields": ["country"], "at_most": "90s"}}}


@pytest.fixture
def office(tmp_path: Path, ledger_url: str) -> Iterator[Office]:
    """A daemon that runs; its route takes new leads and waits for their country."""
    made = Office(tmp_path, ledger_url, book={**BOOK, **ENTRY})
    made.crm.add_account("001A", "Acme", domain="acme.com", owner="u-cleo")
    made.round()
    yield made
    made.app.close()


@pytest.fixture
def ledger(office: Office) -> Iterator[Ledger]:
    """The ledger as a command opens it, beside the daemon."""
    opened = open_ledger(office.url, ids=CountingIds(), now=office.clock.now, migrate_schema=False)
    yield opened
    opened.close()


def ask(office: Office, ledger: Ledger, record: str, *given: str) -> Rehearsed:
    parts = Parts(office.clock, CountingIds())
    return rehearse(office.settings(), ledger, office.lead(record), given=given, parts=parts)


def made(rehearsed: Rehearsed) -> Made:
    assert isinstance(rehearsed.answer, Made)
    return rehearsed.answer


def size(ledger: Ledger) -> dict[str, Any]:
    """How many rows each table has."""
    with ledger.store.read() as database:
        return {
            table.name: database.scalar(select(func.count()).select_from(table))
            for table in Row.metadata.sorted_tables
        }


def test_a_lead_is_decided_as_things_stand_and_nothing_is_written(office, ledger):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    before = size(ledger)
    other = next(name for name in ("ada", "bob") if office.owner(record) != f"u-{name}")

    found = ask(office, ledger, record)

    decision = made(found).decision
    assert (found.named(decision.owner or ""), decision.rule) == (other, "us")
    assert found.named(found.holder or "") == str(office.owner(record)).removeprefix("u-")
    assert size(ledger) == before


def test_a_fact_can_be_taken_to_be_otherwise(office, ledger):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)

    found = ask(office, ledger, record, "country=DE", "note=x")

    record_: Any = parse(made(found).record())
    assert found.named(made(found).decision.owner or "") == "cleo"
    assert ["country", "t", "DE", "--set"] in record_["inputs"]["lead"]["facts"]["rows"]
    assert found.unused == ("note",)


def test_an_address_that_is_set_finds_its_account(office, ledger):
    record = office.crm.add_lead(stage="new", Country="US", email="kim@other.test")
    office.round(3)

    found = ask(office, ledger, record, "email=kim@eu.acme.com")

    assert made(found).decision.method == "account_owner"
    assert found.named(made(found).decision.owner or "") == "cleo"


def test_who_is_away_now_is_passed_over(office, ledger):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    for rep in ("ada", "bob"):
        office.app.ledger.requests.ask("away", {"rep": rep}, actor=MONA, at=office.clock.now())
    office.round()

    found = ask(office, ledger, record)

    assert made(found).decision.queue == "triage"
    assert {drop.code for drop in made(found).decision.drops} == {"pto"}


def test_a_lead_that_waits_is_asked_about_on_its_own_occasion(office, ledger):
    record = office.crm.add_lead(stage="new")
    office.round(2)

    waits = made(ask(office, ledger, record))
    told = made(ask(office, ledger, record, "country=DE"))

    story = ledger.reading.story(office.lead(record))
    assert story is not None
    assert waits.decision.wait is not None
    assert waits.decision.occasion == story.decisions[0]["occasion_id"]
    assert told.decision.rule == "dach"


def test_a_lead_in_another_stage_is_not_taken_unless_its_stage_is_set(office, ledger):
    record = office.crm.add_lead(stage="working", Country="US")
    office.round(2)

    as_it_is = ask(office, ledger, record).answer

    assert isinstance(as_it_is, NotTaken)
    assert made(ask(office, ledger, record, "stage=new")).decision.rule == "us"


def test_a_rulebook_that_somebody_is_editing_is_not_asked(office, ledger):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    (office.folder / "rulebook.yaml").write_text("rulebook: half")

    assert made(ask(office, ledger, record)).decision.rule == "us"


def test_every_mistake_is_named_at_once(office, ledger):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)

    with pytest.raises(WrongOverrides) as wrong:
        ask(office, ledger, record, "contry=DE", "country=de", "country", "account.named=true")

    said = str(wrong.value).splitlines()
    assert said[:3] == [
        '--set contry=DE: "contry" is no field. Did you mean "country"?',
        '--set country=de: "de" is no choice that "country" takes. Did you mean "DE"?',
        "--set country: write field=value, such as country=DE.",
    ]
    assert "only facts of the lead can be set" in said[3]
