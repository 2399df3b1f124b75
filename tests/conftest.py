"""What every test may ask for: an empty database or an empty ledger, on each of the two stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url

from models.store.transactions import Store
from tests.databases import PostgresServer, postgres_server
from tests.ledgers import emptied, with_schema

STORES = ("sqlite", "postgres")

# How fast examples are made says how busy the machine is, not whether a law holds.
settings.register_profile(
    "patient", parent=settings(), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")


@pytest.fixture(scope="session", name="postgres")
def _postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL for this session; see `tests.databases` for how it is found."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of one database that the whole session shares."""
    with postgres.new_database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'signalbox.db'}"


@pytest.fixture
def empty_postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a database that this test alone uses."""
    with postgres.new_database() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_database(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a database with the schema, which the session's tests use one after another."""
    with postgres.new_database() as url:
        Store(url).close()
        yield url


@pytest.fixture
def postgres_ledger_url(migrated_database: str) -> str:
    """The URL of an empty ledger in PostgreSQL, for a test that leaves no process behind."""
    return emptied(migrated_database)


@pytest.fixture(params=STORES)
def ledger_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty ledger: the test runs once on SQLite, once on PostgreSQL."""
    return _ledger_on(request, postgres="postgres_ledger_url")


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> Iterator[str]:
    """The name of a database with the schema and nothing else, to which nobody is connected."""
    with postgres.new_database() as url:
        Store(url).close()
        yield str(make_url(url).database)


@pytest.fixture
def own_postgres_ledger_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The URL of an empty ledger in a database that this test alone uses."""
    with postgres.new_database(template=postgres_template) as url:
        yield url


@pytest.fixture(params=STORES)
def own_ledger_url(request: pytest.FixtureRequest) -> str:
    """As `ledger_url`, for a test that starts processes and may kill them."""
    return _ledger_on(request, postgres="own_postgres_ledger_url")


def _ledger_on(request: pytest.FixtureRequest, *, postgres: str) -> str:
    if request.param == "sqlite":
        return with_schema(request.getfixturevalue("sqlite_url"))
    url: str = request.getfixturevalue(postgres)
    return url


@pytest.fixture(params=STORES)
def any_database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: the test runs once on SQLite, once on PostgreSQL."""
    wanted = "sqlite_url" if request.param == "sqlite" else "empty_postgres_url"
    url: str = request.getfixturevalue(wanted)
    return url
