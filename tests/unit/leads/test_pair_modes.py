"""A pair whose connections differ: in mode, in users, in queues, in what routing looks back on."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from daemon.operators.pair_text import pair_lines, pair_object
from daemon.settings import Mode, Pairs
from daemon.world.connections.pairing import pairing_of
from routing.record import Same, reproduce
from tests.fakes.duo import Duo
from tests.fakes.office import Office
from tests.fakes.shelf import Shelf

KIM = "kim@globex.test"
US: Mapping[str, Any] = {"stage": "new", "Country": "US"}
FR: Mapping[str, Any] = {"stage": "new", "Country": "FR"}


class Offices:
    """Opens offices with two CRMs and closes them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[Duo] = []

    def open(self, **told: Any) -> Duo:
        duo = Duo(self._folder, f"sqlite:///{self._folder / 'ledger.db'}", **told)
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


def told_of(duo: Duo, record: str) -> list[str]:
    """What `explain` says of a pair."""
    reading, pairs = duo.app.ledger.reading, duo.app.ledger.pairs
    story = reading.story(duo.lead(record))
    assert story is not None
    doubts = pairs.doubts(each.id for each in story.records)
    return [*pair_lines(story, pairs.of(story.lead.id), doubts)]


def test_of_a_live_and_a_shadow_crm_only_the_live_one_is_written(offices: Offices):
    duo = offices.open(second={"mode": "shadow"})
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email=KIM, **US)

    duo.round(5)

    assert (duo.owner(lead) or "").startswith("u-")
    assert duo.there.owners[contact] is None
    assert duo.lead(lead) == duo.lead(contact)
    assert duo.is_in_step()


def test_an_unsynced_pair_is_decided_where_it_may_be_written(offices: Offices):
    duo = offices.open(connection={"mode": "shadow"})
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email=KIM, **US)

    duo.round(5)

    assert duo.owner(lead) is None
    assert (duo.there.owners[contact] or "").startswith("h-")
    assert duo.is_in_step()


def test_nobody_waits_for_a_record_in_a_crm_that_is_off(offices: Offices):
    duo = offices.open(connection={"mode": "off"}, pairs={"synced": True, "wait_s": 600})
    contact = duo.add_contact(email=KIM, **US)

    duo.round(3)

    assert duo.methods(contact) == ["round_robin"]
    assert (duo.there.owners[contact] or "").startswith("h-")


def test_a_queue_of_the_rulebook_is_a_queue_here_and_a_person_there(offices: Offices):
    duo = offices.open(second={"queues": {"triage": {"owner": "cleo"}}})
    lead = duo.crm.add_lead(email=KIM, **FR)
    duo.round(2)
    contact = duo.add_contact(email=KIM, **FR)
    alone = duo.add_contact(email="lee@globex.test", **FR)

    duo.round(5)

    assert duo.owner(lead) == "q-triage"
    assert duo.there.owners[alone] == "h-cleo"
    assert duo.methods(lead) == ["fallback"]
    assert duo.lead(contact) == duo.lead(lead)
    assert duo.is_in_step()


def test_a_contact_whose_queue_is_mapped_to_nobody_stays_unowned_with_an_alert(offices: Offices):
    duo = offices.open()
    contact = duo.add_contact(email=KIM, **FR)

    duo.round(4)

    assert duo.there.owners[contact] is None
    assert [each["lead"] for each in duo.told.named("lead_unowned")] == [duo.lead(contact)]


def test_an_old_contact_of_a_new_lead_does_not_keep_it_from_being_routed(offices: Offices):
    duo = offices.open(second={"route_from": "2026-03-02T12:00:05+00:00"})
    contact = duo.add_contact(email=KIM, **US)
    duo.round(2)
    lead = duo.crm.add_lead(email=KIM, **US)

    duo.round(4)

    assert duo.lead(lead) == duo.lead(contact)
    assert duo.methods(lead) == ["round_robin"]
    assert (duo.owner(lead) or "").startswith("u-")


def test_a_contact_goes_on_with_the_lead_when_the_lead_is_deleted(offices: Offices):
    duo = offices.open()
    lead = duo.crm.add_lead(email=KIM, **US)
    duo.round(2)
    contact = duo.add_contact(email=KIM, **US)
    duo.round(3)
    duo.crm.delete(lead)
    duo.round(2)
    duo.there.human_sets_owner(contact, None)

    duo.round(4)

    assert duo.methods(contact) == ["round_robin", "round_robin"]
    assert (duo.there.owners[contact] or "").startswith("h-")
    assert duo.load("ada") + duo.load("bob") == 1
    assert duo.is_in_step()


def test_a_converted_lead_is_not_reopened_by_its_contact(offices: Offices):
    duo = offices.open(pairs={"synced": True, "wait_s": 30})
    lead = duo.crm.add_lead(email=KIM, **US)
    duo.round(2)
    contact = duo.add_contact(email=KIM, same_as={"sf.lead": lead}, **US)
    duo.round(2)
    duo.crm.convert(lead, {})
    duo.round(2)
    duo.there.edit(contact, stage="opportunity")

    duo.round(3)

    assert duo.methods(lead) == ["round_robin"]
    assert duo.load("ada") + duo.load("bob") == 0
    assert duo.is_in_step()


def test_contacts_that_are_merged_there_join_their_leads_here_without_a_decision(offices: Offices):
    duo = offices.open(pairs={"synced": True, "wait_s": 30})
    one, two = (duo.crm.add_lead(email=f"{each}@globex.test", **US) for each in "ab")
    duo.round(2)
    contacts = [
        duo.add_contact(email=f"{name}@globex.test", same_as={"sf.lead": lead}, **US)
        for name, lead in zip("ab", (one, two), strict=True)
    ]
    duo.round(3)
    duo.there.merge(contacts[0], contacts[1])

    duo.round(4)

    assert duo.person_of(one) == duo.person_of(two)
    assert duo.methods(one) == duo.methods(two) == ["round_robin"]
    assert duo.is_in_step()


def test_a_wait_for_a_partner_is_in_the_record_and_is_reproduced(offices: Offices):
    duo = offices.open(pairs={"synced": True, "wait_s": 30})
    contact = duo.add_contact(email=KIM, **US)

    duo.round(2)

    story = duo.app.ledger.reading.story(duo.lead(contact))
    assert story is not None
    (decision,) = story.decisions
    assert b'"reason":"partner"' in decision["record"]
    assert reproduce(decision["record"], Shelf(duo.app.world.guide)) == Same()


def test_an_address_never_stands_beside_the_records(offices: Offices):
    duo = offices.open()
    duo.crm.add_lead(email=KIM, **US)

    duo.round(2)

    with duo.app.ledger.store.read() as database:
        (key,) = database.exec_driver_sql("SELECT key FROM addresses").scalars()
    assert len(key) == 16
    assert b"kim" not in key


def test_explain_says_which_record_carries_the_lead_and_what_ties_the_other(offices: Offices):
    duo = offices.open()
    lead = duo.crm.add_lead(email=KIM, **US)
    duo.round(2)
    contact = duo.add_contact(email=KIM, **US)

    duo.round(3)

    shared = "they share one e-mail address"
    assert told_of(duo, contact) == [
        f"sf sf.lead {lead} carries the lead: sf assigns.",
        f"hs hs.contact {contact} is the same person's: {shared}. The owner it is owed: confirmed.",
    ]


def test_explain_says_why_a_record_was_tied_to_nobody(offices: Offices):
    duo = offices.open()
    for _ in range(2):
        duo.crm.add_lead(email=KIM, **US)
    duo.round(2)
    contact = duo.add_contact(email=KIM, **US)

    duo.round(2)

    (line,) = told_of(duo, contact)
    assert "more than one person of the other CRM has its e-mail address" in line
    story = duo.app.ledger.reading.story(duo.lead(contact))
    assert story is not None
    doubts = duo.app.ledger.pairs.doubts(each.id for each in story.records)
    said = pair_object(story, None, doubts)
    assert said is not None
    assert [each["why"] for each in said["in_doubt"]] == ["several"]


def test_a_synced_pair_in_shadow_writes_nothing_into_its_live_half():
    told = Pairs(connections=("sf", "hs"), synced=True)
    pairing = pairing_of(told, {"sf": Mode.SHADOW, "hs": Mode.LIVE})

    assert pairing is not None
    assert pairing.assigns == "sf"


def test_an_installation_with_one_crm_asks_the_ledger_nothing_about_pairs(office: Office):
    asked: list[str] = []
    store = office.app.ledger.store

    def note(*statement: Any) -> None:
        asked.append(str(statement[2]))

    for engine in (store.writer, store.reader):
        event.listen(engine, "before_cursor_execute", note)
    office.crm.add_lead(email=KIM, **US)

    office.round(3)

    ours = ("addresses", "FROM ties", "INTO ties", "doubts", "FROM ownership")
    assert [text for text in asked for table in ours if table in text] == []
    assert any("FROM records" in text for text in asked)


def test_a_colleague_who_has_an_old_lead_that_was_never_read_keeps_the_person(offices: Offices):
    duo = offices.open(pairs={"synced": True, "wait_s": 20})
    lead = duo.crm.add_lead(email=KIM, owner="u-human", late=True, **US)
    duo.crm._rows[lead].hidden = False  # it is there, and no poll will ever show it
    contact = duo.add_contact(email=KIM, same_as={"sf.lead": lead}, **US)

    duo.round(10, every_s=5)

    assert duo.methods(contact) == ["waiting"]
    assert duo.there.owners[contact] is None
    assert duo.owner(lead) == "u-human"
    assert duo.is_in_step()
