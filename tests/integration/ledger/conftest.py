"""An open ledger on each of the two stores, and a path to walk leads along.

The schema is made once a session on each store; every test finds it empty.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from models.ledger import Ledger
from models.store import Store
from models.tables import Row
from tests.conftest import STORES
from tests.databases import PostgresServer
from tests.fakes.clock import SettableClock
from tests.fakes.lead_path import LeadPath, begin, broken_laws, open_test_ledger


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and nothing else."""
    path = tmp_path_factory.mktemp("ledger") / "empty.db"
    Store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def migrated_database(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a PostgreSQL database with the schema."""
    with postgres.new_database() as url:
        Store(url).close()
        yield url


@pytest.fixture
def postgres_ledger_url(migrated_database: str) -> str:
    """The URL of an empty ledger in PostgreSQL."""
    return emptied(migrated_database)


def emptied(url: str) -> str:
    """The same database without a row, which takes a hundredth of making one."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE journal DISABLE TRIGGER USER"))
        for table in reversed(Row.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(text("ALTER TABLE journal ENABLE TRIGGER USER"))
    engine.dispose()
    return url


@pytest.fixture
def sqlite_ledger_url(tmp_path: Path, migrated_file: Path) -> str:
    """The URL of an empty ledger in a file."""
    path = tmp_path / "ledger.db"
    shutil.copyfile(migrated_file, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=STORES)
def ledger_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty ledger: the test runs once on SQLite, once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_ledger_url")
    return url


@pytest.fixture
def clock() -> SettableClock:
    """Noon, until a test moves it."""
    return SettableClock()


@pytest.fixture
def ledger(ledger_url: str, clock: SettableClock) -> Iterator[Ledger]:
    """An empty ledger; whatever a test did, its laws hold at the end."""
    ledger = open_test_ledger(ledger_url, clock)
    yield ledger
    broken = list(broken_laws(ledger.store))
    ledger.close()
    assert broken == []


@pytest.fixture
def path(ledger: Ledger, clock: SettableClock) -> LeadPath:
    """The lease taken, three reps registered, nothing decided yet."""
    return begin(ledger, clock)
