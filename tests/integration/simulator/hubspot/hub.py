"""A small portal whose clock stands still, and two clients: plain HTTP and the official one."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import hubspot

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.hubspot.records import Record
from connectors.simulator.hubspot_server import HubSpotSimulator
from connectors.simulator.options import SimulatorOptions

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NINE_MS = 1_772_442_000_000
ROOTS = {
    "v3": "/crm/v3/objects",
    "2026-03": "/crm/objects/2026-03",
    "2026-09": "/crm/objects/2026-09",
}
OBJECTS = ROOTS["2026-09"]
OWNERS = "/crm/owners/2026-09"
LINKS = "/crm/associations/2026-09"
PROPERTIES = "/crm/properties/2026-09"


class Hub:
    """A portal of ten people and eight companies, with limits that no test meets by accident."""

    def __init__(self, **options: Any) -> None:
        chosen = {
            "people": 10, "accounts": 8, "leads": 5, "searches_per_s": 1000,
            "hubspot_burst": 10_000, **options,
        }  # fmt: skip
        self.simulator = HubSpotSimulator(SimulatorOptions(**chosen), clock=SimulatorClock(NINE))
        self.address = self.simulator.start()
        self.http = self.client(self.address.access_token)
        self.sdk = hubspot.Client.create(
            access_token=self.address.access_token,
            host=self.address.base_url,
            base_url=self.address.base_url,
            retry=False,
        )
        self._pools: list[Any] = []

    def client(self, token: str) -> httpx.Client:
        """A plain client that shows this token."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(
            base_url=self.address.base_url, headers=headers, trust_env=False, timeout=10
        )

    def use(self, api: Any) -> Any:
        """An API of the official client, whose connections are closed at the end."""
        self._pools.append(api.api_client.rest_client.pool_manager)
        return api

    def close(self) -> None:
        for pool in self._pools:
            pool.clear()
        self.http.close()
        self.simulator.stop()

    def get_as(self, token: str, path: str, **params: Any) -> httpx.Response:
        """A single request under another token."""
        with self.client(token) as http:
            return http.get(path, params=params)

    def pass_time(self, seconds: float) -> None:
        self.simulator.clock.advance(seconds)
        self.simulator.tick()

    def settle(self) -> None:
        """Let every write reach the index."""
        self.pass_time(60)

    def contact(self, **properties: Any) -> str:
        """A new contact from a web form, without an owner."""
        number = len(self.simulator.portal.tables["contacts"].rows)
        given = {"email": f"kim{number}@acme.test", "lifecyclestage": "lead", **properties}
        return str(self.simulator.acts.create("contacts", given))

    def owner(self, at: int = 0) -> str:
        """The owner id of a rep who may own records."""
        here = [one for one in self.simulator.world.people if not one.left]
        return self.simulator.world.owners[here[at].slug]

    def record(self, record_id: str, name: str = "contacts") -> Record:
        """A record as it is stored."""
        return self.simulator.portal.tables[name].rows[int(record_id)]

    def owner_of(self, record_id: str) -> str | None:
        return self.record(record_id).owner

    def search(self, body: dict[str, Any], name: str = "contacts") -> httpx.Response:
        return self.http.post(f"{OBJECTS}/{name}/search", json=body)

    def found(self, *filters: dict[str, Any], name: str = "contacts", **body: Any) -> list[str]:
        """The ids that a search of one group finds, in its order."""
        given = {"filterGroups": [{"filters": list(filters)}], "limit": 200, **body}
        return [row["id"] for row in self.search(given, name).json()["results"]]

    def give(self, ids: Sequence[str], owner: str, **more: Any) -> httpx.Response:
        """A batch update of owners."""
        inputs = [{"id": one, "properties": {"hubspot_owner_id": owner}, **more} for one in ids]
        return self.http.post(f"{OBJECTS}/contacts/batch/update", json={"inputs": inputs})

    def read(self, ids: Iterable[str], **body: Any) -> httpx.Response:
        """A batch read."""
        given = {"inputs": [{"id": one} for one in ids], **body}
        return self.http.post(f"{OBJECTS}/contacts/batch/read", json=given)

    def act(self, name: str, /, **given: Any) -> Any:
        """An act done from outside."""
        answer = self.http.post("/__simulator__/acts", json={"act": name, **given})
        assert answer.status_code == 200, answer.text
        return answer.json()["done"][0]

    def act_inside(self, name: str, /, **given: Any) -> Any:
        """The same, without the wire."""
        return self.simulator.act({"act": name, **given})
