"""What an error on one row means for the effect that was to be written."""

import pytest

from connectors.salesforce.verdicts import verdict_on
from routing.facts.crm import Applied


def element(status: int, code: str, message: str = "said so", **more: object) -> dict[str, object]:
    body = {"errorCode": code, "message": message, **more}
    return {"httpStatusCode": status, "httpHeaders": {}, "referenceId": "r0", "body": [body]}


@pytest.mark.parametrize(
    ("code", "applied"),
    [
        ("INACTIVE_OWNER_OR_USER", Applied.REFUSED_REP),
        ("OP_WITH_INVALID_USER_TYPE_EXCEPTION", Applied.REFUSED_REP),
        ("INVALID_CROSS_REFERENCE_KEY", Applied.REFUSED_REP),
        ("TRANSFER_REQUIRES_READ", Applied.REFUSED_REP),
        ("CANNOT_UPDATE_CONVERTED_LEAD", Applied.GONE),
        ("ENTITY_IS_DELETED", Applied.GONE),
        ("NOT_FOUND", Applied.GONE),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", Applied.REFUSED_RECORD),
        ("INVALID_EMAIL_ADDRESS", Applied.REFUSED_RECORD),
        ("INSUFFICIENT_ACCESS_OR_READONLY", Applied.REFUSED_RECORD),
        ("REQUIRED_FIELD_MISSING", Applied.REFUSED_RECORD),
        ("ENTITY_IS_LOCKED", Applied.REFUSED_RECORD),
        ("A_CODE_OF_NEXT_YEAR", Applied.REFUSED_RECORD),
        ("UNABLE_TO_LOCK_ROW", Applied.LATER),
        ("PROCESSING_HALTED", Applied.LATER),
    ],
)
def test_a_code_decides(code, applied):
    assert verdict_on(element(400, code)).applied is applied


def test_an_automation_that_failed_for_a_lock_is_tried_again():
    message = "SBX: execution of BeforeUpdate caused by: UNABLE_TO_LOCK_ROW, unable to obtain"

    verdict = verdict_on(element(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message))

    assert verdict.applied is Applied.LATER


def test_an_automation_that_failed_otherwise_is_the_record_s_fault():
    verdict = verdict_on(element(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "flow failed"))

    assert verdict.applied is Applied.REFUSED_RECORD


def test_the_misspelt_body_of_a_duplicate_rule_is_read():
    found = {"duplicateRule": "Standard_Rule", "errorMessage": "Use one of these records?"}
    body = {"duplicateResut": found, "errorCode": "DUPLICATES_DETECTED", "message": None}

    verdict = verdict_on({"httpStatusCode": 400, "body": [body]})

    assert verdict.applied is Applied.REFUSED_RECORD
    assert verdict.detail == "Use one of these records?"


@pytest.mark.parametrize("body", [None, [], "", [{"errorCode": "X", "message": "y"}]])
def test_412_is_stale_whatever_its_body(body):
    verdict = verdict_on({"httpStatusCode": 412, "body": body})

    assert verdict.stale


def test_the_soap_word_for_412_means_the_same():
    assert verdict_on(element(400, "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE")).stale


@pytest.mark.parametrize(
    "unreadable",
    [
        pytest.param(None, id="missing"),
        pytest.param({"body": None}, id="without a status"),
        pytest.param({"httpStatusCode": 500, "body": None}, id="500 without a word"),
        pytest.param({"httpStatusCode": 400, "body": "<html>"}, id="400 in html"),
        pytest.param(element(500, "UNKNOWN_EXCEPTION"), id="their mistake"),
    ],
)
def test_what_cannot_be_told_is_looked_up(unreadable):
    verdict = verdict_on(unreadable)

    assert (verdict.applied, verdict.stale) == (None, False)
