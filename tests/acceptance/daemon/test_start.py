"""`signalbox run` when it cannot: one message that says what to do, and the right exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

SETTINGS = {
    "rulebook": "rulebook.yaml",
    "roster": "roster.yaml",
    "route_from": "2026-01-01T00:00:00Z",
    "ledger": {"url": "sqlite:///ledger.db"},
    "http": {"enabled": False},
}
BOOK = {
    "rulebook": "b",
    "rules": [{"name": "all", "to": {"queue": "q"}}],
    "fallback": {"queue": "q"},
}


def run(folder: Path, **changed: object) -> subprocess.CompletedProcess[str]:
    """Start a daemon on these files; it is expected to end by itself."""
    files = {"rulebook.yaml": BOOK, "roster.yaml": {"people": []}, "signalbox.yaml": SETTINGS}
    for name, content in (files | changed).items():
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        (folder / name).write_text(text)
    return subprocess.run(
        [sys.executable, "-m", "daemon.cli", "run", "--settings", str(folder / "signalbox.yaml")],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_mistakes_of_rulebook_and_roster_are_all_in_one_message(tmp_path):
    book = {**BOOK, "rules": [{"name": "all", "pool": "nowhere"}]}
    roster = {"people": [{"id": "ada", "weigth": 2}]}

    ended = run(tmp_path, **{"rulebook.yaml": book, "roster.yaml": roster})

    assert ended.returncode == 2
    assert "nowhere" in ended.stderr
    assert "weigth" in ended.stderr


@pytest.mark.parametrize(
    ("ledger", "says"),
    [
        pytest.param("this is no database" * 100, "not a database", id="not a ledger"),
        pytest.param(None, "is a directory", id="a directory"),
    ],
)
def test_a_ledger_that_cannot_be_used_is_named(tmp_path, ledger, says):
    if ledger is None:
        (tmp_path / "ledger.db").mkdir()
    else:
        (tmp_path / "ledger.db").write_text(ledger)

    ended = run(tmp_path)

    assert ended.returncode == 3
    assert says in ended.stderr


def test_a_missing_settings_file_is_wrong_use(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "daemon.cli", "run", "--settings", str(tmp_path / "none.yaml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 2
    assert "none.yaml" in ended.stderr
