"""Logging in: client credentials or a JWT bearer assertion, at the org's own token endpoint.

The address in the answer is believed only if it is one of Salesforce's, or the simulator we were
pointed at. Answers carry no length of life; `tokens` learns it. SOAP login is not offered: it is
being retired.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import jwt

from connectors.errors import ConnectorError, NeedsOperator, TryLater
from connectors.salesforce.refusals import CRM, Refusal, Silence
from connectors.salesforce.session import WireSession
from connectors.salesforce.settings import (
    ClientCredentials,
    JwtBearer,
    SalesforceSettings,
    StaticToken,
)
from connectors.salesforce_ids import canonical
from connectors.tokens import Token

_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_LIFE: Final = timedelta(minutes=3)
_WAIT_CODES: Final = frozenset({"rate_limit_exceeded", "server_error", "temporarily_unavailable"})


@dataclass(frozen=True)
class Login:
    """One way to get a token; call it to get one."""

    settings: SalesforceSettings
    session: Callable[[], WireSession]
    now: Callable[[], datetime]

    def __call__(self) -> Token:
        """Log in once."""
        grant = self.settings.grant
        if isinstance(grant, StaticToken):
            return Token(grant.access_token, self.settings.origin)
        try:
            body = self._asked(self._form(grant))
        except Silence as silence:
            raise TryLater(CRM, f"the login was not answered: {silence.cause}", 10.0) from silence
        except Refusal as refusal:
            raise _refused_login(refusal) from refusal
        return self._token_in(body)

    def _asked(self, form: Mapping[str, str]) -> Any:
        url = f"{self.settings.origin}/services/oauth2/token"
        return self.session().request("POST", url, data=form).json()

    def _form(self, grant: ClientCredentials | JwtBearer) -> dict[str, str]:
        if isinstance(grant, ClientCredentials):
            return {
                "grant_type": "client_credentials",
                "client_id": grant.client_id,
                "client_secret": grant.client_secret,
            }
        return {"grant_type": _BEARER, "assertion": self._assertion(grant)}

    def _assertion(self, grant: JwtBearer) -> str:
        claims = {
            "iss": grant.client_id,
            "sub": grant.username,
            "aud": grant.audience,
            "exp": int((self.now() + _ASSERTION_LIFE).timestamp()),
        }
        try:
            return jwt.encode(claims, grant.private_key, algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise NeedsOperator(
                CRM,
                "the private key for the JWT login cannot be read.",
                "Give an unencrypted RSA key in PEM form.",
            ) from error

    def _token_in(self, body: Any) -> Token:
        value = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(value, str) or not value:
            raise TryLater(CRM, "the login was answered without a token.", 10.0)
        address = str(body.get("instance_url") or self.settings.origin)
        if not self.settings.may_serve(address):
            raise NeedsOperator(
                CRM,
                f"the login named {address} as the org's address, which is not allowed.",
                "Check base_url; if the address is right, add its host to the allowed hosts.",
            )
        lives = body.get("expires_in")
        return Token(
            value,
            address.rstrip("/"),
            user=canonical(str(body.get("id") or "").rsplit("/", 1)[-1]),
            life_s=float(lives) if str(lives or "").isdigit() else None,
        )


def _refused_login(refusal: Refusal) -> ConnectorError:
    if refusal.transient or refusal.code in _WAIT_CODES:
        return TryLater(CRM, f"the login failed ({refusal.code}).", 30.0, code=refusal.code)
    return NeedsOperator(
        CRM,
        f"the login was refused: {refusal.message or 'no reason given'} ({refusal.code}).",
        "Renew the client secret or certificate, or approve the app for the integration user;"
        " polling stays stopped, nothing was lost.",
        code=refusal.code,
    )


def second_refusal(refusal: Refusal) -> NeedsOperator:
    """A token that was fetched a moment ago is refused as well: logging in does not help."""
    return NeedsOperator(
        CRM,
        f"a fresh token was refused: {refusal.message} ({refusal.code}).",
        "Check the integration user's session and API policies and that the app may use the"
        " API; polling stays stopped, nothing was lost.",
        code=refusal.code,
    )


def cannot_renew(refusal: Refusal) -> NeedsOperator:
    """A token that we were given, and cannot renew, is refused."""
    return NeedsOperator(
        CRM,
        f"the access token was refused: {refusal.message} ({refusal.code}).",
        "It cannot be renewed; set a client id and secret, or a new token.",
        code=refusal.code,
    )
