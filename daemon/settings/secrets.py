"""Where secrets come from: the environment or a private file, never the settings file.

A source is read anew each time, so that a renewed file is used without a restart. Values are
wrapped as soon as they are read; no message of this module carries one.
"""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

#: Keys that would hold a secret itself; `<key>_env` and `<key>_file` say where it is.
SECRET_KEYS = frozenset(
    {
        "access_token",
        "api_key",
        "client_secret",
        "passphrase",
        "password",
        "private_key",
        "refresh_token",
        "salt",
        "secret",
        "security_token",
        "token",
    }
)
LARGEST_BYTES = 65_536  #: no key is longer; a wrong path may be

_ENV_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,47}")
_LOOKS_SECRET = re.compile(
    r"-----BEGIN|00D\w{12,15}![\w.]+|\bpat-\w+-[0-9a-f-]{20,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|://[^/@\s:]*:[^/@\s]+@"
)
_OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO


class SecretMissing(Exception):
    """A secret is not where the settings say, or others could read it."""


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Names an environment variable, or a file that holds one secret."""

    env: str | None = None
    file: Path | None = None

    def read(self, environ: Mapping[str, str] | None = None) -> SecretStr:
        """The secret, without the line break at its end.

        Args:
            environ: The environment; this process's own where it is left out. `<NAME>_FILE` in
                it names a file to read where `<NAME>` itself is not set.

        Raises:
            SecretMissing: It is not set, empty, unreadable, or readable by others.
        """
        if self.file is not None:
            return _from_file(self.file)
        environ = os.environ if environ is None else environ
        name = self.env or ""
        if environ.get(name):
            return SecretStr(environ[name])
        if environ.get(f"{name}_FILE"):
            return _from_file(Path(environ[f"{name}_FILE"]))
        raise SecretMissing(
            f"The environment variable {name} is not set. Set it, or {name}_FILE to the path of "
            "a file that holds the secret."
        )


def keep_secret(file: Path, secret: str) -> None:
    """Put another secret into a file that held one, so that only we may read it, whole or not."""
    beside = file.with_name(f"{file.name}.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(secret)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)


def is_env_name(text: str) -> bool:
    """Whether the text is a variable's name rather than, by mistake, the secret itself."""
    return _ENV_NAME.fullmatch(text) is not None


def looks_secret(text: str) -> bool:
    """Whether the text has the shape of a key, a token, or an address with a password in it.

    Examples:
        >>> looks_secret("postgresql+psycopg://box:hunter2@db/signalbox")
        True
        >>> looks_secret("postgresql+psycopg://box@db/signalbox")
        False
    """
    return _LOOKS_SECRET.search(text) is not None


def _from_file(path: Path) -> SecretStr:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise SecretMissing(f"{path} is not a file. Name the file that holds the secret.")
            if mode & _OTHERS_MAY:
                raise SecretMissing(
                    f"{path} can be read or changed by others (mode {stat.S_IMODE(mode):04o}). "
                    f"Close it: chmod 600 {path}"
                )
            raw = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SecretMissing(f"{path} cannot be read: {error.strerror}.") from error
    return SecretStr(_text(raw, path))


def _text(raw: bytes, path: Path) -> str:
    if len(raw) > LARGEST_BYTES:
        raise SecretMissing(f"{path} has more than {LARGEST_BYTES} bytes; that is no secret.")
    try:
        text = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise SecretMissing(f"{path} is not text. Save the secret as UTF-8.") from error
    if not text:
        raise SecretMissing(f"{path} is empty. Write the secret into it.")
    return text
