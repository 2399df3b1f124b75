"""Runs one command and turns every way it can end into an exit code and a sentence.

Known errors are told apart by the names of their classes, so that nothing need be imported to ask.
An unknown one is a mistake of ours: the terminal gets a sentence, a private file the details.
"""

import gc
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import typer
from typer.exceptions import Abort, TyperException

from daemon.base.safe_text import visible
from daemon.cli.frame import CommandError, ExitCode

#: A start makes objects by the hundred thousand and hardly any garbage; Python would search them
#: for some every seven hundred.
_OBJECTS_PER_SEARCH = 20_000

#: Errors that say what to do themselves, with what they mean for a script.
_KNOWN: Mapping[str, ExitCode] = MappingProxyType(
    {
        "connectors.errors.ConnectorError": ExitCode.UNAVAILABLE,
        "daemon.operators.audit.ExportCutShort": ExitCode.UNAVAILABLE,
        "daemon.crm.connectors.WrongConnection": ExitCode.WRONG,
        "daemon.base.file_reading.UnreadableFile": ExitCode.WRONG,
        "daemon.web.http.CannotServe": ExitCode.UNAVAILABLE,
        "daemon.base.package_name.ForeignPackage": ExitCode.WRONG,
        "daemon.world.in_force.WrongFiles": ExitCode.WRONG,
        "daemon.operators.people.RosterMistakes": ExitCode.WRONG,
        "daemon.settings.reading.SettingsMistakes": ExitCode.WRONG,
        "daemon.settings.secrets.SecretMissing": ExitCode.WRONG,
        "daemon.base.file_writing.CannotWrite": ExitCode.WRONG,
        "models.store.errors.LedgerError": ExitCode.UNAVAILABLE,
    }
)


def run_command(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; the exit code."""
    gc.set_threshold(_OBJECTS_PER_SEARCH)
    _open_what_is_closed()
    debug = "--debug" in arguments or bool(os.environ.get("SIGNALBOX_DEBUG"))
    as_json = "--json" in arguments
    try:
        code = _called(list(arguments))
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # typer and rich exit when nobody reads them any more
        _close_quietly()
        return ExitCode.READER_GONE
    except (KeyboardInterrupt, Abort):
        return ExitCode.INTERRUPTED
    except TyperException as error:
        return _wrong_use(error, as_json=as_json)
    except Exception as error:
        if debug:
            raise
        return _failed(error, as_json=as_json)
    return code


def _called(arguments: list[str]) -> int:
    from daemon.base.package_name import check_identity
    from daemon.cli.app import build_app

    check_identity()
    command = typer.main.get_command(build_app())
    ended = command.main(args=arguments, prog_name="signalbox", standalone_mode=False)
    return ended if isinstance(ended, int) else ExitCode.DONE


def _wrong_use(error: TyperException, *, as_json: bool) -> int:
    """Unknown commands and options, missing arguments, values of the wrong kind."""
    show = getattr(error, "show", None)
    if as_json or show is None:
        said = getattr(error, "format_message", error.__str__)()
        _say(said, code=ExitCode.WRONG, as_json=as_json)
    else:
        show()
    return ExitCode.WRONG


def _failed(error: Exception, *, as_json: bool) -> int:
    code = _code_of(error)
    if code is None:
        code, said = ExitCode.BUG, _reported(error)
    else:
        said = _sentence(error)
    _say(said, code=code, as_json=as_json)
    return code


def _code_of(error: Exception) -> ExitCode | None:
    if isinstance(error, CommandError):
        return error.code
    for kind in type(error).__mro__:
        known = _KNOWN.get(f"{kind.__module__}.{kind.__qualname__}")
        if known is not None:
            return known
    if isinstance(error, OSError):
        return ExitCode.WRONG if error.filename else ExitCode.UNAVAILABLE
    return None


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}. Check the path, its rights and the free space."
    return str(error)


def _say(said: str, *, code: ExitCode, as_json: bool) -> None:
    try:
        if as_json:
            from daemon.cli.printing import json_line

            sys.stderr.write(json_line({"error": said, "exit_code": int(code)}))
        else:
            lines = (visible(line, at_most=None) for line in said.splitlines())
            sys.stderr.write("\n".join(lines) + "\n")
    except BrokenPipeError:
        _close_quietly()


def _reported(error: Exception) -> str:
    """What to tell a person about a mistake of ours; the details go to a file, redacted."""
    from daemon.base.redaction import Redaction

    kind = type(error).__name__
    advice = "Run it again with --debug to see where, and report it."
    try:
        number, name = tempfile.mkstemp(prefix="signalbox-error-", suffix=".json")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            from daemon.cli.printing import json_line

            file.write(json_line({"error": Redaction().exception(error)}))
    except OSError:
        return f"Signalbox made a mistake ({kind}). {advice}"
    return f"Signalbox made a mistake ({kind}). Where it happened is in {Path(name)}. {advice}"


def _open_what_is_closed() -> None:
    """A process may be started with its output closed (`>&-`): then nobody wants to read it."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good


def _close_quietly() -> None:
    """Whoever read us went away: nothing more is written, not even at the very end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError):
            os.dup2(nowhere, stream.fileno())
