"""What all commands share: exit codes, ways to fail, and the options that look alike everywhere."""

from enum import IntEnum
from pathlib import Path
from textwrap import wrap
from typing import Annotated

import typer


class ExitCode(IntEnum):
    """How a command ended. Scripts rely on these: add, never renumber."""

    DONE = 0
    FOUND = 1  # what it was asked to look for: a difference, a failing case, a gap
    WRONG = 2  # wrong use or input
    UNAVAILABLE = 3  # something outside is unavailable
    BUG = 70  # a mistake of ours; never on purpose
    INTERRUPTED = 130  # Ctrl-C
    READER_GONE = 141  # whoever read our output went away


class CommandError(Exception):
    """A command cannot go on; the message says what happened and what to do."""

    code = ExitCode.WRONG


class WrongUse(CommandError):
    """The options or the input are wrong."""


class Unavailable(CommandError):
    """Something outside is unavailable."""

    code = ExitCode.UNAVAILABLE


JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON, one object per line, for machines.")
]

SettingsOption = Annotated[
    Path,
    typer.Option(
        "--settings",
        envvar="SIGNALBOX_SETTINGS",
        metavar="FILE",
        help="The settings file.",
        show_default=True,
    ),
]

WaitOption = Annotated[
    float,
    typer.Option(
        "--wait", metavar="SECONDS", min=0, max=3600, help="How long to wait for the daemon."
    ),
]

DEFAULT_SETTINGS = Path("signalbox.yaml")


def examples(*commands: str) -> str:
    """The examples under a command's help, folded as a shell takes them."""
    return "\n".join(("\b", "Examples:", *(f"  {_folded(command)}" for command in commands)))


def _folded(command: str) -> str:
    lines = wrap(command, 72, break_long_words=False, break_on_hyphens=False)
    return " \\\n      ".join(lines)
