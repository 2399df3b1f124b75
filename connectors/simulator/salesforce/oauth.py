"""/services/oauth2: logging in and out, and asking who one is.

Client credentials, JWT bearer and refresh tokens work as they do for an external client app.
Passwords are refused, as a new org refuses them.
"""

import base64
from typing import Any, Final
from urllib.parse import parse_qsl

import jwt

from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import not_found
from connectors.simulator.salesforce.sessions import ConnectedApp

_JWT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_AUDIENCES: Final = {"https://login.salesforce.com", "https://test.salesforce.com"}


class LoginRefused(Exception):
    """The token endpoint says no."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description

    def reply(self) -> Reply:
        """400, as an object rather than a list."""
        return Reply(400, {"error": self.error, "error_description": self.description})


def token(org: Org, call: Call) -> Reply:
    """Answer POST /services/oauth2/token."""
    form = _form(call)
    try:
        app = _grant(org, call, form)
        _refuse_inactive(org, app)
    except LoginRefused as refused:
        return refused.reply()
    now = org.now()
    session = org.sessions.open(app, now)
    body = {
        "access_token": session.token,
        "signature": "c2lnbmF0dXJlIG9mIHRoZSBzaW11bGF0b3I=",
        "scope": "api",
        "instance_url": org.instance_url,
        "id": f"{org.settings.base_url}/id/{org.id}/{app.user_id}",
        "token_type": "Bearer",
        "issued_at": str(int(now.timestamp() * 1000)),
        "api_instance_url": org.instance_url,
    }
    return Reply(200, body)


def revoke(org: Org, call: Call) -> Reply:
    """Answer POST /services/oauth2/revoke."""
    given = _form(call).get("token") or call.params.get("token", "")
    if org.sessions.end(given):
        return Reply(200)
    return LoginRefused("invalid_token", "invalid token: token is not valid").reply()


def user_info(org: Org, call: Call) -> Reply:
    """Answer GET /services/oauth2/userinfo."""
    user = org.store.get(call.user_id) or {}
    identity = _identity(org, call.user_id)
    body = {
        "sub": identity["id"],
        "user_id": call.user_id,
        "organization_id": org.id,
        "preferred_username": user.get("Username"),
        "nickname": user.get("Alias"),
        "name": user.get("Name"),
        "email": user.get("Email"),
        "email_verified": True,
        "given_name": user.get("FirstName"),
        "family_name": user.get("LastName"),
        "zoneinfo": user.get("TimeZoneSidKey"),
        "user_type": "STANDARD",
        "active": user.get("IsActive"),
        "urls": identity["urls"],
    }
    return Reply(body=body)


def identity(org: Org, call: Call, org_id: str, user_id: str) -> Reply:
    """Answer GET /id/{org}/{user}."""
    if org_id[:15] != org.id[:15] or user_id[:15] != call.user_id[:15]:
        raise not_found()
    return Reply(body=_identity(org, call.user_id))


def _identity(org: Org, user_id: str) -> dict[str, Any]:
    user = org.store.get(user_id) or {}
    base = org.settings.base_url
    rest = f"{base}/services/data/v{{version}}/"
    return {
        "id": f"{base}/id/{org.id}/{user_id}",
        "asserted_user": True,
        "user_id": user_id,
        "organization_id": org.id,
        "username": user.get("Username"),
        "display_name": user.get("Name"),
        "email": user.get("Email"),
        "active": user.get("IsActive"),
        "user_type": "STANDARD",
        "locale": user.get("LocaleSidKey"),
        "timezone": user.get("TimeZoneSidKey"),
        "urls": {
            "enterprise": f"{base}/services/Soap/c/{{version}}/{org.id}",
            "partner": f"{base}/services/Soap/u/{{version}}/{org.id}",
            "rest": rest,
            "sobjects": f"{rest}sobjects/",
            "query": f"{rest}query/",
            "profile": f"{base}/{user_id}",
        },
        "last_modified_date": user.get("LastModifiedDate"),
    }


def _form(call: Call) -> dict[str, str]:
    text = call.body.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True)) | dict(call.params)


def _grant(org: Org, call: Call, form: dict[str, str]) -> ConnectedApp:
    kind = form.get("grant_type")
    if not kind:
        raise LoginRefused("invalid_request", "missing grant_type")
    if kind == "client_credentials":
        return _by_secret(org, call, form)
    if kind == _JWT:
        return _by_assertion(org, form.get("assertion", ""))
    if kind == "refresh_token":
        return _by_refresh_token(org, form)
    if kind in ("password", "authorization_code"):
        raise LoginRefused("invalid_grant", "authentication failure")
    raise LoginRefused("unsupported_grant_type", "grant type not supported")


def _by_secret(org: Org, call: Call, form: dict[str, str]) -> ConnectedApp:
    client_id, secret = form.get("client_id"), form.get("client_secret")
    kind, _, encoded = call.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
        except ValueError:  # not ASCII, not base64, or not UTF-8 within
            raise LoginRefused("invalid_client", "invalid client credentials") from None
    app = org.sessions.app(client_id)
    if app is None:
        raise LoginRefused("invalid_client_id", "client identifier invalid")
    if secret != app.client_secret:
        raise LoginRefused("invalid_client", "invalid client credentials")
    return app


def _by_refresh_token(org: Org, form: dict[str, str]) -> ConnectedApp:
    app = org.sessions.app(form.get("client_id"))
    if app is None:
        raise LoginRefused("invalid_client_id", "client identifier invalid")
    if form.get("client_secret") not in (None, app.client_secret):
        raise LoginRefused("invalid_client", "invalid client credentials")
    if form.get("refresh_token") != app.refresh_token:
        raise LoginRefused("invalid_grant", "expired access/refresh token")
    return app


def _by_assertion(org: Org, assertion: str) -> ConnectedApp:
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise LoginRefused("invalid_grant", "invalid assertion") from None
    app = org.sessions.app(str(claims.get("iss") or ""))
    if app is None or app.public_key is None:
        raise LoginRefused("invalid_client_id", "client identifier invalid")
    try:
        jwt.decode(
            assertion,
            app.public_key,
            algorithms=["RS256"],
            options={
                "verify_exp": False,
                "verify_aud": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except jwt.PyJWTError:
        raise LoginRefused("invalid_grant", "invalid assertion") from None
    _check_claims(org, app, claims)
    return app


def _check_claims(org: Org, app: ConnectedApp, claims: dict[str, Any]) -> None:
    audience = claims.get("aud")
    if audience not in _AUDIENCES | {org.settings.base_url, org.instance_url}:
        raise LoginRefused("invalid_grant", "audience is invalid")
    left = _number(claims.get("exp")) - org.now().timestamp()
    if not 0 < left <= 300:  # the service takes five minutes at most
        raise LoginRefused("invalid_grant", "expired authorization code")
    user = org.store.get(app.user_id) or {}
    subject = str(claims.get("sub") or claims.get("prn") or "")
    if subject.lower() != str(user.get("Username")).lower():
        raise LoginRefused("invalid_grant", "user hasn't approved this consumer")


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise LoginRefused("invalid_grant", "invalid assertion") from None


def _refuse_inactive(org: Org, app: ConnectedApp) -> None:
    user = org.store.get(app.user_id) or {}
    if not user.get("IsActive"):
        raise LoginRefused("inactive_user", "user is inactive")
