"""One person, several records: what a lead was converted to, and the winner of a merge."""

from typing import Any

import pytest

from routing.facts import RecordSeen
from tests.fakes.office import Office


@pytest.fixture
def office(tmp_path, ledger_url):
    """Leads and contacts are routed, on either database."""
    objects = {"sf.lead": {"owner": "OwnerId"}, "sf.contact": {"owner": "SDR__c"}}
    url = ledger_url.replace("postgresql://", "postgresql+psycopg://")
    made = Office(tmp_path, url, connection={"objects": objects})
    made.round()
    yield made
    made.app.close()


def contact(office: Office, crm_id: str, **facts: Any) -> RecordSeen:
    """A contact, as the CRM reports it."""
    now = office.clock.now()
    return RecordSeen(
        object="sf.contact",
        id=crm_id,
        version=now.isoformat(),
        fields={"Id": crm_id, "Country": "US"},
        owner=None,
        created_at=now,
        modified_at=now,
        modified_by="u-ada",
        read_at=now,
        stage="new",
        **facts,
    )


def person(office: Office, record: str) -> str:
    """Whose record it is."""
    story = office.app.ledger.reading.story(office.lead(record))
    assert story is not None
    return next(each.person for each in story.records if each.key.crm_id == record)


def joined(office: Office, record: str) -> list[str]:
    """Why records of a lead were joined to its person, as the journal has it."""
    story = office.app.ledger.reading.story(office.lead(record))
    assert story is not None
    kinds = [entry["kind"] for entry in story.journal]
    return [kind for kind in kinds if kind == "person_joined"]


def test_a_contact_that_was_known_before_joins_the_person_of_the_lead_that_became_it(office):
    office.crm._log.append(contact(office, "003A"))
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    office.crm.convert(record, {"sf.contact": "003A"})

    office.round(3)

    assert person(office, "003A") == person(office, record)
    assert office.lead("003A") != office.lead(record)
    assert joined(office, record) == ["person_joined"]
    assert office.is_in_step()


def test_versions_of_a_lead_are_looked_at_in_order_though_the_last_one_is_converted(office):
    record = office.crm.add_lead(stage="new", Country="FR")
    office.crm._log.append(contact(office, "003A"))
    office.crm.convert(record, {"sf.contact": "003A"})

    office.round(4)

    story = office.app.ledger.reading.story(office.lead(record))
    assert office.lead("003A") == office.lead(record)
    assert not story.lead.open
    assert office.is_in_step()


@pytest.mark.parametrize("winner_held_by", ["u-ada", "u-human"])
def test_the_winner_of_a_merge_that_somebody_holds_is_not_routed_again(office, winner_held_by):
    loser = office.crm.add_lead(stage="new", Country="US")
    winner = office.crm.add_lead(owner=winner_held_by, stage="new", Country="US", late=True)
    office.round(3)
    office.crm.show(winner)
    office.crm.merge(loser, winner)

    office.round(4)

    assert office.lead(winner) == office.lead(loser)
    assert office.methods(winner) == ["round_robin"]
    assert office.owner(winner) == winner_held_by
    assert joined(office, winner) == ["person_joined"]
    assert office.is_in_step()


def test_the_winner_of_a_merge_that_nobody_holds_is_not_lost(office):
    loser = office.crm.add_lead(stage="new", Country="US")
    winner = office.crm.add_lead(owner="q-triage", stage="new", Country="DE", late=True)
    office.round(3)
    office.crm.show(winner)
    office.crm.merge(loser, winner)

    office.round(4)

    assert office.lead(winner) == office.lead(loser)
    assert office.owner(winner) == "u-cleo"
    assert office.load("cleo") == 1
    assert office.load("ada") + office.load("bob") == 0
    assert office.is_in_step()


def test_a_merge_while_the_write_is_under_way_goes_on_with_the_winner(office):
    loser = office.crm.add_lead(stage="new", Country="US")
    winner = office.crm.add_lead(owner="q-triage", stage="new", Country="DE", late=True)
    office.round(every_s=0.5)
    office.crm.show(winner)
    office.crm.merge(loser, winner)

    office.round(5)

    assert office.states(winner) == ["dead", "confirmed"]
    assert office.owner(winner) == "u-cleo"
    assert office.is_in_step()


def test_two_losers_of_one_merge_share_the_winner(office):
    first = office.crm.add_lead(stage="new", Country="US")
    second = office.crm.add_lead(stage="new", Country="US")
    winner = office.crm.add_lead(owner="u-human", stage="new", Country="US", late=True)
    office.round(3)
    office.crm.show(winner)
    office.crm.merge(first, winner)
    office.crm.merge(second, winner)

    office.round(5)

    assert person(office, first) == person(office, second) == person(office, winner)
    assert office.owner(winner) == "u-human"
    assert office.is_in_step()


def test_a_lead_and_its_merge_seen_together_are_one_first_sight(office):
    loser = office.crm.add_lead(stage="new", Country="US")
    winner = office.crm.add_lead(stage="new", Country="DE")
    office.crm.merge(loser, winner)

    office.round(5)

    assert person(office, loser) == person(office, winner)
    assert office.owner(winner) == "u-cleo"
    assert office.load("cleo") == 1
    assert office.is_in_step()


def test_records_that_name_one_another_stop_nobody(office):
    first = office.crm.add_lead(stage="new", Country="US")
    second = office.crm.add_lead(stage="new", Country="DE")
    office.round(3)
    office.crm.merge(first, second)
    office.crm.merge(second, first)
    office.crm.merge(first, first)
    after = office.crm.add_lead(stage="new", Country="DE")

    office.round(6)

    assert office.states(after) == ["confirmed"]
    assert office.is_in_step()


def test_one_address_alone_makes_nobody_the_same_person(office):
    one = office.crm.add_lead(stage="new", Country="US", email="info@acme.test")
    two = office.crm.add_lead(stage="new", Country="US", email="info@acme.test")

    office.round(3)

    assert person(office, one) != person(office, two)
