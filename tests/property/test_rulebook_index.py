"""The compiled index and the plain interpreter never disagree, whatever the book and the lead."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

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
TESTS = st.one_of(
    one("country", CHOICES),
    several("country", [Operator.IN, Operator.NOT_IN], CHOICES),
    null("country"),
    one("named", st.booleans()),
    null("named"),
    ordered("score", NUMBERS),
    ordered("revenue", AMOUNTS),
    ordered("asked", DAYS),
    st.builds(Asked, st.just("asked"), st.just(Operator.WITHIN_LAST), WINDOWS),
    several("email", [Operator.DOMAIN_IN, Operator.ENDS_WITH], HOSTS.map(str.lower)),
    null("email"),
    several("source", TEXT_OPERATORS, TEXTS),
    several("products", SET_OPERATORS, ELEMENTS),
    null("products"),
)
CONDITIONS = st.recursive(
    TESTS,
    lambda part: st.one_of(
        st.lists(part, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(part, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        part.map(Not),
    ),
    max_leaves=8,
).filter(lambda condition: rows_of(condition) is not None)

QUEUE = Target(TargetKind.QUEUE, "q")
ENDS = st.none() | st.integers(-2, 2).map(lambda n: AT + timedelta(hours=n))
RULES = st.builds(
    Rule,
    name=st.just("r"),
    to=st.just(QUEUE),
    when=st.none() | CONDITIONS,
    starts_at=ENDS,
    ends_at=ENDS,
)
ROUTES = st.lists(RULES, max_size=6).map(lambda rules: Route("route", tuple(rules)))
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
@given(ROUTES, st.lists(st.tuples(LEADS, INSTANTS), min_size=1, max_size=8))
def test_index_and_interpreter_find_the_same_rules_in_the_same_order(route, asked):
    index = RuleIndex(route)

    for lead, at in asked:
        expected = list(interpret.matching(route, lead, at))

        assert list(index.matching(lead, at)) == expected
        assert list(index.matching(lead, at)) == expected  # remembered answers too


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
