"""Health and metrics over HTTP, for the machine that watches this one; hints from CRMs.

`/livez` and `/readyz` answer 200 or 503 with a few words in JSON, `/metrics` as Prometheus reads
it. `POST /wake/CONNECTION` is there where the settings name a secret for it (`hints`).
Served from a thread, on the loopback address unless the settings allow more; nothing here changes
anything, and nothing is about a lead.
"""

import socket
from threading import Thread
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from daemon.base.clock import Clock
from daemon.base.metrics import CONTENT_TYPE, Metrics
from daemon.settings.parts import Http
from daemon.web.health import Answer, Health
from daemon.web.hints import LARGEST_BYTES, Hints, Knock, Taken

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_ANSWERS = {
    Taken.WOKEN: (202, "taken"),
    Taken.STANDING_BY: (202, "taken"),
    Taken.UNKNOWN: (404, "no such connection"),
    Taken.UNSIGNED: (401, "the signature or the secret is not right"),
    Taken.TOO_LARGE: (413, "too large"),
}
_START_S = 10.0
_STOP_S = 3


class CannotServe(Exception):
    """The address is taken or not ours."""


def health_app(health: Health, metrics: Metrics | None, hints: Hints | None = None) -> Starlette:
    """The application; without metrics there is no `/metrics`, without hints no `/wake`."""

    # Plain functions: Starlette runs them in a thread, and the probes wait for the ledger.
    def livez(_: Request) -> Response:
        return _answered(health.alive())

    def readyz(_: Request) -> Response:
        return _answered(health.ready())

    routes = [Route("/livez", livez), Route("/readyz", readyz)]
    if metrics is not None:
        page = metrics.page

        def show_metrics(_: Request) -> Response:
            return Response(page(), media_type=CONTENT_TYPE, headers=_HEADERS)

        routes.append(Route("/metrics", show_metrics))
    if hints is not None:
        routes.append(_wake_route(hints))
    return Starlette(routes=routes)


def _wake_route(hints: Hints) -> Route:
    async def wake(request: Request) -> Response:
        connection = str(request.path_params["connection"])
        if not hints.knows(connection):
            return _said(hints.refuse(connection, Taken.UNKNOWN))
        body = await _body(request)
        if body is None:
            return _said(hints.refuse(connection, Taken.TOO_LARGE))
        return _said(hints.take(connection, Knock(request.headers, body)))

    return Route("/wake/{connection}", wake, methods=["POST"])


async def _body(request: Request) -> bytes | None:
    """The body as it came; None where it is too large, which is found out before it is read."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > LARGEST_BYTES:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BYTES:
            return None
    return bytes(body)


def _said(taken: Taken) -> Response:
    status, words = _ANSWERS[taken]
    return PlainTextResponse(words, status_code=status, headers=_HEADERS)


class HttpServer:
    """Serves an application from a thread, from `start` to `stop` or as a context."""

    def __init__(self, app: Starlette, http: Http, *, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._socket: socket.socket | None = None
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                access_log=False,
                date_header=False,
                lifespan="off",
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=_STOP_S,
                ws="none",
            )
        )
        self._thread = Thread(target=self._run, name="http", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on, once started."""
        return 0 if self._socket is None else int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Listen and serve; returns when the first request would be answered.

        Raises:
            CannotServe: The address is taken, not ours, or the server did not come up.
        """
        self._socket = _listening(self._http)
        self._thread.start()
        deadline = self._clock.monotonic() + _START_S
        while not self._server.started:
            if not self._thread.is_alive() or self._clock.monotonic() > deadline:
                raise CannotServe(f"The HTTP server on {self._http.host} did not come up.")
            self._clock.sleep(0.01)

    def stop(self) -> None:
        """Finish what is being answered, then stop listening."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_STOP_S * 2)
        if self._socket is not None:
            self._socket.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket] if self._socket else None)


def _answered(answer: Answer) -> Response:
    body = {"ok": answer.ok, **answer.parts}
    return JSONResponse(body, status_code=200 if answer.ok else 503, headers=_HEADERS)


def _listening(http: Http) -> socket.socket:
    try:
        family = socket.getaddrinfo(http.host, http.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((http.host, http.port), family=family)
    except OSError as error:
        raise CannotServe(
            f"http: {http.host}:{http.port} cannot be listened on: {error.strerror}. Choose "
            "another http.port in the settings, or stop what uses it."
        ) from error
