"""Salesforce behind the port: what changed, who owns what, and guarded writes.

Law: the Date header is the clock, SystemModstamp and Id the cursor, and an answer that is not
understood is never an empty answer. Nothing is written that was not read before, and nothing is
written twice because an answer was lost. simple-salesforce is used in direct mode only, as a
convenience for addresses and headers: it never logs in, never renews, never retries.
"""

from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.settings import (
    ClientCredentials,
    JwtBearer,
    RoutedObject,
    SalesforceSettings,
    StaticToken,
    contact_object,
    lead_object,
)

__all__ = [
    "ClientCredentials",
    "JwtBearer",
    "RoutedObject",
    "SalesforceConnector",
    "SalesforceSettings",
    "StaticToken",
    "contact_object",
    "lead_object",
]
