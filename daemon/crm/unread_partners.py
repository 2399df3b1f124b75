"""Asks a CRM who owns records that only the other CRM has named so far.

A contact may be the same person as a lead from before routing began, which is never read. Whoever
has that lead keeps the person; without asking, we would give the contact to a rep, and the sync
would carry that over a colleague's head. Asked while the person waits for their record there.
"""

from datetime import datetime, timedelta
from typing import Final

from connectors.errors import ConnectorError
from daemon.base.events import Tell
from daemon.world.connections.connection import Connection
from daemon.world.world import World
from models.intake.unread_partners import Unread
from routing.facts import KnownBy
from routing.life.register import Register

_EVERY: Final = timedelta(seconds=5)
_FOR: Final = timedelta(minutes=15)  #: who was named longer ago was asked about often enough


class UnreadPartners:
    """One question per connection and beat."""

    def __init__(self, world: World, unread: Unread, tell: Tell) -> None:
        self._world = world
        self._unread = unread
        self._tell = tell
        self._next: dict[str, datetime] = {}

    def tick(self, connection: Connection, now: datetime, token: int) -> int:
        """Ask, where that is due; how many records were asked about."""
        pairing = self._world.pairing
        if pairing is None or connection.name not in pairing.connections:
            return 0
        if now < self._next.get(connection.name, now):
            return 0
        self._next[connection.name] = now + _EVERY
        named = self._unread.records(connection.name, named_since=now - _FOR)
        registers: dict[str, Register] = {}
        for object_ in sorted({key.object for key in named.values()}):
            ids = {key.crm_id: record for record, key in named.items() if key.object == object_}
            try:
                found = connection.connector.owners_of(sorted(ids), object=object_)
            except ConnectorError as error:
                said = {"connection": connection.name, "problem": str(error)}
                self._tell.event("partners_not_asked", **said)
                return 0
            registers |= {
                ids[crm_id]: Register(each.owner, each.modified_at, each.read_at, KnownBy.NAMED)
                for crm_id, each in found.items()
                if each.version and each.modified_at is not None
            }
        if registers:
            self._unread.owned(registers, token=token)
        return len(registers)
