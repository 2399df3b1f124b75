"""The open database: transactions on SQLite or PostgreSQL, and its errors in our own words.

`write` is one transaction of the process that holds the lease: it begins by reading the fencing
token, so that a process that was paused past its lease writes nothing. `append` is for the few
rows that any process may add. `read` never writes and never blocks a writer.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import local

from sqlalchemy import URL, Connection, Engine, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models.store import migrate, postgres, sqlite
from models.store.errors import Fenced, LedgerBusy, LedgerError, LedgerMissing
from models.tables import LeaseRow

#: The one lease whose holder runs every loop.
LEASE = "daemon"

_TOKEN = select(LeaseRow.__table__.c.token).where(LeaseRow.__table__.c.name == LEASE)
#: Nobody takes the lease before we commit, which asks for the row FOR UPDATE; its holder's own
#: renewal changes no key and does not wait for us, as it would for a reader FOR SHARE.
_TOKEN_HELD = _TOKEN.with_for_update(read=True, key_share=True)


class Store:
    """An open ledger database.

    Args:
        url: `sqlite:///path/to/ledger.db` or `postgresql://user@host/name`.
        sole: Take the daemon's lock on a SQLite file; nothing on PostgreSQL, where the lease
            alone decides.
        migrate_schema: Bring the schema up to date; False refuses an older ledger instead.

    Raises:
        LedgerError: See `models.store.errors`; each says what to do.
    """

    def __init__(self, url: str, *, sole: bool = False, migrate_schema: bool = True) -> None:
        self.url = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.address = self.url.render_as_string(hide_password=True)
        self._path: Path | None = sqlite.path_of(self.url) if self.is_sqlite else None
        if self._path is not None and not migrate_schema:
            sqlite.require_file(self._path)
        self._sole: sqlite.SoleUse | None = None
        self._mine = local()  #: the transaction that a thread's writes join
        self.writer: Engine
        self.reader: Engine
        if self.is_sqlite:
            self.writer, self.reader = sqlite.engines(self.url)
        else:
            self.writer = self.reader = postgres.engine(self.url)
        try:
            self._open(sole=sole, migrate_schema=migrate_schema)
        except BaseException:
            self.close()
            raise

    @property
    def is_sole(self) -> bool:
        """Whether this process holds the lock on a SQLite file: no other one routes."""
        return self._sole is not None

    @contextmanager
    def write(self, token: int) -> Iterator[Connection]:
        """One transaction of the lease's holder.

        Raises:
            Fenced: The token is no longer the current one; nothing is written.
        """
        joined: Connection | None = getattr(self._mine, "together", None)
        if joined is not None:
            yield joined
            return
        with self.said_plainly(), self.writer.begin() as connection:
            self._require(token, connection)
            yield connection

    @contextmanager
    def together(self, token: int) -> Iterator[None]:
        """Make one transaction of every `write` of this thread in the block."""
        with self.write(token) as connection:
            self._mine.together = connection
            try:
                yield
            finally:
                del self._mine.together

    @contextmanager
    def append(self) -> Iterator[Connection]:
        """One transaction of any process, for rows that need no lease."""
        with self.said_plainly(), self.writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view."""
        with self.said_plainly(), self.reader.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            yield connection

    def now(self, connection: Connection, at: datetime) -> datetime:
        """The time that leases go by: PostgreSQL's own, because the replicas' clocks may differ.

        Args:
            connection: In a transaction.
            at: The caller's, which counts on SQLite: there is one machine.
        """
        if self.is_sqlite:
            return at
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return now.astimezone(UTC)

    @contextmanager
    def said_plainly(self) -> Iterator[None]:
        """Turn the database's errors into the ledger's; what is our own mistake passes."""
        try:
            yield
        except PoolTimeout as error:
            raise LedgerBusy(
                f"{self.address}: another thread of this process kept the database for too long."
            ) from error
        except DBAPIError as error:
            plain = self._plain(error)
            if plain is None:
                raise
            raise plain from error
        except sqlite3.Error as error:
            plain = sqlite.said_plainly(error, str(self._path))
            if plain is None:
                raise
            raise plain from error

    def close(self) -> None:
        """Give everything back: connections, and the lock on the file."""
        self.writer.dispose()
        self.reader.dispose()
        if self._sole is not None:
            self._sole.close()

    def _open(self, *, sole: bool, migrate_schema: bool) -> None:
        with self.said_plainly():
            if sole and self._path is not None:
                self._sole = _sole_use(self._path)
            self._probe()
            if migrate.is_current(self.reader):
                return
            if not migrate_schema:
                migrate.require_current(self.reader)
            self._migrate()

    def _probe(self) -> None:
        with self.writer.connect() as connection:
            if not self.is_sqlite:
                postgres.refuse_what_may_lose(connection)

    def _migrate(self) -> None:
        """Alone on the file: a daemon must not find the schema changed under it."""
        alone = None
        if self._path is not None and self._sole is None:
            alone = _sole_use(self._path)
        try:
            migrate.bring_up_to_date(self.writer)
        finally:
            if alone is not None:
                alone.close()

    def _require(self, token: int, connection: Connection) -> None:
        query = _TOKEN if self.is_sqlite else _TOKEN_HELD
        current = connection.execute(query).scalar()
        if current != token:
            raise Fenced(LEASE, ours=token, current=current)

    def _plain(self, error: DBAPIError) -> LedgerError | None:
        if not self.is_sqlite:
            return postgres.said_plainly(error, self.address)
        if isinstance(error.orig, sqlite3.Error):
            return sqlite.said_plainly(error.orig, str(self._path))
        return None


def _parsed(text: str) -> URL:
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except ArgumentError as error:
        raise LedgerMissing(
            "The ledger's address cannot be read. Write sqlite:///path/to/ledger.db or "
            "postgresql://user@host/database."
        ) from error
    if backend not in ("sqlite", "postgresql", "postgres"):
        raise LedgerMissing(
            f"The ledger cannot lie in {backend!r}. Write sqlite:///path/to/ledger.db or "
            "postgresql://user@host/database."
        )
    return url if backend == "sqlite" else url.set(drivername="postgresql+psycopg")


def _sole_use(path: Path) -> sqlite.SoleUse:
    try:
        return sqlite.SoleUse(path)
    except PermissionError as error:
        raise sqlite.read_only(path) from error
