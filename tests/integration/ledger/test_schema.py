"""The schema, as the revisions make it and as the tables say it."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from models.store.errors import LedgerDamaged, LedgerMissing, LedgerTooNew, LedgerTooOld
from models.store.migrations import REVISIONS
from models.store.transactions import Store
from models.tables import Row


def conditions(store: Store) -> dict[str, bool]:
    """Which indexes cover only the rows that meet a condition."""
    key = "sqlite_where" if store.is_sqlite else "postgresql_where"
    with store.reader.connect() as connection:
        inspector = inspect(connection)
        return {
            str(index["name"]): key in index.get("dialect_options", {})
            for table in Row.metadata.tables
            for index in inspector.get_indexes(table)
            if "duplicates_constraint" not in index
        }


def test_the_revisions_make_what_the_tables_say(any_database_url):
    store = Store(any_database_url)

    with store.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Row.metadata)

    assert differences == []
    store.close()


def test_the_revisions_make_the_same_partial_indexes(any_database_url):
    store = Store(any_database_url)
    wanted = {
        str(index.name): "where" in index.dialect_options["sqlite"]
        and index.dialect_options["sqlite"]["where"] is not None
        for table in Row.metadata.tables.values()
        for index in table.indexes
    }

    assert conditions(store) == wanted
    store.close()


def test_the_package_lists_every_revision_it_carries():
    config = Config()
    config.set_main_option("script_location", "models.store:migrations")
    revisions = [s.revision for s in ScriptDirectory.from_config(config).walk_revisions()]

    assert tuple(reversed(revisions)) == REVISIONS


def test_a_ledger_is_opened_twice_without_migrating_again(any_database_url):
    Store(any_database_url).close()
    store = Store(any_database_url, migrate_schema=False)

    with store.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    store.close()


def test_a_ledger_of_a_newer_signalbox_is_refused_with_both_revisions(any_database_url):
    store = Store(any_database_url)
    with store.append() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()

    with pytest.raises(LedgerTooNew, match=rf"9999.*{REVISIONS[-1]}"):
        Store(any_database_url)


def test_who_does_not_migrate_is_told_who_does(any_database_url):
    with pytest.raises((LedgerTooOld, LedgerMissing), match="signalbox run"):
        Store(any_database_url, migrate_schema=False)


def test_a_file_with_somebody_elses_tables_is_not_filled_with_ours(sqlite_url):
    store = Store(sqlite_url)
    with store.append() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    store.close()

    with pytest.raises(LedgerDamaged, match="other tables"):
        Store(sqlite_url)


@pytest.mark.parametrize("statement", ["UPDATE journal SET actor = 'me'", "DELETE FROM journal"])
def test_the_journal_cannot_be_changed(any_database_url, statement):
    store = Store(any_database_url)
    row = (
        "INSERT INTO journal (kind, at, actor, channel, body, sha256)"
        " VALUES ('signed_in', {}, 'ada', 'cli', '', '')"
    ).format("0" if store.is_sqlite else "now()")
    with store.append() as connection:
        connection.execute(text(row))

    with pytest.raises(Exception, match="append-only"), store.append() as connection:
        connection.execute(text(statement))
    store.close()
