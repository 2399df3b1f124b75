"""Conditions: every operator, what it matches, and what it refuses."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from routing.rulebook.interpret import Explained, explain, holds
from tests.unit.rulebook.books import complaints, condition

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def matches(when, **facts):
    return holds(condition(when), {name.replace("__", "."): v for name, v in facts.items()}, AT)


def when_complaints(when):
    return complaints(rules=f"  - {{name: r, pool: us, when: {when}}}\n")


@pytest.mark.parametrize(
    ("when", "facts", "answer"),
    [
        pytest.param("country: {is: US}", {"country": "US"}, True, id="is"),
        pytest.param("country: {is: US}", {"country": "CA"}, False, id="is another"),
        pytest.param("country: {is: US}", {}, False, id="is, missing"),
        pytest.param("country: {is_not: US}", {"country": "CA"}, True, id="is_not"),
        pytest.param("country: {is_not: US}", {}, False, id="is_not, missing"),
        pytest.param(
            "country: {is_not: {values: [US], or_missing: true}}", {}, True, id="is_not or_missing"
        ),
        pytest.param("country: {in: [US, CA]}", {"country": "CA"}, True, id="in"),
        pytest.param("country: {not_in: [US]}", {"country": "CA"}, True, id="not_in"),
        pytest.param("country: {not_in: [US]}", {}, False, id="not_in, missing"),
        pytest.param(
            "country: {not_in: {values: [US], or_missing: true}}", {}, True, id="not_in or_missing"
        ),
        pytest.param(
            "country: {not_in: {values: [US], or_missing: true}}",
            {"country": "US"},
            False,
            id="or_missing is for the missing only",
        ),
        pytest.param("vip: {is: false}", {"vip": False}, True, id="boolean"),
        pytest.param("score: {at_least: 3}", {"score": 3}, True, id="at_least is inclusive"),
        pytest.param("score: {at_most: 3}", {"score": 4}, False, id="at_most"),
        pytest.param("score: {between: [3, 5]}", {"score": 5}, True, id="between is inclusive"),
        pytest.param("score: {between: [3, 5]}", {"score": 6}, False, id="outside of between"),
        pytest.param("revenue: {at_least: 1.50}", {"revenue": Decimal("1.5")}, True, id="money"),
        pytest.param("asked: {at_most: 2026-01-05}", {"asked": date(2026, 1, 5)}, True, id="date"),
        pytest.param(
            "asked: {within_last: 1d}", {"asked": date(2026, 1, 5)}, True, id="within_last"
        ),
        pytest.param(
            "asked: {within_last: 9h}", {"asked": date(2026, 1, 5)}, False, id="the window is open"
        ),
        pytest.param(
            "asked: {within_last: 1d}", {"asked": date(2026, 1, 6)}, False, id="a day to come"
        ),
        pytest.param("products: {any_of: [api]}", {"products": ("api", "chat")}, True, id="any_of"),
        pytest.param("products: {all_of: [api, chat]}", {"products": ("api",)}, False, id="all_of"),
        pytest.param("products: {none_of: [chat]}", {"products": ("api",)}, True, id="none_of"),
        pytest.param("products: {none_of: [chat]}", {}, False, id="none_of, missing"),
        pytest.param(
            "email: {domain_in: [acme.com]}", {"email": "eu.acme.com"}, True, id="subdomain"
        ),
        pytest.param(
            "email: {domain_in: [acme.com]}", {"email": "notacme.com"}, False, id="no subdomain"
        ),
        pytest.param("email: {ends_with: .EDU}", {"email": "mit.edu"}, True, id="ends_with"),
        pytest.param("note: {starts_with: we}", {"note": "web"}, True, id="starts_with"),
        pytest.param("country: {is_null: true}", {}, True, id="is_null"),
        pytest.param("country: {is_null: false}", {"country": "US"}, True, id="is not null"),
        pytest.param("not: {country: {is: US}}", {}, True, id="not matches the missing"),
        pytest.param("account.named: {is: true}", {"account__named": True}, True, id="account"),
        pytest.param("account.tier: {is: gold}", {"account__tier": "gold"}, True, id="account's"),
        pytest.param("cause: {is: recalled}", {"cause": "recalled"}, True, id="cause"),
        pytest.param("stage: {in: [new, mql]}", {"stage": "mql"}, True, id="stage"),
        pytest.param(
            "country: {is: US}, score: {at_least: 3, at_most: 5}",
            {"country": "US", "score": 6},
            False,
            id="several keys mean all",
        ),
        pytest.param("any: [{country: {is: US}}, {score: {is: 1}}]", {"score": 1}, True, id="any"),
        pytest.param("all: [{country: {is: US}}, {score: {is: 1}}]", {"score": 1}, False, id="all"),
    ],
)
def test_a_condition_matches(when, facts, answer):
    assert matches(when, **facts) is answer


@pytest.mark.parametrize(
    ("when", "message"),
    [
        pytest.param(
            "{contry: {is: US}}",
            '"contry" in rule "r" is not a known fact. Did you mean "country"?',
            id="unknown fact",
        ),
        pytest.param(
            "{is: US}",
            '"is" in rule "r" is not a known fact. It is an operator: write {FACT: {is: ...}}.',
            id="operator for a fact",
        ),
        pytest.param(
            "{country: US}",
            '"country" in rule "r" needs an operator, but is the text "US". Write {country: {is:'
            " ...}}.",
            id="no operator",
        ),
        pytest.param(
            "{country: [US]}",
            '"country" in rule "r" needs an operator, but is a list. Write {country: {in: ...}}.',
            id="a bare list",
        ),
        pytest.param(
            "{country: {equals: US}}",
            '"equals" of "country" is not an operator. Choice fields have: is, is_not, in, not_in,'
            " is_null.",
            id="unknown operator",
        ),
        pytest.param(
            "{country: {isnt: US}}",
            '"isnt" of "country" is not an operator. Did you mean "is_not"?',
            id="misspelt operator",
        ),
        pytest.param(
            "{country: {at_least: US}}",
            '"at_least" of "country" does not work on type choice. Choice fields have: is, is_not,'
            " in, not_in, is_null.",
            id="operator of another type",
        ),
        pytest.param(
            "{country: {is: USA}}",
            '"USA" is not among the values of "country". Did you mean "US"?',
            id="undeclared value",
        ),
        pytest.param(
            "{country: {is: [US, CA]}}",
            '"is" of "country" takes one value, not a list. Use "in" for several.',
            id="list for one value",
        ),
        pytest.param(
            "{country: {in: US}}",
            '"in" of "country" must be a list, but is the text "US". Write [US].',
            id="one value for a list",
        ),
        pytest.param(
            "{country: {in: []}}",
            '"in" of "country" is an empty list. Write at least 1.',
            id="empty list",
        ),
        pytest.param(
            "{country: {in: [US, NO]}}",
            'an entry of "in" of "country" must be text, but NO is a boolean to YAML. Quote it:'
            ' "NO".',
            id="NO in a list",
        ),
        pytest.param(
            "{country: {in: {values: [US], or_missing: true}}}",
            '"in" of "country" cannot be a mapping. Only "is_not", "not_in", "none_of" take'
            " {values: [...], or_missing: true}; use is_null beside it.",
            id="or_missing where it has no meaning",
        ),
        pytest.param(
            "{country: {is_not: {values: [US, CA], or_missing: true}}}",
            '"is_not" of "country" takes one value. Use "not_in" for several.',
            id="is_not of several",
        ),
        pytest.param(
            "{score: {at_least: 101}}",
            '"at_least" of "score" is 101, above the max 100 of "score", so no lead can have it.'
            " Mend one of them.",
            id="beyond the bounds",
        ),
        pytest.param(
            "{score: {between: [5, 3]}}",
            '"between" of "score" runs from 5 down to 3, which holds nothing. Write [3, 5].',
            id="between reversed",
        ),
        pytest.param(
            "{score: {between: [5]}}",
            '"between" of "score" must be two values: [from, to], both inclusive.',
            id="between of one",
        ),
        pytest.param(
            "{score: {is: 1.5}}",
            '"is" of "score" must be a whole number, but is the number 1.5.',
            id="float for an integer",
        ),
        pytest.param(
            "{vip: {is: maybe}}",
            '"is" of "vip" must be true or false, but is the text "maybe".',
            id="text for a boolean",
        ),
        pytest.param(
            "{asked: {within_last: 30}}",
            '"within_last" of "asked" must be a duration, but is the number 30. Write a whole'
            " number and a unit: 90s, 10m, 2h or 30d.",
            id="window without a unit",
        ),
        pytest.param(
            "{email: {domain_in: [kim@acme.com]}}",
            'an entry of "domain_in" of "email" is "kim@acme.com", which is not a domain. Write it'
            " as acme.com; subdomains are covered.",
            id="address for a domain",
        ),
        pytest.param(
            "{email: {ends_with: kim@acme.com}}",
            '"ends_with" of "email" is "kim@acme.com", but rules see only the host of an address.'
            " Write what stands after the @.",
            id="address for a suffix",
        ),
        pytest.param(
            "{all: []}",
            '"all" of rule "r" is an empty list. Write at least one condition.',
            id="empty all",
        ),
        pytest.param(
            "{any: {country: {is: US}}}",
            '"any" of rule "r" must be a list of conditions, but is a mapping. Begin each with a'
            " dash.",
            id="any of a mapping",
        ),
        pytest.param(
            "[{country: {is: US}}]",
            'A condition of rule "r" must be a mapping, but is a list. Put `all:` or `any:` before'
            " the list.",
            id="a list of conditions",
        ),
        pytest.param(
            "{}",
            'A condition of rule "r" is empty. Leave `when` out to match everything.',
            id="empty condition",
        ),
        pytest.param(
            "{cause: {is: recaled}}",
            '"recaled" is not among the values of "cause". Did you mean "recalled"?',
            id="unknown cause",
        ),
    ],
)
def test_a_mistake_in_a_condition_is_answered_with_the_way_out(when, message):
    assert when_complaints(when) == [message]


def test_a_condition_nested_too_deep_is_refused():
    deep = "{not: " * 8 + "{vip: {is: true}}" + "}" * 8

    assert when_complaints(deep) == [
        '"when" of rule "r" is nested more than 8 levels deep. Flatten it, or split the rule.'
    ]


def test_a_condition_with_too_many_alternatives_is_refused():
    pair = "{any: [{country: {is: US}}, {score: {is: 1}}]}"
    other = "{any: [{vip: {is: true}}, {revenue: {is: 1}}]}"
    parts = ", ".join([pair, other] * 4)

    assert when_complaints(f"{{all: [{parts}]}}") == [
        '"when" of rule "r" unfolds into more than 64 alternatives. Split the rule into several.'
    ]


def test_a_condition_with_too_many_tests_is_refused():
    parts = ", ".join("{vip: {is: true}}" for _ in range(1_001))

    assert when_complaints(f"{{any: [{parts}]}}") == [
        '"when" of rule "r" has more than 1000 tests. Split the rule into several.'
    ]


def test_a_fact_declared_wrongly_is_not_complained_about_again_where_it_is_used():
    found = complaints(
        fields="  country: {type: choise}\n",
        rules="  - {name: r, pool: us, when: {country: {is: US}}}\n",
    )

    assert len(found) == 1


def test_every_test_is_explained_with_the_value_it_saw():
    asked = condition("all: [{country: {is: US}}, {not: {score: {at_least: 3}}}]")

    country, score = explain(asked, {"country": "CA", "score": 5}, AT)
    assert (country.value, country.held) == ("CA", False)
    assert (score.value, score.held) == (5, True)
    assert isinstance(score, Explained)
