"""Taking over: reading what the last process knew may take longer than a lease lasts."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from daemon.running.heartbeat import Heartbeat
from models.store.lease import Leases
from tests.fakes.office import Office

PATIENCE_S = 20.0  #: a test that waits longer has failed
LASTS_S = 12.0  #: how long a lease is relied on


@pytest.fixture
def office(tmp_path: Path, ledger_url: str) -> Iterator[Office]:
    made = Office(tmp_path, ledger_url)
    yield made
    made.app.close()


class Renewals:
    """Says when the lease was renewed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.came = Event()
        original = Leases.renew

        def renew(leases: Leases, *said: Any, **more: Any) -> Any:
            found = original(leases, *said, **more)
            self.came.set()
            return found

        monkeypatch.setattr(Leases, "renew", renew)


def slow_reading(office: Office, renewals: Renewals, *, pieces: int) -> Callable[..., Any]:
    """The state is read in pieces of half a lease's time each."""
    load = office.app.world.load

    def read(*, at: datetime, shadow: bool = False) -> Any:
        for _ in range(pieces):
            renewals.came.clear()
            office.clock.advance(LASTS_S / 2)
            assert renewals.came.wait(PATIENCE_S)
        return load(at=at, shadow=shadow)

    return read


def test_a_take_over_that_outlasts_the_lease_ends_with_the_lease_held(office, monkeypatch):
    office.app.world.load = slow_reading(office, Renewals(monkeypatch), pieces=4)

    with Heartbeat(office.app.lease, office.told):
        token = office.app.hold_lease(office.clock.now())

    assert token is not None
    assert (office.app.ready_for, office.app.lease.token) == (token, token)
    assert office.told.alerts == []


def test_the_lease_is_renewed_while_nobody_looks_at_it(office, monkeypatch):
    renewals = Renewals(monkeypatch)
    token = office.app.hold_lease(office.clock.now())

    with Heartbeat(office.app.lease, office.told):
        for _ in range(5):
            renewals.came.clear()
            office.clock.advance(LASTS_S / 2)
            assert renewals.came.wait(PATIENCE_S)

    assert office.app.lease.token == token


def test_a_ledger_that_is_away_stops_no_heart(office, monkeypatch):
    office.app.hold_lease(office.clock.now())
    renewals, asked = Renewals(monkeypatch), []

    def renew(leases: Leases, *said: Any, **more: Any) -> Any:
        asked.append(said)
        if len(asked) == 1:
            raise ValueError("what nobody thought of")
        renewals.came.set()
        return said[0]

    monkeypatch.setattr(Leases, "renew", renew)
    with Heartbeat(office.app.lease, office.told):
        office.clock.advance(LASTS_S / 2)
        assert renewals.came.wait(PATIENCE_S)

    assert [each["loop"] for each in office.told.named("loop_failed")] == ["lease"]
