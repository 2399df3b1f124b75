"""What no client should send is refused with 400, as the service does, and breaks nothing."""

import base64
import json
from typing import Any

import jwt
import pytest
import requests

from tests.integration.simulator.wire import Wire

TOKEN = "/services/oauth2/token"
ROW = {"attributes": {"type": "Lead"}, "LastName": "Voss", "Company": "Acme"}


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


@pytest.mark.parametrize("ids", [1, True, "00Q", {"a": 1}, [1], [None], [["00Q"]]])
@pytest.mark.parametrize("fields", [["Id"], 1, [1], [None], [{"name": "Id"}], "Id"])
def test_ids_and_fields_to_retrieve_must_be_lists_of_texts(wire: Wire, ids: Any, fields: Any):
    answer = wire.post("/composite/sobjects/Lead", {"ids": ids, "fields": fields})

    assert code(answer) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize("attributes", ["Lead", 1, ["Lead"], True, {"type": 1}, {"type": ["a"]}])
def test_a_row_without_a_readable_type_is_refused_alone(wire: Wire, attributes: Any):
    wrong = {"attributes": attributes, "LastName": "Kim"}

    answer = wire.post("/composite/sobjects", {"records": [wrong, ROW]}).json()

    assert [one["success"] for one in answer] == [False, True]


def test_a_time_that_is_out_of_all_calendars_is_no_time(wire: Wire):
    span = {"start": "0001-01-01T00:00:00+14:00", "end": "9999-12-31T23:59:59-14:00"}

    answer = wire.get("/sobjects/Lead/updated/", params=span)

    assert code(answer) == (400, "INVALID_REPLICATION_DATE")


def test_credentials_that_are_no_text_are_refused(wire: Wire):
    issuers = ({"a": 1}, ["a"], 5)
    tokens = (base64.urlsafe_b64encode(_claims(iss)).decode().rstrip("=") for iss in issuers)
    head = jwt.encode({}, "k" * 32, algorithm="HS256").split(".")[0]
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    answers = [
        wire.call("POST", TOKEN, data={"grant_type": grant, "assertion": f"{head}.{body}.c2ln"})
        for body in tokens
    ]

    assert [one.json()["error"] for one in answers] == ["invalid_client_id"] * 3


def test_a_basic_header_that_is_no_ascii_is_refused(wire: Wire):
    headers: dict[str, Any] = {"Authorization": b"Basic \xff"}
    answer = wire.call("POST", TOKEN, data={"grant_type": "client_credentials"}, headers=headers)

    assert answer.json()["error"] == "invalid_client"


def _claims(issuer: object) -> bytes:
    return json.dumps({"iss": issuer}).encode()
