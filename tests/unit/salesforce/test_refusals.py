"""What a failed call means, whatever the shape of its body."""

import json

import pytest

from connectors.errors import NeedsOperator, TryLater
from connectors.salesforce.refusals import Refusal, Silence, refusal_of


def refused(status: int, code: str, message: str = "said so") -> Refusal:
    return refusal_of(status, json.dumps([{"message": message, "errorCode": code}]).encode())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b'[{"errorCode":"NOT_FOUND","message":"no"}]', "NOT_FOUND", id="list"),
        pytest.param(b'{"error":"invalid_grant"}', "invalid_grant", id="object, no description"),
        pytest.param(b'{"exceptionCode":"InvalidBatch"}', "InvalidBatch", id="bulk"),
        pytest.param(b"<html>We are setting things up</html>", "HTTP_420", id="html"),
        pytest.param(b"", "HTTP_420", id="empty"),
        pytest.param(b'[{"errorCode":"NOT_F', "HTTP_420", id="cut off"),
        pytest.param(b"[null, 3]", "HTTP_420", id="a list of nothing"),
    ],
)
def test_every_shape_of_body_gives_a_code(content, code):
    assert refusal_of(420, content).code == code


@pytest.mark.parametrize(
    ("refusal", "family"),
    [
        pytest.param(refused(400, "INVALID_FIELD"), NeedsOperator, id="a field is hidden"),
        pytest.param(refused(400, "INVALID_TYPE"), NeedsOperator, id="an object is hidden"),
        pytest.param(refused(404, "NOT_FOUND"), NeedsOperator, id="an object is not there"),
        pytest.param(refused(410, "UNSUPPORTED_API_VERSION"), NeedsOperator, id="retired"),
        pytest.param(refused(403, "API_DISABLED_FOR_ORG"), NeedsOperator, id="no API"),
        pytest.param(refused(400, "QUERY_TIMEOUT"), TryLater, id="slow query"),
        pytest.param(refused(500, "UNKNOWN_EXCEPTION"), TryLater, id="their mistake"),
        pytest.param(refused(503, "SERVER_UNAVAILABLE"), TryLater, id="away"),
        pytest.param(refusal_of(406, b""), TryLater, id="406, empty"),
        pytest.param(refusal_of(420, b"<html>"), TryLater, id="420, html"),
        pytest.param(refusal_of(302, b""), TryLater, id="sent to the maintenance host"),
        pytest.param(refusal_of(404, b"<html>"), TryLater, id="404 of the edge, not of the org"),
        pytest.param(refusal_of(410, b""), NeedsOperator, id="410 needs no words"),
        pytest.param(Silence("cut off"), TryLater, id="nothing came"),
    ],
)
def test_a_fault_belongs_to_one_of_the_three_families(refusal, family):
    assert type(refusal.as_promised()) is family


def wait_of(refusal: Refusal) -> float:
    promised = refusal.as_promised()
    assert isinstance(promised, TryLater)
    return promised.after_s


def test_the_day_s_quota_waits_longer_than_a_crowd():
    total = refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    crowd = refused(
        403,
        "REQUEST_LIMIT_EXCEEDED",
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    )

    assert wait_of(total) == 300.0
    assert wait_of(crowd) == 5.0


def test_retry_after_is_honoured_where_there_is_one():
    assert wait_of(refusal_of(429, b"", "17")) == 17.0


def test_a_query_error_does_not_repeat_the_query():
    body = (
        "\nSELECT Id, Foo FROM Lead WHERE Email = 'kim@acme.com'\nERROR at Row:1:Column:12\n"
        "No such column 'Foo' on entity 'Lead'."
    )

    told = str(refused(400, "INVALID_FIELD", body).as_promised())

    assert "No such column 'Foo'" in told
    assert "kim" not in told


def test_a_quota_refusal_of_a_write_is_no_doubt_and_a_busy_server_is():
    assert not refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").doubtful
    assert refusal_of(502, b"<html>").doubtful
    assert refusal_of(406, b"").doubtful
