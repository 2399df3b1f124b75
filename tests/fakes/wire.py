"""A server that answers what it was told to, and keeps what it was asked.

For what a connector does with single answers; what a whole CRM does is the simulator's affair.
"""

import json
import socket
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

DATE = "Mon, 02 Mar 2026 09:00:00 GMT"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `length` may lie, `raw` goes out as it is, `silent` never comes."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    silent: bool = False

    def as_bytes(self) -> bytes:
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        length = len(body) if self.length is None else self.length
        headers = {
            "Date": DATE,
            "Content-Type": "application/json",
            "Content-Length": str(length),
            "Connection": "close",
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{k}: {v}" for k, v in headers.items() if v)]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class ScriptedServer:
    """Answers from a script; when that has ended, with what `otherwise` says."""

    def __init__(self, *replies: Reply, otherwise: Callable[[Asked], Reply] | None = None) -> None:
        self.script = deque(replies)
        self.otherwise = otherwise
        self.asked: list[Asked] = []
        self._open: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        for each in self._open:
            each.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        asked = _read(connection)
        if asked is None:
            connection.close()
            return
        self.asked.append(asked)
        reply = self.script.popleft() if self.script else self._otherwise(asked)
        if reply.silent:
            self._open.append(connection)
            return
        connection.sendall(reply.as_bytes())
        connection.close()

    def _otherwise(self, asked: Asked) -> Reply:
        return Reply(status=500) if self.otherwise is None else self.otherwise(asked)


def _read(connection: socket.socket) -> Asked | None:
    stream = connection.makefile("rb")
    with stream:
        first = stream.readline().decode().split()
        if len(first) < 2:
            return None
        headers = {}
        for line in iter(lambda: stream.readline().decode().strip(), ""):
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        return Asked(first[0], first[1], headers, body)
