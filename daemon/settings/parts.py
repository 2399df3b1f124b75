"""The parts of the settings that every installation has: ledger, times, HTTP, logs."""

import ipaddress
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from daemon.settings.secrets import SecretSource, is_env_name

Seconds = Annotated[float, Field(gt=0, le=31_622_400, allow_inf_nan=False)]

_POSTGRES = "postgresql+psycopg"


class Part(BaseModel):
    """A mapping in the settings: unknown keys are mistakes, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def checked_env_name(name: str | None) -> str | None:
    """The name, if it is one; raised messages never repeat it, because it may be the secret."""
    if name is not None and not is_env_name(name):
        raise ValueError(
            "must be the name of an environment variable, in capitals. If this was the secret "
            "itself, take it out of the file and renew it."
        )
    return name


def only_source(env: str | None, file: Path | None, key: str) -> SecretSource:
    """The one source that was given for a secret."""
    if (env is None) == (file is None):
        raise ValueError(f"needs exactly one of {key}_env and {key}_file.")
    return SecretSource(env=env, file=file)


class Ledger(Part):
    """The database that remembers."""

    url: Annotated[SecretStr, Field(description="sqlite:///FILE or postgresql+psycopg://...")]
    password_env: str | None = None
    password_file: Path | None = None

    _named = field_validator("password_env")(checked_env_name)

    @field_validator("url")
    @classmethod
    def _known_database(cls, url: SecretStr) -> SecretStr:
        text = url.get_secret_value()
        parts = urlsplit(text)
        in_memory = ":memory:" in parts.path or "mode=memory" in parts.query
        if parts.scheme == "sqlite" and (in_memory or not parts.path.strip("/")):
            raise ValueError("names no file; a ledger in memory forgets. Write sqlite:///FILE.")
        if parts.scheme not in ("sqlite", _POSTGRES):
            raise ValueError(
                f'begins with "{parts.scheme[:20]}:". Write sqlite:///FILE, or '
                f"{_POSTGRES}://USER@HOST/DATABASE."
            )
        if parts.scheme == "sqlite" and parts.netloc:
            raise ValueError("needs three slashes before a file's path: sqlite:///FILE.")
        return url

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password_env is not None and self.password_file is not None:
            raise ValueError("needs only one of password_env and password_file.")
        return self

    def address(self) -> SecretStr:
        """The whole address with the password put in, if it comes from elsewhere."""
        if self.password_env is None and self.password_file is None:
            return self.url
        source = SecretSource(env=self.password_env, file=self.password_file)
        password = quote(source.read().get_secret_value(), safe="")
        parts = urlsplit(self.url.get_secret_value())
        user, _, host = parts.netloc.rpartition("@")
        netloc = f"{user.partition(':')[0]}:{password}@{host}"
        return SecretStr(urlunsplit(parts._replace(netloc=netloc)))

    @property
    def file(self) -> Path | None:
        """Where a SQLite ledger lies; None for PostgreSQL."""
        parts = urlsplit(self.url.get_secret_value())
        return Path(parts.path.removeprefix("/")) if parts.scheme == "sqlite" else None


class Timing(Part):
    """How often things happen, and how long they may take. All in seconds."""

    poll_s: Seconds = 3  #: new leads are asked for, where a connection says nothing else
    #: more records than this by one hand, read within ten seconds, give way to others
    bulk_from: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    #: leads are not read on while so many of a connection wait to be looked at
    inbox_most: Annotated[int, Field(ge=1_000, le=100_000_000)] = 50_000
    recall_s: Seconds = 30  #: leads in a fallback queue are offered again
    reconcile_s: Seconds = 86_400  #: the CRM is compared with the ledger, record by record
    drain_s: Annotated[float, Field(ge=0, le=600)] = 25  #: a stop may take this long
    lease_ttl_s: Annotated[float, Field(ge=3, le=600)] = 15  #: a silent daemon is replaced then
    lease_renew_s: Seconds = 5

    @model_validator(mode="after")
    def _renews_in_time(self) -> Self:
        if self.lease_renew_s * 2 > self.lease_ttl_s:
            raise ValueError("lease_renew_s must be at most half of lease_ttl_s.")
        return self

    @property
    def drain(self) -> timedelta:
        """How long a stop may take."""
        return timedelta(seconds=self.drain_s)

    @property
    def lease_ttl(self) -> timedelta:
        """How long a lease lasts without being renewed."""
        return timedelta(seconds=self.lease_ttl_s)


class Http(Part):
    """Where health and metrics are served."""

    enabled: bool = True
    allow_remote: bool = False  #: True: other machines may ask, without signing in
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8642  #: 0: any free one
    metrics: bool = True

    @field_validator("host")
    @classmethod
    def _stays_on_this_machine(cls, host: str, others: ValidationInfo) -> str:
        if not others.data.get("allow_remote") and not _is_loopback(host):
            raise ValueError(
                f'is "{host[:60]}", which other machines can reach, and nobody has to sign in. '
                "Use 127.0.0.1, or set allow_remote: true behind a firewall or a proxy."
            )
        return host


class LogFormat(StrEnum):
    """How log lines are written."""

    AUTO = "auto"  # for people on a terminal, else JSON
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """The least serious lines that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Log(Part):
    """What is logged, and how; always to standard error."""

    format: LogFormat = LogFormat.AUTO
    level: LogLevel = LogLevel.INFO


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
