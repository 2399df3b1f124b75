"""What each stream says of a portal, in the words that every CRM shares."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.hubspot import contact_object, lead_object
from routing.facts.crm import AbsenceSeen, Mapped, QueueSeen, RecordSeen, Stream, UserSeen
from tests.contract.crm_contract import effect_for, gave, read_all


def read(world, stream: Stream) -> list[Any]:
    return read_all(world.connector, stream)[0]


def company(world, **properties: Any) -> str:
    given = {"name": "Acme", "domain": "acme.test", **properties}
    return str(world.simulator.acts.create("companies", given))


def link(world, kind: str, one: str, to: str, other: str, *, primary: bool = False) -> None:
    world.simulator.desk.link((kind, int(one)), (to, int(other)), primary=primary)


def user_of(world, owner: str, **properties: str) -> None:
    """A user object that is this owner."""
    given = {"hubspot_owner_id": owner, **properties}
    world.simulator.acts.create("users", given, unchecked=True)


def test_a_contact_comes_whole_with_its_stage_address_and_company(world):
    lead = world.lead(country="DE", company="Acme", email="kim@acme.test")
    acme = company(world)
    link(world, "contacts", lead, "companies", acme)
    world.pass_time(3)

    (seen,) = [one for one in read(world, Stream.LEADS) if one.id == lead]

    assert (seen.object, seen.stage, seen.email) == ("hs.contact", "lead", "kim@acme.test")
    assert (seen.company, seen.account, seen.fields["country"]) == ("Acme", acme, "DE")
    assert "hs_v2_date_entered_lead" in seen.fields


def test_what_the_salesforce_sync_noted_ties_the_pair(world):
    lead = world.lead(
        salesforceleadid="00Q5g00000AbCdE", salesforcecontactid="0035g00000AbCdEAAA", country="DE"
    )

    (seen,) = [one for one in read(world, Stream.LEADS) if one.id == lead]

    assert seen.same_as == {"sf.lead": "00Q5g00000AbCdEEAV"}


def test_owners_come_with_those_who_left_and_what_is_a_queue(world):
    rep = world.rep()
    world.deactivate(rep)
    seen = read(world, Stream.PEOPLE)

    people = {one.id: one for one in seen if isinstance(one, UserSeen)}
    assert not people[rep].active
    assert people[rep].email
    assert any(person.active and person.timezone for person in people.values())
    assert [queue.objects for queue in seen if isinstance(queue, QueueSeen)] == [()]


def test_who_comes_back_is_read_as_active_again(world):
    rep = world.rep()
    world.deactivate(rep)
    _, bookmark = read_all(world.connector, Stream.PEOPLE)
    world.simulator.acts.restore_owner(rep)

    seen, _ = read_all(world.connector, Stream.PEOPLE, bookmark)

    assert [(one.id, one.active) for one in seen] == [(rep, True)]


def test_owners_come_with_their_hours_and_with_what_cannot_be_read_of_them(world):
    clear, unclear = world.rep(), world.rep()
    week = '[{"days":"MONDAY_TO_FRIDAY","startMinute":540,"endMinute":1020}]'
    user_of(world, clear, hs_working_hours=week, hs_standard_time_zone="Europe/Berlin")
    user_of(world, unclear, hs_working_hours="nine to five", hs_availability_status="perhaps")

    people = {one.id: one for one in read(world, Stream.PEOPLE)}

    assert people[clear].timezone == "Europe/Berlin"
    assert people[clear].hours["fri"] == "09:00-17:00"
    assert people[clear].unreadable == ()
    assert people[unclear].hours is None
    assert people[unclear].unreadable == ("hours", "absences")


def test_absences_come_when_they_begin_and_when_they_are_withdrawn(world):
    rep = world.rep()
    user_of(world, rep, hs_availability_status="available")
    _, bookmark = read_all(world.connector, Stream.ABSENCES)
    until = world.clock.now() + timedelta(days=3)
    world.simulator.acts.set_out_of_office(rep, until=until)
    away, bookmark = read_all(world.connector, Stream.ABSENCES, bookmark)
    again, bookmark = read_all(world.connector, Stream.ABSENCES, bookmark)
    world.simulator.acts.end_out_of_office(rep)
    back, _ = read_all(world.connector, Stream.ABSENCES, bookmark)

    assert {(one.user, one.ends_at, one.enabled) for one in away} == {
        (rep, until, True),
        (rep, None, True),
    }
    assert again == []
    assert {(one.id, one.enabled) for one in back} == {(one.id, False) for one in away}


def test_an_absence_stays_while_the_text_that_could_end_it_cannot_be_read(world):
    rep = world.rep()
    user_of(world, rep)
    world.simulator.acts.set_out_of_office(rep, until=world.clock.now() + timedelta(days=3))
    _, bookmark = read_all(world.connector, Stream.ABSENCES)
    (record,) = [r for r in world.simulator.portal.tables["users"].rows.values() if r.owner == rep]
    unclear = {"hs_out_of_office_hours": "[{", "hs_availability_status": "in a meeting"}
    world.simulator.acts.update("users", record.id, unclear, unchecked=True)

    seen, bookmark = read_all(world.connector, Stream.ABSENCES, bookmark)

    assert [one for one in seen if isinstance(one, AbsenceSeen) and one.user == rep] == []
    assert len([a for a in bookmark.position["away"].values() if a[0] == rep]) == 2
    assert "cannot be read" in world.connector.check().warnings[-1]


def test_companies_are_accounts(world):
    parent = company(world, name="Acme Holding")
    acme = company(
        world,
        hubspot_owner_id=world.rep(),
        numberofemployees="120",
        named_account="true",
        hs_parent_company_id=parent,
    )
    world.pass_time(3)

    (seen,) = [one for one in read(world, Stream.ACCOUNTS) if one.id == acme]

    assert (seen.name, seen.domain, seen.employees) == ("Acme", "acme.test", 120)
    assert (seen.named, seen.owner is None, seen.parent) == (True, False, parent)


def test_of_several_companies_the_primary_one_counts(world):
    lead = world.lead()
    first, second = company(world), company(world, domain="acme.io")
    link(world, "contacts", lead, "companies", first)
    link(world, "contacts", lead, "companies", second, primary=True)

    (seen,) = [one for one in read(world, Stream.LEADS) if one.id == lead]

    assert seen.account == second


@pytest.mark.parametrize(
    ("stage", "closed", "kind"),
    [
        ("qualifiedtobuy", {}, "opportunity"),
        ("closedwon", {"hs_is_closed": "true", "hs_is_closed_won": "true"}, "won"),
        ("closedlost", {"hs_is_closed": "true", "hs_is_closed_won": "false"}, "lost"),
    ],
)
def test_deals_are_outcomes_of_their_contact_and_company(world, stage, closed, kind):
    lead, acme = world.lead(), company(world)
    given = {"dealname": "Acme", "dealstage": stage, "amount": "1200.50", **closed}
    deal = str(world.simulator.acts.create("deals", given, unchecked=True))
    link(world, "deals", deal, "contacts", lead)
    link(world, "deals", deal, "companies", acme)
    world.pass_time(3)

    (seen,) = [one for one in read(world, Stream.OUTCOMES) if one.id == deal]

    assert (seen.kind, seen.record, seen.account, seen.amount) == (kind, lead, acme, "1200.50")


def test_a_contact_who_became_a_customer_is_an_outcome_and_no_lead_any_more(world):
    lead = world.lead()
    world.convert(lead)

    (outcome,) = [one for one in read(world, Stream.OUTCOMES) if one.record == lead]
    (record,) = [one for one in read(world, Stream.LEADS) if one.id == lead]

    assert outcome.kind == "converted"
    assert timedelta(0) < world.clock.now() - outcome.at < timedelta(seconds=10)
    assert record.converted


def test_a_customer_who_is_with_nobody_is_work_and_no_outcome(world):
    lead, rep = world.lead(lifecyclestage="customer"), world.rep()
    (record,) = [one for one in read(world, Stream.LEADS) if one.id == lead]
    results = [gave(world, lead, rep) for _ in range(2)]
    world.pass_time(3)

    assert not record.converted
    assert [result.applied for result in results] == ["confirmed", "already"]
    assert [one for one in read(world, Stream.OUTCOMES) if one.record == lead] == []


@pytest.mark.parametrize(
    ("did", "kind"), [("Call", "call"), ("Email", "email"), ("Meeting", "event")]
)
def test_what_a_rep_does_is_a_touch(world, did, kind):
    lead, rep = world.lead(), world.rep()
    world.simulator.acts.work(int(lead), by=rep, kind=did)
    world.pass_time(3)

    (touch,) = read(world, Stream.TOUCHES)

    assert (touch.record, touch.kind, touch.by, touch.human) == (lead, kind, rep, True)


def test_a_meeting_that_is_booked_counts_from_when_it_was_booked(world):
    lead, rep = world.lead(), world.rep()
    ahead = str(int((world.clock.now() + timedelta(days=2)).timestamp() * 1000))
    given = {"hs_timestamp": ahead, "hubspot_owner_id": rep}
    world.simulator.acts.create("meetings", given, links=[("contacts", int(lead))])
    world.pass_time(3)

    (touch,) = read(world, Stream.TOUCHES)

    assert timedelta(0) <= world.clock.now() - touch.at < timedelta(seconds=10)


class TestTheLeadObject:
    """A portal with Lead objects, each beside a contact."""

    def lead_of(self, world, contact: str, **properties: Any) -> str:
        given = {"hs_lead_name": "Kim", **properties}
        made = world.simulator.acts.create("leads", given, links=[("contacts", int(contact))])
        world.pass_time(3)
        return str(made)

    def routing_leads(self, world) -> None:
        world.connector = world.connect(
            routed=lead_object(), follower=contact_object(), mapped=(), written=()
        )
        world.object = "hs.lead"

    def test_leads_are_read(self, world):
        contact = world.lead()
        self.routing_leads(world)
        lead = self.lead_of(world, contact)

        (seen,) = [one for one in read(world, Stream.LEADS) if isinstance(one, RecordSeen)]

        assert (seen.object, seen.id, seen.owner) == ("hs.lead", lead, None)

    def test_what_is_known_of_the_person_comes_from_the_contact(self, world):
        acme = company(world)
        contact = world.lead(
            country="DE", email="kim@acme.test", salesforceleadid="00Q5g00000AbCdE"
        )
        link(world, "contacts", contact, "companies", acme)
        self.lead_of(world, contact)
        world.connector = world.connect(
            routed=lead_object(), mapped=(Mapped("country", "hs.lead", "contact.country"),)
        )

        (seen,) = read(world, Stream.LEADS)

        assert (seen.email, seen.account) == ("kim@acme.test", acme)
        assert seen.fields["contact"]["country"] == "DE"
        assert seen.same_as == {"sf.lead": "00Q5g00000AbCdEEAV"}

    def test_the_contact_follows_the_lead(self, world):
        contact, rep = world.lead(), world.rep()
        self.routing_leads(world)
        lead = self.lead_of(world, contact)

        result = gave(world, lead, rep)

        assert (result.applied, world.owner(contact)) == ("confirmed", rep)
        assert f"hs.contact {contact} follows" in result.detail

    def test_a_contact_who_is_somebody_s_stays(self, world):
        contact, rep, human = world.lead(), world.rep(), world.rep()
        self.routing_leads(world)
        lead = self.lead_of(world, contact)
        world.human_gives(contact, human)

        result = gave(world, lead, rep)

        assert (result.applied, world.owner(contact)) == ("confirmed", human)
        assert f"stays with {human}" in result.detail

    def test_the_leads_follow_the_contact(self, world):
        contact, rep = world.lead(), world.rep()
        lead = self.lead_of(world, contact)
        world.connector = world.connect(follower=lead_object())

        (result,) = world.connector.apply([effect_for(world, contact, rep)])

        assert result.applied == "confirmed"
        assert world.record(lead, "leads").owner == rep

    def test_a_portal_without_leads_goes_on_with_contacts(self, world):
        world.simulator.portal.settings.has_leads = False
        contact, rep = world.lead(), world.rep()
        world.connector = world.connect(follower=lead_object())

        assert gave(world, contact, rep).applied == "confirmed"
        assert world.connector.check().can_read
