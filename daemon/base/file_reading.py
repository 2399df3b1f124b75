"""Text files of the user's, read with an error that says what to do."""

from pathlib import Path

_LARGEST = 64 * 1024 * 1024  #: bytes; larger is no rulebook, roster or scenario


class UnreadableFile(ValueError):
    """A file cannot be read; the message names it and says what to do."""


def read_text(path: Path) -> str:
    """The file's text, UTF-8 with or without a byte order mark.

    Raises:
        UnreadableFile: It is missing, a folder, not readable, too large, or not UTF-8.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UnreadableFile(f"{path}: larger than {_LARGEST // 2**20} MiB. Split it.")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise UnreadableFile(f"{path}: no such file. Check the path.") from error
    except IsADirectoryError as error:
        raise UnreadableFile(f"{path}: is a folder. Name a file in it.") from error
    except UnicodeDecodeError as error:
        where = f"byte {error.start}"
        raise UnreadableFile(f"{path}: not UTF-8 at {where}. Save it as UTF-8.") from error
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}. Check its permissions.") from error
    except ValueError as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(f"{str(path)!r}: no path. Check it.") from error
