"""One served portal for each test."""

from collections.abc import Iterator

import pytest

from tests.integration.simulator.hubspot.hub import Hub


@pytest.fixture
def hub() -> Iterator[Hub]:
    served = Hub()
    yield served
    served.close()
