"""An open ledger on each of the two stores, and a path to walk leads along."""

from collections.abc import Iterator

import pytest

from models.ledger import Ledger
from tests.fakes.clock import SettableClock
from tests.fakes.lead_path import LeadPath, begin, broken_laws, open_test_ledger


@pytest.fixture
def clock() -> SettableClock:
    """Noon, until a test moves it."""
    return SettableClock()


@pytest.fixture
def ledger(ledger_url: str, clock: SettableClock) -> Iterator[Ledger]:
    """An empty ledger; whatever a test did, its laws hold at the end."""
    ledger = open_test_ledger(ledger_url, clock)
    yield ledger
    broken = list(broken_laws(ledger.store))
    ledger.close()
    assert broken == []


@pytest.fixture
def path(ledger: Ledger, clock: SettableClock) -> LeadPath:
    """The lease taken, three reps registered, nothing decided yet."""
    return begin(ledger, clock)
