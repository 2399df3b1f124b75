"""Who is let in, how often, and what a client is told of it."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.integration.simulator.hubspot.hub import LINKS, OBJECTS, OWNERS, Hub

REFRESH = "/oauth/2026-09/token"


def said(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()["category"]


def refresh(hub: Hub, grant: Any, path: str = REFRESH, **more: str) -> httpx.Response:
    form = {
        "grant_type": "refresh_token", "client_id": grant.client_id,
        "client_secret": grant.client_secret, "refresh_token": grant.refresh_token, **more,
    }  # fmt: skip
    return hub.http.post(path, data=form)


def test_the_sixth_search_of_a_second_is_refused_without_a_word_on_limits():
    hub = Hub(searches_per_s=5)
    answers = [hub.search({"limit": 1}) for _ in range(6)]
    hub.pass_time(1)
    after = hub.search({"limit": 1})
    hub.close()

    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert answers[5].json()["policyName"] == "SECONDLY"
    assert answers[5].json()["message"] == "You have reached your secondly limit."
    assert not [name for one in answers for name in one.headers if "ratelimit" in name.lower()]
    assert after.status_code == 200


def test_searches_are_counted_for_the_whole_account():
    hub = Hub(searches_per_s=5)
    other = hub.client(hub.simulator.grant().access_token)
    statuses = [
        client.post(f"{OBJECTS}/contacts/search", json={}).status_code
        for client in (hub.http, other) * 3
    ]
    other.close()
    hub.close()

    assert statuses == [200] * 5 + [429]


def test_a_burst_ends_after_so_many_calls_and_is_forgotten_in_ten_seconds():
    hub = Hub(hubspot_burst=3)
    answers = [hub.http.get(OWNERS, params={"limit": 1}) for _ in range(4)]
    searching = hub.search({"limit": 1})
    linked = hub.http.post(f"{LINKS}/contacts/companies/batch/read", json={"inputs": [{"id": "1"}]})
    hub.pass_time(10)
    after = hub.http.get(OWNERS)
    hub.close()

    assert [one.status_code for one in answers] == [200] * 3 + [429]
    assert [one.headers["X-HubSpot-RateLimit-Remaining"] for one in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["X-HubSpot-RateLimit-Max"] == "3"
    assert answers[0].headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert answers[3].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert answers[3].json()["errorType"] == "RATE_LIMIT"
    assert "Retry-After" not in answers[3].headers
    assert (searching.status_code, linked.status_code, after.status_code) == (200, 200, 200)


def test_apps_have_bursts_of_their_own_and_oauth_apps_smaller_ones():
    hub = Hub(hubspot_burst=1)
    private = hub.http.get(OWNERS)
    oauth = hub.get_as(hub.simulator.grant(kind="oauth").access_token, OWNERS)
    hub.close()

    assert private.headers["X-HubSpot-RateLimit-Daily"] == "650000"
    assert oauth.headers["X-HubSpot-RateLimit-Max"] == "110"
    assert "X-HubSpot-RateLimit-Daily" not in oauth.headers


def test_a_day_ends_at_midnight_where_the_portal_is():
    hub = Hub(hubspot_daily_limit=2)
    within = [hub.http.get(OWNERS).status_code for _ in range(3)]
    refused = hub.search({})
    hub.pass_time((datetime(2026, 3, 3, 4, 59, 59, tzinfo=UTC) - hub.simulator.clock.now()).seconds)
    still = hub.http.get(OWNERS)
    hub.pass_time(1)
    after = hub.http.get(OWNERS)
    hub.close()

    assert within == [200, 200, 429]
    assert refused.json()["policyName"] == still.json()["policyName"] == "DAILY"
    assert after.status_code == 200
    assert after.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "1"


def test_other_integrations_use_up_the_same_day(hub: Hub):
    hub.act("settings", daily_limit=100, used=100)

    assert hub.http.get(OWNERS).json()["policyName"] == "DAILY"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param({}, (401, "INVALID_AUTHENTICATION"), id="none"),
        pytest.param({"Authorization": "Basic eA=="}, (401, "INVALID_AUTHENTICATION"), id="basic"),
        pytest.param(
            {"Authorization": "Bearer pat-na1-nobodys"}, (401, "INVALID_AUTHENTICATION"), id="wrong"
        ),
    ],
)
def test_without_a_token_nobody_is_let_in(hub: Hub, header: dict[str, str], expected: Any):
    answer = httpx.get(
        f"{hub.address.base_url}{OWNERS}", headers=header, trust_env=False, timeout=10
    )

    assert said(answer) == expected


def test_what_cannot_be_a_token_does_not_even_get_that_far(hub: Hub):
    answer = hub.get_as("{malformed}", OWNERS)

    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (530, "text/html")


def test_a_token_without_the_scope_is_told_which_is_missing(hub: Hub):
    token = hub.simulator.grant(scopes=["crm.objects.contacts.read"]).access_token

    refused = hub.get_as(token, OWNERS)
    allowed = hub.get_as(token, f"{OBJECTS}/contacts")

    assert said(refused) == (403, "MISSING_SCOPES")
    assert refused.json()["errors"][0]["context"] == {"requiredScopes": ["crm.objects.owners.read"]}
    assert allowed.status_code == 200


def test_reading_is_another_scope_than_writing(hub: Hub):
    token = hub.simulator.grant(scopes=["crm.objects.contacts.read"]).access_token
    with hub.client(token) as http:
        answer = http.patch(f"{OBJECTS}/contacts/{hub.contact()}", json={"properties": {}})

    assert said(answer) == (403, "MISSING_SCOPES")


def test_a_portal_without_leads_refuses_them_and_nothing_else(hub: Hub):
    hub.act("settings", has_leads=False)

    assert said(hub.search({}, "leads")) == (403, "FORBIDDEN")
    assert hub.search({}).status_code == 200


def test_an_oauth_token_ends_after_half_an_hour(hub: Hub):
    grant = hub.simulator.grant(kind="oauth")
    before = hub.get_as(grant.access_token, OWNERS)
    hub.pass_time(1800)
    after = hub.get_as(grant.access_token, OWNERS)

    assert before.status_code == 200
    assert said(after) == (401, "EXPIRED_AUTHENTICATION")
    assert hub.http.get(OWNERS).status_code == 200


def test_a_refresh_token_is_good_for_one_use(hub: Hub):
    grant = hub.simulator.grant(kind="oauth")

    first, second = refresh(hub, grant), refresh(hub, grant)
    third = refresh(hub, grant, refresh_token=first.json()["refresh_token"])

    assert (first.status_code, first.json()["expires_in"]) == (200, 1800)
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")
    assert third.status_code == 200


@pytest.mark.parametrize(
    ("wrong", "dated", "legacy"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type", "BAD_GRANT_TYPE"),
        ({"client_id": "1"}, "invalid_client", "BAD_CLIENT_ID"),
        ({"client_secret": "x"}, "invalid_client", "BAD_CLIENT_SECRET"),
        ({"refresh_token": "x"}, "invalid_grant", "BAD_REFRESH_TOKEN"),
    ],
)
def test_a_refresh_that_is_refused_says_why(
    hub: Hub, wrong: dict[str, str], dated: str, legacy: str
):
    grant = hub.simulator.grant(kind="oauth")

    new, old = refresh(hub, grant, **wrong), refresh(hub, grant, "/oauth/v1/token", **wrong)

    assert (new.status_code, new.json()["error"]) == (400, dated)
    assert (old.status_code, old.json()["status"]) == (400, legacy)


def test_every_token_can_be_ended_at_once(hub: Hub):
    grant = hub.simulator.grant(kind="oauth")

    ended = hub.act("expire_tokens", client_id=grant.client_id)["ended"]

    assert ended == 1
    assert hub.get_as(grant.access_token, OWNERS).status_code == 401
