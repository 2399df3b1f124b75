"""One simulated org for each test."""

from collections.abc import Iterator

import pytest

from tests.integration.salesforce.world import SimulatedWorld


@pytest.fixture
def world() -> Iterator[SimulatedWorld]:
    simulated = SimulatedWorld()
    yield simulated
    simulated.close()
