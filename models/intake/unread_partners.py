"""Records that one CRM names and the other has not shown us yet: known by their id alone.

Reading begins where routing begins, so that a record from before may never be read. Who owns it
counts all the same: a colleague who has the person there keeps them.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from models.leads.known import RecordKey
from models.leads.registers import REGISTER, register_row
from models.store.transactions import Store
from models.tables import Record, TieRow
from routing.life.register import Register

_MOST = 100


class Unread:
    """Finds them, and keeps who owns them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def records(self, connection: str, *, named_since: datetime) -> dict[str, RecordKey]:
        """By internal id, those that were named since an instant, oldest first."""
        record, tie = Record.__table__.c, TieRow.__table__.c
        query = (
            select(record.id, record.object, record.crm_id)
            .join_from(Record.__table__, TieRow.__table__, tie.record_id == record.id)
            .where(tie.since >= named_since, record.version == "")
            .where(record.connection == connection, record.deleted.is_(False))
            .order_by(tie.since, record.id)
            .limit(_MOST)
        )
        with self._store.read() as database:
            return {
                row.id: RecordKey(connection, row.object, row.crm_id)
                for row in database.execute(query)
            }

    def owned(self, registers: Mapping[str, Register], *, token: int) -> None:
        """Keep the owners, of those that are still unread."""
        record = Record.__table__.c
        query = select(record.id).where(record.id.in_(sorted(registers)), record.version == "")
        with self._store.write(token) as database:
            unread = sorted(database.scalars(query))
            REGISTER.run(database, [register_row(each, registers[each]) for each in unread])
