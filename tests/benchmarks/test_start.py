"""`signalbox --help` answers before anybody wonders: a whole process, beside an empty one."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Figures

ROUNDS, ROUNDS_IN_QUICK = 15, 3
LIMIT_S = 0.3


def test_help_is_there_within_a_third_of_a_second(figures: Figures, is_quick: bool) -> None:
    program = Path(sys.executable).with_name("signalbox")
    helping, nothing = [], []
    for _ in range(ROUNDS_IN_QUICK if is_quick else ROUNDS):
        nothing.append(seconds_for(sys.executable, "-c", "pass"))
        helping.append(seconds_for(str(program), "--help"))
    figures.seen("python -c pass, a whole process, median", median(nothing), "s")
    figures.at_most(
        "signalbox --help, a whole process, median", median(helping), "s", limit=LIMIT_S
    )

    assert not figures.missed


def seconds_for(*command: str) -> float:
    """How long a command takes from start to end."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began
