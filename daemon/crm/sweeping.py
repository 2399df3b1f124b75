"""Compares the CRM with the ledger, record by record: no lead may have been missed.

A record that the ledger does not know, or knows with another owner, is looked at again a little
later: it may just be on its way. What is still missing then was missed by reading, and reading
begins again from the start of the connection; the inbox sorts out what it has seen before.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from connectors.errors import ConnectorError
from connectors.port import Swept
from daemon.base.events import Tell
from daemon.world.connections.connection import Connection
from models.leads.known import RecordKey
from models.ledger import Ledger
from routing.facts import Bookmark, Stream

_LOOK_AGAIN: Final = timedelta(seconds=60)
_MOST: Final = 10_000  #: differences that are followed up; more say the same


class ReconcileLoop:
    """One sweep per connection, and a second look at what differed."""

    def __init__(self, ledger: Ledger, tell: Tell) -> None:
        self._ledger = ledger
        self._tell = tell
        self._doubtful: dict[str, tuple[datetime, dict[RecordKey, str | None]]] = {}

    def sweep(self, connection: Connection, now: datetime) -> int:
        """Read ids and owners of everything since `route_from`; how many differ."""
        if connection.name in self._doubtful:
            return 0  # the second look at the last sweep comes first
        doubtful: dict[RecordKey, str | None] = {}
        total = 0
        try:
            for page in connection.connector.sweep(connection.route_from):
                total += len(page)
                doubtful |= self._differing(connection, page)
                if len(doubtful) > _MOST:
                    break
        except ConnectorError as error:
            self._tell.event("sweep_broken_off", connection=connection.name, problem=str(error))
            return 0
        self._tell.event("swept", connection=connection.name, records=total, differ=len(doubtful))
        if doubtful:
            self._doubtful[connection.name] = (now + _LOOK_AGAIN, doubtful)
        return len(doubtful)

    def tick(self, connection: Connection, now: datetime, token: int) -> int:
        """The second look, when it is due; how many records were missed."""
        due = self._doubtful.get(connection.name)
        if due is None or now < due[0]:
            return 0
        del self._doubtful[connection.name]
        known = self._ledger.reading.records(tuple(due[1]))
        missed = [key for key in due[1] if key not in known]
        strayed = [
            key for key, owner in due[1].items() if key in known and known[key].owner != owner
        ]
        strayed = self._still_other(connection, strayed)
        if missed or strayed:
            self._tell.alert(
                "records_missed", connection=connection.name, count=len(missed), owners=len(strayed)
            )
            start = Bookmark(Stream.LEADS)
            self._ledger.intake.bookmark_moved(connection.name, start, at=now, token=token)
        return len(missed) + len(strayed)

    def _differing(
        self, connection: Connection, page: Iterable[Swept]
    ) -> dict[RecordKey, str | None]:
        owners = {RecordKey(connection.name, each.object, each.id): each.owner for each in page}
        known = self._ledger.reading.records(tuple(owners))
        return {
            key: owner
            for key, owner in owners.items()
            if key not in known or known[key].owner != owner
        }

    def _still_other(self, connection: Connection, keys: list[RecordKey]) -> list[RecordKey]:
        """Those whose owner in the CRM is another than in the ledger at this moment."""
        still: list[RecordKey] = []
        for object in sorted({key.object for key in keys}):
            mine = [key for key in keys if key.object == object][:2000]
            try:
                now = connection.connector.owners_of([key.crm_id for key in mine], object=object)
            except ConnectorError:
                return still
            known = self._ledger.reading.records(tuple(mine))
            still += [
                key
                for key in mine
                if key.crm_id in now
                and not now[key.crm_id].deleted
                and key in known
                and now[key.crm_id].owner != known[key].owner
            ]
        return still
