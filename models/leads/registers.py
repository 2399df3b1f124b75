"""Registers as rows: who owns a record by the newest version, read with the record and put back."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, select

from models.store.prepared import Values
from models.store.statements import putting, rows_among
from models.tables import Record, RegisterRow
from routing.facts import KnownBy
from routing.life.register import OWNER, Register, SetBy

_r = RegisterRow.__table__.c
_COLUMNS = ("owner", "version_at", "read_at", "known_by", "set_by", "decision_id")
_LABELLED = tuple(_r[name].label(f"register_{name}") for name in _COLUMNS)
#: Which register is a record's own owner.
OF_RECORD = and_(_r.record_id == Record.__table__.c.id, _r.slot == OWNER)
_REGISTERS = select(_r.record_id, *_LABELLED).where(
    _r.slot == OWNER, _r.record_id.in_(bindparam("values", expanding=True))
)
#: A register that is there holds the new value from now on.
REGISTER = putting(RegisterRow, ("record_id", "slot"), columns=_COLUMNS)


def with_register(query: Select[Any]) -> Select[Any]:
    """A query over records with the register of each beside its row; see `register_of`."""
    return query.add_columns(*_LABELLED).join(RegisterRow.__table__, OF_RECORD, isouter=True)


def register_of(row: Row[Any]) -> Register | None:
    """The register beside a record; None where nobody has asked its CRM yet."""
    if row.register_version_at is None:
        return None
    return Register(
        owner=row.register_owner,
        version_at=row.register_version_at,
        read_at=row.register_read_at,
        known_by=KnownBy(row.register_known_by),
        set_by=SetBy(row.register_set_by),
        decision=row.register_decision_id,
    )


def registers_of(connection: Connection, records: Iterable[str]) -> dict[str, Register]:
    """The register of each of these records, by internal id."""
    return {
        row.record_id: register
        for row in rows_among(connection, _REGISTERS, sorted(set(records)))
        if (register := register_of(row)) is not None
    }


def register_row(record: str, register: Register) -> Values:
    """A register as a row of its table."""
    return {
        "record_id": record,
        "slot": OWNER,
        "owner": register.owner,
        "version_at": register.version_at,
        "read_at": register.read_at,
        "known_by": register.known_by.value,
        "set_by": register.set_by.value,
        "decision_id": register.decision,
    }
