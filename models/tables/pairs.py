"""One person in two CRMs: which records are tied to which, why, and where that is in doubt.

An address never stands here. Its key is a hash under a secret of this ledger, in a row of its own
that goes with the record's person.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from models.tables.base import Row, instant, json


class TieRow(Row, table=True):
    """Two records of two connections that are one person. Each tie stands here in both directions.

    `native`: one of the CRMs names the other's record. `email`: they share an address, and no
    other record of the two CRMs does.
    """

    __tablename__ = "ties"

    record_id: str = Field(primary_key=True, foreign_key="records.id")
    partner_id: str = Field(primary_key=True, foreign_key="records.id")
    because: str  #: `native` or `email`
    since: datetime = instant()


class DoubtRow(Row, table=True):
    """A record whose partner in the other CRM would have to be guessed."""

    __tablename__ = "doubts"

    record_id: str = Field(primary_key=True, foreign_key="records.id")
    why: str  #: `several`, `taken` or `contradicts`
    others: Any = json()  #: internal ids of the records it might be, sorted
    since: datetime = instant()


class AddressRow(Row, table=True):
    """The key of a record's e-mail address, to find the same address in another CRM."""

    __tablename__ = "addresses"

    record_id: str = Field(primary_key=True, foreign_key="records.id")
    key: bytes = Field(index=True)  #: keyed hash of the whole address in one case
    seen_at: datetime = instant()


class SecretRow(Row, table=True):
    """A random secret of this ledger: whoever has none of it cannot guess what was hashed."""

    __tablename__ = "secrets"

    name: str = Field(primary_key=True)  #: what it is for: `addresses`
    secret: bytes
    made_at: datetime = instant()
