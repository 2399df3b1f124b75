"""A new installation's first command."""

import json
from pathlib import Path

from daemon.settings import Mode, load_settings
from tests.acceptance.cli.process import signalbox

FILES = {"roster.yaml", "rulebook.yaml", "signalbox.yaml"}


def test_init_writes_a_configuration_that_can_be_used_at_once(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("SF_CLIENT_SECRET", "hunter2")

    ended = signalbox("init", "new", cwd=tmp_path)

    settings = load_settings(tmp_path / "new" / "signalbox.yaml")
    assert ended.code == 0
    assert "signalbox rules lint" in ended.out
    assert settings.connections["salesforce"].mode is Mode.SHADOW
    assert settings.route_from.year > 2025


def test_what_init_wrote_lints_clean(tmp_path: Path):
    signalbox("init", cwd=tmp_path)

    ended = signalbox("rules", "lint", "rulebook.yaml", "--roster", "roster.yaml", cwd=tmp_path)

    assert (ended.code, ended.out) == (0, "No mistakes.\n")


def test_init_never_overwrites_and_writes_nothing_beside(tmp_path: Path):
    mine = tmp_path / "roster.yaml"
    mine.write_text("mine")

    ended = signalbox("init", cwd=tmp_path)

    assert ended.code == 2
    assert "--force" in ended.err
    assert mine.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["roster.yaml"]


def test_init_replaces_only_with_force(tmp_path: Path):
    (tmp_path / "roster.yaml").write_text("mine")

    ended = signalbox("init", "--force", "--json", cwd=tmp_path)

    written = {Path(path).name for path in json.loads(ended.out)["written"]}
    assert ended.code == 0
    assert written >= FILES
    assert "people:" in (tmp_path / "roster.yaml").read_text()


def test_init_says_when_a_file_stands_where_the_folder_should_be(tmp_path: Path):
    (tmp_path / "new").write_text("a file")

    ended = signalbox("init", "new", cwd=tmp_path)

    assert ended.code == 2
    assert "new cannot be made" in ended.err
