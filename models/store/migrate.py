"""Bring a ledger's schema to this code's revision, under a lock, or say why not.

Alembic is imported only where there is something to migrate: it costs half a second.
"""

from sqlalchemy import Connection, Engine, inspect, text

from models.store.errors import LedgerDamaged, LedgerTooNew, LedgerTooOld
from models.store.migrations import REVISIONS

_LOCK = 0x5167_0B0C  # any number, the same for every Signalbox that shares a database
_HEAD = REVISIONS[-1]


def revision_of(connection: Connection) -> str | None:
    """The revision a ledger is at; None for an empty database.

    Raises:
        LedgerTooNew: It is one this code does not know.
        LedgerDamaged: The file holds tables, but they are not a ledger's.
    """
    inspector = inspect(connection)
    if not inspector.has_table("alembic_version"):
        _refuse_foreign_tables(connection, inspector.get_table_names())
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and found not in REVISIONS:
        raise LedgerTooNew(
            f"The ledger is at revision {found}; this Signalbox knows revisions up to {_HEAD}. "
            "It was written by a newer version: install that one, or restore a backup."
        )
    return None if found is None else str(found)


def require_current(engine: Engine) -> None:
    """Refuse a ledger that is not at this code's revision.

    Raises:
        LedgerTooOld: It is older.
        LedgerTooNew: It is newer.
    """
    with engine.connect() as connection:
        found = revision_of(connection)
    if found != _HEAD:
        raise LedgerTooOld(
            f"The ledger is at revision {found or 'none'}; this Signalbox needs {_HEAD}. Start "
            "`signalbox run` once: it migrates the ledger."
        )


def is_current(engine: Engine) -> bool:
    """Whether there is nothing to migrate."""
    with engine.connect() as connection:
        return revision_of(connection) == _HEAD


def bring_up_to_date(engine: Engine) -> None:
    """Run the missing revisions in one transaction; a second process waits, then finds none."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if revision_of(connection) != _HEAD:
            _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see the head of this module
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "models.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _refuse_foreign_tables(connection: Connection, names: list[str]) -> None:
    if names and connection.dialect.name == "sqlite":
        raise LedgerDamaged(
            f"This SQLite file holds other tables ({', '.join(sorted(names)[:3])}, ...) and no "
            "ledger. Name another file; a ledger shares its file with nobody."
        )
