"""One simulated portal for each test."""

from collections.abc import Iterator

import pytest

from tests.integration.hubspot.world import SimulatedPortal


@pytest.fixture
def world() -> Iterator[SimulatedPortal]:
    simulated = SimulatedPortal()
    yield simulated
    simulated.close()
