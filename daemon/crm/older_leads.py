"""Counts the leads that are older than where routing begins and with nobody: once a day.

Nothing old is routed by itself, so somebody has to be told that it is there. The count is the
CRM's own, asked for once people are known, and `status` shows the last one.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from connectors.errors import ConnectorError
from daemon.base.events import Tell
from daemon.world.connections.connection import Connection
from daemon.world.world import World
from models.store.jobs import FAILED, Jobs
from routing.facts import Stream

OLDER: Final = "older_unowned."  #: before a connection's name: the job whose outcome is the count
_TRY_AGAIN: Final = timedelta(minutes=10)


class OlderLeads:
    """Asks each connection once a day, and at the first start."""

    def __init__(self, world: World, jobs: Jobs, tell: Tell) -> None:
        self._world = world
        self._jobs = jobs
        self._tell = tell
        self._next: dict[str, datetime] = {}

    def tick(self, connection: Connection, now: datetime, token: int) -> None:
        """Count, where that is due."""
        if Stream.PEOPLE not in connection.read_once or now < self._next.get(connection.name, now):
            return
        job, period = f"{OLDER}{connection.name}", now.date().isoformat()
        self._next[connection.name] = now + _TRY_AGAIN
        if not self._jobs.start(job, period, at=now, token=token):
            return
        outcome = self._count(connection)
        self._jobs.end(job, period, outcome=outcome, at=now, token=token)

    def _count(self, connection: Connection) -> str:
        try:
            found = connection.connector.unowned_before(
                connection.routes_from, [*self._nobody(connection)]
            )
        except ConnectorError as error:
            said = {"connection": connection.name, "problem": str(error)}
            self._tell.event("older_leads_not_counted", **said)
            return FAILED
        advice = "Signalbox leaves them alone: they were created before it began to route."
        self._tell.event(
            "older_leads_counted", connection=connection.name, leads=found, advice=advice
        )
        return str(found)

    def _nobody(self, connection: Connection) -> Iterator[str]:
        """Owner ids that hold leads for nobody: queues, placeholders, and who is inactive."""
        holders, staff = connection.holders, self._world.live.staff.reps
        yield from holders.queues
        yield from holders.placeholders
        yield from holders.departed
        yield from (
            user for rep, user in holders.users.items() if rep in staff and not staff[rep].active
        )
