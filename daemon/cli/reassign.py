"""`signalbox reassign`: give a lead to another rep by hand."""

from typing import Annotated

import typer

from daemon.cli.frame import DEFAULT_SETTINGS, JsonOption, SettingsOption, WaitOption, examples

EXAMPLES = examples(
    "signalbox reassign 00Q5g00000AbCdEEAV --to ada",
    "signalbox reassign 00Q5g00000AbCdE --to bob --wait 30",
)


def reassign(
    *,
    lead: Annotated[
        str, typer.Argument(metavar="LEAD", help="The lead's id in the CRM or here, or a link.")
    ],
    to: Annotated[str, typer.Option(metavar="REP", help="The rep's id in the roster.")],
    settings: SettingsOption = DEFAULT_SETTINGS,
    wait: WaitOption = 10.0,
    json: JsonOption = False,
) -> int:
    """Give a lead to a rep by hand.

    The daemon writes it, or this command where none runs, and the journal keeps who asked. It
    counts for the rep's caps and load. Whoever had the lead keeps the turn it cost. Ends with 1
    where the CRM did not take it, as when somebody was faster there; with 3 where the write is
    still to come.
    """
    from daemon.cli.opening import ask_daemon, told
    from daemon.cli.printing import Printer
    from daemon.operators.explaining import wanted_id
    from daemon.operators.orders import Order

    order = Order("reassign", {"lead": wanted_id(lead), "to": to})
    outcome = ask_daemon(settings, order, patience_s=wait, writes=True)
    return told(outcome, Printer(as_json=json), done=f"{lead} goes to {to}.")
