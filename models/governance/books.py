"""Leads that were put off in shadow, once their connection is live.

Live and shadow keep separate books. A lead that waits was not decided, so it goes on waiting in the
live book, or nobody would look at it again. A lead that fell back in shadow was decided and never
moved: in the live book it would be recalled from a queue it is not in, so it is left where it is,
like all that shadow decided. What was put off live waits in its book until the connection is live
again, however long it is in shadow meanwhile.
"""

from sqlalchemy import Connection, delete, select, update

from models.tables import LeadRow, RecallRow, WaitRow


def went_live(database: Connection, connection: str) -> None:
    """Take what a connection's leads wait for over into the live book; changes nothing twice."""
    lead, waits, recall = LeadRow.__table__, WaitRow.__table__, RecallRow.__table__
    of_connection = select(lead.c.id).where(lead.c.connection == connection)
    put_off = update(waits).where(waits.c.shadow, waits.c.lead_id.in_(of_connection))
    database.execute(put_off.values(shadow=False))
    database.execute(delete(recall).where(recall.c.shadow, recall.c.lead_id.in_(of_connection)))
