"""Stands in for the daemon for one command: takes the lease, does what was asked, gives it back.

Where no daemon runs, nobody would do what an operator asks for. The substitute is the real
application with the real lease, so two of them, or one and a daemon, cannot act at once. It puts
nothing else in force: the rulebook and the modes are those that the ledger has, nothing is read
from a CRM, and of what is owed only the write leaves that the command itself led to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from connectors.port import Connector
from daemon.base.file_reading import UnreadableFile
from daemon.crm.connectors import Unreached, WrongConnection, open_connector
from daemon.main import Parts, assemble
from daemon.operators.orders import StoodIn, outcome_of
from daemon.running.application import Application
from daemon.running.heartbeat import Heartbeat
from daemon.settings import Mode, SecretMissing, Settings
from daemon.world.in_force import WrongFiles, read_in_force
from models.ledger import Ledger, open_ledger
from models.store.errors import LedgerInUse

_LOOK_EVERY_S = 0.2
_AS_FAR = (Mode.OFF, Mode.SHADOW, Mode.LIVE)

Connect = Callable[[str], Connector]


class Quiet:
    """Tells nobody: the command says itself what came of its order."""

    def event(self, name: str, **fields: object) -> None:
        """Nothing is logged."""

    def alert(self, name: str, **fields: object) -> None:
        """Nothing is logged; results stand in the ledger."""

    def polled(self, connection: str, stream: str) -> None:
        """Nothing is polled."""


@dataclass(frozen=True, slots=True)
class ForTheDaemon:
    """A substitute for one installation.

    Args:
        settings: The installation's; secrets may be missing.
        parts: Clock and ids; connectors only in place of the real ones.
        writes: Whether the order may lead to a write, so that the CRM has to be reached.
    """

    settings: Settings
    parts: Parts
    writes: bool = False

    def __call__(self, request: str, give_up_at: float) -> StoodIn:
        """Do the open requests in one round, and send what `request` owes."""
        try:
            app = self._opened()
        except LedgerInUse:
            return StoodIn(held=False)
        except (WrongFiles, UnreadableFile) as error:
            return StoodIn(held=True, problem=str(error))
        try:
            with Heartbeat(app.lease, app.tell):
                return _stand_in(app, request, give_up_at)
        finally:
            app.close()

    def _opened(self) -> Application:
        ledger = open_ledger(
            self.settings.ledger.address().get_secret_value(),
            ids=self.parts.ids,
            now=self.parts.clock.now,
            sole=True,
            migrate_schema=False,
        )
        try:
            settings = as_declared(self.settings, ledger)
            parts = replace(self.parts, tell=Quiet(), connect=self._connectors(settings))
            app = assemble(settings, parts, read_in_force(settings, ledger), ledger)
            app.indexes_at_once = False  # most orders ask for no account
            return app
        except BaseException:
            ledger.close()
            raise

    def _connectors(self, settings: Settings) -> Mapping[str, Connector]:
        return {
            name: self.parts.connect.get(name) or self._connector(settings, name)
            for name in settings.connections
        }

    def _connector(self, settings: Settings, name: str) -> Connector:
        if not self.writes:
            return Unreached(name, "it is not called by this command.")
        told, since = settings.connections[name], settings.routes_from(name)
        try:
            return open_connector(name, told, route_from=since, clock=self.parts.clock)
        except (SecretMissing, WrongConnection) as error:
            return Unreached(name, str(error))


def as_declared(settings: Settings, ledger: Ledger) -> Settings:
    """The settings with each connection no further than the ledger last had it.

    A daemon that ran in shadow is not made live by a command.
    """
    known = ledger.connections.all()
    connections = {
        name: told.model_copy(
            update={"mode": min(told.mode, Mode(known[name].mode), key=_AS_FAR.index)}
        )
        if name in known
        else told
        for name, told in settings.connections.items()
    }
    return settings.model_copy(update={"connections": connections})


def _stand_in(app: Application, request: str, give_up_at: float) -> StoodIn:
    now = app.clock.now()
    token = app.hold_lease(now)
    if token is None:
        return StoodIn(held=False)
    app.loops.requests.tick(now, token)
    _see_training_through(app)
    return StoodIn(held=True, problem=_push(app, request, give_up_at))


def _see_training_through(app: Application) -> None:
    """A run that a command asked for is waited for: it is bounded in time itself."""
    while app.loops.training.run is not None:
        app.clock.sleep(_LOOK_EVERY_S)
        now = app.clock.now()
        token = app.hold_lease(now)
        if token is None:
            return
        app.loops.training.tick(now, token)
        app.loops.requests.tick(now, token)


def _push(app: Application, request: str, give_up_at: float) -> str | None:
    """Send what a request owes, more than once where it must be waited for; why some is left."""
    while True:
        outcome = outcome_of(app.ledger, request, app.clock.now())
        if not outcome.is_owed or app.hold_lease(app.clock.now()) is None:
            return None
        decision = str(outcome.said["decision"])
        for connection in app.world.working():
            app.loops.push.tick(connection, app.clock.now(), app.lease, decision=decision)
            if connection.writes.trouble is not None:
                return connection.writes.trouble.problem
        if app.clock.monotonic() >= give_up_at:
            return None
        app.clock.sleep(_LOOK_EVERY_S)
