"""HTTP on a socket: one write for a whole response, and connections that can be broken.

A response written in two pieces waits for the client's delayed acknowledgement wherever
Nagle's algorithm is on; so the pieces of one turn of the loop are joined. Faults need to
reset a connection or to end it in the middle of a chunk, which ASGI has no words for.
"""

import asyncio
import socket
import struct
from collections.abc import Iterable
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Peer = tuple[str, int]

_RESET: Final = struct.pack("ii", 1, 0)  # linger for no time at all: the kernel sends RST


class Connections:
    """The open connections, by the client's address."""

    def __init__(self) -> None:
        self._open: dict[Peer, JoiningTransport] = {}

    def opened(self, peer: Peer, transport: "JoiningTransport") -> None:
        """Remember a connection."""
        self._open[peer] = transport

    def closed(self, peer: Peer) -> None:
        """Forget a connection."""
        self._open.pop(peer, None)

    def reset(self, peer: Peer) -> None:
        """Break a connection without a word."""
        transport = self._open.get(peer)
        if transport is not None:
            transport.reset()

    def abort(self) -> None:
        """Break every connection."""
        for transport in list(self._open.values()):
            transport.abort()

    def cut(self, peer: Peer, head: bytes, piece: bytes) -> None:
        """Send the beginning of a chunked response and close in the middle of it."""
        transport = self._open.get(peer)
        if transport is not None:
            transport.write(head + b"%x\r\n" % (len(piece) + 512) + piece)
            transport.close()

    def break_off(self, peer: Peer, piece: bytes) -> None:
        """Send the beginning of a response that promised more, and close."""
        transport = self._open.get(peer)
        if transport is not None:
            transport.write(piece)
            transport.close()


class JoiningTransport:
    """A transport that joins what is written in one turn of the loop."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Write with whatever else is written in this turn."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Write several pieces."""
        for piece in pieces:
            self.write(piece)

    def close(self) -> None:
        """Write what is waiting, then close."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once, whatever is still to be written."""
        self._transport.abort()

    def reset(self) -> None:
        """Drop what is waiting and reset the connection."""
        self._waiting.clear()
        plug = self._transport.get_extra_info("socket")
        if plug is not None:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()

    def _flush(self) -> None:
        if self._waiting and not self._transport.is_closing():
            self._transport.write(b"".join(self._waiting))
        self._waiting.clear()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def protocol_for(connections: Connections) -> type[HttpToolsProtocol]:
    """The protocol class of a server whose connections are to be found in `connections`."""

    class _Protocol(HttpToolsProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            joining = JoiningTransport(transport, self.loop)
            super().connection_made(cast("asyncio.Transport", joining))
            if self.client is not None:
                connections.opened(self.client, joining)

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                connections.closed(self.client)
            super().connection_lost(exc)

    return _Protocol
