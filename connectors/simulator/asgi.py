"""The ASGI application: bytes to calls, outcomes to bytes, waiting in between.

Only this module waits. It does so without any lock, so a slow reply holds up nobody else.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from connectors.simulator.control import CONTROL_PATH, Control
from connectors.simulator.exchange import Outcome, Reply, Request, Service
from connectors.simulator.wire import Connections, Peer

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_LEAVING_S: Final = 1.0  #: a connection that was cut is gone well before


class SimulatorApp:
    """Serves one simulated CRM and its control endpoints."""

    def __init__(self, service: Service, control: Control, connections: Connections) -> None:
        self._service = service
        self._control = control
        self._connections = connections

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"The simulator serves HTTP only, not {scope['type']}.")
        request = _request(scope, await _body(receive))
        if request.path.startswith(CONTROL_PATH):
            await _send(send, self._control.answer(request))
            return
        outcome = self._service.outcome(request)
        if outcome.delay_s > 0 and await _left(receive, outcome.delay_s):
            return
        if outcome.cut:
            self._cut((scope["client"][0], scope["client"][1]), outcome)
            await _left(receive, _LEAVING_S)
            return
        await _send(send, outcome.reply)

    def _cut(self, peer: Peer, outcome: Outcome) -> None:
        if outcome.cut == "reset":
            self._connections.reset(peer)
        elif outcome.cut == "truncated":
            self._connections.cut(peer, _chunked_head(outcome.reply), outcome.reply.encoded())
        else:
            body = outcome.reply.encoded() if outcome.cut == "short" else b""
            self._connections.break_off(peer, _long_head(outcome.reply) + body[:5])


def _request(scope: Message, body: bytes) -> Request:
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    query = scope["query_string"].decode("latin-1")
    url_bytes = len(scope["raw_path"]) + len(query)
    return Request(scope["method"], scope["path"], query, headers, body, url_bytes)


async def _body(receive: Receive) -> bytes:
    pieces = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)


async def _left(receive: Receive, within_s: float) -> bool:
    """Whether the client goes away within a time, which is waited for."""
    try:
        message = await asyncio.wait_for(receive(), within_s)
    except TimeoutError:
        return False
    return bool(message["type"] == "http.disconnect")


async def _send(send: Send, reply: Reply) -> None:
    body = reply.encoded()
    headers = dict(reply.headers)
    if reply.status not in (204, 304):
        headers["Content-Length"] = str(len(body))
        headers["Content-Type"] = reply.media
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def _chunked_head(reply: Reply) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} OK", f"Content-Type: {reply.media}"]
    lines += ["Transfer-Encoding: chunked", *(f"{n}: {v}" for n, v in reply.headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _long_head(reply: Reply) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} OK", f"Content-Type: {reply.media}"]
    lines += ["Content-Length: 1000", *(f"{n}: {v}" for n, v in reply.headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
