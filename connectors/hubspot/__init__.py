"""HubSpot behind the port: what changed, who owns what, and careful writes.

Law: the Date header is the clock, a closed window walked by id the cursor, and an answer that is
not understood is never an empty answer. HubSpot has no guarded write: what is written was read
just before, and what may have gone wrong is read back.
"""

from connectors.hubspot.connector import HubSpotConnector
from connectors.hubspot.settings import (
    HubSpotSettings,
    OAuthApp,
    RoutedObject,
    ServiceKey,
    contact_object,
    lead_object,
)

__all__ = [
    "HubSpotConnector",
    "HubSpotSettings",
    "OAuthApp",
    "RoutedObject",
    "ServiceKey",
    "contact_object",
    "lead_object",
]
