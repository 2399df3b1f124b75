"""A scripted portal and what a connection to it is told."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.hubspot.settings import HubSpotSettings, ServiceKey
from connectors.hubspot.wire import Wire
from tests.fakes.clock import SettableClock
from tests.fakes.wire import ScriptedServer

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NINE)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def settings(server: ScriptedServer) -> HubSpotSettings:
    return HubSpotSettings(
        grant=ServiceKey("pat-na1-made-up"), route_from=NINE, base_url=server.base_url
    )


@pytest.fixture
def wired(settings: HubSpotSettings, clock: SettableClock) -> Iterator[Callable[..., Wire]]:
    made: list[Wire] = []

    def wire(**changes: Any) -> Wire:
        made.append(Wire(replace(settings, **changes), clock, lambda: 0.0))
        return made[-1]

    yield wire
    for each in made:
        each.close()
