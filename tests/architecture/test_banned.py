"""Clock, chance and ids are handed in: ruff refuses whoever fetches them elsewhere."""

import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT


def complaints(module: str, source: str) -> list[str]:
    command = ["-m", "ruff", "check", "--no-cache", "--output-format", "concise", "--select"]
    answer = subprocess.run(
        [sys.executable, *command, "TID251", "--stdin-filename", module, "-"],
        input=source,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stderr == ""
    return [line for line in answer.stdout.splitlines() if "TID251" in line]


FETCHED = [
    pytest.param("from datetime import UTC, datetime\ndatetime.now(UTC)", id="now"),
    pytest.param("import datetime as d\nd.datetime.utcnow()", id="utcnow"),
    pytest.param("from datetime import date\ndate.today()", id="today"),
    pytest.param("import time\ntime.time()", id="time"),
    pytest.param("import time\ntime.monotonic()", id="monotonic"),
    pytest.param("import time\ntime.perf_counter()", id="perf_counter"),
    pytest.param("import time\ntime.sleep(1)", id="sleep"),
    pytest.param("import asyncio\nasyncio.sleep(1)", id="sleep in a coroutine"),
    pytest.param("import random\nrandom.Random(7)", id="chance"),
    pytest.param("import uuid\nuuid.uuid4()", id="an id"),
    pytest.param("import os\nos.urandom(8)", id="bytes"),
    pytest.param("import secrets\nsecrets.token_hex()", id="a secret"),
    pytest.param("import threading\nthreading.Timer(1, print)", id="a timer"),
]


@pytest.mark.parametrize("source", FETCHED)
@pytest.mark.parametrize("module", ["routing/planted.py", "daemon/planted.py"])
def test_a_planted_clock_or_dice_is_refused(module: str, source: str):
    assert complaints(module, source) != []


def test_the_shell_has_one_module_for_them():
    source = "import time, secrets, datetime\ntime.sleep(1)\ndatetime.datetime.now()\n"

    assert complaints("daemon/base/clock.py", source) == []
    assert complaints("daemon/clocks.py", source) != []
