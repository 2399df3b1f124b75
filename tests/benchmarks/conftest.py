"""One table of figures at the end of `make bench`, and `--quick` for a run of about a minute.

A quick run has fewer repetitions and short pasts: it shows that everything works and where it
stands, and is no measurement.
"""

import os
from pathlib import Path

import pytest

from tests.benchmarks.copies import Copies, Databases, Files
from tests.benchmarks.figures import Figure, Figures, table

_TOLD = pytest.StashKey[list[Figure]]()
_LOAD = pytest.StashKey[float]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--quick`."""
    parser.addoption("--quick", action="store_true", help="a minute to see that all of it works")


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is told yet; a quick run has a short past."""
    config.stash[_TOLD] = []
    config.stash[_LOAD] = os.getloadavg()[0]
    if config.getoption("--quick"):
        os.environ.setdefault("SIGNALBOX_BENCH_PAST", "20000")


@pytest.fixture
def is_quick(request: pytest.FixtureRequest) -> bool:
    """Whether this run only looks whether all of it works."""
    return bool(request.config.getoption("--quick"))


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Where a benchmark tells what it measured."""
    return Figures(request.config.stash[_TOLD])


@pytest.fixture(params=["sqlite", "postgres"])
def copies(request: pytest.FixtureRequest, tmp_path: Path) -> Copies:
    """Where ledgers lie: the benchmark runs once for each database."""
    if request.param == "sqlite":
        return Files(tmp_path)
    return Databases(request.getfixturevalue("postgres"))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Everything that was measured."""
    told = config.stash[_TOLD]
    if not told:
        return
    before, after = config.stash[_LOAD], os.getloadavg()[0]
    quick = ", quick: no measurement" if config.getoption("--quick") else ""
    terminalreporter.section("figures")
    terminalreporter.write_line(
        f"{os.cpu_count()} cores, load average {before:.1f} before and {after:.1f} after{quick}"
    )
    for line in table(told):
        terminalreporter.write_line(line)
