"""Many clients at once: nothing is lost, nobody waits for a slow neighbour."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from connectors.simulator.server import SimulatorAddress
from tests.integration.simulator.wire import DATA, Wire


def connection(address: SimulatorAddress) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(address.base_url).netloc, timeout=10)


def limits(address: SimulatorAddress, times: int) -> int:
    """How many of so many calls over one connection are answered well."""
    line = connection(address)
    headers = {"Authorization": f"Bearer {address.access_token}"}
    good = 0
    for _ in range(times):
        line.request("GET", f"{DATA}/limits", headers=headers)
        answer = line.getresponse()
        answer.read()
        good += answer.status == 200
    line.close()
    return good


def test_eight_clients_are_all_answered_and_all_counted(wire: Wire):
    with ThreadPoolExecutor(8) as pool:
        good = list(pool.map(lambda _: limits(wire.address, 50), range(8)))

    assert good == [50] * 8
    assert wire.simulator.org.usage.used(wire.simulator.clock.now()) == 400


def test_a_slow_request_holds_up_nobody(wire: Wire):
    wire.simulator.fault("slow", delay_s=1.0, match={"path": "*/recordCount"})
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(wire.get, "/limits/recordCount?sObjects=Lead")

        good = limits(wire.address, 20)

        assert (good, slow.done()) == (20, False)
        assert slow.result().status_code == 200


def test_a_lead_that_many_guarded_writers_want_goes_to_one_of_them(wire: Wire):
    lead = wire.lead()
    guard = wire.guard(lead)
    wire.simulator.clock.advance(10)
    headers = {**wire.session.headers, **guard}
    url = f"{wire.address.base_url}{DATA}/sobjects/Lead/{lead}"

    def take(at: int) -> int:
        body = {"OwnerId": wire.rep(at)}
        return requests.patch(url, json=body, headers=headers, timeout=10).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(take, range(6)))

    assert sorted(answers) == [204] + [412] * 5


def test_an_answer_comes_in_one_piece(wire: Wire):
    line = connection(wire.address)
    line.connect()
    request = f"GET {DATA}/limits HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
    line.sock.sendall(f"{request}{wire.address.access_token}\r\n\r\n".encode())

    piece = line.sock.recv(65_536)
    line.close()

    head, _, body = piece.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body.startswith(b"{")
    assert body.endswith(b"}")


@pytest.mark.parametrize("size", [1, 2_000])
def test_pipelined_requests_are_answered_in_order(wire: Wire, size: int):
    lead = wire.lead(Description="x" * size)
    line = connection(wire.address)
    line.connect()
    auth = f"Host: x\r\nAuthorization: Bearer {wire.address.access_token}\r\n\r\n"
    first = f"GET {DATA}/sobjects/Lead/{lead}?fields=Description HTTP/1.1\r\n{auth}"
    second = f"GET {DATA}/limits HTTP/1.1\r\nConnection: close\r\n{auth}"

    line.sock.sendall((first + second).encode())
    received = b"".join(iter(lambda: line.sock.recv(65_536), b""))
    line.close()

    assert received.index(b"Description") < received.index(b"DailyApiRequests")
