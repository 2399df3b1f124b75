"""What every test may ask for: an empty database, on each of the two stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import PostgresServer, postgres_server

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


@pytest.fixture(params=STORES)
def any_database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: the test runs once on SQLite, once on PostgreSQL."""
    wanted = "sqlite_url" if request.param == "sqlite" else "empty_postgres_url"
    url: str = request.getfixturevalue(wanted)
    return url
