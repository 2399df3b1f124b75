"""The real command line, in a process of its own."""

import ctypes
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from daemon.cli import main

PATIENCE_S = 60
_DROP_FROM_BOUNDING_SET = 24  #: of prctl(2)
_OVERRIDE_FILE_RIGHTS = (1, 2)  #: of capabilities(7): to read and write whatever the modes say

_WARM = multiprocessing.get_context("forkserver")
_WARM.set_forkserver_preload(["daemon.cli.app", "daemon.main", "tests.acceptance.cli.process"])


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """This machine's environment without any setting of Signalbox's."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SIGNALBOX_")}
    return {**kept, "NO_COLOR": "1", **more}


def signalbox(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    fresh: bool = False,
    as_root: bool = True,
) -> Ended:
    """Run a command to its end, in a process of its own.

    Args:
        arguments: What stands behind `signalbox`.
        cwd: Where it is started.
        env: Variables beside this machine's own.
        fresh: Start Python anew. Otherwise the process is forked from one that has loaded what
            every command loads, which spares each of hundreds of commands most of a second.
        as_root: False: without root's right to write any file; such a process is fresh.
    """
    words, around = [str(each) for each in arguments], environment(**(env or {}))
    if fresh or not as_root:
        return _started_anew(words, cwd, around, as_root=as_root)
    return _forked(words, cwd, around)


def _started_anew(words: list[str], cwd: Path, around: dict[str, str], *, as_root: bool) -> Ended:
    done = subprocess.run(
        command(*words),
        cwd=cwd,
        env=around,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
        text=True,
        encoding="utf-8",
        preexec_fn=None if as_root else _heed_file_rights,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def _forked(words: list[str], cwd: Path, around: dict[str, str]) -> Ended:
    with tempfile.TemporaryDirectory(prefix="signalbox-said-") as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = _WARM.Process(target=_become, args=(words, cwd, around, out, err))
        process.start()
        process.join(PATIENCE_S)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(words, PATIENCE_S, out.read_bytes(), err.read_bytes())
        return Ended(process.exitcode, out.read_text("utf-8"), err.read_text("utf-8"))


def _become(words: list[str], cwd: Path, around: dict[str, str], out: Path, err: Path) -> None:
    """The command line in this process, with files where its terminal would be."""
    for number, path in ((1, out), (2, err)):
        said = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(said, number)
        os.close(said)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(around)
    sys.argv = ["signalbox", *words]
    sys.exit(main())


def command(*arguments: str | Path) -> list[str]:
    """The command as a process is started with it."""
    return [sys.executable, "-m", "daemon.cli", *(str(argument) for argument in arguments)]


def _heed_file_rights() -> None:
    for right in _OVERRIDE_FILE_RIGHTS:
        ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDING_SET, right, 0, 0, 0)
