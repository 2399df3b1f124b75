"""A scenario that is right: what its events say, and in which order they come."""

from datetime import UTC, datetime

from routing.roster import Step
from routing.scenario import (
    Away,
    Back,
    Close,
    LeadArrives,
    Leave,
    OwnerChanged,
    PersonJoins,
    read_scenario,
)
from tests.unit.scenario.stories import (
    ACCOUNTS,
    ANY_EVENT,
    BOOK,
    FILES,
    PEOPLE,
    happens,
    mistakes,
    story,
)


def utc(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def test_a_lead_arrives_with_what_is_said_and_nothing_else():
    (event,) = happens(
        "at: 2026-01-05T09:00:00Z, lead: {id: L1, country: US, email: kim@acme.com, owner: null,"
        " received_at: 2026-01-05T08:00:00+01:00, test: false, products: [api], account: acme}"
    )

    assert isinstance(event, LeadArrives)
    assert (event.at, event.lead) == (utc(5), "L1")
    assert event.given == {
        "country": "US",
        "email": "kim@acme.com",
        "owner": None,
        "received_at": utc(5, 7),
        "test": False,
        "products": ["api"],
        "account": "acme",
    }


def test_people_go_come_back_join_change_and_leave():
    away, back, person, leave = happens(
        "at: 2026-01-05T09:00:00Z, away: ada, until: 2026-01-09T00:00:00Z",
        "at: 2026-01-06T09:00:00Z, back: ada",
        "at: 2026-01-07T09:00:00Z, person: {id: cleo, teams: [us]}",
        "at: 2026-01-08T09:00:00Z, leave: cleo",
    )

    assert isinstance(away, Away)
    assert (away.person, away.until) == ("ada", utc(9, 0))
    assert isinstance(back, Back)
    assert isinstance(person, PersonJoins)
    assert (person.person, person.change.steps["teams"]) == ("cleo", (Step(None, ("us",)),))
    assert isinstance(leave, Leave)


def test_leads_close_and_owners_change():
    _, close, *owners = happens(
        "at: 2026-01-05T09:00:00Z, lead: {id: L1}",
        "at: 2026-01-06T09:00:00Z, close: L1",
        "at: 2026-01-07T09:00:00Z, owner: {lead: L1, to: ada}",
        "at: 2026-01-07T10:00:00Z, owner: {lead: L1, to: null}",
        'at: 2026-01-07T11:00:00Z, owner: {lead: L1, to: "queue:triage"}',
        "at: 2026-01-07T12:00:00Z, owner: {lead: L1, to: somebody else}",
    )

    assert isinstance(close, Close)
    assert [each.to for each in owners if isinstance(each, OwnerChanged)] == [
        "ada",
        None,
        "queue:triage",
        "somebody else",
    ]


def test_events_come_by_time_then_file_order_then_number():
    found = happens(
        'at: 2026-01-06T09:00:00Z, every: 1d, times: 2, lead: {id: "A{n}"}',
        "at: 2026-01-07T09:00:00Z, lead: {id: B}",
        'at: "2026-01-06T10:00:00+01:00", every: 0s, times: 2, lead: {id: "C{n}"}',
        "at: 2026-01-05T09:00:00Z, lead: {id: D}",
    )

    assert [each.lead for each in found if isinstance(each, LeadArrives)] == [
        "D",
        "A1",
        "C1",
        "C2",
        "A2",
        "B",
    ]


def test_the_number_stands_in_every_text_of_a_series_and_nowhere_else():
    found = happens(
        'at: 2026-01-05T09:00:00Z, every: 1d, times: 2, lead: {id: "D{n}", email: "k@a{n}.com",'
        ' score: 1, products: ["p{n}"]}',
        'at: 2026-01-05T10:00:00Z, every: 1d, times: 2, person: {id: "p{n}", teams: ["t{n}"],'
        " timezone: UTC, hours: {mon: '09:00-10:00'}}",
        'at: 2026-01-06T11:00:00Z, every: 1d, times: 2, owner: {lead: "D{n}", to: "p{n}"}',
        'at: 2026-01-07T11:00:00Z, lead: {id: "D{n}"}',
    )
    leads = [each for each in found if isinstance(each, LeadArrives)]
    people = [each for each in found if isinstance(each, PersonJoins)]
    owners = [each for each in found if isinstance(each, OwnerChanged)]

    assert [each.lead for each in leads] == ["D1", "D2", "D{n}"]
    assert leads[1].given == {"email": "k@a2.com", "score": 1, "products": ["p2"]}
    assert [each.change.steps["teams"][0].value for each in people] == [("t1",), ("t2",)]
    assert [(each.lead, each.to) for each in owners] == [("D1", "p1"), ("D2", "p2")]


def test_rulebook_people_and_accounts_may_stand_in_the_file():
    book = BOOK.strip().replace("\n", "\n  ")
    inline = f"rulebook:\n  {book}\n{PEOPLE}\naccounts: {ACCOUNTS}\nevents: {ANY_EVENT}\n"
    found = read_scenario(inline, name="s.yaml", read_file=FILES.__getitem__)
    beside = story()

    assert found.scenario is not None
    assert found.scenario.book == beside.book
    assert found.scenario.accounts == beside.accounts
    assert found.scenario.roster.at(utc(5)) == beside.roster.at(utc(5))


def test_accounts_keep_the_further_keys_that_the_book_reads():
    (acme,) = story().accounts

    assert (acme.id, acme.name, acme.fields) == (
        "acme",
        "Acme",
        {"CSM__c": "ada", "industry": "steel"},
    )


def test_expectations_are_an_owner_nothing_or_some_of_four():
    found = story(
        'at: 2026-01-05T09:00:00Z, every: 1d, times: 4, lead: {id: "L{n}"}',
        expect='{L1: ada, L2: null, L3: "queue:triage",'
        " L4: {owner: null, method: waiting, rule: us, route: inbound}}",
    )

    assert {each.lead: each.wants for each in found.expect} == {
        "L1": {"owner": "ada"},
        "L2": None,
        "L3": {"owner": "queue:triage"},
        "L4": {"owner": None, "method": "waiting", "rule": "us", "route": "inbound"},
    }


def test_names_may_be_used_before_they_appear():
    found = mistakes(
        "at: 2026-01-05T09:00:00Z, close: L1",
        "at: 2026-01-05T09:00:00Z, away: cleo",
        "at: 2026-01-05T09:00:00Z, person: {id: ada, backup: cleo}",
        "at: 2026-01-06T09:00:00Z, person: {id: cleo}",
        "at: 2026-01-06T09:00:00Z, lead: {id: L1}",
    )

    assert found == []
