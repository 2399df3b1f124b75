"""From an error to an exit code and a sentence."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from connectors.errors import NeedsOperator, TryLater
from daemon.base.file_reading import UnreadableFile
from daemon.cli import app, entry
from daemon.cli.entry import run_command
from daemon.cli.frame import ExitCode, Unavailable, WrongUse
from daemon.settings import SettingsMistakes
from models.store.errors import LedgerBusy, LedgerInUse

NAME = "Novak"


@pytest.fixture(autouse=True)
def reports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where reports of our own mistakes go."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch):
    """Makes `signalbox init` fail with an error."""

    def fail_with(error: BaseException) -> None:
        def raising(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr("daemon.offline.starter.write_starter", raising)

    return fail_with


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WrongUse("no such rep"), ExitCode.WRONG),
        (SettingsMistakes(Path("x.yaml"), ("wrong",)), ExitCode.WRONG),
        (UnreadableFile("no such file"), ExitCode.WRONG),
        (FileNotFoundError(2, "No such file", "x.yaml"), ExitCode.WRONG),
        (Unavailable("CRM away"), ExitCode.UNAVAILABLE),
        (TryLater("Salesforce", "busy", 5), ExitCode.UNAVAILABLE),
        (NeedsOperator("Salesforce", "refused.", "Renew it."), ExitCode.UNAVAILABLE),
        (LedgerBusy("the ledger is locked"), ExitCode.UNAVAILABLE),
        (LedgerInUse("box.db", "17"), ExitCode.UNAVAILABLE),
        (OSError(28, "No space left on device"), ExitCode.UNAVAILABLE),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (BrokenPipeError(), ExitCode.READER_GONE),
        (RuntimeError("bug"), ExitCode.BUG),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_every_error_has_its_exit_code(failing, monkeypatch, error: BaseException, code: int):
    monkeypatch.setattr(entry, "_close_quietly", lambda: None)
    failing(error)

    assert run_command(["init"]) == code


def test_a_known_error_says_its_sentence_and_nothing_else(failing, capsys):
    failing(TryLater("Salesforce", "busy", 5))

    run_command(["init"])

    assert capsys.readouterr().err == "Salesforce asks to wait 5 s: busy\n"


def test_a_mistake_of_ours_is_a_sentence_and_a_private_file(failing, capsys, reports: Path):
    failing(KeyError(NAME))

    run_command(["init"])

    said = capsys.readouterr().err
    (report,) = reports.iterdir()
    assert str(report) in said
    assert NAME not in said
    assert "Traceback" not in said
    assert json.loads(report.read_text())["error"][0]["type"] == "builtins.KeyError"
    assert NAME not in report.read_text()
    assert report.stat().st_mode & 0o077 == 0


def test_debug_shows_where_it_happened(failing):
    failing(KeyError(NAME))

    with pytest.raises(KeyError):
        run_command(["--debug", "init"])


def test_hostile_text_in_an_error_is_made_visible(failing, capsys):
    failing(WrongUse("no rep \x1b[2Jx\nsecond line"))

    run_command(["init"])

    assert capsys.readouterr().err == "no rep \\x1b[2Jx\nsecond line\n"


def commands() -> Iterator[Any]:
    pending: list[Any] = [typer.main.get_command(app.build_app())]
    while pending:
        command = pending.pop()
        pending.extend(getattr(command, "commands", {}).values())
        yield command


def test_every_command_has_a_summary_examples_and_explained_options():
    for command in commands():
        assert command.get_short_help_str(limit=100), command.name
        assert hasattr(command, "commands") or "Examples:" in (command.epilog or ""), command.name
        assert all(option.help for option in command.params), command.name
