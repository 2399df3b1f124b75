"""What every table shares: metadata, names of constraints, types that both databases mean alike."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

from models.tables import stored

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: A row number: 64 bits on PostgreSQL; on SQLite only INTEGER names the rowid.
Sequence = BigInteger().with_variant(Integer(), "sqlite")


class Utc(TypeDecorator[datetime]):
    """An aware instant, in UTC when it comes out.

    PostgreSQL has a type for it. SQLite has none: there it is an integer, microseconds since
    1970, because integers sort as instants do, take eight bytes in every index, and leave no
    room for two spellings of one instant. To read one by hand:
    `select datetime(decided_at / 1000000, 'unixepoch') from decisions`.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """A native timestamp where the database has one with a zone."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse what has no zone; hand over microseconds where there is no native type."""
        return self.converter(dialect)(value)

    def converter(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """What makes of an instant what the driver takes."""
        return _aware if dialect.name == "postgresql" else _microseconds

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """An aware instant in UTC."""
        del dialect
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return _EPOCH + timedelta(microseconds=value)


class CrmText(TypeDecorator[str]):
    """Text that somebody outside wrote.

    PostgreSQL cannot store a null byte and neither database a lone surrogate; both become
    U+FFFD here. The text as it was read stands in the stored version of the record.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Text that both databases can hold."""
        return self.converter(dialect)(value)

    def converter(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """What makes of a text what the driver takes."""
        del dialect
        return _storable


class Json(TypeDecorator[Any]):
    """A JSON value as bytes: the same on both databases, whatever text it holds."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Pack a value."""
        return self.converter(dialect)(value)

    def converter(self, dialect: Dialect) -> Callable[[Any], bytes | None]:
        """What makes of a JSON value what the driver takes."""
        del dialect
        return _packed

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Unpack it."""
        del dialect
        return None if value is None else stored.unpack(value)


class Row(SQLModel):
    """Base of all tables."""

    #: Tables are not validated, so their validators need not be built at every start.
    model_config = {"defer_build": True}
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        }
    )
    __tablename__: ClassVar[str]
    __table__: ClassVar[Table]


def _aware(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone; the ledger stores instants in UTC")
    return at


@lru_cache(maxsize=1024)  # a batch says the same few instants thousands of times
def _microseconds(at: datetime | None) -> int | None:
    return None if at is None or _aware(at) is None else (at - _EPOCH) // _MICROSECOND


def _storable(text: str | None) -> str | None:
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return stored.storable(text)


def _packed(value: Any) -> bytes | None:
    return None if value is None else stored.pack(value)


def only(condition: str) -> dict[str, Any]:
    """Arguments of an index over the rows that meet a condition, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def instant(*, default: Any = ..., **more: Any) -> Any:
    """A column that holds an instant."""
    return Field(default=default, sa_type=Utc, **more)


def crm_text(*, default: Any = ..., **more: Any) -> Any:
    """A column that holds text from outside."""
    return Field(default=default, sa_type=CrmText, **more)


def json(*, default: Any = ..., **more: Any) -> Any:
    """A column that holds a JSON value."""
    return Field(default=default, sa_type=Json, nullable=default is None, **more)


def big(*, default: Any = ..., **more: Any) -> Any:
    """A column that holds a 64-bit integer."""
    return Field(default=default, sa_type=BigInteger, **more)


def lane() -> Any:
    """A column that says which lane a row stands in; see `models.leads.known.Lane`."""
    return Field(default="interactive", sa_column_kwargs={"server_default": "interactive"})


def serial() -> Any:
    """A primary key that the database counts."""
    return Field(default=None, primary_key=True, sa_type=Sequence)
