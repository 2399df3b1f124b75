"""All commands in one place: a name, the module that holds it, and where it stands in the help.

To add a command, write a module in this package with a function of the command's name (or, for a
group, a `typer.Typer` called `app`), and one line here. Its module may import typer and this
package at the top, and whatever it runs inside the function.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from daemon.cli.frame import ExitCode

_SET_UP = "Set up and run"
_TRY = "Try without a CRM"
_RULES = "Rules and leads"
_RANKER = "The ranker"
_PROOF = "What happened"

#: (command, panel)
COMMANDS: tuple[tuple[str, str], ...] = (
    ("init", _SET_UP),
    ("check", _SET_UP),
    ("run", _SET_UP),
    ("status", _SET_UP),
    ("pause", _SET_UP),
    ("resume", _SET_UP),
    ("decide", _TRY),
    ("demo", _TRY),
    ("simulate", _TRY),
    ("simulator", _TRY),
    ("rules", _RULES),
    ("people", _RULES),
    ("reassign", _RULES),
    ("train", _RANKER),
    ("model", _RANKER),
    ("explain", _PROOF),
    ("compare", _PROOF),
    ("audit", _PROOF),
)

EPILOG = """\
Exit codes: 0 done; 1 found what it was asked to look for; 2 wrong use or input; 3 something \
outside is unavailable.

Start here: signalbox init, then signalbox COMMAND --help.
"""


class _Commands(TyperGroup):
    """Lists the commands by panel; plain text, because rich's help alone takes 0.1 s to import."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each panel's commands with their first sentences."""
        for panel in dict.fromkeys(panel for _, panel in COMMANDS):
            found = [(name, self.get_command(ctx, name)) for name, at in COMMANDS if at == panel]
            rows = [(name, each.get_short_help_str(limit=66)) for name, each in found if each]
            with formatter.section(panel):
                formatter.write_dl(rows)


def build_app() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="signalbox",
        cls=_Commands,
        add_completion=False,
        context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
        epilog=EPILOG,
        invoke_without_command=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(signalbox)
    for name, _ in COMMANDS:
        module = import_module(f"daemon.cli.{name}")
        group = getattr(module, "app", None)
        if group is not None:
            app.add_typer(group, name=name)
        else:
            epilog = getattr(module, "EXAMPLES", None)
            app.command(name, epilog=epilog)(getattr(module, name))
    return app


def signalbox(
    ctx: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and end."),
    debug: bool = typer.Option(
        False, "--debug", help="Show where in the code an unexpected error happened."
    ),
) -> int | None:
    """Give every new CRM lead to the right rep within seconds, and prove later why."""
    del debug  # read before anything else runs, in daemon.cli.entry
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"signalbox {version_of('signalbox')}")
        raise typer.Exit(ExitCode.DONE)
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help(), err=True)
        raise typer.Exit(ExitCode.WRONG)
    return None
