"""Every path of the simulated service, in one table: what differs between versions is its roots.

The versions that are numbers keep associations under v4 and everything else under v3; those
that are dates say the date. What lies below the roots is the same.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from connectors.simulator.exchange import Reply
from connectors.simulator.hubspot import (
    account,
    batches,
    definitions,
    linking,
    people,
    singles,
)

Answers = Callable[..., Reply]
OWNER_SCOPE: Final = frozenset({"crm.objects.owners.read"})

_ROOTS: Final = {
    "v3": {
        "objects": "/crm/v3/objects",
        "owners": "/crm/v3/owners",
        "associations": "/crm/v4/associations",
        "properties": "/crm/v3/properties",
        "account": "/account-info/v3",
        "token": "/oauth/v1/token",
    },
    **{
        version: {
            "objects": f"/crm/objects/{version}",
            "owners": f"/crm/owners/{version}",
            "associations": f"/crm/associations/{version}",
            "properties": f"/crm/properties/{version}",
            "account": f"/account-info/{version}",
            "token": f"/oauth/{version}/token",
        }
        for version in ("2026-03", "2026-09")
    },
}
VERSIONS: Final = tuple(_ROOTS)


@dataclass(frozen=True, slots=True)
class Route:
    """A resource: who answers, what it takes to be let in, which limits it counts against."""

    method: str
    pattern: re.Pattern[str]
    version: str
    answers: Answers | None  #: None: the search, which has an index of its own
    verb: str = "read"  #: whether records are read or written, which decides the scope
    scopes: frozenset[str] = frozenset()
    public: bool = False  #: needs no token
    exempt: bool = False  #: not counted in ten seconds


def routes() -> list[Route]:
    """All of them, in the order in which they are tried."""
    return [one for version, roots in _ROOTS.items() for one in _of_version(version, roots)]


def _of_version(version: str, roots: dict[str, str]) -> Iterator[Route]:
    kinds, owners = f"{roots['objects']}/{{kind}}", roots["owners"]
    one = f"{kinds}/{{record_id}}"

    def route(method: str, path: str, answers: Answers | None, **rest: object) -> Route:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"/?\Z")
        return Route(method, pattern, version, answers, **rest)  # type: ignore[arg-type]

    yield route("POST", f"{kinds}/search", None, exempt=True)
    yield route("POST", f"{kinds}/batch/read", batches.read)
    yield route("POST", f"{kinds}/batch/update", batches.update, verb="write")
    yield route("POST", f"{kinds}/batch/create", batches.create, verb="write")
    yield route("POST", f"{kinds}/batch/archive", batches.archive, verb="write")
    yield route("POST", f"{kinds}/merge", singles.merge, verb="write")
    yield route("POST", f"{kinds}/gdpr-delete", singles.gdpr_delete, verb="write")
    yield route("GET", one, singles.read)
    yield route("PATCH", one, singles.patch, verb="write")
    yield route("DELETE", one, singles.archive, verb="write")
    yield route("GET", kinds, singles.listed)
    yield route("POST", kinds, singles.create, verb="write")
    yield route("GET", owners, people.listed, scopes=OWNER_SCOPE)
    yield route("GET", f"{owners}/{{owner_id}}", people.read, scopes=OWNER_SCOPE)
    linked = f"{roots['associations']}/{{kind}}/{{other}}/batch/read"
    yield route("POST", linked, linking.read, exempt=True)
    yield route("GET", f"{roots['properties']}/{{kind}}", definitions.listed)
    yield route("GET", f"{roots['properties']}/{{kind}}/{{name}}", definitions.read)
    yield route("GET", f"{roots['account']}/details", account.details)
    usage = f"{roots['account']}/api-usage/daily/private-apps"
    yield route("GET", usage, account.daily_usage)
    yield route("POST", roots["token"], account.token, public=True)
