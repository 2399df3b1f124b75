"""Makes the connectors that the settings describe: the one place that knows every kind of CRM.

Secrets are read here and handed on; they stay nowhere else.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connectors.errors import NeedsOperator
from connectors.port import Budget, Check, Clock, Connector, OwnerSeen, Swept
from connectors.salesforce import (
    ClientCredentials,
    JwtBearer,
    RoutedObject,
    SalesforceConnector,
    SalesforceSettings,
    StaticToken,
)
from connectors.salesforce.settings import Grant
from daemon.settings import ClientCredentials as AppKey
from daemon.settings import Connection, Jwt, Kind, Token
from daemon.settings import RoutedObject as Described
from routing.facts import Bookmark, Effect, EffectResult, Page

_SOBJECTS = {"sf.lead": "Lead", "sf.contact": "Contact"}


class WrongConnection(ValueError):
    """A connection's description contradicts itself, or its CRM; the message says how."""


class Unreached:
    """A connection nobody can call from here, and why: every call asks for a person."""

    def __init__(self, name: str, problem: str) -> None:
        self._name = name
        self._problem = problem

    @property
    def name(self) -> str:
        """The connection's name in the settings."""
        return self._name

    def changes(self, bookmark: Bookmark) -> Page:
        """Nothing is read."""
        del bookmark
        raise self._refusal()

    def owners_of(self, ids: Sequence[str], *, object: str) -> Mapping[str, OwnerSeen]:
        """Nobody is asked."""
        del ids, object
        raise self._refusal()

    def apply(self, effects: Sequence[Effect]) -> list[EffectResult]:
        """Nothing is written."""
        del effects
        raise self._refusal()

    def sweep(self, since: datetime) -> Iterator[tuple[Swept, ...]]:
        """Nothing is compared."""
        del since
        raise self._refusal()

    def unowned_before(self, at: datetime, holders: Sequence[str]) -> int:
        """Nothing is counted."""
        del at, holders
        raise self._refusal()

    def check(self) -> Check:
        """Nothing is known of its rights."""
        raise self._refusal()

    def budget(self) -> Budget:
        """No call was made."""
        return Budget(used=None, limit=None, own=0, share=1.0, left=None)

    def close(self) -> None:
        """There is nothing to give back."""

    def _refusal(self) -> NeedsOperator:
        return NeedsOperator(self._name, self._problem, "Start the daemon where its key is.")


def open_connector(name: str, told: Connection, *, route_from: datetime, clock: Clock) -> Connector:
    """The connector of one connection. Nothing is sent yet.

    Args:
        name: The connection's name in the settings.
        told: What the settings say of it.
        route_from: Where reading leads begins.
        clock: The shell's clock.

    Raises:
        SecretMissing: A secret cannot be read any more.
        WrongConnection: The description contradicts itself.
    """
    match told.kind:
        case Kind.SALESFORCE:
            try:
                described = _salesforce(name, told, route_from)
            except ValueError as error:
                raise WrongConnection(str(error)) from error
            return SalesforceConnector(described, clock)


def _salesforce(name: str, told: Connection, route_from: datetime) -> SalesforceSettings:
    return SalesforceSettings(
        base_url=told.base_url,
        grant=_grant(told),
        route_from=route_from,
        name=name,
        api_version=told.api_version,
        routed=tuple(_routed(each, of) for each, of in sorted(told.objects.items())),
        mapped=told.mapped(),
        written=told.mapped_back(),
        named_field=told.named_field,
        share=told.quota_share,
        overlap_s=int(told.overlap_s),
        timeout_s=told.timeout_s,
    )


def _routed(name: str, told: Described) -> RoutedObject:
    return RoutedObject(
        name,
        _SOBJECTS[name],
        owner_field=told.owner,
        stage_field=told.stage,
        email_field=told.email,
        company_field=told.company,
        account_field=told.account,
    )


def _grant(told: Connection) -> Grant:
    match told.auth:
        case AppKey() as key:
            return ClientCredentials(key.client_id, key.client_secret().get_secret_value())
        case Jwt() as jwt:
            key_text = jwt.private_key().get_secret_value()
            return JwtBearer(jwt.client_id, jwt.username, key_text, jwt.audience)
        case Token() as token:
            return StaticToken(token.access_token().get_secret_value())
