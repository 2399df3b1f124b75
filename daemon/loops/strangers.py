"""Owner ids that the CRM itself does not know: a user or a queue that no longer exists.

A colleague who joined a minute ago looks the same at first, so an unknown id is waited for: only
when people were asked for again, a while after it was seen, and it is still nobody, does it count
as somebody who left. Then there is one alert, and the route says whether it takes the leads.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from daemon.loops.end import End, World
from daemon.loops.notes import Tell
from daemon.settings import Mode
from models.reading import Reading
from routing.facts import Stream

_PATIENCE: Final = timedelta(seconds=60)  #: a new user may become visible so late
_ADVICE: Final = (
    "Neither a user nor a queue that this key can see. Its leads are treated as those of somebody "
    "who left. If it is hidden from the key, grant the right to see it, or name it under "
    "placeholders; with takes_from: {inactive: false} such leads are left alone."
)


class Strangers:
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
        for end in self._world.working():
            for owner in self._reading.strays(end.name):
                end.strangers.setdefault(owner, now)
        self._remembered = token

    def gone(self, look_anew: Callable[[], object]) -> Iterable[str]:
        """Leads whose owner turned out to be nobody; `look_anew` puts that in force."""
        found = {end.name: nobody for end in self._world.working() if (nobody := _nobody(end))}
        if not found:
            return ()
        with self._world.lock:
            look_anew()
        return [lead for name, owners in found.items() for lead in self._orphaned(name, owners)]

    def _orphaned(self, connection: str, owners: list[str]) -> Iterable[str]:
        end, held = self._world.ends[connection], self._reading.strays(connection)
        for owner in owners:
            leads = held.get(owner, ())
            said = {"connection": connection, "owner": owner, "leads": len(leads)}
            self._tell.alert("owner_unknown", advice=_ADVICE, **said)
            known = self._reading.leads(tuple(leads))
            is_shadow = end.mode is not Mode.LIVE  # a lead decided there is still with its owner
            yield from (lead for lead in leads if not (is_shadow and known[lead].last))


def _nobody(end: End) -> list[str]:
    """Who is still unknown, now that people were asked for late enough; they are noted as such."""
    asked_at = end.read_at.get(Stream.PEOPLE)
    if asked_at is None:
        return []
    late = [owner for owner, since in [*end.strangers.items()] if since + _PATIENCE <= asked_at]
    for owner in late:
        del end.strangers[owner]
    nobody = [owner for owner in late if end.holders.is_stranger(owner)]
    end.nobodies.update(nobody)
    return nobody
