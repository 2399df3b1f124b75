"""What errors on one record mean, and what HubSpot says inside of its messages."""

import json

import pytest

from connectors.hubspot.availability import hours_in, times_in
from connectors.hubspot.links import Link, chosen
from connectors.hubspot.refusals import CrmError, Failed, error_in, refusal_of
from connectors.hubspot.stamps import moment
from connectors.hubspot.verdicts import verdict_on
from routing.facts.crm import Applied
from routing.roster.hours import read_week

NOT_VALID = "Property values were not valid: "
OWNER_GONE = NOT_VALID + (
    '[{"isValid":false,"message":"77 was not one of the allowed options: [label: Ada]",'
    '"error":"INVALID_OPTION","name":"hubspot_owner_id"}]'
)
NIGHT = json.dumps(
    [
        {"days": "SUNDAY", "startMinute": 780, "endMinute": 1440},
        {"days": "SUNDAY", "startMinute": 0, "endMinute": 60},
    ]
)
REASON_LONG = NOT_VALID + '[{"error":"INVALID_LENGTH","name":"routing_reason"}]'


def error_of(code: str, message: str) -> CrmError:
    error = error_in({"category": code, "message": message})
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("code", "message", "applied"),
    [
        pytest.param("VALIDATION_ERROR", OWNER_GONE, Applied.REFUSED_REP, id="an owner who left"),
        pytest.param("VALIDATION_ERROR", REASON_LONG, Applied.REFUSED_RECORD, id="another field"),
        pytest.param("OBJECT_NOT_FOUND", "no such contact", Applied.GONE, id="gone"),
        pytest.param("RATE_LIMITS", "slow down", Applied.LATER, id="a limit"),
        pytest.param(
            "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
            "industry is required where country is set",
            Applied.REFUSED_RECORD,
            id="an admin's rule about another property",
        ),
        pytest.param("SOMETHING_NEW", "no idea", Applied.REFUSED_RECORD, id="nobody knows"),
        pytest.param("VALIDATION_ERROR", NOT_VALID + "[{", Applied.REFUSED_RECORD, id="cut off"),
        pytest.param("VALIDATION_ERROR", OWNER_GONE[:110], Applied.REFUSED_REP, id="cut off late"),
    ],
)
def test_an_error_on_a_record_means(code, message, applied):
    error = error_of(code, message)

    assert verdict_on(error, "hubspot_owner_id").applied is applied


def test_a_list_of_allowed_owners_that_is_longer_than_any_log_line_is_read_to_its_end():
    owners = ", ".join(f"label: Rep {n} value: {4_000_000 + n}" for n in range(2000))
    message = OWNER_GONE.replace("label: Ada", owners)

    error = error_of("VALIDATION_ERROR", message)

    assert len(error.message) < 1000
    assert verdict_on(error, "hubspot_owner_id").applied is Applied.REFUSED_REP


def test_a_wrong_owner_says_nothing_about_a_field_that_was_to_be_written():
    error = error_of("VALIDATION_ERROR", OWNER_GONE)

    assert verdict_on(error, "country", is_owner=False).applied is Applied.REFUSED_RECORD


def test_an_error_tells_which_records_and_writes_it_is_about():
    error = error_in(
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some CONTACT objects",
            "context": {"ids": ["202", 203], "objectWriteTraceId": ["e-7"]},
        }
    )

    assert error is not None
    assert (error.code, error.ids, error.traces) == ("OBJECT_NOT_FOUND", ("202", "203"), ("e-7",))


@pytest.mark.parametrize(
    ("status", "transient", "doubtful"),
    [
        (400, False, False),
        (401, False, False),
        (403, False, False),
        (404, False, False),
        (423, True, False),
        (429, True, False),
        (477, True, False),
        (500, True, True),
        (502, True, True),
        (524, True, True),
        (530, False, False),
        (302, True, True),
    ],
)
def test_a_status_says_whether_to_try_again_and_whether_to_read_back(status, transient, doubtful):
    refusal = refusal_of(Failed(status, b"\xff<html>"))

    assert (refusal.transient, refusal.doubtful) == (transient, doubtful)


@pytest.mark.parametrize(
    "said",
    [
        "soon",
        "{",
        "7",
        '"tomorrow"',
        "[7]",
        '[{"from": "later"}]',
        '[{"startTimestamp": 1767603600000, "endTimestamp": "later"}]',
        '[{"startTimestamp": 1767690000000, "endTimestamp": 1767603600000}]',
        '[{"startTimestamp": 1767603600000, "endTimestamp": 1767690000000}, {}]',
        True,
    ],
)
def test_absences_that_cannot_be_read_are_unknown_and_never_none(said):
    assert times_in(said) is None


@pytest.mark.parametrize(
    "said",
    [
        '[{"startTimestamp": 1767603600000, "endTimestamp": 1767690000000}]',
        '[{"start": "2026-01-05T09:00:00Z", "end": "2026-01-06T10:00:00+01:00"}]',
        '{"startDate": "1767603600000", "endDate": "1767690000000"}',
    ],
)
def test_absences_are_read_in_any_of_their_shapes(said):
    ends = (moment("2026-01-05T09:00:00Z"), moment("2026-01-06T09:00:00Z"))

    assert times_in(said) == (ends,)


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        (None, {}),
        ("[]", {}),
        (
            '[{"days":"MONDAY_TO_FRIDAY","startMinute":540,"endMinute":1020}]',
            dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00"),
        ),
        (
            NIGHT,
            {"sun": "13:00-24:00, 00:00-01:00"},
        ),
        ("nine to five", None),
        ("7", None),
        ('[{"days":"SOMEDAY","startMinute":540,"endMinute":1020}]', None),
        ('[{"days":"MONDAY","startMinute":"early","endMinute":1020}]', None),
        ('[{"days":"MONDAY","startMinute":1020,"endMinute":540}]', None),
        ('[{"days":"MONDAY","startMinute":540,"endMinute":1500}]', None),
    ],
)
def test_working_hours_are_read_as_a_roster_writes_them_or_are_unknown(said, hours):
    assert hours_in(said) == hours
    assert not hours or read_week(hours)


@pytest.mark.parametrize(
    ("links", "company", "others"),
    [
        pytest.param([], None, [], id="none"),
        pytest.param([("30", {279}), ("4", {279, 1})], "4", [], id="the primary one"),
        pytest.param(
            [("30", {279}), ("4", {279})], "4", ["30"], id="the smallest number, not text"
        ),
        pytest.param([("30", {279, 1}), ("9", {279, 1})], "9", ["30"], id="two primary ones"),
    ],
)
def test_of_several_companies_one_counts(links, company, others):
    told = [Link(to, frozenset(types)) for to, types in links]

    assert chosen(told, "contacts", "companies") == (company, others)
