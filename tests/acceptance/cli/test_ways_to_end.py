"""Every way a command can end, as a script sees it."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.cli.process import PATIENCE_S, command, environment, signalbox


def test_help_lists_every_command_and_the_exit_codes(tmp_path: Path):
    ended = signalbox("--help", cwd=tmp_path, fresh=True)

    assert ended.code == 0
    assert "init" in ended.out
    assert "Exit codes" in ended.out
    assert ended.err == ""


@pytest.mark.parametrize(
    "command_line",
    ["decide", "explain", "audit export", "people away", "simulator", "reassign", "simulate"],
)
def test_help_fits_a_terminal_of_80_columns(tmp_path: Path, command_line: str):
    ended = signalbox(*command_line.split(), "--help", cwd=tmp_path, env={"COLUMNS": "80"})

    assert [line for line in ended.out.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([], "Usage: signalbox", id="no command"),
        pytest.param(["inti"], "Did you mean 'init'", id="unknown command"),
        pytest.param(["init", "--froce"], "--froce", id="unknown option"),
        pytest.param(["rules", "lint"], "FILE", id="missing argument"),
        pytest.param(["simulator", "--people", "many"], "'--people'", id="not a number"),
        pytest.param(["simulator", "--people", "0"], "people is 0", id="out of bounds"),
        pytest.param(["rules", "lint", "nope.yaml"], "nope.yaml", id="missing file"),
        pytest.param(["rules", "lint", "."], "folder", id="a folder for a file"),
    ],
)
def test_wrong_use_ends_with_2_and_says_why(tmp_path: Path, arguments: list[str], said: str):
    ended = signalbox(*arguments, cwd=tmp_path, fresh=True)

    assert ended.code == 2
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_with_json_a_failure_is_one_object(tmp_path: Path):
    ended = signalbox("rules", "lint", "nope.yaml", "--json", cwd=tmp_path, fresh=True)

    failure = json.loads(ended.err)
    assert failure["exit_code"] == ended.code == 2
    assert "nope.yaml" in failure["error"]


def test_version_is_printed(tmp_path: Path):
    ended = signalbox("--version", cwd=tmp_path, fresh=True)

    assert (ended.code, ended.out.split()[0]) == (0, "signalbox")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_served_simulator_ends_well_when_asked(tmp_path: Path, number: signal.Signals):
    size = ("--people", "3", "--accounts", "2", "--leads", "1")
    with subprocess.Popen(
        command("simulator", *size),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE_S)

    assert ready["salesforce"]["base_url"].startswith("http://127.0.0.1:")
    assert (process.returncode, err) == (0, "")


def test_a_reader_that_went_away_is_no_mistake(tmp_path: Path):
    (tmp_path / "big.yaml").write_text("\n".join(f"k{n}: 1" for n in range(20_000)))
    with subprocess.Popen(
        command("rules", "lint", "big.yaml"),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        process.wait(timeout=PATIENCE_S)

    assert (process.returncode, err) == (141, "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_an_output_that_is_closed_from_the_start_is_no_mistake(tmp_path: Path, closed: str):
    line = f'exec "$@" {closed}'

    done = subprocess.run(
        ["sh", "-c", line, "sh", *command("init")], cwd=tmp_path, env=environment(), check=False
    )

    assert done.returncode == 0
    assert (tmp_path / "signalbox.yaml").is_file()
