"""Single answers of a portal: what counts as one, and what never counts as "no new leads"."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import NeedsOperator, TryLater
from connectors.hubspot.refusals import Refusal, Silence
from connectors.hubspot.settings import OAuthApp
from tests.fakes.wire import DATE, Reply

PAGE = {"total": 1, "results": [{"id": "201", "properties": {"email": "kim@acme.test"}}]}
ASKED = {"filterGroups": [], "limit": 1}
HTML = Reply(b"<html>We'll be right back</html>", headers={"Content-Type": "text/html"})


def limited(policy: str, **headers: str) -> Reply:
    body = {"status": "error", "message": "You have reached your limit.", "policyName": policy}
    return Reply(body, 429, headers)


def test_a_page_is_read_with_the_server_s_time(server, wired):
    server.script.append(Reply(PAGE))

    answer = wired().search("contacts", ASKED)

    assert [row["id"] for row in answer.rows()] == ["201"]
    assert answer.date.isoformat() == "2026-03-02T09:00:00+00:00"


@pytest.mark.parametrize(
    ("version", "path"),
    [
        ("v3", "/crm/v3/objects/contacts/search"),
        ("2026-03", "/crm/objects/2026-03/contacts/search"),
        ("2026-09", "/crm/objects/2026-09/contacts/search"),
    ],
)
def test_every_version_has_its_path_and_the_key_stands_in_a_header(server, wired, version, path):
    server.script.append(Reply(PAGE))
    wired(api_version=version).search("contacts", ASKED)

    (asked,) = server.asked

    assert (asked.method, asked.path) == ("POST", path)
    assert asked.headers["authorization"] == "Bearer pat-na1-made-up"


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(HTML, id="a page of HTML"),
        pytest.param(Reply(b'{"total":1,"results":[{"id":"2'), id="cut off"),
        pytest.param(Reply({"total": 0, "results": None}), id="results are null"),
        pytest.param(Reply({"total": 0}), id="no results"),
        pytest.param(Reply({"results": []}), id="no total"),
        pytest.param(Reply({"total": "0", "results": []}), id="a total that is text"),
        pytest.param(Reply({"total": True, "results": []}), id="a total that is a word"),
        pytest.param(Reply({"total": 1, "results": [None]}), id="a row that is none"),
        pytest.param(Reply({"total": 1, "results": [{"properties": {}}]}), id="no id"),
        pytest.param(Reply(b"", 202), id="accepted, nothing said"),
        pytest.param(Reply(b"", 204), id="no content"),
        pytest.param(Reply([]), id="a list"),
        pytest.param(Reply(PAGE, headers={"Date": ""}), id="no Date header"),
        pytest.param(Reply(PAGE, length=1000), id="shorter than it said"),
        pytest.param(Reply(b"\xff\xfe{}"), id="bytes that are no text"),
    ],
)
def test_an_answer_that_is_none_is_a_silence_and_never_an_empty_page(server, wired, reply):
    server.script.extend([reply] * 3)

    with pytest.raises(Silence):
        wired().search("contacts", ASKED)


def test_half_a_surrogate_pair_does_not_spoil_a_page(server, wired):
    server.script.append(Reply(rb'{"total":1,"results":[{"id":"7","properties":{"a":"\ud800"}}]}'))

    (row,) = wired().search("contacts", ASKED).rows()

    assert row["id"] == "7"


def test_a_read_is_tried_again(server, wired):
    server.script.extend([Reply(b"\xff\xfe bad gateway", 502), HTML, Reply(PAGE)])

    assert wired().search("contacts", ASKED).rows()
    assert len(server.asked) == 3


def test_a_write_is_sent_once(server, wired):
    server.script.extend([Reply(status=502), Reply(PAGE)])

    with pytest.raises(Refusal):
        wired().batch_update("contacts", [{"id": "201"}])
    assert len(server.asked) == 1


def test_a_redirect_is_not_followed(server, wired):
    moved = Reply(b"", 302, {"Location": "https://api.hubapi.com/crm/v3/objects/contacts"})
    server.script.extend([moved] * 3)

    with pytest.raises(Refusal):
        wired().search("contacts", ASKED)


def test_no_answer_is_waited_for_only_so_long_and_not_asked_again(server, wired):
    server.script.append(Reply(silent=True))

    with pytest.raises(Silence) as caught:
        wired(timeout_s=0.05).search("contacts", ASKED)

    assert (caught.value.slow, caught.value.sent) == (True, True)
    assert len(server.asked) == 1


def test_a_connection_that_was_never_made_sent_nothing(server, wired):
    wire = wired(base_url="http://127.0.0.1:1")

    with pytest.raises(Silence) as caught:
        wire.batch_update("contacts", [])

    assert not caught.value.sent


def test_the_pace_of_searches_is_kept(server, wired, clock):
    server.otherwise = lambda _: Reply(PAGE)
    wire = wired()
    for _ in range(9):
        wire.search("contacts", ASKED)

    assert sum(clock.slept) == pytest.approx(2.0)


def test_the_general_pace_is_learned_from_headers(server, wired, clock):
    headers = {
        "X-HubSpot-RateLimit-Max": "10",
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
    }
    server.otherwise = lambda _: Reply({"portalId": 7}, headers=headers)
    wire = wired(burst_share=0.5)
    for _ in range(6):
        wire.account()

    assert clock.slept == [pytest.approx(10.0)]


def test_a_limit_on_searches_is_waited_for_and_does_not_touch_writes(server, wired, clock):
    server.script.extend([limited("SECONDLY"), Reply(PAGE), Reply(PAGE)])
    wire = wired()
    wire.search("contacts", ASKED)
    slept = sum(clock.slept)
    wire.batch_update("contacts", [{"id": "201"}])

    assert slept == pytest.approx(1.0, abs=0.3)
    assert sum(clock.slept) == slept


@pytest.mark.parametrize(
    ("reply", "least_s", "most_s"),
    [
        pytest.param(limited("TEN_SECONDLY_ROLLING"), 10, 11, id="ten seconds"),
        pytest.param(limited("DAILY"), 15 * 3600, 16.5 * 3600, id="until midnight"),
        pytest.param(limited("SECONDLY", **{"Retry-After": "30"}), 30, 33, id="as it says"),
        pytest.param(limited("X", **{"Retry-After": "86400"}), 3600, 3960, id="an hour at most"),
        pytest.param(limited("X", **{"Retry-After": "-9"}), 10, 11, id="a negative wait"),
        pytest.param(
            limited("X", **{"Retry-After": DATE.replace("00:00 G", "01:00 G")}), 60, 66, id="a date"
        ),
        pytest.param(
            Reply({"message": "You have reached your daily limit."}, 429),
            15 * 3600,
            16.5 * 3600,
            id="a limit that only the message names",
        ),
        pytest.param(Reply(b"", 477, {"Retry-After": "600"}), 600, 660, id="being moved"),
    ],
)
def test_a_limit_closes_the_gate_for_everybody(server, wired, reply, least_s, most_s):
    server.script.append(reply)
    wire = wired()
    with pytest.raises((Refusal, TryLater)):
        wire.batch_update("contacts", [])

    with pytest.raises(TryLater) as caught:
        wire.search("contacts", ASKED)

    assert least_s <= caught.value.after_s <= most_s
    assert len(server.asked) == 1


def test_a_locked_record_is_waited_for_two_seconds_at_least(server, wired, clock):
    server.script.extend([Reply(b"", 423), Reply(PAGE)])
    wired().search("contacts", ASKED)

    assert clock.slept[0] >= 2.0


def test_the_budget_is_what_the_headers_say(server, wired):
    headers = {"X-HubSpot-RateLimit-Daily": "1000", "X-HubSpot-RateLimit-Daily-Remaining": "850"}
    server.script.append(Reply({"portalId": 7}, headers=headers))
    wire = wired()
    wire.account()
    budget = wire.quota.budget()

    assert (budget.used, budget.limit, budget.own, budget.left) == (150, 1000, 1, 199)


def test_a_key_that_is_refused_needs_a_person_and_is_not_used_again(server, wired):
    server.script.append(Reply({"category": "INVALID_AUTHENTICATION", "message": "no"}, 401))
    wire = wired()
    for _ in range(2):
        with pytest.raises(NeedsOperator):
            wire.search("contacts", ASKED)

    assert len(server.asked) == 1


def test_a_token_that_is_no_token_needs_a_person_too(server, wired):
    server.script.append(Reply(b"<html>", 530))

    with pytest.raises(NeedsOperator):
        wired().search("contacts", ASKED)


def test_a_missing_scope_is_no_refused_key(server, wired):
    missing = {
        "category": "MISSING_SCOPES",
        "errors": [{"context": {"requiredScopes": ["crm.objects.leads.read"]}}],
    }
    server.script.extend([Reply(missing, 403), Reply(PAGE)])
    wire = wired()
    with pytest.raises(Refusal) as caught:
        wire.search("leads", ASKED)

    assert caught.value.missing
    assert "crm.objects.leads.read" in str(caught.value.as_promised())
    assert wire.search("contacts", ASKED).rows()


def oauth(**changes: Any) -> OAuthApp:
    return replace(OAuthApp("app", "made-up", "refresh-1"), **changes)


def tokens(number: int, **more: object) -> Reply:
    return Reply({"access_token": f"access-{number}", "expires_in": 1800, **more})


def test_an_app_renews_its_token_before_it_ends_and_keeps_the_rotated_one(server, wired, clock):
    kept: list[str] = []
    server.script.extend(
        [tokens(1, refresh_token="refresh-2"), Reply(PAGE), tokens(2), Reply(PAGE)]
    )
    wire = wired(grant=oauth(keep=kept.append))
    wire.search("contacts", ASKED)
    clock.advance(1700)
    wire.search("contacts", ASKED)

    assert kept == ["refresh-2"]
    assert b"refresh_token=refresh-2" in server.asked[2].body
    assert server.asked[3].headers["authorization"] == "Bearer access-2"


def test_a_refused_token_is_renewed_once_and_the_call_made_again(server, wired):
    server.script.extend([tokens(1), Reply(b"", 401), tokens(2), Reply(PAGE)])

    assert wired(grant=oauth()).search("contacts", ASKED).rows()


def test_a_fresh_token_that_is_refused_too_needs_a_person(server, wired):
    server.script.extend([tokens(1), Reply(b"", 401), tokens(2), Reply(b"", 401)])

    with pytest.raises(NeedsOperator, match="fresh token"):
        wired(grant=oauth()).search("contacts", ASKED)


@pytest.mark.parametrize(
    "body", [{"status": "BAD_REFRESH_TOKEN", "message": "gone"}, {"error": "invalid_grant"}]
)
def test_a_refresh_token_that_is_refused_needs_a_person(server, wired, body):
    server.script.append(Reply(body, 400))
    wire = wired(grant=oauth())
    for _ in range(2):
        with pytest.raises(NeedsOperator, match="refresh token"):
            wire.search("contacts", ASKED)

    assert len(server.asked) == 1


def test_sixteen_callers_share_one_login(server, wired):
    server.otherwise = lambda asked: tokens(1) if "token" in asked.path else Reply({"portalId": 7})
    wire = wired(grant=oauth())
    callers = [threading.Thread(target=wire.account) for _ in range(16)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert sum("token" in path for path in server.paths) == 1
    assert len(server.asked) == 17
