"""An office for each test, on a ledger file of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A live connection, three reps, nothing has happened yet."""
    made = Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    made.round()
    yield made
    made.app.close()
