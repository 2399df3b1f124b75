"""`signalbox check`: may the key read and write what the settings need?"""

from typing import TYPE_CHECKING

from daemon.cli.frame import DEFAULT_SETTINGS, ExitCode, JsonOption, SettingsOption, examples

if TYPE_CHECKING:
    from connectors.port import Check
    from daemon.cli.printing import Printer
    from daemon.settings import Settings

EXAMPLES = examples("signalbox check", "signalbox check --settings /etc/signalbox/signalbox.yaml")


def check(settings: SettingsOption = DEFAULT_SETTINGS, json: JsonOption = False) -> int:
    """Ask each CRM what we may read, and say what we would write.

    Nothing is written; a read-only key will do. Ends with 0 when everything is granted that
    the connection's mode needs, 1 when somebody must grant or fix something, 3 when a CRM
    cannot be reached or refuses the key.
    """
    from connectors.errors import ConnectorError
    from daemon.cli.printing import Printer
    from daemon.settings import Mode, load_settings

    told = load_settings(settings)
    printer = Printer(as_json=json)
    worst = ExitCode.DONE
    for name, connection in sorted(told.connections.items()):
        if connection.mode is Mode.OFF:
            continue
        try:
            found = _asked(name, told)
        except ConnectorError as error:
            worst = ExitCode.UNAVAILABLE
            printer.value({"connection": name, "error": str(error)}) if json else None
            printer.heading(f"{name}: {error}")
            continue
        enough = found.can_write if connection.mode is Mode.LIVE else found.can_read
        worst = max(worst, ExitCode.DONE if enough else ExitCode.FOUND)
        _show(found, printer, enough=enough)
    if not told.connections:
        printer.say("The settings name no connection.")
    return worst


def _asked(name: str, told: "Settings") -> "Check":
    from daemon.base.clock import SystemClock
    from daemon.crm.connectors import open_connector

    connector = open_connector(
        name, told.connections[name], route_from=told.routes_from(name), clock=SystemClock()
    )
    try:
        return connector.check()
    finally:
        connector.close()


def _show(found: "Check", printer: "Printer", *, enough: bool) -> None:
    if printer.as_json:
        from dataclasses import asdict

        printer.value({**asdict(found), "can_read": found.can_read, "can_write": found.can_write})
        return
    printer.heading(f"{found.connection}: {'ready' if enough else 'not ready'}, API {found.api}")
    rows = [
        (each.object, each.readable, len(each.fields), each.missing or None, each.needed)
        for each in found.objects
    ]
    printer.table(("object", "readable", "fields", "missing", "needed"), rows)
    printer.say(f"Would write: {', '.join(found.would_write) or 'nothing'}.")
    if found.cannot_write:
        printer.say(f"May not write yet: {', '.join(found.cannot_write)}. Grant edit rights.")
    for problem in found.problems:
        printer.say(f"Problem: {problem}")
    for warning in found.warnings:
        printer.say(f"Warning: {warning}")
