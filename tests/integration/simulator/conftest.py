"""One served org for each test."""

from collections.abc import Iterator

import pytest

from tests.integration.simulator.wire import Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    served = Wire()
    yield served
    served.close()
