"""Owner ids that the CRM does not show us: somebody hidden from our key, or nobody any more.

A colleague who joined a minute ago looks the same at first, so an unknown id is waited for: only
when people were asked for again, a while after it was seen, and it is still unknown, there is one
alert. The lead is left alone: whoever we cannot see may be a human at work, and nobody overwrites
a human.
"""

from datetime import datetime, timedelta
from typing import Final

from daemon.base.events import Tell
from daemon.world.connections.connection import Connection
from daemon.world.world import World
from models.reports.lookups import Reading
from routing.facts import Stream

_PATIENCE: Final = timedelta(seconds=60)  #: a new user may become visible so late
_ADVICE: Final = (
    "Neither a user nor a queue that this key can see; its leads are left alone. Grant the right "
    "to see users and queues, name the id under placeholders, or give the leads to somebody."
)


class UnknownOwners:
    """Waits for unknown owners to become known, and says so where they do not."""

    def __init__(self, world: World, reading: Reading, tell: Tell) -> None:
        self._world = world
        self._reading = reading
        self._tell = tell
        self._remembered: int | None = None  #: the token under which the ledger was asked

    def remember(self, now: datetime, token: int) -> None:
        """Once a lease: what the last process saw and did not come to an end with."""
        if self._remembered == token:
            return
        for connection in self._world.working():
            for owner in self._reading.strays(connection.name):
                connection.unknown_owners.setdefault(owner, now)
        self._remembered = token

    def tell(self) -> None:
        """One alert for each owner that stayed unknown."""
        for connection in self._world.working():
            owners = _still_unknown(connection)
            held = self._reading.strays(connection.name) if owners else {}
            for owner in owners:
                said = {
                    "connection": connection.name,
                    "owner": owner,
                    "leads": len(held.get(owner, ())),
                }
                self._tell.alert("owner_unknown", advice=_ADVICE, **said)


def _still_unknown(connection: Connection) -> list[str]:
    """Who is unknown still, now that people were asked for late enough; each comes up once."""
    asked_at = connection.read_at.get(Stream.PEOPLE)
    if asked_at is None:
        return []
    late = [
        owner for owner, since in connection.unknown_owners.items() if since + _PATIENCE <= asked_at
    ]
    for owner in late:
        del connection.unknown_owners[owner]
    unknown = [owner for owner in late if connection.holders.is_unknown_owner(owner)]
    new = [owner for owner in unknown if owner not in connection.told_of]
    connection.told_of.update(new)
    return new
