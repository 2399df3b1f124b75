"""`signalbox pause`: stop writing owners at once."""

from typing import Annotated

import typer

from daemon.cli.frame import DEFAULT_SETTINGS, JsonOption, SettingsOption, WaitOption, examples

EXAMPLES = examples("signalbox pause", "signalbox pause salesforce")


def pause(
    connections: Annotated[
        list[str] | None,
        typer.Argument(help="Names of connections, as in the settings.", show_default="all"),
    ] = None,
    settings: SettingsOption = DEFAULT_SETTINGS,
    wait: WaitOption = 10.0,
    json: JsonOption = False,
) -> int:
    """Stop writing owners into the CRM, at once.

    Leads are still read and decided; what was decided is written after `signalbox resume`, where
    nobody has taken the lead meanwhile. A write that is under way is finished.
    """
    from daemon.cli.opening import ask_daemon, joined, told
    from daemon.cli.printing import Printer
    from daemon.operators.orders import Order

    order = Order("pause", {"connections": connections or []})
    outcome = ask_daemon(settings, order, patience_s=wait)
    names = joined([str(name) for name in outcome.said.get("connections", ())])
    return told(outcome, Printer(as_json=json), done=f"Nothing is written to {names} any more.")
