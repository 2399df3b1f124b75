"""The ledger in PostgreSQL: what must be switched on there, and its errors in plain words.

Never needs a superuser: a role that may create tables in its schema is enough.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from models.store.errors import (
    LedgerBusy,
    LedgerError,
    LedgerFull,
    LedgerMissing,
    LedgerNotDurable,
    LedgerReadOnly,
    LedgerUnavailable,
    LedgerUnusable,
)

_OLDEST = 130_000
_AWAY = ("08", "57P")  # connection exceptions, shut-downs
_KINDS: dict[str, tuple[type[LedgerError], str]] = {
    "53100": (LedgerFull, "Make room on the database's disk; nothing was lost."),
    "53300": (LedgerUnavailable, "Raise max_connections or stop other clients."),
    "25006": (LedgerReadOnly, "This is a read-only standby; give the address of the primary."),
    "40001": (LedgerBusy, "Nothing was written; it will be tried again."),
    "40P01": (LedgerBusy, "Nothing was written; it will be tried again."),
    "55P03": (LedgerBusy, "Nothing was written; it will be tried again."),
    "3D000": (LedgerMissing, "Create the database and the role, or correct the address."),
    "28P01": (LedgerUnusable, "Correct the user or password of the ledger's address."),
    "28000": (LedgerUnusable, "Correct the user or password of the ledger's address."),
    "42501": (LedgerUnusable, "Grant this role CREATE on its schema and rights on its tables."),
}
#: What a refused connection says: libpq hands over words but no code.
_REFUSALS = (
    ("authentication failed", _KINDS["28P01"]),
    ("does not exist", _KINDS["3D000"]),
    ("too many clients", _KINDS["53300"]),
)


def engine(url: URL) -> Engine:
    """An engine whose connections are checked before they are used."""
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=5,
        connect_args={"connect_timeout": 10, "application_name": "signalbox"},
    )


@contextmanager
def pipelined(connection: Connection) -> Iterator[None]:
    """Within the block nothing waits for the answer to what is written; at its end all do.

    Only for statements that are not read from.

    Raises:
        DBAPIError: The database refused one of them. Which one, it does not say.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"{driver!r} is no connection of psycopg")
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as error:
        told = DBAPIError.instance(None, None, error, psycopg.Error, dialect=connection.dialect)
        raise told from error


def refuse_what_may_lose(connection: Connection) -> None:
    """Check version and durability.

    Raises:
        LedgerNotDurable: fsync or synchronous_commit is off.
        LedgerUnusable: The server is older than PostgreSQL 13.
    """
    version = int(_setting(connection, "server_version_num"))
    if version < _OLDEST:
        raise LedgerUnusable(
            f"This is PostgreSQL {version // 10_000}; Signalbox needs 13 or newer. Upgrade the "
            "server or give another address."
        )
    for name in ("fsync", "synchronous_commit"):
        if _setting(connection, name) == "off":
            raise LedgerNotDurable(
                f"PostgreSQL runs with {name}=off: a crash would lose decisions already acted "
                f"on. Set {name}=on for this server, database and role, and start again."
            )


def said_plainly(error: DBAPIError, address: str) -> LedgerError | None:
    """The ledger's own error for one of PostgreSQL's; None where it is no trouble of the server."""
    state = getattr(error.orig, "sqlstate", None)
    kind = _KINDS.get(state or "")
    told = " ".join(str(error.orig).split())
    if kind is None and state is None:
        kind = next((each for words, each in _REFUSALS if words in told), None)
    if kind is not None:
        return kind[0](f"{address}: {told}. {kind[1]}")
    if error.connection_invalidated or (state is None and _is_operational(error)):
        return _away(address, told)
    return _away(address, told) if state is not None and state.startswith(_AWAY) else None


def _is_operational(error: DBAPIError) -> bool:
    return type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout")


def _away(address: str, told: str) -> LedgerError:
    return LedgerUnavailable(
        f"{address}: {told}. The database cannot be reached or broke off; nothing of this call "
        "was written unless its commit was already on the way, which a repetition finds out."
    )


def _setting(connection: Connection, name: str) -> str:
    return str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())
