"""Health and metrics, asked over real HTTP on this machine."""

import json
import socket
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from starlette.routing import Route

from daemon.base.clock import SystemClock
from daemon.base.metrics import Metrics
from daemon.settings import Http
from daemon.web.health import Health
from daemon.web.http import CannotServe, HttpServer, health_app
from tests.fakes.clock import SettableClock


class Machine:
    """A daemon's health, with a ledger that can fail, and its server."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.problem: str | None = None
        self.health = Health(
            self.clock, slowest_tick_s=30.0, probes={"ledger": lambda: self.problem}
        )
        self.metrics = Metrics(self.clock)
        app = health_app(self.health, self.metrics)
        self.server = HttpServer(app, Http(port=0), clock=SystemClock())

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urlopen(f"http://127.0.0.1:{self.server.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()


@pytest.fixture
def machine() -> Iterator[Machine]:
    machine = Machine()
    with machine.server:
        yield machine


def test_a_loop_that_ticks_is_alive(machine: Machine):
    machine.health.ticked("decide")
    machine.clock.advance(29)

    status, body = machine.get("/livez")

    assert (status, json.loads(body)) == (200, {"ok": True, "decide": "ticked 29.0 s ago"})


def test_one_loop_that_is_stuck_is_enough_to_be_dead(machine: Machine):
    machine.health.ticked("poll")
    machine.clock.advance(31)
    machine.health.ticked("decide")

    assert machine.get("/livez")[0] == 503


def test_a_ledger_that_is_away_makes_it_unready_and_not_dead(machine: Machine):
    machine.health.ticked("decide")
    machine.problem = "takes no writes: the disk is full"

    assert machine.get("/livez")[0] == 200
    assert machine.get("/readyz") == (
        503,
        '{"ok":false,"ledger":"takes no writes: the disk is full"}',
    )


def test_a_process_that_stops_is_not_ready_and_still_alive(machine: Machine):
    assert machine.get("/readyz")[0] == 200

    machine.health.drain()

    assert machine.get("/readyz")[0] == 503
    assert machine.get("/livez")[0] == 200


def test_metrics_are_served_with_the_age_of_each_poll(machine: Machine):
    machine.metrics.polled("acme", "leads")
    machine.clock.advance(7)

    status, page = machine.get("/metrics")

    assert status == 200
    assert 'signalbox_poll_age_seconds{connection="acme",stream="leads"} 7.0' in page


def test_there_is_nothing_else(machine: Machine):
    assert machine.get("/")[0] == 404


def test_it_listens_on_the_loopback_address_only(machine: Machine):
    assert machine.server._socket is not None
    assert machine.server._socket.getsockname()[0] == "127.0.0.1"


def test_without_metrics_there_is_no_page():
    app = health_app(Health(SettableClock(), slowest_tick_s=1), None)

    assert [r.path for r in app.routes if isinstance(r, Route)] == ["/livez", "/readyz"]


def test_an_address_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        app = health_app(Health(SettableClock(), slowest_tick_s=1), None)
        server = HttpServer(app, Http(port=port), clock=SystemClock())

        with pytest.raises(CannotServe, match=rf"127\.0\.0\.1:{port} cannot be listened on"):
            server.start()
