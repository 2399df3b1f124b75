"""A client that knows nothing but HTTP: what it sees is what is on the wire."""

from datetime import UTC, datetime
from typing import Any

import requests

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.options import SimulatorOptions
from connectors.simulator.salesforce.access import access_from
from connectors.simulator.salesforce.stamps import http_date, read_datetime
from connectors.simulator.server import SalesforceSimulator

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DATA = "/services/data/v64.0"


class Wire:
    """A small org whose clock stands still, and a client of its integration user."""

    def __init__(self, **options: Any) -> None:
        chosen = {"people": 10, "accounts": 8, "leads": 5, **options}
        self.simulator = SalesforceSimulator(SimulatorOptions(**chosen), clock=SimulatorClock(NINE))
        self.address = self.simulator.start()
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.address.access_token}"

    def close(self) -> None:
        self.session.close()
        self.simulator.stop()

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """A request to a path below the data resource, or to a whole path."""
        whole = path if path.startswith(("/services", "/id", "/__")) else DATA + path
        arguments.setdefault("timeout", 10)
        arguments.setdefault("allow_redirects", False)
        return self.session.request(method, self.address.base_url + whole, **arguments)

    def get(self, path: str, **arguments: Any) -> requests.Response:
        return self.call("GET", path, **arguments)

    def post(self, path: str, body: Any = None, **arguments: Any) -> requests.Response:
        return self.call("POST", path, json=body, **arguments)

    def patch(self, path: str, body: Any = None, **arguments: Any) -> requests.Response:
        return self.call("PATCH", path, json=body, **arguments)

    def delete(self, path: str, **arguments: Any) -> requests.Response:
        return self.call("DELETE", path, **arguments)

    def query(self, text: str, *, path: str = "/query", **arguments: Any) -> requests.Response:
        return self.get(path, params={"q": text}, **arguments)

    def records(self, text: str) -> list[dict[str, Any]]:
        """The first page of a query."""
        records: list[dict[str, Any]] = self.query(text).json()["records"]
        return records

    def refused(self, text: str) -> tuple[int, str]:
        """Status and code of a query that is refused."""
        answer = self.query(text)
        return answer.status_code, answer.json()[0]["errorCode"]

    def with_rights(self, **rights: Any) -> dict[str, str]:
        """The Authorization header of a session with fewer rights."""
        grant = self.simulator.grant(access=access_from(rights))
        return {"Authorization": f"Bearer {grant.access_token}"}

    def pass_time(self, seconds: float) -> None:
        self.simulator.clock.advance(seconds)
        self.simulator.tick()

    def lead(self, **fields: Any) -> str:
        """A new lead, created by a web form, held by the inbound queue."""
        given = {
            "LastName": "Voss",
            "Company": "Acme",
            "OwnerId": self.queue(),
            **fields,
        }
        return str(self.simulator.acts.create("Lead", given))

    def rep(self, at: int = 0) -> str:
        """A rep who may own leads."""
        people = [p for p in self.simulator.world.people if not p.left]
        return self.simulator.world.users[people[at].slug]

    def queue(self, name: str = "web-inbound") -> str:
        return self.simulator.world.queues[name]

    def row(self, record_id: str) -> dict[str, Any]:
        """A record as it is stored."""
        return dict(self.simulator.org.store.get(record_id) or {})

    def owner(self, record_id: str) -> Any:
        return self.row(record_id)["OwnerId"]

    def guard(self, record_id: str) -> dict[str, str]:
        """The headers of a guarded write of a record as it is now."""
        modified_at = read_datetime(self.row(record_id)["LastModifiedDate"])
        assert modified_at is not None
        return {"If-Unmodified-Since": http_date(modified_at), "Sforce-Auto-Assign": "FALSE"}

    def give(self, record_id: str, owner: str, **headers: str) -> requests.Response:
        """An owner change, unguarded but for the headers given."""
        sent = {"Sforce-Auto-Assign": "FALSE", **headers}
        return self.patch(f"/sobjects/Lead/{record_id}", {"OwnerId": owner}, headers=sent)

    def give_all(self, pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
        """Guarded owner changes in one composite."""
        parts = [
            {
                "method": "PATCH",
                "url": f"{DATA}/sobjects/Lead/{lead}",
                "referenceId": f"r{at}",
                "httpHeaders": self.guard(lead),
                "body": {"OwnerId": owner},
            }
            for at, (lead, owner) in enumerate(pairs)
        ]
        answer = self.post("/composite", {"allOrNone": False, "compositeRequest": parts})
        found: list[dict[str, Any]] = answer.json()["compositeResponse"]
        return found
