"""What is in force: rulebook versions, and the large things that records name by hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from models.journal.entries import ENTER, Act, EntryKind, entered
from models.store.statements import inserting_new
from models.store.transactions import Store
from models.tables import Content, JournalRow, RulebookVersion
from routing.canonical import Json, parse

_CONTENT = inserting_new(Content, ("sha256",))
_DRAFT = inserting_new(RulebookVersion, ("hash",))
_SALT = "salt"
_UNSAID = "\0"  #: equal to nothing that an entry can hold


@dataclass(frozen=True, slots=True)
class Book:
    """A version of a rulebook: its exact source and what its hash covers besides."""

    hash: str
    name: str
    source: bytes
    parts: Mapping[str, str] = field(default_factory=dict)  #: name -> hash of a kept content


@dataclass(frozen=True, slots=True)
class StoredBook:
    """A version as it stands."""

    book: Book
    status: str
    author: str
    created_at: datetime
    published_at: datetime | None


class Governance:
    """Reads and changes what is in force; every change is journalled."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, kind: str, body: bytes, *, act: Act) -> str:
        """Keep a content under its hash, once; the hash, in hex."""
        sha256 = hashlib.sha256(body).hexdigest()
        row = {"sha256": sha256, "kind": kind, "body": body, "kept_at": act.at}
        with self._store.write(act.token) as database:
            _CONTENT.run(database, [row])
        return sha256

    def content(self, sha256: str) -> bytes | None:
        """A kept content."""
        c = Content.__table__.c
        with self._store.read() as database:
            body: bytes | None = database.scalar(select(c.body).where(c.sha256 == sha256))
        return body

    def salt(self) -> bytes | None:
        """The salt of what is left to chance; None before one was made."""
        c = Content.__table__.c
        query = select(c.body).where(c.kind == _SALT).order_by(c.kept_at, c.sha256).limit(1)
        with self._store.read() as database:
            body: bytes | None = database.scalar(query)
        return body

    def keep_salt(self, salt: bytes, *, act: Act) -> bytes:
        """Keep a salt if there is none yet; the one that counts."""
        kept = self.salt()
        if kept is None:
            self.keep(_SALT, salt, act=act)
        return salt if kept is None else kept

    def declare(self, subject: str, about: Mapping[str, Json], *, act: Act) -> bool:
        """Enter settings that somebody may ask about, where they are others than last time."""
        c = JournalRow.__table__.c
        query = select(c.body).where(c.subject == subject, c.kind == EntryKind.SETTINGS)
        with self._store.write(act.token) as database:
            last = database.scalar(query.order_by(c.seq.desc()).limit(1))
            before: Any = {} if last is None else parse(bytes(last))
            if all(before.get(name, _UNSAID) == value for name, value in about.items()):
                return False
            ENTER.run(database, [entered(act, EntryKind.SETTINGS, subject, **about)])
        return True

    def publish(self, book: Book, *, act: Act, note: str | None = None) -> bool:
        """Put a version in force and retire the one before it; False if it is in force already."""
        c = RulebookVersion.__table__.c
        in_force = select(c.hash).where(c.book == book.name, c.status == "in_force")
        with self._store.write(act.token) as database:
            before = database.scalar(in_force)
            if before == book.hash:
                return False
            _DRAFT.run(database, [_book_row(book, act)])
            table = RulebookVersion.__table__
            retired = {"status": "retired"}
            database.execute(table.update().where(c.hash == before).values(retired))
            published = {
                "status": "in_force",
                "published_by": act.actor.name,
                "published_at": act.at,
                "note": note,
            }
            database.execute(table.update().where(c.hash == book.hash).values(published))
            about = {"book": book.name, "hash": book.hash, "before": before}
            ENTER.run(database, [entered(act, EntryKind.RULEBOOK_PUBLISHED, None, **about)])
        return True

    def book_in_force(self, name: str | None = None) -> StoredBook | None:
        """The version in force, of a book or of the only one."""
        c = RulebookVersion.__table__.c
        query = select(RulebookVersion.__table__).where(c.status == "in_force")
        if name is not None:
            query = query.where(c.book == name)
        with self._store.read() as database:
            row = database.execute(query.order_by(c.published_at.desc()).limit(1)).one_or_none()
        return None if row is None else _stored_book(row)

    def book(self, hash_: str) -> StoredBook | None:
        """A version by its hash, as records name it."""
        c = RulebookVersion.__table__.c
        with self._store.read() as database:
            row = database.execute(
                select(RulebookVersion.__table__).where(c.hash == hash_)
            ).one_or_none()
        return None if row is None else _stored_book(row)


def _book_row(book: Book, act: Act) -> dict[str, Any]:
    return {
        "hash": book.hash,
        "book": book.name,
        "source": book.source,
        "parts": dict(book.parts),
        "status": "draft",
        "author": act.actor.name,
        "created_at": act.at,
    }


def _stored_book(row: Row[Any]) -> StoredBook:
    return StoredBook(
        Book(row.hash, row.book, row.source, row.parts),
        row.status,
        row.author,
        row.created_at,
        row.published_at,
    )
