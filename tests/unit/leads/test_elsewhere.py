"""Somebody has the person in the other CRM by the time our write could leave."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import TryLater
from models.journal.entries import Actor, Channel
from tests.fakes.duo import Duo, Sync

KIM = "kim@globex.test"
US: Mapping[str, Any] = {"stage": "new", "Country": "US"}


class Offices:
    """Opens offices with two CRMs and closes them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[Duo] = []

    def open(self, **pairs: Any) -> Duo:
        duo = Duo(self._folder, f"sqlite:///{self._folder / 'ledger.db'}", pairs=pairs)
        self._made.append(duo)
        duo.round()
        return duo

    def close(self) -> None:
        for duo in self._made:
            duo.app.close()


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[Offices]:
    made = Offices(tmp_path)
    yield made
    made.close()


def decided(duo: Duo) -> tuple[str, str]:
    """A person in both, linked and decided a moment ago; nothing has been written yet."""
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email=KIM, **US, same_as={"sf.lead": lead})
    duo.round(every_s=1.1)
    assert duo.effects(lead)[0][2] == "pending"
    return lead, contact


def test_a_human_in_the_synced_crm_is_not_outdone_by_a_write_that_was_under_way(offices):
    duo = offices.open(synced=True)
    lead, contact = decided(duo)
    sync = Sync(duo, links={contact: lead})
    duo.there.human_sets_owner(contact, "h-cleo")

    for _ in range(8):
        duo.round(every_s=1.1)
        sync.run()

    assert duo.there.owners[contact] == "h-cleo"
    assert duo.owner(lead) == "u-cleo"
    assert duo.states(lead) == ["conflict"]
    assert duo.load("cleo") == 1
    assert duo.load("ada") + duo.load("bob") == 0
    assert duo.is_in_step()


def test_without_a_sync_the_lead_is_left_to_the_human_who_has_the_contact(offices):
    duo = offices.open()
    lead, contact = decided(duo)
    duo.there.human_sets_owner(contact, "h-cleo")

    duo.round(8)

    assert duo.owner(lead) is None
    assert duo.there.owners[contact] == "h-cleo"
    assert duo.states(lead) == ["conflict"]
    assert duo.methods(lead) == ["round_robin"]
    assert duo.is_in_step()


def test_a_contact_that_comes_after_a_human_took_the_lead_is_not_owed_the_older_owner(offices):
    duo = offices.open()
    lead = duo.crm.add_lead(email=KIM, **US)
    duo.round(3)
    given = duo.states(lead)
    contact = duo.add_contact(email=KIM, **US)
    duo.crm.human_sets_owner(lead, "u-cleo")

    duo.round(6)

    assert given == ["confirmed"]
    assert duo.owner(lead) == "u-cleo"
    assert duo.there.owners[contact] is None
    assert duo.is_in_step()


def test_a_crm_that_does_not_say_who_has_its_records_holds_nobody_up(offices):
    duo = offices.open(synced=True)
    lead, _ = decided(duo)
    duo.there.fail("owners_of", TryLater("hs", "busy", 300.0))

    duo.round(2)

    assert duo.states(lead) == ["confirmed"]
    assert len(duo.told.named("partners_not_seen")) == 1


def test_who_is_in_one_crm_alone_is_not_asked_about_in_the_other(offices):
    duo = offices.open(synced=True)
    duo.there.fail("owners_of", TryLater("hs", "busy", 300.0))
    lead = duo.crm.add_lead(email=KIM, **US)

    duo.round(3)

    assert duo.states(lead) == ["confirmed"]
    assert duo.told.named("partners_not_seen") == []


def test_what_an_operator_ordered_is_written_whoever_has_the_contact(offices):
    duo = offices.open()
    lead, contact = decided(duo)
    duo.there.human_sets_owner(contact, "h-cleo")
    duo.round(8)
    mona, to_bob = Actor("mona", "revops", Channel.API), {"lead": lead, "to": "bob"}
    duo.app.ledger.requests.ask("reassign", to_bob, actor=mona, at=duo.clock.now())

    duo.round(3)

    assert duo.owner(lead) == "u-bob"
    assert duo.is_in_step()
