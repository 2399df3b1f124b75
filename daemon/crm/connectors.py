"""Makes the connectors that the settings describe: the one place that knows every kind of CRM.

Secrets are read here and handed on; they stay nowhere else.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from connectors.errors import NeedsOperator
from connectors.hubspot import HubSpotConnector, HubSpotSettings, OAuthApp
from connectors.hubspot import ServiceKey as HubSpotKey
from connectors.hubspot import contact_object as hubspot_contact
from connectors.hubspot import lead_object as hubspot_lead
from connectors.hubspot.settings import SALESFORCE_IDS
from connectors.hubspot.settings import Grant as HubSpotGrant
from connectors.hubspot.settings import RoutedObject as HubSpotObject
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
from daemon.settings import ConnectionConfig, Jwt, Kind, OAuth, ServiceKey, Token
from daemon.settings import RoutedObject as Described
from daemon.settings.secrets import keep_secret
from routing.facts import Bookmark, Effect, EffectResult, Page

_log = structlog.get_logger(__name__)
_SOBJECTS = {"sf.lead": "Lead", "sf.contact": "Contact"}
_HUBSPOT = {"hs.contact": hubspot_contact, "hs.lead": hubspot_lead}


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


def open_connector(
    name: str, config: ConnectionConfig, *, route_from: datetime, clock: Clock
) -> Connector:
    """The connector of one connection. Nothing is sent yet.

    Args:
        name: The connection's name in the settings.
        config: What the settings say of it.
        route_from: Where reading leads begins.
        clock: The shell's clock.

    Raises:
        SecretMissing: A secret cannot be read any more.
        WrongConnection: The description contradicts itself.
    """
    try:
        match config.kind:
            case Kind.SALESFORCE:
                return SalesforceConnector(_salesforce(name, config, route_from), clock)
            case Kind.HUBSPOT:
                return HubSpotConnector(_hubspot(name, config, route_from), clock)
    except ValueError as error:
        raise WrongConnection(str(error)) from error


def _salesforce(name: str, config: ConnectionConfig, route_from: datetime) -> SalesforceSettings:
    return SalesforceSettings(
        base_url=config.base_url,
        grant=_grant(config),
        route_from=route_from,
        name=name,
        api_version=config.api_version,
        routed=tuple(_routed(each, of) for each, of in sorted(config.objects.items())),
        mapped=config.mapped(),
        written=config.mapped_back(),
        named_field=config.named_field,
        share=config.quota_share,
        overlap_s=int(config.overlap_s),
        timeout_s=config.timeout_s,
    )


def _routed(name: str, config: Described) -> RoutedObject:
    return RoutedObject(
        name,
        _SOBJECTS[name],
        owner_field=config.owner,
        stage_field=config.stage,
        email_field=config.email,
        company_field=config.company,
        account_field=config.account,
    )


def _grant(config: ConnectionConfig) -> Grant:
    match config.auth:
        case AppKey() as key:
            return ClientCredentials(key.client_id, key.client_secret().get_secret_value())
        case Jwt() as jwt:
            key_text = jwt.private_key().get_secret_value()
            return JwtBearer(jwt.client_id, jwt.username, key_text, jwt.audience)
        case Token() as token:
            return StaticToken(token.access_token().get_secret_value())
        case _:
            raise WrongConnection(f"{config.auth.type} is no way to sign in to Salesforce.")


def _hubspot(name: str, config: ConnectionConfig, route_from: datetime) -> HubSpotSettings:
    (routed,) = (_hubspot_object(each, of) for each, of in config.objects.items())
    return HubSpotSettings(
        base_url=config.base_url,
        grant=_hubspot_grant(config),
        route_from=route_from,
        name=name,
        api_version=config.api_version,
        routed=routed,
        follower=None if config.follower is None else _HUBSPOT[config.follower](),
        mapped=config.mapped(),
        written=config.mapped_back(),
        named_field=config.named_field,
        salesforce_ids=SALESFORCE_IDS if config.salesforce_ids is None else config.salesforce_ids,
        share=config.quota_share,
        overlap_s=int(config.overlap_s),
        timeout_s=config.timeout_s,
    )


def _hubspot_object(name: str, config: Described) -> HubSpotObject:
    return replace(
        _HUBSPOT[name](owner_field=config.owner, stage_field=config.stage),
        email_field=config.email,
        company_field=config.company,
        closed=config.closed,
    )


def _hubspot_grant(config: ConnectionConfig) -> HubSpotGrant:
    match config.auth:
        case ServiceKey() as key:
            return HubSpotKey(key.token().get_secret_value())
        case OAuth() as app:
            return OAuthApp(
                app.client_id,
                app.client_secret().get_secret_value(),
                app.refresh_token().get_secret_value(),
                _keeper(app.refresh_token_file),
            )
        case _:
            raise WrongConnection(f"{config.auth.type} is no way to sign in to HubSpot.")


def _keeper(file: Path | None) -> Callable[[str], None]:
    """Where another refresh token goes: into the file that held the first."""
    return partial(_kept, file)


def _kept(file: Path | None, refresh_token: str) -> None:
    """Keep it, or say that a restart will need it from somebody."""
    try:
        if file is not None:
            keep_secret(file, refresh_token)
            return
        problem = "it came from the environment"
    except OSError as error:
        problem = error.strerror or type(error).__name__
    advice = "HubSpot gave another refresh token, and only this process has it. Name a file that"
    advice += " may be written as refresh_token_file, or install the app again before a restart."
    _log.warning("refresh_token_not_kept", problem=problem, advice=advice)
