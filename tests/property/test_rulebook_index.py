"""The compiled index and the plain interpreter never disagree, whatever the book and the lead."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.facts import Value
from routing.rulebook import interpret
from routing.rulebook.conditions import All, AnyOf, Not, Operator
from routing.rulebook.conditions import Test as Asked
from routing.rulebook.index import RuleIndex
from routing.rulebook.model import Route, Rule, Target, TargetKind
from routing.rulebook.rows import rows_of

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
CHOICES = st.sampled_from(["US", "CA", "DE", "FR"])
NUMBERS = st.integers(-3, 6)
AMOUNTS = st.sampled_from([Decimal(text) for text in ("0", "1", "1.5", "2", "2.01", "9")])
DAYS = st.integers(-4, 4).map(lambda n: date(2026, 1, 5) + timedelta(days=n))
HOSTS = st.sampled_from(
    ["acme.com", "eu.acme.com", "notacme.com", "com", "x.edu", "a.eu.acme.com", "ACME.com", "edu"]
)
TEXTS = st.sampled_from(["web", "website", "we", "b", "event web", "site"])
ELEMENTS = st.sampled_from(["api", "chat", "mail", "sms"])


def listed(values, *, least=1):
    return st.lists(values, min_size=least, max_size=3, unique=True).map(tuple)


def one(fact, values):
    operator = st.sampled_from([Operator.IS, Operator.IS_NOT])
    return st.builds(Asked, st.just(fact), operator, values, st.booleans())


def several(fact, operators, values):
    operator = st.sampled_from(operators)
    return st.builds(Asked, st.just(fact), operator, listed(values), st.booleans())


def null(fact):
    return st.builds(Asked, st.just(fact), st.just(Operator.IS_NULL), st.booleans())


def ordered(fact, values):
    bound = st.sampled_from([Operator.AT_LEAST, Operator.AT_MOST])
    pair = st.tuples(values, values).map(lambda each: tuple(sorted(each)))
    return st.one_of(
        st.builds(Asked, st.just(fact), bound, values),
        st.builds(Asked, st.just(fact), st.just(Operator.BETWEEN), pair),
        one(fact, values),
        several(fact, [Operator.IN, Operator.NOT_IN], values),
        null(fact),
    )


WINDOWS = st.sampled_from([timedelta(hours=9), timedelta(days=1), timedelta(days=3)])
SET_OPERATORS = [Operator.ANY_OF, Operator.ALL_OF, Operator.NONE_OF]
TEXT_OPERATORS = [Operator.STARTS_WITH, Operator.ENDS_WITH, Operator.IN, Operator.NOT_IN]
HOST_OPERATORS = [Operator.DOMAIN_IN, Operator.ENDS_WITH]

#: for each fact, what may be asked about it
ASKED = {
    "country": st.one_of(
        one("country", CHOICES),
        several("country", [Operator.IN, Operator.NOT_IN], CHOICES),
        null("country"),
    ),
    "named": one("named", st.booleans()) | null("named"),
    "score": ordered("score", NUMBERS),
    "revenue": ordered("revenue", AMOUNTS),
    "asked": st.one_of(
        ordered("asked", DAYS),
        st.builds(Asked, st.just("asked"), st.just(Operator.WITHIN_LAST), WINDOWS),
    ),
    "email": several("email", HOST_OPERATORS, HOSTS.map(str.lower)) | null("email"),
    "source": several("source", TEXT_OPERATORS, TEXTS) | null("source"),
    "products": several("products", SET_OPERATORS, ELEMENTS) | null("products"),
}
TESTS = st.one_of(*ASKED.values())


def conditions(tests):
    found = st.recursive(
        tests,
        lambda part: st.one_of(
            st.lists(part, max_size=3).map(lambda parts: All(tuple(parts))),
            st.lists(part, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
            part.map(Not),
        ),
        max_leaves=8,
    )
    return found.filter(lambda condition: rows_of(condition) is not None)


CONDITIONS = conditions(TESTS)

QUEUE = Target(TargetKind.QUEUE, "q")
ENDS = st.none() | st.integers(-2, 2).map(lambda n: AT + timedelta(hours=n))


def routes(whens):
    rules = st.builds(
        Rule, name=st.just("r"), to=st.just(QUEUE), when=whens, starts_at=ENDS, ends_at=ENDS
    )
    return st.lists(rules, min_size=1, max_size=6).map(lambda each: Route("route", tuple(each)))


SETS = st.lists(ELEMENTS | st.just("fax"), min_size=1, unique=True).map(
    lambda each: tuple(sorted(each))
)
LEADS = st.fixed_dictionaries(
    {},
    optional={
        "country": st.none() | CHOICES | st.just("JP"),
        "named": st.none() | st.booleans(),
        "score": st.none() | st.integers(-5, 8),
        "revenue": st.none() | AMOUNTS | st.just(Decimal("1.75")),
        "asked": st.none() | DAYS,
        "email": st.none() | HOSTS | st.just("b.x.edu"),
        "source": st.none() | TEXTS | st.just("radio"),
        "products": st.none() | SETS,
    },
)
INSTANTS = st.integers(-100, 100).map(lambda hours: AT + timedelta(hours=hours))


@settings(max_examples=400, deadline=None)
@given(routes(st.none() | CONDITIONS), st.lists(st.tuples(LEADS, INSTANTS), min_size=1, max_size=8))
def test_index_and_interpreter_find_the_same_rules_in_the_same_order(route, asked):
    index = RuleIndex(route)

    for lead, at in asked:
        expected = list(interpret.matching(route, lead, at))

        assert list(index.matching(lead, at)) == expected
        assert list(index.matching(lead, at)) == expected  # remembered answers too


#: for each fact, values on, between and beyond what may be asked about it
VALUES: Mapping[str, Sequence[Value]] = {
    "country": ["US", "CA", "DE", "FR", "JP"],
    "named": [True, False],
    "score": list(range(-5, 9)),
    "revenue": [Decimal(n) / 4 for n in range(-1, 40)] + [Decimal("2.01"), Decimal("2.005")],
    "asked": [date(2026, 1, 5) + timedelta(days=n) for n in range(-6, 7)],
    "email": ["acme.com", "eu.acme.com", "notacme.com", "com", "x.edu", "edu", "org", "ACME.com"],
    "source": ["web", "website", "we", "b", "event web", "site", "radio", "w"],
    "products": [("api",), ("chat",), ("api", "chat"), ("api", "chat", "mail"), ("fax",)],
}


@pytest.mark.parametrize("fact", sorted(ASKED))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_value_of_a_fact_is_answered_as_the_interpreter_answers_it(fact, data):
    route = data.draw(routes(conditions(ASKED[fact])))
    index = RuleIndex(route)

    for at in (AT, AT - timedelta(hours=9), AT + timedelta(hours=15), AT + timedelta(days=3)):
        for value in [None, *VALUES[fact]]:
            expected = list(interpret.matching(route, {fact: value}, at))

            assert list(index.matching({fact: value}, at)) == expected


@pytest.mark.parametrize(
    ("fact", "operators", "affix", "values"),
    [
        pytest.param(
            "source",
            (Operator.STARTS_WITH, Operator.ENDS_WITH),
            "web",
            ("website", "event web", "web"),
            id="a prefix and a suffix of the same letters",
        ),
        pytest.param(
            "email",
            (Operator.DOMAIN_IN, Operator.ENDS_WITH),
            "acme.com",
            ("notacme.com", "ACME.com", "eu.acme.com"),
            id="a domain and a suffix of the same letters",
        ),
    ],
)
def test_what_a_value_carries_in_one_way_is_not_taken_for_the_other(fact, operators, affix, values):
    rules = tuple(Rule("r", QUEUE, when=Asked(fact, each, (affix,))) for each in operators)
    route = Route("route", rules)
    index = RuleIndex(route)

    answers = [list(index.matching({fact: value}, AT)) for value in values]

    assert answers == [list(interpret.matching(route, {fact: value}, AT)) for value in values]


@given(CONDITIONS, LEADS)
def test_not_is_the_exact_complement(condition, lead):
    assert interpret.holds(Not(condition), lead, AT) is not interpret.holds(condition, lead, AT)


@given(TESTS)
def test_a_missing_value_matches_nothing_but_is_null_and_what_says_or_missing(test):
    plain = replace(test, or_missing=False)
    asks_for_null = test.operator is Operator.IS_NULL and test.operand is True

    assert interpret.holds(plain, {}, AT) is asks_for_null


@given(CONDITIONS, LEADS)
def test_the_rows_of_a_condition_say_what_the_condition_says(condition, lead):
    rows = rows_of(condition) or []

    assert interpret.holds(condition, lead, AT) is any(
        all(interpret.holds(cell, lead, AT) for cell in row.values()) for row in rows
    )
