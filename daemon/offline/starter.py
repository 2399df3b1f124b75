"""The starter configuration: the files of `config/`, with the moment they were written."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from daemon.base.file_writing import CannotWrite, write_all

SETTINGS = "signalbox.yaml"

_LEFT_OUT = ("README.md", "demo")  #: what is not for an installation
_ROUTE_FROM = re.compile(r"^route_from:.*?(?=\s*#|\s*$)", re.MULTILINE)


def write_starter(folder: Path, *, at: datetime, force: bool = False) -> tuple[Path, ...]:
    """Copy the starter files into a folder, with `route_from` set to `at`.

    Args:
        folder: Made if it is missing.
        at: From when on leads are routed.
        force: Replace files that are there; otherwise one of them stops everything.

    Returns:
        The files written, sorted.

    Raises:
        CannotWrite: Files are there already, or the folder cannot be written.
    """
    texts = {folder / name: text for name, text in _starter_texts(at).items()}
    there = sorted(str(path) for path in texts if path.exists() or path.is_symlink())
    if there and not force:
        raise CannotWrite(
            f"Nothing was written: {', '.join(there)} already there. Choose another folder, or "
            "replace them with --force."
        )
    try:
        for parent in {path.parent for path in texts}:
            parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{folder} cannot be made: {error.strerror}. Check the path.") from error
    write_all(texts)
    return tuple(sorted(texts))


def starter_folder() -> Path:
    """Where the files lie: beside the packages in a checkout, inside the shell in a wheel."""
    shell = Path(__file__).resolve().parents[1]
    inside = shell / "_config"
    return inside if inside.is_dir() else shell.parent / "config"


def _starter_texts(at: datetime) -> Mapping[str, str]:
    home = starter_folder()
    files = sorted(path for path in home.iterdir() if path.is_file())  # demo/ is the demo's
    names = [path.relative_to(home) for path in files]
    texts = {
        str(name): (home / name).read_text(encoding="utf-8")
        for name in names
        if name.parts[0] not in _LEFT_OUT
    }
    stamped = f"route_from: {at.strftime('%Y-%m-%dT%H:%M:%SZ')}"
    return {**texts, SETTINGS: _ROUTE_FROM.sub(stamped, texts[SETTINGS], count=1)}
