"""/account-info and /oauth: what the portal is, what it has been asked today, and new tokens."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from connectors.simulator.exchange import Reply
from connectors.simulator.hubspot.calls import Call
from connectors.simulator.hubspot.desk import Desk
from connectors.simulator.hubspot.stamps import milliseconds, wire
from connectors.simulator.hubspot.tokens import App


def details(desk: Desk, call: Call) -> Reply:
    """Answer GET /account-info/.../details."""
    del call
    portal = desk.portal
    offset = portal.clock.now().astimezone(portal.limits.zone).utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    body = {
        "portalId": portal.id,
        "accountType": "STANDARD",
        "timeZone": portal.settings.zone,
        "companyCurrency": "USD",
        "additionalCurrencies": [],
        "utcOffset": f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}",
        "utcOffsetMilliseconds": minutes * 60_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }
    return Reply(200, body)


def daily_usage(desk: Desk, call: Call) -> Reply:
    """Answer GET /account-info/.../api-usage/daily/private-apps."""
    del call
    portal = desk.portal
    now = portal.clock.now()
    row = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": portal.limits.daily,
        "currentUsage": portal.limits.used(now),
        "collectedAt": wire(milliseconds(now)),
        "fetchStatus": "SUCCESS",
        "resetsAt": wire(milliseconds(portal.limits.resets_at(now))),
    }
    return Reply(200, {"results": [row]})


def token(desk: Desk, call: Call) -> Reply:
    """Answer POST /oauth/.../token: a new access token for a refresh token, which is replaced."""
    form = dict(parse_qsl(call.request.body.decode("utf-8", "replace"), keep_blank_values=True))
    kind = form.get("grant_type")
    if kind != "refresh_token":
        return _no(call, "BAD_GRANT_TYPE", "unsupported_grant_type", f"grant_type {kind!r}")
    app = desk.portal.tokens.app(form.get("client_id", ""))
    if app is None or app.kind != "oauth":
        return _no(call, "BAD_CLIENT_ID", "invalid_client", "missing or unknown client id")
    if form.get("client_secret") != app.client_secret:
        return _no(call, "BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret")
    if form.get("refresh_token") != app.refresh_token:
        return bad_refresh_token(call)
    return Reply(200, _granted(desk, app))


def bad_refresh_token(call: Call) -> Reply:
    """400: the refresh token was replaced, or its app removed."""
    return _no(call, "BAD_REFRESH_TOKEN", "invalid_grant", "missing or invalid refresh token")


def _granted(desk: Desk, app: App) -> dict[str, Any]:
    given = desk.portal.tokens.refresh(app, desk.portal.clock.now())
    return {
        "token_type": "bearer",
        "refresh_token": app.refresh_token,
        "access_token": given.text,
        "hub_id": desk.portal.id,
        "user_id": app.user_id,
        "scopes": sorted(app.scopes),
        "expires_in": 1800,
    }


def _no(call: Call, status: str, error: str, message: str) -> Reply:
    if call.dated:
        return Reply(400, {"error": error, "error_description": message})
    return Reply(400, {"status": status, "message": message})
