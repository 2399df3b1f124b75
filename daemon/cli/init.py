"""`signalbox init`: a folder with everything a new installation starts from."""

from pathlib import Path
from typing import Annotated

import typer

from daemon.cli.frame import ExitCode, JsonOption, examples

EXAMPLES = examples(
    "signalbox init",
    "signalbox init /etc/signalbox",
    "signalbox init --force    # replaces files that are already there",
)


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if it is missing.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    json: JsonOption = False,
) -> int:
    """Write a starter configuration: settings, rulebook and roster.

    Leads created before this moment are left alone: `route_from` is set to now.
    """
    from daemon.base.clock import SystemClock
    from daemon.cli.printing import Printer
    from daemon.offline.starter import write_starter

    written = write_starter(folder, at=SystemClock().now(), force=force)
    printer = Printer(as_json=json)
    if json:
        printer.value({"folder": str(folder.absolute()), "written": [str(p) for p in written]})
        return ExitCode.DONE
    for path in written:
        printer.say(f"wrote {path}")
    printer.say()
    printer.heading("Next")
    for line in _next_steps(folder):
        printer.say(line)
    return ExitCode.DONE


def _next_steps(folder: Path) -> tuple[str, ...]:
    settings = folder / "signalbox.yaml"
    return (
        f"1. Write your Salesforce address and client id into {settings}.",
        "2. Put the app's secret where only you can read it:",
        "     export SF_CLIENT_SECRET=...        or SF_CLIENT_SECRET_FILE=/path/to/file",
        f"3. Make {folder / 'rulebook.yaml'} and {folder / 'roster.yaml'} yours, and check them:",
        f"     signalbox rules lint {folder / 'rulebook.yaml'} --roster {folder / 'roster.yaml'}",
        "4. See what the key may read and what would be written:  signalbox check",
        "5. Let it decide without writing anything:               signalbox run --shadow",
    )
