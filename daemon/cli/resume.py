"""`signalbox resume`: write owners again."""

from typing import Annotated

import typer

from daemon.cli.frame import DEFAULT_SETTINGS, JsonOption, SettingsOption, WaitOption, examples

EXAMPLES = examples("signalbox resume", "signalbox resume salesforce")


def resume(
    connections: Annotated[
        list[str] | None,
        typer.Argument(help="Names of connections, as in the settings.", show_default="all"),
    ] = None,
    settings: SettingsOption = DEFAULT_SETTINGS,
    wait: WaitOption = 10.0,
    json: JsonOption = False,
) -> int:
    """Write owners into the CRM again after a pause."""
    from daemon.cli.opening import ask_daemon, joined, told
    from daemon.cli.printing import Printer
    from daemon.operators.orders import Order

    order = Order("resume", {"connections": connections or []})
    outcome = ask_daemon(settings, order, patience_s=wait)
    names = joined([str(name) for name in outcome.said.get("connections", ())])
    return told(outcome, Printer(as_json=json), done=f"Owners are written to {names} again.")
