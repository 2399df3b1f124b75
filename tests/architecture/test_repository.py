"""What is committed stands on its own: our names, no address, no path of some machine."""

import os
import re
import subprocess
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = tuple(path.name for path in sorted(ROOT.glob("requirements*.lock")))
# Written in pieces, so that this file does not hold what it looks for.
FOREIGN = re.compile(
    "|".join(
        [
            r"files\." + "pythonhosted",
            r"pypi\." + r"org/simple",
            r"registry\." + "npmjs",
            r"deb\." + "debian",
            r"--(?:extra-)?index" + "-url",
            r"(?<![\w.$}])/(?:root|work|home/\w+|Users/\w+)" + "/",
            r"/tmp/" + "[a-z]+_jobs",
        ]
    )
)
REQUIREMENT = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?", re.IGNORECASE)


def committed_files() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def foreign_words(text: str) -> list[str]:
    return [found.group() for found in FOREIGN.finditer(text)]


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def test_no_committed_file_names_a_registry_or_a_machine():
    found = {name: foreign_words(text_of(ROOT / name)) for name in committed_files()}

    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "pip install --index" + "-url x",
        "https://pypi." + "org/simple",
        "open('/ro" + "ot/x')",
        "see /ho" + "me/ada/notes",
    ],
)
def test_a_planted_address_or_path_is_found(planted: str):
    assert foreign_words(planted) != []


def test_the_packages_are_ours_and_nobody_elses():
    owners = packages_distributions()

    assert {name: owners.get(name, ["signalbox"]) for name in PACKAGES} == {
        name: ["signalbox"] for name in PACKAGES
    }


def test_python_daemon_is_not_locked_beside_us():
    assert "python-daemon" not in locked("requirements-dev.lock")


def locked(lock: str) -> dict[str, str]:
    pinned = re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)
    return dict(pinned)


def required(*groups: list[str]) -> set[str]:
    found = (REQUIREMENT.match(line) for group in groups for line in group)
    return {match.group(1).lower() for match in found if match}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_pinned_and_hashed(lock: str):
    entries = (ROOT / lock).read_text().replace("\\\n", " ").splitlines()

    assert [line for line in entries if "==" not in line or "--hash=sha256:" not in line] == []
    assert "://" not in "".join(entries)


def test_the_locks_hold_what_the_project_asks_for():
    runtime = required(PROJECT["dependencies"])
    development = required(PROJECT["dependencies"], PROJECT["optional-dependencies"]["dev"])

    assert runtime - locked("requirements.lock").keys() == set()
    assert development - locked("requirements-dev.lock").keys() == set()


def test_the_tests_run_on_the_versions_that_are_shipped():
    shipped, tested = locked("requirements.lock"), locked("requirements-dev.lock")

    assert {name: tested.get(name) for name in shipped} == shipped


def test_ci_runs_what_the_readme_says():
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
