"""Makes the connectors that the settings describe: the one place that knows every kind of CRM.

Secrets are read here and handed on; they stay nowhere else.
"""

from datetime import datetime

from connectors.port import Clock, Connector
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

_SOBJECTS = {"sf.lead": "Lead", "sf.contact": "Contact"}


def open_connector(name: str, told: Connection, *, route_from: datetime, clock: Clock) -> Connector:
    """The connector of one connection. Nothing is sent yet.

    Args:
        name: The connection's name in the settings.
        told: What the settings say of it.
        route_from: Where reading leads begins.
        clock: The shell's clock.

    Raises:
        SecretMissing: A secret cannot be read any more.
        ValueError: The description contradicts itself.
    """
    match told.kind:
        case Kind.SALESFORCE:
            return SalesforceConnector(_salesforce(name, told, route_from), clock)


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
