"""The HTTP session: it judges answers before the library sees them."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from connectors.salesforce.refusals import Refusal, Silence
from connectors.salesforce.session import WireSession


class Server:
    """Answers what it was told to; remembers what it was asked."""

    def __init__(self):
        self.status, self.body = 200, b"{}"
        self.headers: dict[str, str] = {}
        self.asked: list[Any] = []
        outer = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_):
                """Be quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.origin = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def session(server) -> Iterator[WireSession]:
    with WireSession(origin=server.origin, timeout_s=2.0, proxies={}) as opened:
        yield opened


def test_the_library_s_https_reaches_a_simulator_over_http(server, session):
    server.body = b'{"done": true}'

    answer = session.request("GET", server.origin.replace("http://", "https://") + "/services")

    assert answer.json() == {"done": True}


def test_https_to_any_other_place_stays_https(session):
    with pytest.raises(Silence):
        session.request("GET", "https://127.0.0.1:9/services", timeout=0.2)


def test_a_redirect_is_a_refusal_and_is_not_followed(server, session):
    server.status, server.headers = 302, {"Location": "/sorry"}

    with pytest.raises(Refusal) as refused:
        session.request("GET", server.origin + "/services")

    assert refused.value.transient
    assert server.asked == ["/services"]


def test_html_with_status_200_is_no_answer(server, session):
    server.body = b"<html>Login</html>"

    with pytest.raises(Silence, match="not JSON"):
        session.request("GET", server.origin + "/services")


def test_half_a_surrogate_in_one_row_does_not_spoil_the_page(server, session):
    server.body = b'[{"Name": "a\\ud800b"}, {"Name": "ok"}]'

    rows = session.request("GET", server.origin + "/services").json()

    assert [row["Name"] for row in rows] == ["a?b", "ok"]


def test_a_connection_that_was_never_made_sent_nothing():
    with (
        WireSession(origin="http://127.0.0.1:9", timeout_s=1.0, proxies={}) as session,
        pytest.raises(Silence) as silent,
    ):
        session.request("GET", "http://127.0.0.1:9/services")

    assert not silent.value.sent


def test_the_environment_changes_nothing(server, session, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")

    assert session.request("GET", server.origin + "/services").json() == {}


def test_explicit_proxies_are_used_for_salesforce():
    proxies = {"https": "http://proxy.acme.test:3128"}

    with WireSession(
        origin="https://acme.my.salesforce.com", timeout_s=1.0, proxies=proxies
    ) as session:
        assert session.proxies == proxies
        assert session.verify is True
