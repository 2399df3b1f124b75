"""A scenario that is wrong: every mistake of every file it brings, with its place."""

import pytest

from routing.scenario import read_scenario
from tests.unit.scenario.stories import ANY_EVENT, BOOK, FILES, PEOPLE, mistakes, read


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
