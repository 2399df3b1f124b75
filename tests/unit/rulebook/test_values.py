"""Raw values as facts: what fits is kept, what does not is missing with a code, nothing raises."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from routing.facts import Fact
from routing.rulebook.model import Book, Fallback, Field, FieldType
from routing.rulebook.values import host_of, normalise, normalise_account, read_value

COUNTRY = Field("country", FieldType.CHOICE, ("US", "Zürich"))
INDUSTRY = Field("industry", FieldType.CHOICE, ("software",), open=True)
SCORE = Field("score", FieldType.INTEGER, min=0, max=500)
PRODUCTS = Field("products", FieldType.SET, ("api", "chat"))
REVENUE = Field("revenue", FieldType.MONEY)
ASKED = Field("asked", FieldType.DATE)
OPT_IN = Field("opt_in", FieldType.BOOLEAN)
NOTE = Field("note", FieldType.TEXT)
EMAIL = Field("email", FieldType.EMAIL)
ALL_FIELDS = (COUNTRY, INDUSTRY, SCORE, PRODUCTS, REVENUE, ASKED, OPT_IN, NOTE, EMAIL)


def book(*fields):
    return Book("b", {field.name: field for field in fields}, {}, (), Fallback(queue="q"))


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        pytest.param(COUNTRY, "US", "US", id="a choice"),
        pytest.param(COUNTRY, " US\n", "US", id="outer white space does not count"),
        pytest.param(COUNTRY, "Zu\u0308rich", "Zürich", id="composed before it is compared"),
        pytest.param(SCORE, 400, 400, id="an integer"),
        pytest.param(SCORE, 400.0, 400, id="the float a CRM sends for a whole number"),
        pytest.param(SCORE, Decimal(7), 7, id="a whole decimal"),
        pytest.param(PRODUCTS, "chat;api", ("api", "chat"), id="a multi-picklist"),
        pytest.param(PRODUCTS, ["chat", "chat"], ("chat",), id="a list with repetitions"),
        pytest.param(REVENUE, 12.1, Decimal("12.1"), id="money without the float's noise"),
        pytest.param(REVENUE, "1200.50", Decimal("1200.50"), id="money as decimal text"),
        pytest.param(ASKED, "2026-01-05", date(2026, 1, 5), id="a date"),
        pytest.param(ASKED, "2026-01-05T23:30:00-02:00", date(2026, 1, 6), id="a time, in UTC"),
        pytest.param(OPT_IN, False, False, id="a boolean"),
        pytest.param(NOTE, "  hello ", "hello", id="text"),
        pytest.param(EMAIL, "Kim.Doe@EU.Acme.com ", "eu.acme.com", id="an address's host"),
    ],
)
def test_what_fits_its_field_is_kept_without_remark(field, raw, value):
    assert read_value(field, raw) == (value, None)


@pytest.mark.parametrize(
    ("field", "raw", "problem"),
    [
        pytest.param(COUNTRY, "us", "outside_choice", id="other case"),
        pytest.param(COUNTRY, "US\0", "outside_choice", id="with a null byte"),
        pytest.param(COUNTRY, True, "wrong_type", id="a boolean for a choice"),
        pytest.param(COUNTRY, "", "empty", id="empty text"),
        pytest.param(COUNTRY, "   ", "empty", id="blank text"),
        pytest.param(SCORE, 501, "out_of_bounds", id="above the max"),
        pytest.param(SCORE, -1, "out_of_bounds", id="below the min"),
        pytest.param(SCORE, 10**400, "out_of_bounds", id="an integer out of all proportion"),
        pytest.param(SCORE, 4.5, "wrong_type", id="a fraction"),
        pytest.param(SCORE, "400", "wrong_type", id="text for a number"),
        pytest.param(SCORE, True, "wrong_type", id="a boolean for a number"),
        pytest.param(SCORE, math.nan, "wrong_type", id="not a number"),
        pytest.param(SCORE, math.inf, "wrong_type", id="infinity"),
        pytest.param(SCORE, "", "empty", id="empty text for a number"),
        pytest.param(PRODUCTS, [], "empty", id="an empty set"),
        pytest.param(PRODUCTS, ";", "empty", id="a set of blanks"),
        pytest.param(PRODUCTS, ["fax"], "outside_choice", id="a set of strangers"),
        pytest.param(PRODUCTS, [1], "wrong_type", id="a set of numbers"),
        pytest.param(PRODUCTS, {"api": 1}, "wrong_type", id="a mapping for a set"),
        pytest.param(REVENUE, Decimal("sNaN"), "wrong_type", id="a signalling NaN"),
        pytest.param(REVENUE, "1,200", "wrong_type", id="money with a comma"),
        pytest.param(ASKED, "05.01.2026", "wrong_type", id="a date in another order"),
        pytest.param(ASKED, "2026-02-30", "wrong_type", id="a day that is not"),
        pytest.param(ASKED, 20260105, "wrong_type", id="a number for a date"),
        pytest.param(OPT_IN, "true", "wrong_type", id="text for a boolean"),
        pytest.param(OPT_IN, 1, "wrong_type", id="a number for a boolean"),
        pytest.param(NOTE, 5, "wrong_type", id="a number for text"),
        pytest.param(EMAIL, "kim@", "wrong_type", id="an address without a host"),
        pytest.param(EMAIL, "kim@acme .com", "wrong_type", id="a host with a space"),
        pytest.param(EMAIL, "x@" + "a" * 100_000, "too_long", id="an address without end"),
    ],
)
def test_what_does_not_fit_is_missing_with_a_code(field, raw, problem):
    assert read_value(field, raw) == (None, problem)


@pytest.mark.parametrize(
    ("field", "raw", "value", "problem"),
    [
        pytest.param(INDUSTRY, "mining", "mining", "unseen_value", id="an open choice"),
        pytest.param(PRODUCTS, "api;fax", ("api",), "outside_choice", id="a set with a stranger"),
        pytest.param(NOTE, "x" * 100_000, "x" * 1_000, "too_long", id="text without end"),
    ],
)
def test_what_is_odd_but_usable_is_kept_and_reported(field, raw, value, problem):
    assert read_value(field, raw) == (value, problem)


HOSTILE = [
    "=cmd|' /C calc'!A0",
    "x" * 100_000,
    "\u202egnp.exe",
    "a\0b",
    "\ud800",
    "\U0001f600" * 2_000,
    math.nan,
    -math.inf,
    10**5_000,
    -(10**5_000),
    Decimal("1e999999"),
    [[["deep"]]],
    {"a": {"b": None}},
    b"bytes",
    object(),
    ["\ud800", "\0"],
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
]


@pytest.mark.parametrize("field", ALL_FIELDS, ids=lambda field: field.type)
@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_never_raise_and_stay_writable(field, raw):
    value, _ = read_value(field, raw)

    text = str(value)
    assert len(text.encode("utf-8")) < 10_000
    assert "\0" not in text


def test_only_facts_that_are_there_are_kept_with_their_source():
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    raw = {"country": "US", "score": None, "unknown": 1}

    facts = normalise(
        book(COUNTRY, SCORE), raw, sources={"country": "sf.Lead.Country"}, observed_at=at
    )

    assert facts == {"country": Fact("US", "sf.Lead.Country", at)}


def test_company_and_email_need_no_declaration_and_no_mailbox_goes_further():
    facts = normalise(book(), {"email": "kim@acme.com", "company": "Acme"})

    assert facts == {"company": Fact("Acme"), "email": Fact("acme.com")}


def test_facts_of_an_account_carry_its_prefix():
    tier = Field("account.tier", FieldType.CHOICE, ("gold",))

    facts = normalise_account(book(tier), {"named": True, "employees": 900.0, "tier": "tin"})

    assert {name: (fact.value, fact.problem) for name, fact in facts.items()} == {
        "account.employees": (900, None),
        "account.named": (True, None),
        "account.tier": (None, "outside_choice"),
    }


@pytest.mark.parametrize(
    ("address", "host"),
    [
        pytest.param("kim@Acme.com", "acme.com", id="an address"),
        pytest.param('"a@b"@acme.com', "acme.com", id="a quoted mailbox"),
        pytest.param("acme.com", "acme.com", id="a bare host"),
        pytest.param(None, None, id="nothing"),
        pytest.param("", None, id="empty"),
    ],
)
def test_an_address_is_cut_to_its_host(address, host):
    assert host_of(address) == host
