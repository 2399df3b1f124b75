"""The real command line, in a process of its own."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 60
_DROP_FROM_BOUNDING_SET = 24  #: of prctl(2)
_OVERRIDE_FILE_RIGHTS = (1, 2)  #: of capabilities(7): to read and write whatever the modes say


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
    *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None, as_root: bool = True
) -> Ended:
    """Run a command to its end; without root's right to write any file, if that is asked for."""
    done = subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(**(env or {})),
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
        text=True,
        encoding="utf-8",
        preexec_fn=None if as_root else _heed_file_rights,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def command(*arguments: str | Path) -> list[str]:
    """The command as a process is started with it."""
    return [sys.executable, "-m", "daemon.cli", *(str(argument) for argument in arguments)]


def _heed_file_rights() -> None:
    for right in _OVERRIDE_FILE_RIGHTS:
        ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDING_SET, right, 0, 0, 0)
