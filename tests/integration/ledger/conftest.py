"""An open ledger on each of the two stores, and a path to walk leads along.

The schema is made once a session on each store and copied for every test.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from models.ledger import Ledger
from models.store import Store
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
    """The name of a PostgreSQL database with the schema and nothing else."""
    with postgres.new_database() as url:
        Store(url).close()
        yield make_url(url).database or ""


@pytest.fixture
def postgres_ledger_url(postgres: PostgresServer, migrated_database: str) -> Iterator[str]:
    """The URL of an empty ledger in PostgreSQL."""
    with postgres.new_database(template=migrated_database) as url:
        yield url


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
