"""Every path of HubSpot's API, in one table by version.

The paths of v3 and v4 become unsupported in 2027; those with a date take their place, a new one
every half year. Only the paths differ: what is sent and what comes back is the same.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_OLD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "search": "/crm/v3/objects/{kind}/search",
        "list": "/crm/v3/objects/{kind}",
        "one": "/crm/v3/objects/{kind}/{id}",
        "batch_read": "/crm/v3/objects/{kind}/batch/read",
        "batch_update": "/crm/v3/objects/{kind}/batch/update",
        "associations": "/crm/v4/associations/{kind}/{to}/batch/read",
        "owners": "/crm/v3/owners",
        "property": "/crm/v3/properties/{kind}/{name}",
        "account": "/account-info/v3/details",
        "token": "/oauth/v1/token",
    }
)


def _dated(version: str) -> Mapping[str, str]:
    return MappingProxyType(
        {
            "search": f"/crm/objects/{version}/{{kind}}/search",
            "list": f"/crm/objects/{version}/{{kind}}",
            "one": f"/crm/objects/{version}/{{kind}}/{{id}}",
            "batch_read": f"/crm/objects/{version}/{{kind}}/batch/read",
            "batch_update": f"/crm/objects/{version}/{{kind}}/batch/update",
            "associations": f"/crm/associations/{version}/{{kind}}/{{to}}/batch/read",
            "owners": f"/crm/owners/{version}",
            "property": f"/crm/properties/{version}/{{kind}}/{{name}}",
            "account": f"/account-info/{version}/details",
            "token": f"/oauth/{version}/token",
        }
    )


_PATHS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {"v3": _OLD, "2026-03": _dated("2026-03"), "2026-09": _dated("2026-09")}
)
VERSIONS: Final = tuple(_PATHS)


def path_of(version: str, what: str, **parts: str) -> str:
    """The path of one kind of call.

    Examples:
        >>> path_of("v3", "search", kind="contacts")
        '/crm/v3/objects/contacts/search'
        >>> path_of("2026-09", "associations", kind="contacts", to="companies")
        '/crm/associations/2026-09/contacts/companies/batch/read'
    """
    return _PATHS[version][what].format(**parts)
