"""A ledger that cannot be opened or written says what to do."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.store.errors import (
    LedgerBusy,
    LedgerDamaged,
    LedgerFull,
    LedgerInUse,
    LedgerMissing,
    LedgerNotDurable,
    LedgerReadOnly,
    LedgerUnavailable,
    LedgerUnusable,
)
from models.store.postgres import refuse_what_may_lose
from models.store.transactions import Store


class Settings:
    """A connection that answers SHOW, for settings a running server cannot change."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._settings = settings

    def exec_driver_sql(self, statement: str) -> "Settings":
        self._answer = self._settings[statement.removeprefix("SHOW ")]
        return self

    def scalar_one(self) -> str:
        return self._answer


def path_of(url: str) -> str:
    return url.removeprefix("sqlite:///")


def note(store: Store, *, size: int = 10) -> None:
    with store.append() as connection:
        connection.execute(
            text(
                "INSERT INTO contents (sha256, kind, body, kept_at) "
                "VALUES (hex(randomblob(9)), 'x', zeroblob(:size), 0)"
            ),
            {"size": size},
        )


def test_sqlite_is_opened_so_that_power_loss_loses_nothing(sqlite_url):
    store = Store(sqlite_url)

    with store.append() as connection:
        said = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        ]

    assert said == ["wal", 2, 1, 1]
    store.close()


@pytest.mark.parametrize("level", ["OFF", "normal"])
def test_sqlite_below_full_is_refused(sqlite_url, level):
    with pytest.raises(LedgerNotDurable, match="below FULL"):
        Store(f"{sqlite_url}?synchronous={level}")


def test_postgres_that_may_lose_commits_is_refused(empty_postgres_url):
    with pytest.raises(LedgerNotDurable, match="synchronous_commit=off"):
        Store(f"{empty_postgres_url}?options=-c%20synchronous_commit%3Doff")


def test_a_read_only_standby_says_where_to_go(empty_postgres_url):
    with pytest.raises(LedgerReadOnly, match="primary"):
        Store(f"{empty_postgres_url}?options=-c%20default_transaction_read_only%3Don")


@pytest.mark.parametrize(
    ("version", "fsync", "message"),
    [
        pytest.param("120009", "on", "PostgreSQL 12", id="too old"),
        pytest.param("150000", "off", "fsync=off", id="without fsync"),
    ],
)
def test_a_server_that_is_not_fit_is_refused(version, fsync, message):
    server: Any = Settings({"server_version_num": version, "fsync": fsync})

    with pytest.raises(LedgerUnusable, match=message):
        refuse_what_may_lose(server)


def test_a_ledger_that_was_never_made_is_named_and_no_file_is_left(sqlite_url):
    with pytest.raises(LedgerMissing, match="`signalbox run` makes it"):
        Store(sqlite_url, migrate_schema=False)

    assert not Path(path_of(sqlite_url)).exists()


def test_readers_cannot_write(sqlite_url):
    store = Store(sqlite_url)

    with pytest.raises(LedgerReadOnly), store.read() as connection:
        connection.execute(text("DELETE FROM contents"))
    store.close()


def test_a_second_daemon_on_one_file_is_told_the_pid_of_the_first(sqlite_url):
    first = Store(sqlite_url, sole=True)

    with pytest.raises(LedgerInUse, match=f"process {os.getpid()}"):
        Store(sqlite_url, sole=True)
    first.close()


def test_the_file_is_free_again_when_the_daemon_was_killed(sqlite_url):
    child = (
        "import os, signal; from models.store.transactions import Store;"
        f"Store({sqlite_url!r}, sole=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", child], check=False)

    Store(sqlite_url, sole=True).close()


def test_a_command_may_open_the_file_beside_the_daemon(sqlite_url):
    daemon = Store(sqlite_url, sole=True)
    command = Store(sqlite_url)

    note(command)
    command.close()
    daemon.close()


def test_a_locked_file_is_busy_not_broken(sqlite_url):
    store = Store(f"{sqlite_url}?timeout=0.05")
    other = sqlite3.connect(path_of(sqlite_url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(LedgerBusy, match="locked"):
        note(store)
    other.close()
    store.close()


def test_a_full_disk_loses_nothing_and_work_goes_on_with_room(sqlite_url):
    store = Store(sqlite_url)
    with store.writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    with pytest.raises(LedgerFull, match="Make room"):
        note(store, size=100_000)
    with store.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    note(store, size=100_000)
    store.close()


def test_a_read_only_file_says_so(sqlite_url):
    Store(sqlite_url).close()
    store = Store(sqlite_url)
    with store.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")

    with pytest.raises(LedgerReadOnly, match="right to write"):
        note(store)
    store.close()


@pytest.mark.parametrize(
    ("content", "match"),
    [
        pytest.param(b"not a database, but long enough to look like one " * 99, "SQLite file"),
        pytest.param(b"SQLite format 3\0" + b"\xff" * 5000, "backup", id="damaged head"),
    ],
)
def test_a_file_that_is_no_ledger_is_left_alone(sqlite_url, content, match):
    with open(path_of(sqlite_url), "wb") as file:  # noqa: PTH123 - the URL's text is the path
        file.write(content)

    with pytest.raises(LedgerDamaged, match=match):
        Store(sqlite_url)


def test_a_damaged_page_is_reported_as_damage(sqlite_url):
    Store(sqlite_url).close()
    with open(path_of(sqlite_url), "r+b") as file:  # noqa: PTH123
        file.seek(4096)
        file.write(b"\xff" * 4096 * 20)

    with pytest.raises(LedgerDamaged, match="backup"):
        Store(sqlite_url)


@pytest.mark.parametrize(
    ("url", "match"),
    [
        pytest.param("sqlite:////nowhere/at/all/ledger.db", "no directory", id="no directory"),
        pytest.param("sqlite://", "forgets", id="in memory"),
        pytest.param("sqlite:////", "is a directory", id="a directory"),
        pytest.param("mysql://root@db/x", "cannot lie in 'mysql'", id="another database"),
        pytest.param("what?", "cannot be read", id="no address"),
    ],
)
def test_an_address_that_leads_nowhere_is_explained(url, match):
    with pytest.raises(LedgerMissing, match=match):
        Store(url)


def test_a_server_that_is_not_there_may_come_back():
    with pytest.raises(LedgerUnavailable, match="cannot be reached"):
        Store("postgresql://postgres@127.0.0.1:1/postgres")


def test_a_database_that_is_not_there_is_named(postgres_url):
    with pytest.raises(LedgerUnusable, match="nowhere"):
        Store(postgres_url.rsplit("/", 1)[0] + "/nowhere")


def test_a_connection_that_broke_is_replaced(empty_postgres_url):
    store = Store(empty_postgres_url)
    kill = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(LedgerUnavailable), store.append() as connection:
        connection.execute(kill)

    with store.read() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    store.close()
