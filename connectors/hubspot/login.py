"""Tokens: a key that is given once, or an app's access token of half an hour.

An OAuth token is renewed before it ends, not when it is refused. HubSpot may give another refresh
token with it, which takes the place of the first at once. A refused refresh needs a person: the
app was taken out of the portal, or its secret changed.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode

from connectors.errors import ConnectorError, NeedsOperator, TryLater
from connectors.hubspot.paths import path_of
from connectors.hubspot.pool import Reply, Request
from connectors.hubspot.refusals import CRM, Failed, Refusal, Silence, decoded, refusal_of
from connectors.hubspot.settings import HubSpotSettings, OAuthApp, ServiceKey
from connectors.tokens import Token

_HALF_AN_HOUR_S: Final = 1800.0
_SHORTEST_LIFE_S: Final = 60.0


class Login:
    """One way to get a token; call it to get one."""

    def __init__(
        self, settings: HubSpotSettings, send: Callable[[Request, str | None], Reply]
    ) -> None:
        self._settings = settings
        self._send = send
        self._lock = Lock()
        grant = settings.grant
        self._refresh_token = grant.refresh_token if isinstance(grant, OAuthApp) else ""

    def __call__(self) -> Token:
        """Log in once."""
        grant = self._settings.grant
        if isinstance(grant, ServiceKey):
            return Token(grant.token, self._settings.base_url)
        with self._lock:
            try:
                body = self._asked(grant)
            except Silence as silence:
                why = f"the login was not answered: {silence.cause}"
                raise TryLater(CRM, why, 10.0) from silence
            except Refusal as refusal:
                raise _refused_login(refusal) from refusal
            return self._token_in(body, grant)

    def _asked(self, grant: OAuthApp) -> Any:
        form = {
            "grant_type": "refresh_token",
            "client_id": grant.client_id,
            "client_secret": grant.client_secret,
            "refresh_token": self._refresh_token,
        }
        path = path_of(self._settings.api_version, "token")
        reply = self._send(Request("POST", path, body=urlencode(form).encode(), form=True), None)
        if reply.status != 200:
            raise refusal_of(Failed(reply.status, reply.content))
        return decoded(reply.content)

    def _token_in(self, body: Any, grant: OAuthApp) -> Token:
        value = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(value, str) or not value:
            raise TryLater(CRM, "the login was answered without a token.", 10.0)
        rotated = body.get("refresh_token")
        if isinstance(rotated, str) and rotated and rotated != self._refresh_token:
            self._refresh_token = rotated
            if grant.keep is not None:
                grant.keep(rotated)
        lives = body.get("expires_in")
        usable = isinstance(lives, int | float) and lives >= _SHORTEST_LIFE_S
        life_s = float(lives) if usable else _HALF_AN_HOUR_S
        return Token(value, self._settings.base_url, life_s=life_s)


def _refused_login(refusal: Refusal) -> ConnectorError:
    if refusal.transient:
        return TryLater(
            CRM, f"the login failed ({refusal.code}).", refusal.wait_s, code=refusal.code
        )
    return NeedsOperator(
        CRM,
        f"the login was refused: {refusal.error.message or 'no reason given'} ({refusal.code}).",
        "Install the app in the portal again and set the new refresh token, or renew the client"
        " secret; polling stays stopped, nothing was lost.",
        code=refusal.code,
    )


def second_refusal(refusal: Refusal) -> NeedsOperator:
    """A token that was fetched a moment ago is refused as well: logging in does not help."""
    return NeedsOperator(
        CRM,
        f"a fresh token was refused: {refusal.error.message} ({refusal.code}).",
        "Check that the app is still installed in the portal; polling stays stopped, nothing was"
        " lost.",
        code=refusal.code,
    )


def cannot_renew(refusal: Refusal) -> NeedsOperator:
    """A key that cannot be renewed is refused."""
    return NeedsOperator(
        CRM,
        f"the key was refused: {refusal.error.message} ({refusal.code}).",
        "Make a new service key (or rotate the private app's token) and set it; polling stays"
        " stopped, nothing was lost.",
        code=refusal.code,
    )
