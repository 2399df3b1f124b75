"""Whole files or none."""

from pathlib import Path

import pytest

from daemon.base.file_writing import CannotWrite, write_all, written_atomically


def test_a_file_appears_when_the_block_ends(tmp_path: Path):
    path = tmp_path / "export.jsonl"

    with written_atomically(path) as file:
        file.write("line\n")
        assert not path.exists()

    assert path.read_text() == "line\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_block_that_fails_leaves_what_was_there(tmp_path: Path):
    path = tmp_path / "export.jsonl"
    path.write_text("before")

    def write_half() -> None:
        with written_atomically(path) as file:
            file.write("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()

    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path: Path):
    missing = tmp_path / "no" / "export.jsonl"

    with pytest.raises(CannotWrite, match=r"no/export\.jsonl cannot be written: No such file"):
        write_all({missing: "x"})


def test_several_files_are_written_or_none_is(tmp_path: Path):
    texts = {tmp_path / "a": "1", tmp_path / "no" / "b": "2"}

    with pytest.raises(CannotWrite):
        write_all(texts)

    assert list(tmp_path.iterdir()) == []
