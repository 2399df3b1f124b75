"""What each stream hands out, row by row."""

from datetime import datetime, timedelta

import pytest

from connectors.simulator.salesforce.access import Access
from routing.facts.crm import (
    AbsenceSeen,
    AccountSeen,
    OutcomeSeen,
    QueueSeen,
    RecordSeen,
    Stream,
    TouchSeen,
    UserSeen,
)
from tests.contract.crm_contract import read_all


def of(kind, seen):
    return [one for one in seen if isinstance(one, kind)]


def test_a_record_carries_its_facts_whole_and_without_floats(world):
    lead = world.lead(Country="Germany", NumberOfEmployees=250, Score__c=71.5, Email="k@acme.test")

    seen, _ = read_all(world.connector, Stream.LEADS)

    record = next(one for one in of(RecordSeen, seen) if one.id == lead)
    assert record.fields["Country"] == "Germany"
    assert record.fields["NumberOfEmployees"] == 250
    assert record.fields["Score__c"] == "71.5"
    assert (record.email, record.stage, record.unread_by_owner) == ("k@acme.test", "New", True)
    assert record.read_at == world.clock.now()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("=HYPERLINK(1)", id="formula"),
        pytest.param("\u05d0\u202ex", id="right to left"),
        pytest.param("a\x00b", id="a null byte"),
        pytest.param("x" * 100_000, id="a hundred kilobytes"),
        pytest.param("' OR Id != '", id="a piece of a query"),
    ],
)
def test_hostile_text_is_handed_out_as_it_is(world, name):
    world.simulator.acts.create(
        "Lead",
        {"LastName": name, "Company": name, "OwnerId": world.unrouted},
        unchecked=True,
    )

    seen, _ = read_all(world.connector, Stream.LEADS)

    assert of(RecordSeen, seen)[0].company == name


def test_contacts_come_with_the_owner_field_that_is_theirs(world):
    rep = world.rep()
    contact = world.simulator.acts.create("Contact", {"LastName": "Vogel", "SDR__c": rep})

    seen, _ = read_all(world.connector, Stream.LEADS)

    assert [(one.object, one.owner) for one in seen if one.id == contact] == [("sf.contact", rep)]


def test_a_conversion_is_a_record_and_an_outcome(world):
    lead = world.lead()
    world.convert(lead)

    records, _ = read_all(world.connector, Stream.LEADS)
    outcomes, _ = read_all(world.connector, Stream.OUTCOMES)

    record = next(one for one in of(RecordSeen, records) if one.id == lead)
    assert record.converted
    assert set(record.converted_to) == {"sf.account", "sf.contact", "sf.opportunity"}
    linked = [one for one in of(OutcomeSeen, outcomes) if one.record == lead]
    assert [(one.kind, one.id) for one in linked] == [
        ("converted", lead),
        ("opportunity", record.converted_to["sf.opportunity"]),
    ]


def test_a_won_opportunity_tells_its_amount(world):
    account = next(iter(world.simulator.org.store.table("Account").rows))
    deal = {
        "Name": "New business",
        "AccountId": account,
        "StageName": "Closed Won",
        "CloseDate": "2026-03-02",
        "Amount": 1200.5,
    }
    made = world.simulator.acts.create("Opportunity", deal)

    seen, _ = read_all(world.connector, Stream.OUTCOMES)

    won = [one for one in of(OutcomeSeen, seen) if one.id == made]
    assert [(one.kind, one.amount, one.account) for one in won] == [("won", "1200.5", account)]


def test_users_tell_whether_they_can_own(world):
    seen, _ = read_all(world.connector, Stream.PEOPLE)

    users = {one.name: one for one in of(UserSeen, seen)}
    assert users["Chatter Guest"].can_own is False
    assert users["Olga Admin"].can_own is True
    assert users["Olga Admin"].timezone == "UTC"


def test_a_frozen_user_is_inactive_until_thawed(world):
    people, bookmark = read_all(world.connector, Stream.PEOPLE)
    login = next(iter(world.simulator.org.store.table("UserLogin").rows.values()))
    assert next(one for one in of(UserSeen, people) if one.id == login["UserId"]).active
    active = []
    for frozen in (True, False):
        table = world.simulator.org.store.table("UserLogin")
        table.put({**table.rows[login["Id"]], "IsFrozen": frozen})
        seen, bookmark = read_all(world.connector, Stream.PEOPLE, bookmark)
        active += [one.active for one in of(UserSeen, seen) if one.id == login["UserId"]]

    assert active == [False, True]


def test_queues_come_with_their_members_however_deep(world):
    rep, queue = world.rep(), world.simulator.world.queues["web-inbound"]
    acts = world.simulator.acts
    group = acts.create("Group", {"Name": "Night shift", "Type": "Regular"}, unchecked=True)
    acts.create("GroupMember", {"GroupId": group, "UserOrGroupId": rep}, unchecked=True)
    acts.create("GroupMember", {"GroupId": queue, "UserOrGroupId": group}, unchecked=True)
    acts.create("GroupMember", {"GroupId": group, "UserOrGroupId": queue}, unchecked=True)

    seen, bookmark = read_all(world.connector, Stream.PEOPLE)
    again, _ = read_all(world.connector, Stream.PEOPLE, bookmark)

    found = next(one for one in of(QueueSeen, seen) if one.id == queue)
    assert (found.name, found.label, found.objects) == ("web_inbound", "web-inbound", ("sf.lead",))
    assert rep in found.members
    assert again == []


def test_a_role_in_a_queue_brings_its_users(world):
    queue = world.simulator.world.queues["web-inbound"]
    role = next(iter(world.simulator.org.store.table("UserRole").rows))
    users = world.simulator.org.store.table("User").rows.values()
    held = {str(user["Id"]) for user in users if user["UserRoleId"] == role}
    acts = world.simulator.acts
    group = acts.create(
        "Group", {"Name": "Role", "Type": "Role", "RelatedId": role}, unchecked=True
    )
    acts.create("GroupMember", {"GroupId": queue, "UserOrGroupId": group}, unchecked=True)

    seen, _ = read_all(world.connector, Stream.PEOPLE)

    found = next(one for one in of(QueueSeen, seen) if one.id == queue)
    assert held
    assert held <= set(found.members)


def test_accounts_come_whole_with_their_roles(world):
    account = next(iter(world.simulator.org.store.table("Account").rows.values()))

    seen, _ = read_all(world.connector, Stream.ACCOUNTS)

    found = next(one for one in of(AccountSeen, seen) if one.id == account["Id"])
    assert found.name == account["Name"]
    assert found.owner == account["OwnerId"]
    assert found.fields["SDR__c"] == account["SDR__c"]
    assert found.named is bool(account["Named__c"])
    assert found.domain in account["Website"]


def test_an_account_is_told_again_when_an_opportunity_opens_and_closes(world):
    account = world.simulator.acts.create("Account", {"Name": "Fresh Inc"})
    seen, bookmark = read_all(world.connector, Stream.ACCOUNTS)
    told = [one.open_opportunity for one in of(AccountSeen, seen) if one.id == account]
    deal = {"Name": "d", "AccountId": account, "CloseDate": "2026-03-02"}
    opened = world.simulator.acts.create("Opportunity", {**deal, "StageName": "Prospecting"})
    world.pass_time(1)
    seen, bookmark = read_all(world.connector, Stream.ACCOUNTS, bookmark)
    told += [one.open_opportunity for one in of(AccountSeen, seen) if one.id == account]
    world.simulator.acts.update(str(opened), {"StageName": "Closed Lost"})
    world.pass_time(1)

    seen, _ = read_all(world.connector, Stream.ACCOUNTS, bookmark)

    told += [one.open_opportunity for one in of(AccountSeen, seen) if one.id == account]
    assert told == [False, True, False]


def test_an_account_team_is_told(world):
    account, rep = world.simulator.acts.create("Account", {"Name": "Fresh Inc"}), world.rep()
    _, bookmark = read_all(world.connector, Stream.ACCOUNTS)
    world.simulator.acts.create("AccountTeamMember", {"AccountId": account, "UserId": rep})
    world.pass_time(1)

    seen, _ = read_all(world.connector, Stream.ACCOUNTS, bookmark)

    assert [one.team for one in of(AccountSeen, seen) if one.id == account] == [(rep,)]


def test_calls_mails_meetings_and_a_first_look_are_touches(world):
    lead, rep = world.lead(), world.rep()
    world.human_gives(lead, rep)
    for kind in ("Call", "Email", "Meeting"):
        world.simulator.acts.work(lead, by=rep, kind=kind)
    world.simulator.acts.read(lead, by=rep)

    seen, _ = read_all(world.connector, Stream.TOUCHES)

    touches = [(one.kind, one.by, one.human) for one in of(TouchSeen, seen) if one.record == lead]
    assert sorted(touches) == [
        ("call", rep, True),
        ("email", rep, True),
        ("event", rep, True),
        ("read", rep, True),
    ]


def test_a_task_of_the_integration_user_is_no_human_s_touch(world):
    lead = world.lead()
    world.simulator.acts.work(lead, by=world.simulator.world.integration_user_id)

    seen, _ = read_all(world.connector, Stream.TOUCHES)

    assert [one.human for one in of(TouchSeen, seen) if one.record == lead] == [False]


def test_an_absence_begins_and_ends(world):
    rep = world.rep()
    until = world.clock.now() + timedelta(days=3)
    world.simulator.acts.set_out_of_office(rep, until=until)
    seen, bookmark = read_all(world.connector, Stream.ABSENCES)
    away = next(one for one in of(AbsenceSeen, seen) if one.user == rep)
    world.pass_time(60)
    world.simulator.acts.end_out_of_office(rep)

    seen, _ = read_all(world.connector, Stream.ABSENCES, bookmark)

    back = next(one for one in of(AbsenceSeen, seen) if one.user == rep)
    assert (away.enabled, away.ends_at) == (True, until)
    assert (back.enabled, back.id) == (False, away.id)
    assert isinstance(back.ends_at, datetime)


def test_what_is_switched_off_gives_empty_pages(world):
    hidden = frozenset({"OutOfOffice", "Task", "Event", "Opportunity", "UserLogin"})
    connector = world.connect_with(access=Access(hidden_objects=hidden))

    absences, _ = read_all(connector, Stream.ABSENCES)
    accounts, _ = read_all(connector, Stream.ACCOUNTS)
    people, _ = read_all(connector, Stream.PEOPLE)

    assert absences == []
    assert {one.open_opportunity for one in of(AccountSeen, accounts)} == {None}
    assert people


def test_a_purged_lead_is_told_as_deleted_by_owners_of(world):
    lead = world.lead()
    world.simulator.acts.delete(lead)
    world.simulator.acts.purge(lead)

    owners = world.connector.owners_of([lead, "nonsense"], object="sf.lead")

    assert (owners[lead].deleted, owners[lead].modified_at) == (True, None)
    assert owners["nonsense"].deleted


def test_a_sweep_follows_pages_and_survives_a_dead_locator(world):
    world.simulator.world.add_leads(1500, at=world.clock.now())
    world.simulator.fault("page_shrink", rows=300)
    world.simulator.fault("dead_locator", match={"nth": [2, 3]})

    swept = [one.id for page in world.connector.sweep(world.clock.now()) for one in page]

    assert len(set(swept)) == len(swept) == 1500
