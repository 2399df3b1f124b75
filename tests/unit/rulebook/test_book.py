"""A rulebook becomes a book, or a list of everything that is wrong with it."""

from datetime import UTC, datetime, timedelta

import pytest

from routing.facts.crm import Mapped
from routing.reading import Mistakes, as_text, compose
from routing.rulebook.book import read_book, read_book_node
from routing.rulebook.model import (
    Choose,
    Entry,
    Fallback,
    Matching,
    OffHours,
    Pool,
    Rule,
    Skills,
    Sla,
    TakesFrom,
    Target,
    TargetKind,
    WhenAway,
)
from routing.rulebook.references import check_against_roster
from tests.unit.rulebook.books import book, book_of, book_text, read


def rule(text):
    return book(rules=f"  - {{name: r, {text}}}\n").routes[0].rules[0]


def node_of(text):
    return compose(text, file="s.yaml", mistakes=Mistakes())


def test_three_keys_make_a_book():
    found = book_of("{rulebook: b, rules: [{name: all, to: {queue: q}}], fallback: {queue: q}}")

    assert found.routes[0].name == "b"
    assert found.fallback == Fallback(queue="q")


def test_account_owner_is_a_first_rule_to_the_role_owner():
    more = "account_owner: {match_by: [domain], tie_break: [newest], counts_as_turn: true}"

    found = book(more=more)

    first = found.routes[0].rules[0]
    assert (first.name, first.to) == ("account_owner", Target(TargetKind.ROLE, "owner"))
    assert first.counts_as_turn
    assert found.matching == Matching(("domain",), ("newest",))
    assert [each.name for each in found.routes[0].rules] == ["account_owner", "all"]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        pytest.param("pool: us", Target(TargetKind.POOL, "us"), id="pool"),
        pytest.param("to: {pool: us}", Target(TargetKind.POOL, "us"), id="pool in full"),
        pytest.param("to: {person: bob}", Target(TargetKind.PERSON, "bob"), id="person"),
        pytest.param("to: {role: owner}", Target(TargetKind.ROLE, "owner"), id="role"),
        pytest.param(
            "to: {owner_of: open_lead_same_domain, touched_within: 30d}",
            Target(TargetKind.OWNER_OF, "open_lead_same_domain", timedelta(days=30)),
            id="owner of an open lead",
        ),
        pytest.param("to: {queue: q}", Target(TargetKind.QUEUE, "q"), id="queue"),
        pytest.param("to: hold", Target(TargetKind.HOLD), id="hold"),
        pytest.param("to: {hold: true}", Target(TargetKind.HOLD), id="hold in full"),
        pytest.param("to: {nobody: spam}", Target(TargetKind.NOBODY, "spam"), id="nobody"),
    ],
)
def test_a_rule_may_send_its_leads_to(text, target):
    assert rule(text).to == target


def test_a_rule_keeps_everything_it_says():
    found = rule(
        "pool: us, skills: {required: [b, a], from: [products], relax_after: 10m}, choose: model,"
        " off_hours: hold, when_away: [rules], counts_as_turn: true,"
        " fallback: {person: mona, then: {queue: q}}, from: 2027-03-01,"
        " until: 2027-03-14T12:00:00Z, why: because, owner: ops, ticket: MOPS-812,"
        " review_by: 2027-06-01, sla: {respond_within: 15m, remind_at: [10m],"
        " then: [reassign, escalate], stop_after: 3}"
    )

    assert found == Rule(
        name="r",
        to=Target(TargetKind.POOL, "us"),
        skills=Skills(("a", "b"), ("products",), timedelta(minutes=10)),
        choose=Choose.MODEL,
        off_hours=OffHours.HOLD,
        fallback=Fallback("mona", "q"),
        sla=Sla(timedelta(minutes=15), (timedelta(minutes=10),), ("reassign", "escalate"), 3),
        when_away=(WhenAway.RULES,),
        counts_as_turn=True,
        starts_at=datetime(2027, 3, 1, tzinfo=UTC),
        ends_at=datetime(2027, 3, 14, 12, tzinfo=UTC),
        notes={
            "why": "because",
            "owner": "ops",
            "ticket": "MOPS-812",
            "review_by": "2027-06-01",
        },
        line=16,
    )


def test_entry_takes_from_roles_and_value_are_kept():
    found = book(
        more="entry: {stages: [new, mql], wait_for: {fields: [country], at_most: 90s}}\n"
        "takes_from: {nobody: true, placeholders: [sync], queues: [inbox], inactive: false}\n"
        "roles: {ae: account.owner, sdr: account.SDR__c}\n"
        "value: score\n"
    )

    route = found.routes[0]
    assert route.entry == Entry(("new", "mql"), ("country",), timedelta(seconds=90))
    assert route.takes_from == TakesFrom(placeholders=("sync",), queues=("inbox",), inactive=False)
    assert found.roles == {"owner": "account.owner", "ae": "account.owner", "sdr": "account.SDR__c"}
    assert found.value == "score"


def test_pools_are_a_team_or_people_with_weights_and_caps():
    text = (
        "{rulebook: b, pools: {a: {team: us, caps: {hour: 1, day: 2, week: 3}},"
        " b: {people: [bob, ada], weights: {ada: 2}}},"
        " rules: [{name: r, pool: a}], fallback: {queue: q}}"
    )

    assert book_of(text).pools == {
        "a": Pool("a", "us", (), {}, {"hour": 1, "day": 2, "week": 3}),
        "b": Pool("b", None, ("ada", "bob"), {"ada": 2}, {}),
    }


def test_an_unseen_value_of_an_open_field_is_a_warning():
    rules = "  - {name: r, pool: us, when: {industry: {is: sofware}}}\n"

    found = read(rules=rules)

    assert found.book is not None
    assert [str(each) for each in found.warnings] == [
        (
            'b.yaml:16:47: "sofware" is not among the values of "industry", which is open. Did you'
            ' mean "software"?'
        )
    ]


def test_a_book_inside_another_file_has_places_in_that_file_and_the_same_hash():
    outer = "scenario: s\nrulebook:\n  rulebook: b\n  rules: [{name: r, to: {queue: NO}}]\n"

    found = read_book_node(node_of(outer).get("rulebook"))

    assert [(each.file, each.line) for each in found.mistakes] == [("s.yaml", 3), ("s.yaml", 4)]


def test_a_book_inside_another_file_is_kept_as_text_that_reads_the_same():
    node = node_of(book_text())

    assert book_of(as_text(node)).hash == book().hash


def test_layout_does_not_change_the_hash():
    plain = "rulebook: b\nrules:\n- name: r\n  to: {queue: q}\nfallback: {queue: q}\n"
    other = "{fallback: {'queue': q}, rules: [{to: {queue: \"q\"}, name: r}], rulebook: b} # JSON"

    assert book_of(plain).hash == book_of(other).hash


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({"fallback": "{queue: other}"}, id="fallback"),
        pytest.param({"rules": "  - {name: all, pool: us, choose: model}\n"}, id="choose"),
        pytest.param(
            {"rules": "  - {name: all, pool: us, when: {vip: {is: true}}}\n"}, id="condition"
        ),
        pytest.param({"more": "value: score\n"}, id="value"),
        pytest.param({"more": "account_owner: {}\n"}, id="account owner"),
        pytest.param({"more": "entry: {stages: [new]}\n"}, id="entry"),
        pytest.param({"fields": "  score: {type: integer, max: 9}\n"}, id="fields"),
    ],
)
def test_what_the_book_says_changes_the_hash(parts):
    assert book(**parts).hash != book().hash


def test_the_crm_fields_behind_the_facts_belong_to_the_hash():
    country = Mapped("country", "sf.lead", "Country")
    score = Mapped("score", "sf.lead", "Score__c")
    other = Mapped("country", "sf.lead", "MailingCountry")

    def hash_of(*mapped):
        found = read_book(book_text(), name="b", mapped=mapped).book
        return found and found.hash

    assert hash_of(country, score) == hash_of(score, country)
    assert len({hash_of(), hash_of(country), hash_of(other), hash_of(country, score)}) == 4


def test_people_a_roster_lacks_are_mistakes_and_empty_teams_are_warnings():
    text = (
        "rulebook: b\n"
        "pools: {a: {team: dahc}, b: {people: [ada, bbo], weights: {ada: 2}}}\n"
        "rules: [{name: r, to: {person: mnoa}}]\n"
        "fallback: {person: zoe, then: {queue: q}}\n"
    )

    found = check_against_roster(
        read_book(text, name="b.yaml").references, people={"ada", "bob", "mona"}, teams={"dach"}
    )

    assert [str(each) for each in found.mistakes] == [
        (
            'b.yaml:2:44: pool "b" names "bbo", who is not on the roster. Did you mean "bob"?'
            " Remove the name or add the person."
        ),
        (
            'b.yaml:3:32: "to" of rule "r" names "mnoa", who is not on the roster.'
            ' Did you mean "mona"? Remove the name or add the person.'
        ),
        (
            'b.yaml:4:20: "fallback" of the rulebook names "zoe", who is not on the roster.'
            " Remove the name or add the person."
        ),
    ]
    assert [str(each) for each in found.warnings] == [
        (
            'b.yaml:2:19: pool "a" takes the team "dahc", which nobody is in; its leads fall back.'
            ' Did you mean "dach"?'
        )
    ]
