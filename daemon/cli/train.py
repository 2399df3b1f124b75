"""`signalbox train`: train the ranker now."""

from typing import Annotated

import typer

from daemon.cli.frame import DEFAULT_SETTINGS, ExitCode, JsonOption, SettingsOption, examples

EXAMPLES = examples("signalbox train", "signalbox train --wait 60 --json")


def train(
    settings: SettingsOption = DEFAULT_SETTINGS,
    wait: Annotated[
        float,
        typer.Option(
            "--wait", metavar="SECONDS", min=0, max=86_400, help="How long to wait for the end."
        ),
    ] = 900.0,
    json: JsonOption = False,
) -> int:
    """Train the ranker on what became of the leads that were decided.

    Runs in a process of its own, bounded in memory and time; routing goes on. The version is kept
    in the ledger with the gate's verdict, and put in force where it passes and the settings say
    `training.promote: automatically`. Ends with 1 where the gate did not let it rank.
    """
    from daemon.cli.opening import ask_daemon, told
    from daemon.cli.printing import Printer
    from daemon.operators.orders import Order

    outcome = ask_daemon(settings, Order("train"), patience_s=wait)
    said = outcome.said
    passed = said.get("verdict") == "promote"
    done = f"Version {said.get('version')}: {said.get('why')}."
    if passed:
        done += " It is in force." if said.get("promoted") else " `signalbox model promote` it."
    elif said.get("promoted"):
        done += " It scores leads from now on; reps take turns."
    if said.get("unreadable"):
        done += (
            f" {said['unreadable']} decisions were left out, because their records cannot be"
            f" read; the first is {said['first_unreadable']}."
        )
    code = told(outcome, Printer(as_json=json), done=done)
    return ExitCode.FOUND if code is ExitCode.DONE and not passed else code
