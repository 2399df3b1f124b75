"""Starting and stopping the simulator, in a thread of this process or as a process of its own."""

import asyncio
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from threading import Event, Thread
from typing import Any, Final

import orjson
import uvicorn
from uvicorn.server import ServerState

from connectors.simulator.asgi import SimulatorApp
from connectors.simulator.clock import SimulatorClock
from connectors.simulator.control import Control
from connectors.simulator.life import Life
from connectors.simulator.options import SimulatorOptions, read_faults
from connectors.simulator.salesforce.access import FULL, Access
from connectors.simulator.salesforce.acts import Acts
from connectors.simulator.salesforce.bends import Bends
from connectors.simulator.salesforce.dispatch import Router
from connectors.simulator.salesforce.faults import FaultBook
from connectors.simulator.salesforce.interference import Interference
from connectors.simulator.salesforce.occurrences import Occurrences
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.routes import data_routes, other_routes
from connectors.simulator.salesforce.service import Service
from connectors.simulator.salesforce.world import World
from connectors.simulator.wire import Connections, protocol_for

_HOST: Final = "127.0.0.1"
_BACKLOG: Final = 512
_TICK_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class SimulatorAddress:
    """Where the simulated Salesforce is, and how to get in."""

    base_url: str
    access_token: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token and the app that can get another one."""

    access_token: str
    client_id: str
    client_secret: str
    user_id: str
    refresh_token: str


class SalesforceSimulator:
    """One simulated org, usable in process whether or not it is being served.

    `acts` does what humans do, `book` holds the scripted faults, `world` knows the people,
    `org.truth` is the truth journal.

    Examples:
        >>> simulator = SalesforceSimulator(SimulatorOptions(people=5, accounts=3, leads=2))
        >>> len(simulator.org.truth.since())
        2
    """

    def __init__(
        self, options: SimulatorOptions | None = None, *, clock: SimulatorClock | None = None
    ) -> None:
        self.options = options or SimulatorOptions()
        self.clock = clock or SimulatorClock()
        seed = self.options.seed
        self.org = Org(
            seed=seed,
            clock=self.clock,
            daily_limit=self.options.daily_limit,
            session_s=self.options.session_s,
        )
        self.world = World(
            self.org, seed=seed, people=self.options.people, accounts=self.options.accounts
        )
        self.acts = Acts(self.org, admin_id=self.world.admin_id)
        self.book = FaultBook(seed)
        self.life = Life(self.org, acts=self.acts, world=self.world, options=self.options)
        occurrences = Occurrences(self.org, self.book, self.acts, self.world.next_lead)
        self._occurrences = occurrences
        self.org.before_save = Interference(self.org, self.book, self.acts).before_save
        router = Router(self.org, data_routes(), other_routes())
        self.service = Service(self.org, router, Bends(self.org, self.book), occurrences.tick)
        self.control = Control(self.org, book=self.book, acts=self.acts, world=self.world)
        for script in read_faults(self.options.faults) if self.options.faults else []:
            self.book.add(script, self.clock.now())
        self._server: _ThreadedServer | None = None

    def start(self) -> SimulatorAddress:
        """Serve on loopback until `stop`; returns when requests are answered."""
        server = _ThreadedServer(self)
        self.org.settings.base_url = server.base_url
        server.start()
        self._server = server
        grant = self.grant()
        return SimulatorAddress(
            server.base_url, grant.access_token, grant.client_id, grant.client_secret
        )

    def stop(self) -> None:
        """Stop serving; the org keeps its state."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> SimulatorAddress:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def grant(
        self,
        *,
        access: Access = FULL,
        user_id: str | None = None,
        public_key: str | None = None,
    ) -> Grant:
        """Let another client in, with rights of its own, as a user (the integration user)."""
        with self.org.lock:
            user = user_id or self.world.integration_user_id
            app = self.org.sessions.register(user, access=access, public_key=public_key)
            session = self.org.sessions.open(app, self.clock.now())
            return Grant(session.token, app.client_id, app.client_secret, user, app.refresh_token)

    def fault(self, kind: str, **script: Any) -> int:
        """Put a fault in force, for example `fault("row_lock", match={"nth": 3})`."""
        with self.org.lock:
            return self.book.add({"kind": kind, **script}, self.clock.now()).number

    def roster(self) -> list[dict[str, Any]]:
        """The sales people as entries of a roster file."""
        return self.world.roster()

    def truth(self, since: int = 0) -> list[dict[str, Any]]:
        """The truth journal as plain data."""
        with self.org.lock:
            return self.org.truth.as_json(since)

    def act(self, act: Mapping[str, Any]) -> Any:
        """Do an act given as plain data, as POST /__simulator__/acts does."""
        with self.org.lock:
            return self.control.act(act)

    def tick(self) -> None:
        """Let life go on and whatever is due happen; a served simulator does it by itself."""
        with self.org.lock:
            self.org.now()
            self._occurrences.tick()
            self.life.tick()


class _ThreadedServer:
    """uvicorn's protocol in a thread, on a socket that is bound before it starts."""

    def __init__(self, simulator: SalesforceSimulator) -> None:
        self._simulator = simulator
        options = simulator.options
        self._socket = _bound(options.salesforce_port)
        port = self._socket.getsockname()[1]
        self.base_url = f"{'https' if options.certificate else 'http'}://{_HOST}:{port}"
        self._ready = Event()
        self._loop = asyncio.new_event_loop()
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="salesforce-simulator", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._ready.wait(timeout=30)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        connections = Connections()
        simulator = self._simulator
        app = SimulatorApp(simulator.service, simulator.control, connections)
        config, state = _configured(app, simulator.options), ServerState()
        protocol = protocol_for(connections)
        server = await self._loop.create_server(
            lambda: protocol(config, state, {}), sock=self._socket, ssl=config.ssl, backlog=_BACKLOG
        )
        living = asyncio.create_task(self._live())
        self._ready.set()
        try:
            await living  # ends when stopped, or by a mistake of ours, which must be seen
        finally:
            server.close()
            connections.abort()
            for task in state.tasks:
                task.cancel()
            await asyncio.gather(*state.tasks, return_exceptions=True)

    async def _live(self) -> None:
        while not self._stopped.is_set():
            self._simulator.tick()
            await asyncio.sleep(_TICK_S)


def _configured(app: SimulatorApp, options: SimulatorOptions) -> uvicorn.Config:
    certificate, key = options.certificate or (None, None)
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=65,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    config.load()
    return config


def serve(options: SimulatorOptions) -> None:
    """Serve until SIGINT or SIGTERM; prints one JSON line when ready.

    Raises:
        ValueError: The faults file has mistakes, or the port is taken.
    """
    simulator = SalesforceSimulator(options)
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    address = simulator.start()
    sys.stdout.write(orjson.dumps({"salesforce": asdict(address)}).decode() + "\n")
    sys.stdout.flush()
    stopped.wait()
    simulator.stop()


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
