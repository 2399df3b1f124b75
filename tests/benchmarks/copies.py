"""Ledgers to measure on, and copies of them, on either database; nothing stays behind."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import make_url

from tests.databases import PostgresServer


class Copies(Protocol):
    """Gives addresses; what they name is gone when the block ends."""

    database: str  #: for the table

    def ledger(self, like: str | None = None) -> AbstractContextManager[str]:
        """The address of an empty database, or of a copy of one that nobody has open."""
        ...


class Files:
    """SQLite files in a folder."""

    database = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    @contextmanager
    def ledger(self, like: str | None = None) -> Iterator[str]:
        """A file."""
        path = self._folder / f"ledger{next(self._numbers)}.db"
        if like is not None:
            shutil.copyfile(make_url(like).database or "", path)
        try:
            yield f"sqlite:///{path}"
        finally:
            for each in self._folder.glob(f"{path.name}*"):
                each.unlink()


class Databases:
    """Databases of a PostgreSQL server."""

    database = "PostgreSQL"

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    def ledger(self, like: str | None = None) -> AbstractContextManager[str]:
        """A database."""
        template = None if like is None else make_url(like).database
        return self._server.new_database(template=template)
