"""Getting in: tokens, who may have one, how long it lives and what it is told."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.integration.simulator.wire import NINE, Wire

TOKEN = "/services/oauth2/token"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def login(wire: Wire, **form: str) -> tuple[int, dict[str, Any]]:
    answer = wire.call("POST", TOKEN, data=form, headers={"Authorization": ""})
    return answer.status_code, answer.json()


@pytest.fixture(scope="module")
def keys() -> tuple[rsa.RSAPrivateKey, str]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public.decode()


def claims(wire: Wire, **changes: Any) -> dict[str, Any]:
    user = wire.row(wire.simulator.world.integration_user_id)
    expires_at = NINE + timedelta(minutes=3)
    given = {
        "sub": user["Username"],
        "aud": "https://login.salesforce.com",
        "exp": int(expires_at.timestamp()),
    }
    return given | changes


def test_client_credentials_open_a_session_that_has_no_stated_end(wire: Wire):
    status, body = login(
        wire,
        grant_type="client_credentials",
        client_id=wire.address.client_id,
        client_secret=wire.address.client_secret,
    )

    assert status == 200
    assert body["instance_url"] == wire.address.base_url
    assert (body["token_type"], "expires_in" in body) == ("Bearer", False)
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert wire.get("/limits", headers=headers).status_code == 200


def test_the_form_may_come_in_chunks_with_basic_credentials(wire: Wire):
    pieces = iter([b"grant_type=", b"client_credentials"])
    credentials = (wire.address.client_id, wire.address.client_secret)
    wire.session.headers.pop("Authorization")

    answer = wire.call("POST", TOKEN, data=pieces, auth=credentials)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        pytest.param({}, "invalid_request", id="nothing"),
        pytest.param({"grant_type": "magic"}, "unsupported_grant_type", id="no such grant"),
        pytest.param({"grant_type": "password"}, "invalid_grant", id="passwords are off"),
        pytest.param(
            {"grant_type": "client_credentials", "client_id": "me"}, "invalid_client_id", id="who?"
        ),
        pytest.param({"grant_type": JWT_BEARER, "assertion": "x.y.z"}, "invalid_grant", id="junk"),
    ],
)
def test_the_token_endpoint_refuses_with_an_object(wire: Wire, form: dict[str, str], error: str):
    status, body = login(wire, **form)

    assert (status, body["error"]) == (400, error)
    assert body["error_description"]


def test_a_wrong_secret_is_refused(wire: Wire):
    form = {"grant_type": "client_credentials", "client_id": wire.address.client_id}

    assert login(wire, **form, client_secret="guess")[1]["error"] == "invalid_client"


def test_a_refresh_token_opens_a_session(wire: Wire):
    grant = wire.simulator.grant()
    form = {"grant_type": "refresh_token", "client_id": grant.client_id}

    assert login(wire, **form, refresh_token=grant.refresh_token)[0] == 200
    assert login(wire, **form, refresh_token="old")[1]["error"] == "invalid_grant"


def test_a_signed_assertion_opens_a_session(wire: Wire, keys: tuple[rsa.RSAPrivateKey, str]):
    private, public = keys
    app = wire.simulator.grant(public_key=public)
    given = claims(wire, iss=app.client_id)

    status, _ = login(
        wire, grant_type=JWT_BEARER, assertion=jwt.encode(given, private, algorithm="RS256")
    )

    assert status == 200


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"aud": "https://example.test"}, "audience is invalid", id="audience"),
        pytest.param({"sub": "a@b.test"}, "user hasn't approved this consumer", id="user"),
        pytest.param(
            {"exp": int(NINE.timestamp())}, "expired authorization code", id="already expired"
        ),
    ],
)
def test_an_assertion_that_claims_the_wrong_thing_is_refused(
    wire: Wire, keys: tuple[rsa.RSAPrivateKey, str], changes: dict[str, Any], why: str
):
    private, public = keys
    given = claims(wire, iss=wire.simulator.grant(public_key=public).client_id, **changes)

    status, body = login(
        wire, grant_type=JWT_BEARER, assertion=jwt.encode(given, private, algorithm="RS256")
    )

    assert (status, body) == (400, {"error": "invalid_grant", "error_description": why})


def test_an_assertion_signed_by_somebody_else_is_refused(
    wire: Wire, keys: tuple[rsa.RSAPrivateKey, str]
):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    given = claims(wire, iss=wire.simulator.grant(public_key=keys[1]).client_id)

    status, body = login(
        wire, grant_type=JWT_BEARER, assertion=jwt.encode(given, stranger, algorithm="RS256")
    )

    assert (status, body["error_description"]) == (400, "invalid assertion")


def test_an_inactive_user_gets_no_session_and_loses_the_one_they_have(wire: Wire):
    grant = wire.simulator.grant(user_id=wire.rep())
    wire.simulator.acts.set_active(wire.rep(), active=False)

    answer = wire.get("/limits", headers={"Authorization": f"Bearer {grant.access_token}"})
    _, refused = login(
        wire,
        grant_type="client_credentials",
        client_id=grant.client_id,
        client_secret=grant.client_secret,
    )

    assert answer.status_code == 401
    assert refused["error"] == "inactive_user"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        pytest.param("", "INVALID_SESSION_ID", id="none"),
        pytest.param("Bearer nonsense", "INVALID_SESSION_ID", id="unknown"),
        pytest.param("Basic eDp5", "INVALID_AUTH_HEADER", id="of another kind"),
    ],
)
def test_without_a_session_nothing_is_told(wire: Wire, header: str, code: str):
    for path in ("/limits", "/nowhere", "/sobjects/Lead/x", "/services/data/v99.0/x"):
        answer = wire.get(path, headers={"Authorization": header})

        assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, code)


def test_the_list_of_versions_needs_no_session(wire: Wire):
    versions = wire.get("/services/data", headers={"Authorization": ""}).json()

    assert {"label": "Winter '24", "url": "/services/data/v59.0", "version": "59.0"} in versions


def test_an_unused_session_ends_and_a_used_one_does_not(wire: Wire):
    wire.pass_time(7000)
    assert wire.get("/limits").status_code == 200

    wire.pass_time(7000)
    assert wire.get("/limits").status_code == 200

    wire.pass_time(7201)
    answer = wire.get("/limits")

    assert answer.status_code == 401
    assert answer.json() == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]


def test_a_revoked_token_opens_nothing(wire: Wire):
    form = {"token": wire.address.access_token}

    assert wire.call("POST", "/services/oauth2/revoke", data=form).status_code == 200
    assert wire.get("/limits").status_code == 401


def test_who_one_is_can_be_asked_in_two_ways(wire: Wire):
    user = wire.simulator.world.integration_user_id
    identity = wire.get("").json()["identity"].removeprefix(wire.address.base_url)

    assert wire.get("/services/oauth2/userinfo").json()["user_id"] == user
    assert wire.get(identity).json()["user_id"] == user


@pytest.mark.parametrize("version", ["59.0", "65.0"])
def test_a_soap_login_is_refused_as_a_fault(wire: Wire, version: str):
    answer = wire.call("POST", f"/services/Soap/u/{version}", data=b"<n1:login/>")

    assert answer.status_code == 500
    assert "<sf:exceptionCode>INVALID_OPERATION</sf:exceptionCode>" in answer.text


def test_every_answer_tells_the_time_and_the_calls_used(wire: Wire):
    answer = wire.get("/limits")

    assert answer.headers["Date"] == "Mon, 02 Mar 2026 09:00:00 GMT"
    assert answer.headers["Sforce-Limit-Info"].startswith("api-usage=")
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"


def test_the_last_call_of_the_day_is_answered_and_the_next_one_refused(wire: Wire):
    wire.simulator.org.usage.limit = 3

    answers = [wire.get("/limits") for _ in range(4)]

    assert [one.status_code for one in answers] == [200, 200, 200, 403]
    assert answers[3].json() == [
        {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    ]


def test_calls_of_yesterday_are_forgotten(wire: Wire):
    wire.simulator.org.usage.limit = 3
    for _ in range(3):
        wire.get("/limits")
    wire.simulator.org.sessions.lasts_s = 1e9
    wire.pass_time(24 * 3600)

    assert wire.get("/limits").status_code == 200
