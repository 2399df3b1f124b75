"""A small org that nobody serves, on a clock that stands still."""

from datetime import UTC, datetime
from typing import Any

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.options import SimulatorOptions
from connectors.simulator.salesforce.access import FULL
from connectors.simulator.server import SalesforceSimulator

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def small(**options: Any) -> SalesforceSimulator:
    """An org of ten people and eight accounts, without leads unless asked."""
    chosen = {"people": 10, "accounts": 8, "leads": 0, **options}
    return SalesforceSimulator(SimulatorOptions(**chosen), clock=SimulatorClock(NINE))


def lead(simulator: SalesforceSimulator, **fields: Any) -> str:
    """A lead that the inbound queue holds."""
    given = {
        "LastName": "Voss",
        "Company": "Acme",
        "OwnerId": simulator.world.queues["web-inbound"],
        **fields,
    }
    return str(simulator.acts.create("Lead", given))


def ids(simulator: SalesforceSimulator, text: str) -> list[str]:
    """The ids a query finds."""
    engine = simulator.org.engine(FULL, version="64.0")
    return [str(row["Id"]) for row in engine.run(text).rows]
