"""A scenario read whole: the story, or every mistake of every file it brings."""

from datetime import UTC, datetime

import pytest

from daemon.calendars import PLACES
from routing.roster import Step
from routing.scenario import (
    Away,
    Back,
    Close,
    Event,
    LeadArrives,
    Leave,
    OwnerChanged,
    PersonJoins,
    Scenario,
    ScenarioRead,
    read_scenario,
)

BOOK = """
rulebook: inbound
fields:
  country: {type: choice, values: [US, DE, "NO"]}
  score: {type: integer}
  products: {type: set, values: [api]}
  account.industry: {type: text}
roles: {csm: account.CSM__c}
account_owner: {match_by: [domain]}
pools: {us: {team: us}}
rules: [{name: us, pool: us}]
fallback: {queue: triage}
"""
PEOPLE = "people: [{id: ada, teams: [us], timezone: UTC, hours: {mon-sun: '00:00-24:00'}}]"
ACCOUNTS = "[{id: acme, name: Acme, CSM__c: ada, industry: steel}]"
ANY_EVENT = "[{at: 2026-01-05T09:00:00Z, back: ada}]"
FILES = {"book.yaml": BOOK, "people.yaml": PEOPLE, "accounts.yaml": ACCOUNTS}


def read(
    *events: str,
    expect: str = "{}",
    people: str = "people.yaml",
    accounts: str = "accounts.yaml",
    further: str = "",
) -> ScenarioRead:
    """A scenario of some events, one a line from line 5 on."""
    lines = [
        "rulebook: book.yaml",
        f"people: {people}",
        f"accounts: {accounts}",
        "events:",
        *(f"- {{{event}}}" for event in events or ["at: 2026-01-05T09:00:00Z, back: ada"]),
        f"expect: {expect}",
        further,
    ]
    return read_scenario(
        "\n".join(lines), name="s.yaml", read_file=lambda path: FILES[path], places=PLACES
    )


def story(*events: str, **more: str) -> Scenario:
    found = read(*events, **more)
    assert [str(mistake) for mistake in found.mistakes] == []
    assert found.scenario is not None
    return found.scenario


def happens(*events: str) -> list[Event]:
    return list(story(*events).events())


def mistakes(*events: str, **more: str) -> list[str]:
    return [str(mistake) for mistake in read(*events, **more).mistakes]


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


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("lead: {id: L1}", 'has no "at"'),
        ("at: 2026-01-05T09:00:00, back: ada", 'Add "Z" for UTC'),
        ("at: 2026-01-05, back: ada", "must be a time"),
        ("at: 2026-13-05T09:00:00Z, back: ada", "not in the calendar"),
        ("at: 1969-01-05T09:00:00Z, back: ada", "between the years 1970 and 2199"),
        ("at: 2026-01-05T09:00:00Z", "this one has none of them"),
        ("at: 2026-01-05T09:00:00Z, back: ada, leave: ada", "both back, leave"),
        ("at: 2026-01-05T09:00:00Z, bakc: ada, back: ada", 'Did you mean "back"?'),
        ("at: 2026-01-05T09:00:00Z, back: adda", 'Did you mean "ada"?'),
        ("at: 2026-01-05T09:00:00Z, away: zoe", '"zoe" is not a person on the roster'),
        ("at: 2026-01-05T09:00:00Z, leave: zoe", '"zoe" is not a person on the roster'),
        ("at: 2026-01-05T09:00:00Z, close: L9", '"L9" is not a lead of this scenario'),
        ("at: 2026-01-05T09:00:00Z, owner: {lead: L9, to: ada}", '"L9" is not a lead'),
        ("at: 2026-01-05T09:00:00Z, owner: {to: ada}", 'has no "lead"'),
        ("at: 2026-01-05T09:00:00Z, lead: {country: US}", 'has no "id"'),
        ("at: 2026-01-05T09:00:00Z, lead: {id: L1, contry: US}", 'Did you mean "country"?'),
        ("at: 2026-01-05T09:00:00Z, lead: {id: 17}", 'Quote it: "17"'),
        ("at: 2026-01-05T09:00:00Z, lead: {id: L1, country: NO}", 'Quote it: "NO"'),
        ("at: 2026-01-05T09:00:00Z, lead: {id: L1, products: [NO]}", 'Quote it: "NO"'),
        ("at: 2026-01-05T09:00:00Z, lead: {id: L1, country: 017}", 'Quote it: "017"'),
        ("at: 2026-01-05T09:00:00Z, lead: {id: L1, score: 017}", "in plain digits"),
        ("at: 2026-01-05T09:00:00Z, lead: {id: L1, score: {a: 1}}", "a value or a list"),
        ("at: 2026-01-05T09:00:00Z, lead: {id: L1, account.industry: x}", "not a key of a lead"),
        ("at: 2026-01-05T09:00:00Z, lead: {id: L1, owner: 'queue:'}", "names no queue"),
        ("at: 2026-01-05T09:00:00Z, lead: {id: L1, account: amce}", 'Did you mean "acme"?'),
        ("at: 2026-01-05T09:00:00Z, lead: {id: L1, received_at: now}", "must be a time"),
        ("at: 2026-01-05T09:00:00Z, lead: {id: L1, test: maybe}", "must be true or false"),
        ("at: 2026-01-05T09:00:00Z, lead: L1", "must be a mapping"),
        ("at: 2026-01-05T09:00:00Z, person: {id: ada, wieght: 1}", 'Did you mean "weight"?'),
        ("at: 2026-01-05T09:00:00Z, person: {id: ada, backup: zoe}", "not on the roster"),
        ("at: 2026-01-05T09:00:00Z, person: {id: ada, timezone: null}", "hours but no timezone"),
        ("at: 2026-01-05T09:00:00Z, back: ada, until: 2026-01-06T09:00:00Z", "has no meaning"),
        ("at: 2026-01-05T09:00:00Z, away: ada, until: 2026-01-05T09:00:00Z", "later than"),
        ("at: 2026-01-05T09:00:00Z, every: 1d, back: ada", '"every" needs "times"'),
        ("at: 2026-01-05T09:00:00Z, times: 3, back: ada", '"times" needs "every"'),
        ("at: 2026-01-05T09:00:00Z, every: 1x, times: 3, back: ada", "must be a duration"),
        ("at: 2026-01-05T09:00:00Z, every: 1d, times: 0, back: ada", "must be at least 1"),
        ("at: 2026-01-05T09:00:00Z, every: 1s, times: 1000001, back: ada", "at most 1000000"),
        ("at: 2026-01-05T09:00:00Z, every: 36500d, times: 999, back: ada", "repeats until later"),
        ('at: 2026-01-05T09:00:00Z, every: 1d, times: 3, close: "L{n}"', '"L1" is not a lead'),
    ],
)
def test_a_wrong_event_is_told_with_its_place_and_what_to_write(event, said):
    found = mistakes(event)

    assert len(found) == 1
    assert found[0].startswith("s.yaml:5:")
    assert said in found[0]


def test_more_than_a_million_events_are_refused_where_the_limit_is_passed():
    found = mistakes(
        "at: 2026-01-05T09:00:00Z, every: 1s, times: 1000000, back: ada",
        "at: 2026-01-05T09:00:00Z, back: ada",
    )

    assert found == [
        (
            "s.yaml:6:3: With this event the scenario has more than 1,000,000 events."
            " Make `times` smaller, or write several scenarios."
        )
    ]


def test_an_event_with_a_mistake_still_brings_the_lead_that_others_name():
    found = mistakes(
        "at: 2026-01-05T09:00:00, lead: {id: L1, score: 017}", "at: 2026-01-06T09:00:00Z, close: L1"
    )

    assert [line.partition(": ")[0] for line in found] == ["s.yaml:5:8", "s.yaml:5:51"]


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("{L9: ada}", 'the lead "L9", which never arrives'),
        ("{L1: adda}", 'Did you mean "ada"?'),
        ("{L1: 5}", "must be text"),
        ("{L1: {}}", "is empty"),
        ("{L1: {ownr: ada}}", 'Did you mean "owner"?'),
        ("{L1: {method: roundrobin}}", 'Did you mean "round_robin"?'),
        ("{L1: {rule: uss}}", 'Did you mean "us"?'),
        ("{L1: {route: outbound}}", 'Did you mean "inbound"?'),
        ("[L1]", "must be a mapping"),
    ],
)
def test_a_wrong_expectation_is_told_with_its_place(expect, said):
    found = mistakes("at: 2026-01-05T09:00:00Z, lead: {id: L1}", expect=expect)

    assert len(found) == 1
    assert found[0].startswith("s.yaml:6:")
    assert said in found[0]


@pytest.mark.parametrize(
    ("accounts", "said"),
    [
        ("[{id: a, nmae: x}]", 'Did you mean "name"?'),
        ("[{id: a}, {id: a}]", "appears twice"),
        ("[{name: a}]", 'has no "id"'),
        ("[{id: a, owner: adda}]", 'Did you mean "ada"?'),
        ("[{id: a, team: [ada, zoe]}]", '"zoe", who is not on the roster'),
        ("[{id: a, CSM__c: zoe}]", '"zoe", who is not on the roster'),
        ("[{id: a, parent: b}]", "not among the accounts"),
        ("[{id: a, parent: a}]", "its own parent"),
        ("[{id: a, employees: many}]", "must be a whole number"),
        ("[{id: a, named: 1}]", "must be true or false"),
        ("[{id: a, created_at: soon}]", "must be a time"),
        ("[{id: a, domains: acme.com}]", "Write [acme.com]"),
        ("[{id: a, industry: NO}]", 'Quote it: "NO"'),
        ("{id: a}", "must be a list, or the path of a file"),
    ],
)
def test_a_wrong_account_is_told_with_its_place(accounts, said):
    found = mistakes(accounts=accounts)

    assert len(found) == 1
    assert found[0].startswith("s.yaml:3:")
    assert said in found[0]


def test_mistakes_of_all_files_come_together_each_under_its_own_name(monkeypatch):
    monkeypatch.setitem(FILES, "book.yaml", BOOK.replace("triage}", "triage}\nvalue: scroe"))
    monkeypatch.setitem(FILES, "people.csv", "id,weight\nada,heavy\n")
    found = mistakes("at: 2026-01-05T09:00:00Z, back: zoe", people="people.csv")

    assert sorted(line.partition(": ")[0] for line in found) == [
        "book.yaml:13:8",
        "people.csv:2:2",
        "s.yaml:5:36",
    ]


@pytest.mark.parametrize("error", [FileNotFoundError(2, "No such file"), ValueError("not UTF-8")])
def test_a_file_that_cannot_be_read_is_one_mistake_at_the_key_that_names_it(error):
    def refuse(path: str) -> str:
        raise error

    text = f"rulebook: gone.yaml\n{PEOPLE}\nevents: {ANY_EVENT}"
    (mistake,) = read_scenario(text, name="s.yaml", read_file=refuse).mistakes

    assert str(mistake).startswith('s.yaml:1:11: "rulebook" of the scenario names "gone.yaml"')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("7", "must be a mapping"),
        ("{rulebook: {", "s.yaml:"),
        (f"events: {ANY_EVENT}\n{PEOPLE}", 'has no "rulebook"'),
        ("rulebook: book.yaml\npeople: people.yaml", 'has no "events"'),
        (f"rulebook: book.yaml\npeople: people.yaml\nevents: {ANY_EVENT}\nevnts: 1", "evnts"),
        ("rulebook: book.yaml\nevents: 5", "must be a list"),
        (f"rulebook: [1]\npeople: people.yaml\nevents: {ANY_EVENT}", "must be a mapping"),
    ],
)
def test_a_file_of_the_wrong_shape_is_told_so(text, said):
    found = read_scenario(text, name="s.yaml", read_file=FILES.__getitem__)

    assert len(found.mistakes) == 1
    assert said in str(found.mistakes[0])


def test_a_book_that_names_nobody_on_the_roster_is_a_mistake_and_an_empty_team_a_warning():
    book = (
        "{rulebook: b, pools: {p: {people: [zoe]}, q: {team: uk}}, rules: [], fallback: {queue: t}}"
    )
    text = f"rulebook: {book}\n{PEOPLE}\nevents: {ANY_EVENT}"
    found = read_scenario(text, name="s.yaml", read_file=FILES.__getitem__)

    assert any('names "zoe", who is not on the roster' in str(each) for each in found.mistakes)
    assert any('the team "uk", which nobody is in' in str(each) for each in found.warnings)


def test_a_person_who_joins_without_hours_is_a_warning():
    found = read("at: 2026-01-05T09:00:00Z, person: {id: cleo}")

    assert [str(each).partition(" has ")[0] for each in found.warnings] == [
        's.yaml:5:43: person "cleo"'
    ]


def test_two_people_with_one_email_are_a_mistake_even_when_one_joins_later():
    found = mistakes(
        "at: 2026-01-05T09:00:00Z, person: {id: ada, email: a@x.test}",
        "at: 2026-01-06T09:00:00Z, person: {id: cleo, email: A@x.test}",
    )

    assert 'is "ada"\'s already' in found[0]
