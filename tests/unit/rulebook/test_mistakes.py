"""Everything that is wrong with a rulebook is said at once, each with its place and the way out."""

import pytest

from routing.rulebook.book import read_book
from tests.unit.rulebook.books import complaints


def rule_complaints(text):
    return complaints(rules=f"  - {{name: r, {text}}}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "pool: uss",
            '"pool" of rule "r" names the pool "uss", which the book lacks. Did you mean "us"?',
            id="unknown pool",
        ),
        pytest.param(
            "to: {role: sdr}",
            '"role" of "to" of rule "r" names the role "sdr", which the book lacks. Declare it'
            " under `roles`, as in `sdr: account.SDR__c`.",
            id="unknown role",
        ),
        pytest.param(
            "pool: us, to: {queue: q}",
            'rule "r" has both "pool" and "to". Keep one of them.',
            id="two targets",
        ),
        pytest.param(
            "to: {pool: us, queue: q}",
            '"to" of rule "r" must name one of: pool, person, role, owner_of, queue, hold, nobody;'
            " it names 2.",
            id="two kinds of target",
        ),
        pytest.param(
            "choose: model",
            'rule "r" does not say where its leads go. Add `pool: NAME`, or `to:'
            " {person|role|queue|...: NAME}`.",
            id="no target",
        ),
        pytest.param(
            "pool: us, queue: q",
            '"queue" is not a key of a rule. Write to: {queue: ...}.',
            id="target without to",
        ),
        pytest.param(
            'to: {queue: "queue:q"}',
            '"queue" of "to" of rule "r" is "queue:q". Write the bare name: "q".',
            id="queue with its prefix",
        ),
        pytest.param(
            "to: {owner_of: open_lead}",
            '"owner_of" of "to" of rule "r" is "open_lead", which is not known. Did you mean'
            ' "open_lead_same_domain"?',
            id="unknown open lead",
        ),
        pytest.param(
            "to: {queue: q, touched_within: 1d}",
            '"touched_within" of "to" of rule "r" only goes with "owner_of". Remove it.',
            id="touched_within elsewhere",
        ),
        pytest.param(
            "to: {people: {market: us}}",
            '"people" (reps by their attributes) is not supported yet. Use a pool.',
            id="reps by attributes",
        ),
        pytest.param(
            "pool: us, also_tell: [csm]",
            '"also_tell" is not supported yet. Remove it.',
            id="also_tell",
        ),
        pytest.param(
            "pool: us, choose: modle",
            '"choose" of rule "r" is "modle", which is not known. Did you mean "model"?',
            id="unknown way to choose",
        ),
        pytest.param(
            "pool: us, off_hours: wait",
            '"off_hours" of rule "r" is "wait", which is not known. Write one of: assign, next,'
            " hold.",
            id="unknown off_hours",
        ),
        pytest.param(
            "pool: us, skills: {from: [prodcts]}",
            'an entry of "from" of "skills" of rule "r" names "prodcts", which is not a field of'
            ' the lead. Did you mean "products"?',
            id="skills from an unknown field",
        ),
        pytest.param(
            "pool: us, skills: {relax_after: 10m}",
            '"skills" of rule "r" asks for no skill. Write "required" or "from".',
            id="skills without a skill",
        ),
        pytest.param(
            "pool: us, from: 2027-03-02, until: 2027-03-02",
            'rule "r" ends at or before its start, so it never holds. Mend "until".',
            id="a period that is none",
        ),
        pytest.param(
            "pool: us, ticket: 812",
            '"ticket" of rule "r" must be text, but 812 is a number to YAML. Quote it: "812".',
            id="a ticket that is a number",
        ),
        pytest.param(
            "pool: us, why: 2027-03-01",
            '"why" of rule "r" must be text, but 2027-03-01 is a date to YAML. Quote it:'
            ' "2027-03-01".',
            id="a date for text",
        ),
        pytest.param(
            "pool: us, fallback: {queue: q, person: bob}",
            '"fallback" of rule "r" must name a queue, or a person and then a queue.',
            id="fallback to both",
        ),
        pytest.param(
            "pool: us, fallback: {queue: q, then: {queue: p}}",
            '"then" of "fallback" of rule "r" goes after a person; a queue takes every lead.'
            " Remove it.",
            id="then after a queue",
        ),
        pytest.param(
            "pool: us, sla: {remind_at: [10m]}",
            '"sla" of rule "r" has no "respond_within", which is required. Add it.',
            id="sla without a target",
        ),
    ],
)
def test_a_mistake_in_a_rule_is_answered_with_the_way_out(text, message):
    assert rule_complaints(text) == [message]


@pytest.mark.parametrize(
    ("field", "message"),
    [
        pytest.param(
            "country: {type: choice, values: [US, NO]}",
            'an entry of "values" of field "country" must be text, but NO is a boolean to YAML.'
            ' Quote it: "NO".',
            id="NO",
        ),
        pytest.param(
            "hour: {type: choice, values: [17:30]}",
            'an entry of "values" of field "hour" must be text, but 17:30 is a number to YAML.'
            ' Quote it: "17:30".',
            id="17:30",
        ),
        pytest.param(
            "zip: {type: choice, values: [010]}",
            'an entry of "values" of field "zip" must be text, but 010 is a number to YAML. Quote'
            ' it: "010".',
            id="010",
        ),
        pytest.param(
            "score: {type: integr}",
            '"type" of field "score" is "integr", which is not known. Did you mean "integer"?',
            id="unknown type",
        ),
        pytest.param(
            "score: {min: 3}",
            'field "score" has no "type", which is required. Add it.',
            id="no type",
        ),
        pytest.param(
            "score: {type: integer, min: 3, max: 1}",
            'field "score" has min 3 above max 1. Swap them.',
            id="bounds swapped",
        ),
        pytest.param(
            "score: {type: integer, min: 1.5}",
            '"min" of field "score" must be a whole number, but is the number 1.5.',
            id="float for a bound",
        ),
        pytest.param(
            "score: {type: integer, values: [a]}",
            '"values" has no meaning for field "score", which is of type integer. Remove it, or use'
            " type choice or set.",
            id="values of a number",
        ),
        pytest.param(
            "state: {type: choice}",
            'field "state" is a choice without values. List them, or write open: true.',
            id="choice without values",
        ),
        pytest.param(
            "state: {type: choice, values: [a, b, a]}",
            '"values" of field "state" names "a" twice. Keep one of them.',
            id="a value twice",
        ),
        pytest.param(
            "owner: {type: text}",
            '"owner" is a reserved word. Give the field another name.',
            id="reserved word",
        ),
        pytest.param(
            "contact.x: {type: text}",
            '"contact.x" cannot be the name of a field. Use letters, digits and _, after "account."'
            ' or "campaign." where it is not the lead\'s own.',
            id="unknown prefix",
        ),
        pytest.param(
            "email: {type: text}",
            '"email" is built in as email and cannot be a text. Remove the declaration, or use'
            " another name.",
            id="built-in fact of another type",
        ),
    ],
)
def test_a_mistake_in_a_field_is_answered_with_the_way_out(field, message):
    assert complaints(fields=f"  {field}\n") == [message]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param(
            "pool: {}",
            '"pool" is not a key of the rulebook. Did you mean "pools"?',
            id="unknown key",
        ),
        pytest.param(
            "tables: {}",
            '"tables" is not supported yet. Write the conditions out in rules.',
            id="tables",
        ),
        pytest.param(
            "routes: []",
            '"routes" is not supported yet: a book has one route. Write its rules under `rules`.',
            id="routes",
        ),
        pytest.param(
            "entry: {stages: new}",
            '"stages" of "entry" of the rulebook must be a list, but is the text "new". Write'
            " [new].",
            id="one stage, no list",
        ),
        pytest.param(
            "entry: {wait_for: {fields: [contry], at_most: 90}}",
            '"at_most" of "wait_for" of "entry" of the rulebook must be a duration, but is the'
            " number 90. Write a whole number and a unit: 90s, 10m, 2h or 30d.",
            id="duration without a unit",
        ),
        pytest.param(
            "roles: {ae: Owner}",
            'Role "ae" is read from "Owner", which is not the account\'s. Write account.owner, or'
            " account.SDR__c.",
            id="role of no account",
        ),
        pytest.param(
            "account_owner: {match_by: [domian]}",
            'an entry of "match_by" of "account_owner" of the rulebook is "domian", which is not'
            ' known. Did you mean "domain"?',
            id="unknown evidence",
        ),
        pytest.param(
            "value: country",
            '"value" of the rulebook names "country", which is of type choice. Use a field of type'
            " integer or money.",
            id="value that has no order",
        ),
        pytest.param(
            "exclusive: [[all]]",
            'an entry of "exclusive" of the rulebook has 1. Write at least 2.',
            id="group of one",
        ),
        pytest.param(
            "exclusive: [[all, al]]",
            'an entry of an entry of "exclusive" of the rulebook is "al", which is not known. Did'
            ' you mean "all"?',
            id="group with an unknown rule",
        ),
        pytest.param(
            "takes_from: {teams: [sdr]}",
            '"teams" is not supported yet: nobody takes a lead over from a team.',
            id="takes from a team",
        ),
    ],
)
def test_a_mistake_at_the_top_is_answered_with_the_way_out(more, message):
    assert message in complaints(more=more)


@pytest.mark.parametrize(
    ("pools", "message"),
    [
        pytest.param("{}", "must name either a team or people. Write {team: NAME}.", id="empty"),
        pytest.param(
            "{team: us, people: [a]}",
            "must name either a team or people. Write {team: NAME}.",
            id="team and people",
        ),
        pytest.param("{people: []}", "is an empty list. Write at least 1.", id="no people"),
        pytest.param(
            "{people: [a], weights: {b: 1}}", 'names "b", who is not in the pool.', id="stranger"
        ),
        pytest.param(
            "{people: [a], weights: {a: 101}}", "must be at most 100, but is 101.", id="too heavy"
        ),
        pytest.param("{team: us, caps: {day: -1}}", "must be at least 0, but is -1.", id="cap"),
        pytest.param("{team: us, caps: {month: 1}}", '"month" is not a key of', id="window"),
    ],
)
def test_a_mistake_in_a_pool_is_answered_with_the_way_out(pools, message):
    text = f"{{rulebook: b, pools: {{p: {pools}}}, rules: [{{name: r, pool: p}}], "

    found = read_book(text + "fallback: {queue: q}}", name="b").mistakes
    assert [message in str(each) for each in found] == [True]


def test_all_mistakes_are_reported_at_once_in_file_order():
    text = (
        "rulebook: NO\n"
        "fields:\n"
        "  country: {type: choise, values: [US]}\n"
        "pools: {us: {taem: us}}\n"
        "rules:\n"
        "  - {name: a, when: {country: {is: US}}, pool: uss}\n"
        "  - {name: a, when: {contry: {is: US}}, pool: us}\n"
        "falback: {queue: q}\n"
    )

    found = [str(each) for each in read_book(text, name="b.yaml").mistakes]

    assert found == [
        'b.yaml:1:1: the rulebook has no "fallback", which is required. Add it.',
        (
            'b.yaml:1:11: "rulebook" of the rulebook must be text, but NO is a boolean to YAML.'
            ' Quote it: "NO".'
        ),
        (
            'b.yaml:3:19: "type" of field "country" is "choise", which is not known. Did you mean'
            ' "choice"?'
        ),
        'b.yaml:4:13: pool "us" must name either a team or people. Write {team: NAME}.',
        'b.yaml:4:14: "taem" is not a key of pool "us". Did you mean "team"?',
        (
            'b.yaml:6:48: "pool" of rule "a" names the pool "uss", which the book lacks.'
            ' Did you mean "us"?'
        ),
        (
            'b.yaml:7:12: Two rules are called "a"; the first is on line 6. Give each a name of its'
            " own."
        ),
        'b.yaml:7:22: "contry" in rule "a" is not a known fact. Did you mean "country"?',
        'b.yaml:8:1: "falback" is not a key of the rulebook. Did you mean "fallback"?',
    ]


def test_values_that_cannot_be_read_make_no_mistake_of_those_that_rules_name():
    text = (
        "rulebook: b\n"
        "fields: {country: {type: choice, values: [US, NO]}}\n"
        "pools: {us: {team: us}}\n"
        'rules: [{name: a, when: {country: {in: [US, "NO"]}}, pool: us},\n'
        "  {name: b, when: {country: US}, pool: us}]\n"
        "fallback: {queue: q}\n"
    )

    found = [str(each) for each in read_book(text, name="b.yaml").mistakes]

    assert [each.split(" ")[0] for each in found] == ["b.yaml:2:47:", "b.yaml:5:29:"]


@pytest.mark.parametrize("text", ["[]", "3", "text", '"'], ids=["list", "number", "text", "broken"])
def test_what_is_no_mapping_is_no_rulebook(text):
    found = read_book(text, name="b.yaml")

    assert found.book is None
    assert len(found.mistakes) == 1
