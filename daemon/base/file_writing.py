"""Files written whole or not at all: a reader never sees half of one, not even after a crash."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class CannotWrite(Exception):
    """A file that somebody named cannot be written; what was there is untouched."""


@contextmanager
def written_atomically(path: Path, *, mode: int = 0o600) -> Iterator[TextIO]:
    """A text file that appears under its name when the block ends well, and not at all otherwise.

    Args:
        path: Where it will be; what is there is replaced at once.
        mode: Who may read it.

    Raises:
        CannotWrite: The folder is missing or takes no files, or the disk is full.
    """
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(number)
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_all(texts: Mapping[Path, str], *, mode: int = 0o644) -> None:
    """Write several files; none gets its name before all of them are written.

    Raises:
        CannotWrite: One of them cannot be written.
    """
    ordered = list(texts.items())
    if not ordered:
        return
    path, text = ordered[0]
    with written_atomically(path, mode=mode) as file:
        file.write(text)
        file.flush()
        write_all(dict(ordered[1:]), mode=mode)


def _cannot_write(path: Path, error: OSError) -> CannotWrite:
    return CannotWrite(
        f"{path} cannot be written: {error.strerror}. Check the folder and its free space."
    )
