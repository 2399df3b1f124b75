"""`signalbox rules`: the life of a rulebook."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daemon.cli.frame import ExitCode, JsonOption, examples

if TYPE_CHECKING:
    from daemon.offline.linting import Finding, Linted

app = typer.Typer(help="Check rulebooks.", no_args_is_help=True, rich_markup_mode=None)


@app.command(
    epilog=examples(
        "signalbox rules lint rulebook.yaml --roster roster.yaml",
        "signalbox rules lint rulebook.yaml --json",
    )
)
def lint(
    rulebook: Annotated[Path, typer.Argument(metavar="FILE", help="The rulebook, YAML or JSON.")],
    roster: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also check the people and teams that it names."),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Look for every mistake in a rulebook, without running anything.

    Ends with 0 when the book can be used (warnings do not count), 1 when it has errors, 2 when a
    file is too broken to be looked through.
    """
    from daemon.base.clock import SystemClock
    from daemon.cli.printing import Printer
    from daemon.offline.linting import lint as linted_files

    linted = linted_files(rulebook, roster, at=SystemClock().now())
    printer = Printer(as_json=json)
    for finding in linted.findings:
        if json:
            printer.value(_as_object(finding))
        else:
            said = finding.said
            where = f"{said.file}:{said.line}:{said.column}"
            printer.say(f"{where}: {finding.severity}: {said.message}")
    printer.say(_summary(linted))
    if linted.unreadable:
        return ExitCode.WRONG
    return ExitCode.FOUND if linted.errors else ExitCode.DONE


def _as_object(finding: "Finding") -> dict[str, object]:
    said = finding.said
    return {
        "severity": finding.severity,
        "file": said.file,
        "line": said.line,
        "column": said.column,
        "message": said.message,
    }


def _summary(linted: "Linted") -> str:
    if not linted.findings:
        return "No mistakes."
    counted = f"{_counted(linted.errors, 'error')}, {_counted(linted.warnings, 'warning')}"
    return f"{counted}, {_counted(linted.notes, 'note')}." if linted.notes else f"{counted}."


def _counted(n: int, what: str) -> str:
    return f"{n or 'no'} {what}{'' if n == 1 else 's'}"
