"""The ledger in one SQLite file: how it is opened so that kill -9 and power loss lose nothing.

WAL with synchronous=FULL keeps every acknowledged commit; writers begin IMMEDIATE, because a
deferred transaction that turns into a writer can only fail; readers stay deferred and have an
engine of their own. One daemon owns the file: it holds a lock on a file beside it.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from models.store.errors import (
    LedgerBusy,
    LedgerDamaged,
    LedgerError,
    LedgerFull,
    LedgerInUse,
    LedgerMissing,
    LedgerNotDurable,
    LedgerReadOnly,
    LedgerUnavailable,
    LedgerUnusable,
)

_WAIT_S = 10.0
_FULL = 2
_LEVELS = ("OFF", "NORMAL", "FULL", "EXTRA")
#: What every connection is set to, beside write-ahead logging and synchronous=FULL.
SETTINGS = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # an erased row leaves no bytes behind
    "PRAGMA trusted_schema=OFF",
    "PRAGMA recursive_triggers=ON",  # else INSERT OR REPLACE deletes past the journal's trigger
    "PRAGMA cache_size=-65536",  # 64 MB
    "PRAGMA temp_store=MEMORY",
    "PRAGMA wal_autocheckpoint=4000",  # 16 MB: pages at the edge are moved once, not every batch
)


def path_of(url: URL) -> Path:
    """The file a URL names.

    Raises:
        LedgerMissing: It names none, or its directory does not exist.
    """
    if not url.database or url.database == ":memory:":
        raise LedgerMissing(
            "The ledger's address names no file, and a ledger in memory forgets everything. "
            "Write sqlite:///path/to/ledger.db."
        )
    path = Path(url.database).absolute()
    if not path.parent.is_dir():
        raise LedgerMissing(
            f"There is no directory {path.parent} for the ledger {path.name}. Make it, or "
            "correct the ledger's address in the settings."
        )
    if path.is_dir():
        raise LedgerMissing(f"{path} is a directory. Name a file in it, such as {path}/ledger.db.")
    return path


def require_file(path: Path) -> None:
    """Refuse a ledger that was never made, rather than leave an empty file behind.

    Raises:
        LedgerMissing: There is no such file.
    """
    if not path.exists() or path.stat().st_size == 0:
        raise LedgerMissing(
            f"There is no ledger at {path} yet: `signalbox run` makes it. If there should be "
            "one, correct the ledger's address in the settings."
        )


def engines(url: URL) -> tuple[Engine, Engine]:
    """A writer of one connection, which takes the lock at once, and readers that never write."""
    level = _level(str(url.query.get("synchronous", "FULL")).upper())
    wait_s = float(str(url.query.get("timeout", _WAIT_S)))
    plain = URL.create("sqlite", database=str(path_of(url)))
    writer = _engine(plain, connections=1, wait_s=wait_s)
    reader = _engine(plain, connections=5, wait_s=wait_s)
    event.listen(writer, "connect", _prepared(level, reading=False))
    event.listen(reader, "connect", _prepared(level, reading=True))
    event.listen(writer, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    event.listen(reader, "begin", lambda c: c.exec_driver_sql("BEGIN"))
    return writer, reader


def _level(named: str) -> str:
    if named not in _LEVELS:
        raise LedgerUnusable(
            f"synchronous={named} is no level of SQLite's; leave it out of the ledger's address."
        )
    return named


def _engine(url: URL, *, connections: int, wait_s: float) -> Engine:
    return create_engine(
        url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=wait_s,
        connect_args={"timeout": wait_s, "check_same_thread": False},
    )


def _prepared(level: str, *, reading: bool) -> Callable[[Any, Any], None]:
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the "begin" events say when and how
        journal = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        connection.execute(f"PRAGMA synchronous={level}")
        _refuse_what_may_lose(journal, connection.execute("PRAGMA synchronous").fetchone()[0])
        for setting in SETTINGS:
            connection.execute(setting)
        if reading:
            connection.execute("PRAGMA query_only=ON")

    return prepare


def _refuse_what_may_lose(journal: str, level: int) -> None:
    if journal != "wal":
        raise LedgerNotDurable(
            f"SQLite refuses write-ahead logging here (it offers {journal!r}), as on network "
            "file systems. Put the ledger on a local disk, or use PostgreSQL."
        )
    if level < _FULL:
        raise LedgerNotDurable(
            f"SQLite runs with synchronous={level}, below FULL (2): a power cut would lose "
            "decisions already acted on. Remove `synchronous` from the ledger's address."
        )


class SoleUse:
    """The lock beside the file: one daemon at a time. Freed when the process ends, however."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = os.pread(self._file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise LedgerInUse(str(path), pid) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode("ascii"), 0)

    def close(self) -> None:
        """Let the next daemon have the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def read_only(path: Path) -> LedgerReadOnly:
    """The error for a directory in which this user may not write."""
    return LedgerReadOnly(
        f"This user may not write in {path.parent}. Give it the right to write the ledger and "
        "its directory, and start again."
    )


def said_plainly(error: sqlite3.Error, path: str) -> LedgerError | None:
    """The ledger's own error for one of SQLite's; None where it is no trouble of the file."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    kind = _KINDS.get(code)
    if kind is None:
        return None
    family, advice = kind
    return family(f"{path}: {error}. {advice}")


_KINDS: dict[int, tuple[type[LedgerError], str]] = {
    sqlite3.SQLITE_BUSY: (
        LedgerBusy,
        (
            "Another process keeps the file locked (a backup, a shell in a transaction?); let it "
            "finish. Nothing was written; the same works once it is free."
        ),
    ),
    sqlite3.SQLITE_LOCKED: (LedgerBusy, "Nothing was written; the same works once it is free."),
    sqlite3.SQLITE_READONLY: (
        LedgerReadOnly,
        "Give this user the right to write the file and its directory, and start again.",
    ),
    sqlite3.SQLITE_FULL: (
        LedgerFull,
        "Make room on that disk; nothing was lost, and work goes on once there is room.",
    ),
    sqlite3.SQLITE_IOERR: (
        LedgerUnavailable,
        "The disk does not answer as it should; look at the system's log. Nothing was written.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        LedgerMissing,
        "The file cannot be opened; check the path, and that this user may write there.",
    ),
    sqlite3.SQLITE_NOTADB: (
        LedgerDamaged,
        "This is not a SQLite file. Name another one, or restore the ledger from a backup.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        LedgerDamaged,
        "The file is damaged. Stop, keep a copy of it, and restore the ledger from a backup.",
    ),
}
