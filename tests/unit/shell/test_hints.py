"""Hints over real HTTP: who may wake a poller, and that nothing else comes in by that door."""

import base64
import hashlib
import hmac
import socket
from collections.abc import Iterator
from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from pydantic import SecretStr

from daemon.base.clock import SystemClock
from daemon.base.metrics import Metrics
from daemon.settings import Http
from daemon.web.health import Health
from daemon.web.hints import LARGEST_BYTES, Door, Hints, SecretDoor, SignedDoor
from daemon.web.http import HttpServer, health_app
from tests.fakes.clock import NOON, SettableClock

SECRET = "a-secret-of-theirs"
URL = "https://box.acme.test/wake/hs"
BODY = b'[{"eventId":1,"subscriptionType":"contact.creation"}]'


class Porch:
    """The doors of two connections, on a server of their own."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.woken: list[str] = []
        self.routes = True
        self.metrics = Metrics(self.clock)
        doors: dict[str, Door] = {
            "hs": SignedDoor(SecretStr(SECRET), URL),
            "sf": SecretDoor(SecretStr(SECRET)),
        }
        hints = Hints(doors, self._wakes, self.clock, self.metrics)
        app = health_app(Health(self.clock, slowest_tick_s=30.0), None, hints)
        self.server = HttpServer(app, Http(port=0), clock=SystemClock())

    def _wakes(self, connection: str) -> bool:
        if self.routes:
            self.woken.append(connection)
        return self.routes

    def knock(self, connection: str, body: bytes = BODY, **headers: str) -> tuple[int, str]:
        """POST a hint; underscores of a header's name stand for hyphens."""
        request = Request(
            f"http://127.0.0.1:{self.server.port}/wake/{connection}",
            data=body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        try:
            with urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()

    def counted(self, connection: str, taken: str) -> float:
        """How often a hint came to this end."""
        sample = {"connection": connection, "taken": taken}
        return self.metrics.registry.get_sample_value("signalbox_hints_total", sample) or 0.0


@pytest.fixture
def porch() -> Iterator[Porch]:
    made = Porch()
    with made.server:
        yield made


def signed(body: bytes = BODY, *, url: str = URL, age_s: float = 0, secret: str = SECRET):
    """The headers with which HubSpot sends a request."""
    sent_at = str(int((NOON - timedelta(seconds=age_s)).timestamp() * 1000))
    said = f"POST{url}".encode() + body + sent_at.encode()
    digest = hmac.new(secret.encode(), said, hashlib.sha256).digest()
    return {
        "X_HubSpot_Request_Timestamp": sent_at,
        "X_HubSpot_Signature_v3": base64.b64encode(digest).decode(),
    }


def test_a_signed_hint_wakes_its_connection(porch):
    assert porch.knock("hs", **signed()) == (202, "taken")
    assert porch.woken == ["hs"]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no signature"),
        pytest.param(signed(secret="another"), id="another secret"),
        pytest.param(signed(b"[]"), id="another body"),
        pytest.param(signed(url="https://other.test/wake/hs"), id="another address"),
        pytest.param(signed(age_s=301), id="a replay after five minutes"),
        pytest.param(signed(age_s=-301), id="from the future"),
        pytest.param({**signed(), "X_HubSpot_Request_Timestamp": "now"}, id="no time"),
    ],
)
def test_a_hint_that_hubspot_did_not_sign_is_refused_and_counted(porch, headers):
    status, said = porch.knock("hs", **headers)

    assert (status, said) == (401, "the signature or the secret is not right")
    assert porch.woken == []
    assert porch.counted("hs", "unsigned") == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"X_Signalbox_Secret": SECRET}, 202, id="the secret"),
        pytest.param({"X_Signalbox_Secret": SECRET[:-1]}, 401, id="nearly"),
        pytest.param({}, 401, id="none"),
    ],
)
def test_salesforce_shows_a_shared_secret(porch, headers, status):
    assert porch.knock("sf", b"<soap/>", **headers)[0] == status
    assert len(porch.woken) == (status == 202)


def test_a_connection_that_takes_no_hints_is_not_found(porch):
    assert porch.knock("other", **signed())[0] == 404
    assert porch.counted("", "unknown") == 1


def test_what_is_too_large_is_refused_by_its_declared_length(porch):
    with socket.create_connection(("127.0.0.1", porch.server.port), timeout=5) as caller:
        head = f"POST /wake/sf HTTP/1.1\r\nHost: x\r\nContent-Length: {LARGEST_BYTES + 1}\r\n\r\n"
        caller.sendall(head.encode())
        answer = caller.recv(64)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_what_is_too_large_without_saying_so_is_refused_while_it_is_read(porch):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", porch.server.port), timeout=5) as caller:
        caller.sendall(b"POST /wake/sf HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        caller.sendall(chunk * 5 + b"0\r\n\r\n")
        answer = caller.recv(64)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_process_that_stands_by_takes_the_hint_and_wakes_nobody(porch):
    porch.routes = False

    assert porch.knock("sf", X_Signalbox_Secret=SECRET)[0] == 202
    assert porch.counted("sf", "standing_by") == 1
    assert porch.woken == []


def test_a_hint_is_posted_and_nothing_else(porch):
    with pytest.raises(HTTPError, match="405") as refusal:
        urlopen(f"http://127.0.0.1:{porch.server.port}/wake/sf", timeout=5)
    refusal.value.close()


def test_without_hints_there_is_no_such_door():
    app = health_app(Health(SettableClock(), slowest_tick_s=1), None)

    assert not any("wake" in str(getattr(route, "path", "")) for route in app.routes)
