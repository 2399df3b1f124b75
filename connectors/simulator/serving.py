"""Serving simulated CRMs on loopback from one thread: sockets bound first, one loop for all."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Final

import uvicorn
from uvicorn.server import ServerState

from connectors.simulator.asgi import SimulatorApp
from connectors.simulator.control import Control
from connectors.simulator.exchange import Service
from connectors.simulator.wire import Connections, protocol_for

_HOST: Final = "127.0.0.1"
_BACKLOG: Final = 512
_TICK_S: Final = 0.02

Certificate = tuple[Path, Path]


@dataclass(frozen=True, slots=True)
class Front:
    """One CRM as it is served: who answers, and on which port (0 picks a free one)."""

    service: Service
    control: Control
    port: int


class ThreadedServer:
    """uvicorn's protocol in a thread, on sockets that are bound before it starts.

    Args:
        fronts: The CRMs to serve, each on a port of its own.
        tick: Called again and again while the server runs; what happens by itself happens here.
        certificate: Certificate and key, to speak TLS.

    Raises:
        ValueError: A port is taken.
    """

    def __init__(
        self,
        fronts: Sequence[Front],
        tick: Callable[[], None],
        certificate: Certificate | None = None,
    ) -> None:
        self._fronts = fronts
        self._tick = tick
        self._certificate = certificate
        self._sockets = [_bound(front.port) for front in fronts]
        scheme = "https" if certificate else "http"
        self.base_urls = [f"{scheme}://{_HOST}:{one.getsockname()[1]}" for one in self._sockets]
        self._ready = Event()
        self._loop = asyncio.new_event_loop()
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="simulator", daemon=True)

    def start(self) -> None:
        """Serve; returns when requests are answered."""
        self._thread.start()
        self._ready.wait(timeout=30)

    def stop(self) -> None:
        """Close every connection and end the thread."""
        self._stopped.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        connections, state = Connections(), ServerState()
        servers = [
            await self._served(front, plug, connections, state)
            for front, plug in zip(self._fronts, self._sockets, strict=True)
        ]
        living = asyncio.create_task(self._live())
        self._ready.set()
        try:
            await living  # ends when stopped, or by a mistake of ours, which must be seen
        finally:
            for server in servers:
                server.close()
            connections.abort()
            for task in state.tasks:
                task.cancel()
            await asyncio.gather(*state.tasks, return_exceptions=True)

    async def _served(
        self, front: Front, plug: socket.socket, connections: Connections, state: ServerState
    ) -> asyncio.Server:
        app = SimulatorApp(front.service, front.control, connections)
        config = _configured(app, self._certificate)
        protocol = protocol_for(connections)
        return await self._loop.create_server(
            lambda: protocol(config, state, {}), sock=plug, ssl=config.ssl, backlog=_BACKLOG
        )

    async def _live(self) -> None:
        while not self._stopped.is_set():
            self._tick()
            await asyncio.sleep(_TICK_S)


def _configured(app: SimulatorApp, certificate: Certificate | None) -> uvicorn.Config:
    chain, key = certificate or (None, None)
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=65,
        ssl_certfile=chain,
        ssl_keyfile=key,
    )
    config.load()
    return config


def _bound(port: int) -> socket.socket:
    plug = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        plug.bind((_HOST, port))
    except OSError as error:
        plug.close()
        raise ValueError(
            f"Port {port} on {_HOST} cannot be used: {error.strerror}. Choose another one, or 0"
            " for any that is free."
        ) from error
    plug.listen(_BACKLOG)
    return plug
