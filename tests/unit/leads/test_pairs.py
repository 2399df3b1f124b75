"""One person in two CRMs: one lead, one decision, and the owner in both."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from models.journal.entries import Act
from tests.fakes.crm_writes import US as OURS
from tests.fakes.duo import Duo, Sync

KIM = "kim@globex.test"
US: Mapping[str, Any] = {"stage": "new", "Country": "US"}


def url_of(database: str) -> str:
    return database.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def duo(tmp_path: Path, ledger_url: str) -> Iterator[Duo]:
    """Two CRMs that know nothing of one another, on either database."""
    made = Duo(tmp_path, url_of(ledger_url))
    made.round()
    yield made
    made.app.close()


@pytest.fixture
def synced(tmp_path: Path, ledger_url: str) -> Iterator[Duo]:
    """Two CRMs that a sync keeps in step; Salesforce assigns."""
    made = Duo(tmp_path, url_of(ledger_url), pairs={"synced": True, "wait_s": 60})
    made.round()
    yield made
    made.app.close()


def test_one_address_in_two_crms_is_one_lead_with_one_decision_and_the_owner_in_both(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email="Kim@Globex.test ", **US)

    duo.round(5)

    assert duo.lead(lead) == duo.lead(contact)
    assert duo.methods(lead) == ["round_robin"]
    owner = duo.owner(lead) or ""
    assert duo.there.owners[contact] == "h-" + owner.removeprefix("u-")
    assert sorted(duo.effects(lead)) == [
        ("hs", duo.there.owners[contact], "confirmed"),
        ("sf", owner, "confirmed"),
    ]
    assert duo.load("ada") + duo.load("bob") == 1
    assert duo.is_in_step()


def test_a_contact_that_turns_up_after_the_lead_was_given_gets_the_same_owner(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, **US)
    duo.round(3)
    contact = duo.add_contact(email=KIM, **US)

    duo.round(3)

    owner = duo.owner(lead) or ""
    assert duo.there.owners[contact] == "h-" + owner.removeprefix("u-")
    assert duo.methods(lead) == ["round_robin"]
    assert duo.states(lead) == ["confirmed"]
    assert duo.is_in_step()


def test_a_lead_that_turns_up_after_the_contact_carries_from_then_on_and_is_not_routed_again(
    duo: Duo,
):
    contact = duo.add_contact(email=KIM, **US)
    duo.round(3)
    lead = duo.crm.add_lead(email=KIM, **US)

    duo.round(4)

    story = duo.app.ledger.reading.story(duo.lead(contact))
    assert story is not None
    assert story.lead.connection == "sf"
    assert duo.methods(contact) == ["round_robin"]
    owner = duo.there.owners[contact] or ""
    assert duo.owner(lead) == "u-" + owner.removeprefix("h-")
    assert duo.load("ada") + duo.load("bob") == 1
    assert duo.is_in_step()


def test_a_person_in_a_queue_that_one_crm_has_not_is_in_it_as_soon_as_the_lead_is_seen(duo: Duo):
    contact = duo.add_contact(email=KIM, stage="new", Country="FR")
    duo.round(3)
    alone = duo.methods(contact), duo.there.owners[contact]
    lead = duo.crm.add_lead(email=KIM, stage="new", Country="FR")

    duo.round(4)

    assert alone == (["fallback"], None)
    assert duo.owner(lead) == "q-triage"
    assert duo.methods(contact) == ["fallback", "fallback"]
    assert duo.states(lead) == ["confirmed"]
    assert duo.is_in_step()


def test_whoever_took_a_lead_before_we_saw_it_gets_the_contact_that_we_gave_to_another(duo: Duo):
    contact = duo.add_contact(email=KIM, **US)
    duo.round(4)
    given = (duo.there.owners[contact] or "").removeprefix("h-")
    other = "bob" if given == "ada" else "ada"
    lead = duo.crm.add_lead(email=KIM, owner=f"u-{other}", **US)

    duo.round(5)

    assert (duo.owner(lead), duo.there.owners[contact]) == (f"u-{other}", f"h-{other}")
    assert duo.methods(lead) == ["round_robin", "manual"]
    assert [each for each in duo.crm.history if each.record == lead and each.by == OURS] == []
    assert (duo.load(given), duo.load(other)) == (0, 1)
    assert duo.is_in_step()


def test_but_a_human_who_has_the_contact_by_then_keeps_it(duo: Duo):
    contact = duo.add_contact(email=KIM, **US)
    duo.round(4)
    duo.there.human_sets_owner(contact, "h-cleo")
    lead = duo.crm.add_lead(email=KIM, owner="u-bob", **US)

    duo.round(5)

    assert (duo.owner(lead), duo.there.owners[contact]) == ("u-bob", "h-cleo")
    assert duo.is_in_step()


def test_a_human_who_holds_the_person_in_the_other_crm_keeps_the_lead(duo: Duo):
    contact = duo.add_contact(email=KIM, owner="h-bob", **US)
    duo.round()
    lead = duo.crm.add_lead(email=KIM, **US)

    duo.round(4)

    assert duo.lead(lead) == duo.lead(contact)
    assert duo.methods(lead) == []
    assert duo.owner(lead) is None
    assert duo.there.owners[contact] == "h-bob"
    assert duo.is_in_step()


def test_a_person_whom_a_human_gives_back_in_the_other_crm_is_routed_then(duo: Duo):
    contact = duo.add_contact(email=KIM, owner="h-bob", **US)
    duo.round()
    lead = duo.crm.add_lead(email=KIM, **US)
    duo.round(3)
    duo.there.human_sets_owner(contact, None)

    duo.round(4)

    assert duo.methods(lead) == ["round_robin"]
    owner = duo.owner(lead) or ""
    assert duo.there.owners[contact] == "h-" + owner.removeprefix("u-")
    assert duo.is_in_step()


def both(duo: Duo) -> tuple[str, str]:
    """A lead that was written a moment ago; its contact is owed the same owner."""
    lead = duo.crm.add_lead(email=KIM, **US)
    duo.round(every_s=1.1)
    contact = duo.add_contact(email=KIM, **US)
    duo.round(every_s=1.1)
    return lead, contact


def test_a_human_who_is_faster_in_the_other_crm_keeps_the_contact_and_gets_the_lead(duo: Duo):
    lead, contact = both(duo)
    duo.there.human_sets_owner(contact, "h-cleo")

    duo.round(5)

    assert (duo.owner(lead), duo.there.owners[contact]) == ("u-cleo", "h-cleo")
    assert duo.methods(lead) == ["round_robin", "manual"]
    assert [state for where, _, state in duo.effects(lead) if where == "hs"] == ["superseded"]
    assert [duo.load(rep) for rep in ("ada", "bob", "cleo")] == [0, 0, 1]
    assert duo.is_in_step()


def test_and_so_does_one_who_is_faster_by_a_moment(duo: Duo):
    duo.there.before_write(lambda e: duo.there.human_sets_owner(e.record, "h-cleo"))
    lead, contact = both(duo)

    duo.round(5)

    assert (duo.owner(lead), duo.there.owners[contact]) == ("u-cleo", "h-cleo")
    assert [state for where, _, state in duo.effects(lead) if where == "hs"] == ["conflict"]
    assert [each["state"] for each in duo.told.named("pair_differs")] == ["conflict"]
    assert [duo.load(rep) for rep in ("ada", "bob", "cleo")] == [0, 0, 1]
    assert duo.is_in_step()


def test_a_conflict_where_the_lead_is_carried_withdraws_the_other_write(duo: Duo):
    duo.crm.before_write(lambda e: duo.crm.human_sets_owner(e.record, "u-cleo"))
    lead, contact = both(duo)

    duo.round(5)

    assert duo.states(lead) == ["conflict"]
    assert duo.there.owners[contact] is None
    assert duo.load("cleo") == 1
    assert duo.is_in_step()


def test_two_leads_with_one_address_are_a_doubt_and_nobody_is_tied(duo: Duo):
    one = duo.crm.add_lead(email=KIM, **US)
    two = duo.crm.add_lead(email=KIM, **US)
    duo.round(2)
    contact = duo.add_contact(email=KIM, **US)

    duo.round(3)

    people = {duo.person_of(each) for each in (one, two, contact)}
    assert len(people) == 3
    assert [each["why"] for each in duo.told.named("pair_ambiguous")] == ["several"]
    assert "pair_ambiguous" in duo.journal(contact)
    assert duo.app.ledger.pairs.counts()["in_doubt"] == 1


@pytest.mark.parametrize("first", [pytest.param(True, id="first"), pytest.param(False, id="last")])
def test_leads_with_one_address_that_come_together_are_a_doubt_wherever_the_contact_stands(
    duo: Duo, first: bool
):
    contact = duo.add_contact(email=KIM, **US) if first else ""
    if first:
        duo.round(3)
    leads = [duo.crm.add_lead(email=KIM, **US) for _ in range(2)]
    contact = contact or duo.add_contact(email=KIM, **US)

    duo.round(4)

    assert len({duo.person_of(each) for each in (*leads, contact)}) == 3
    assert {each["why"] for each in duo.told.named("pair_ambiguous")} == {"several"}


def test_a_second_lead_with_an_address_that_is_paired_already_is_a_doubt(duo: Duo):
    duo.crm.add_lead(email=KIM, **US)
    duo.add_contact(email=KIM, **US)
    duo.round(3)
    second = duo.crm.add_lead(email=KIM, **US)

    duo.round(3)

    assert [each["why"] for each in duo.told.named("pair_ambiguous")] == ["taken"]
    assert duo.states(second) == ["confirmed"]


def test_a_partner_that_contradicts_the_one_known_is_reported_and_not_believed(duo: Duo):
    first = duo.crm.add_lead(email=KIM, **US)
    other = duo.crm.add_lead(email="lee@globex.test", **US)
    contact = duo.add_contact(email=KIM, **US)
    duo.round(4)
    duo.link(contact, other)

    duo.round(2)

    assert duo.lead(contact) == duo.lead(first)
    assert duo.lead(contact) != duo.lead(other)
    assert [each["why"] for each in duo.told.named("pair_ambiguous")] == ["contradicts"]


def test_two_leads_that_a_crm_ties_later_become_one_and_count_once(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email="kim@private.test", **US)
    duo.round(4)
    before = duo.load("ada") + duo.load("bob")
    duo.link(contact, lead)

    duo.round(3)

    assert before == 2
    assert duo.lead(contact) == duo.lead(lead)
    assert duo.load("ada") + duo.load("bob") == 1
    assert "lead_joined" in duo.journal(lead)
    assert duo.is_in_step()


def test_a_rep_without_a_user_in_the_other_crm_owns_the_lead_alone(duo: Duo):
    duo.there.deactivate("h-ada")
    duo.crm.deactivate("u-bob")
    duo.round(9, every_s=7)
    lead, contact = both(duo)

    duo.round(4)

    assert duo.owner(lead) == "u-ada"
    assert duo.there.owners[contact] is None
    assert duo.states(lead) == ["confirmed"]


def test_a_paused_connection_holds_up_only_its_own_write(duo: Duo):
    duo.app.world.connections["hs"].paused = True
    duo.app.ledger.connections.pause(["hs"], paused=True, act=act(duo))
    lead, contact = both(duo)
    duo.round(4)
    paused = duo.owner(lead), duo.there.owners[contact]
    duo.app.ledger.connections.pause(["hs"], paused=False, act=act(duo))
    duo.app.world.connections["hs"].paused = False

    duo.round(2)

    assert paused == (duo.owner(lead), None)
    assert duo.states(lead) == ["confirmed"]
    assert duo.there.owners[contact] is not None


def act(duo: Duo) -> Act:
    """Whoever holds the lease acts now."""
    token = duo.app.lease.token
    assert token is not None
    return Act(duo.clock.now(), token)


def test_a_contact_whose_lead_is_on_its_way_waits_and_is_decided_once_as_the_lead(synced: Duo):
    contact = synced.add_contact(email=KIM, **US)
    synced.round(2)
    waited = synced.methods(contact)
    lead = synced.crm.add_lead(email=KIM, **US)
    synced.link(contact, lead)

    synced.round(5)

    assert waited == ["waiting"]
    assert synced.methods(contact) == ["waiting", "round_robin"]
    assert synced.lead(lead) == synced.lead(contact)
    assert (synced.owner(lead) or "").startswith("u-")
    assert synced.there.owners[contact] is None
    assert [where for where, _, _ in synced.effects(lead)] == ["sf"]
    assert synced.is_in_step()


def test_a_contact_whose_lead_does_not_come_is_routed_where_it_is(synced: Duo):
    contact = synced.add_contact(email=KIM, **US)
    synced.round(2)

    synced.round(11, every_s=7)

    assert synced.methods(contact) == ["waiting", "round_robin"]
    assert (synced.there.owners[contact] or "").startswith("h-")
    assert synced.is_in_step()


def test_the_syncs_own_write_is_no_second_writer(synced: Duo):
    lead = synced.crm.add_lead(email=KIM, **US)
    sync = Sync(synced)
    for _ in range(8):
        synced.round()
        sync.run()

    (contact,) = sync.links
    owner = synced.owner(lead) or ""
    story = synced.app.ledger.reading.story(synced.lead(lead))
    assert story is not None
    assert synced.there.owners[contact] == "h-" + owner.removeprefix("u-")
    assert synced.methods(lead) == ["round_robin"]
    assert all(row["ours"] for row in story.ownership)
    assert synced.is_in_step()


def test_a_human_in_the_synced_crm_reaches_the_lead_by_the_sync_and_nobody_undoes_it(synced: Duo):
    lead = synced.crm.add_lead(email=KIM, **US)
    sync = Sync(synced)
    for _ in range(6):
        synced.round()
        sync.run()
    (contact,) = sync.links
    synced.there.human_sets_owner(contact, "h-cleo")
    for _ in range(6):
        synced.round()
        sync.run()

    assert synced.owner(lead) == "u-cleo"
    assert synced.there.owners[contact] == "h-cleo"
    assert synced.methods(lead) == ["round_robin"]
    assert synced.load("cleo") == 1
    assert synced.is_in_step()


def test_a_released_lead_is_routed_though_the_synced_contact_still_has_the_old_owner(synced: Duo):
    lead = synced.crm.add_lead(email=KIM, **US)
    sync = Sync(synced)
    for _ in range(6):
        synced.round()
        sync.run()
    synced.crm.human_sets_owner(lead, "q-triage")

    for _ in range(6):
        synced.round()
        sync.run()

    assert synced.methods(lead) == ["round_robin", "round_robin"]
    assert (synced.owner(lead) or "").startswith("u-")
    assert synced.is_in_step()
