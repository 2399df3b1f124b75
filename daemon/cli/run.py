"""`signalbox run`: the daemon, until it is told to stop."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daemon.cli.frame import DEFAULT_SETTINGS, ExitCode, SettingsOption, examples

if TYPE_CHECKING:
    from pydantic import SecretStr

    from daemon.base.metrics import Metrics
    from daemon.main import Parts
    from daemon.running.application import Application
    from daemon.settings import Settings

_PATIENCE_S = 3.0
_LOOK_EVERY_S = 0.2

EXAMPLES = examples(
    "signalbox run --shadow",
    "signalbox run --settings /etc/signalbox/signalbox.yaml",
)


def run(
    *,
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Decide, but write nothing, whatever the settings say.")
    ] = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> int:
    """Run the daemon: poll, decide, write owners back, until SIGTERM or Ctrl-C.

    It drains within 25 seconds; a second signal ends it at once. Killed, it loses nothing.
    """
    return run_daemon(Path(settings), shadow=shadow)


def run_daemon(path: Path, *, shadow: bool) -> int:
    """Build the application from a settings file and run it; the exit code."""
    from daemon.base.clock import SystemClock
    from daemon.base.logs import configure_logs
    from daemon.base.metrics import Metrics
    from daemon.main import Parts
    from daemon.running.threads import SLOWEST_TICK_S, Daemon
    from daemon.settings import load_settings
    from daemon.web.health import Health

    clock = SystemClock()
    told = load_settings(path)
    configure_logs(told.log, clock=clock, stream=sys.stderr, secrets=_secrets(told))
    metrics = Metrics(clock)
    app = _opened(told, Parts(clock=clock), metrics, shadow=shadow)
    try:
        probes = {"ledger": app.probe_ledger, "lease": app.probe_lease}
        health = Health(clock, slowest_tick_s=SLOWEST_TICK_S, probes=probes)
        Daemon(app, told, metrics=metrics, health=health).run()
    finally:
        app.close()
    return ExitCode.DONE


def _opened(told: "Settings", parts: "Parts", metrics: "Metrics", *, shadow: bool) -> "Application":
    """The application; a command that stands in has the ledger's file for a moment only."""
    from daemon.main import build
    from models.store.errors import LedgerInUse

    give_up_at = parts.clock.monotonic() + _PATIENCE_S
    while True:
        try:
            return build(told, parts, shadow=shadow, metrics=metrics)
        except LedgerInUse:
            if parts.clock.monotonic() >= give_up_at:
                raise
            parts.clock.sleep(_LOOK_EVERY_S)


def _secrets(told: "Settings") -> "list[SecretStr]":
    """Every secret of the settings, so that none of them ever stands in a log line."""
    from pydantic import SecretStr

    from daemon.settings import Mode

    salt = told.ranker.salt()
    drawn_with = [] if salt is None else [SecretStr(salt.decode())]
    signing_in = (connection.auth.secrets() for connection in told.connections.values())
    working = (each for each in told.connections.values() if each.mode is not Mode.OFF)
    hinting = (each.wake.secret() for each in working if each.wake is not None)
    return [
        told.ledger.address(),
        *drawn_with,
        *hinting,
        *(secret for secrets in signing_in for secret in secrets),
    ]
