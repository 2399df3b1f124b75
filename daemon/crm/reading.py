"""Reads what changed in a CRM and stores it together with the place to read on (transaction 1).

Each stream of each connection has a beat of its own. A CRM that is busy is left alone for as long
as it asked; one that needs a person is tried again once a minute. A page that cannot be stored is
read again: the bookmark moves with the rows or not at all.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from connectors.errors import BadRecord, NeedsOperator, TryLater
from daemon.base.events import Tell
from daemon.leads.priorities import Lanes
from daemon.world.connections.connection import Connection
from daemon.world.connections.poll_schedule import stretch
from daemon.world.world import World
from models.intake.pages import Intake
from routing.facts import AccountSeen, Bookmark, Page, Stream

_PAGES: Final = 20  #: of one stream in one round, so that a long backlog does not starve the others

Learned = Callable[
    [Connection, Stream, Page], object
]  #: what is done with a page once it is stored


class ReadLoop:
    """Polls one connection; one object for all connections, one call for each."""

    def __init__(
        self, world: World, intake: Intake, lanes: Lanes, tell: Tell, *, inbox_most: int
    ) -> None:
        self._world = world
        self._lanes = lanes
        self._inbox_most = inbox_most
        self._full: set[str] = set()  #: connections that are not read on
        self._intake = intake
        self._tell = tell
        self.learned: Learned = index_accounts
        self._said: set[tuple[str, str]] = set()

    def tick(self, connection: Connection, now: datetime, token: int) -> int:
        """Ask every stream that is due; how many versions of leads were new."""
        new = 0
        for stream in connection.poll_schedule.due(now):
            for _ in range(_PAGES):
                if not connection.reads.may_run(now):
                    return new
                if stream is Stream.LEADS and self._is_full(connection):
                    connection.poll_schedule.asked(stream, now, more=False)
                    break
                taken, more = self._page(connection, stream, now, token)
                new += taken
                if not more:
                    break
        return new

    def _page(
        self, connection: Connection, stream: Stream, now: datetime, token: int
    ) -> tuple[int, bool]:
        bookmark = self._intake.bookmark(connection.name, stream) or Bookmark(stream)
        page = self._asked(connection, bookmark, now)
        if page is None:
            return 0, False
        lane_of = self._lanes.of(connection.name, page)
        new = self._intake.take_in(connection.name, page, at=now, token=token, lane_of=lane_of)
        stretched = stretch(connection.connector.budget())
        connection.poll_schedule.asked(stream, now, more=page.more, stretched=stretched)
        if new:
            self._tell.event("leads_seen", connection=connection.name, count=new)
        if page.late and new:
            self._tell.event(
                "leads_seen_late", connection=connection.name, count=min(page.late, new)
            )
        if page.seen or not (page.more or stream in connection.read_once):
            self.learned(connection, stream, page)
        if not page.more:
            connection.read_at[stream] = now
            connection.read_once.add(stream)
            self._tell.polled(connection.name, stream.value)
        return new, page.more

    def _is_full(self, connection: Connection) -> bool:
        """Whether so much waits to be looked at that reading on only makes it more.

        Reading goes on once half of it is done. The bookmark stays: nothing is missed.
        """
        was_full = connection.name in self._full
        waiting = self._intake.waiting(connection.name)
        is_full = waiting >= (self._inbox_most // 2 if was_full else self._inbox_most)
        if is_full and not was_full:
            self._full.add(connection.name)
            self._tell.event("reading_held_back", connection=connection.name, waiting=waiting)
        elif was_full and not is_full:
            self._full.discard(connection.name)
            self._tell.event("reading_goes_on", connection=connection.name, waiting=waiting)
        return is_full

    def _asked(self, connection: Connection, bookmark: Bookmark, now: datetime) -> Page | None:
        try:
            page = connection.connector.changes(bookmark)
        except (TryLater, NeedsOperator) as error:
            self._failed(connection, error, now)
            return None
        except BadRecord as error:
            connection.poll_schedule.asked(bookmark.stream, now, more=False)
            self._unreadable(connection, bookmark.stream, error)
            return None
        if connection.reads.recovered():
            self._tell.event("connection_recovered", connection=connection.name, what="reads")
        return page

    def _unreadable(self, connection: Connection, stream: Stream, error: BadRecord) -> None:
        """Said once for each record: the stream stands there until somebody mends it."""
        key = (connection.name, error.record)
        if key not in self._said:
            self._said.add(key)
            said = {"connection": connection.name, "stream": stream.value, "record": error.record}
            self._tell.alert("record_unreadable", problem=str(error), **said)

    def _failed(
        self, connection: Connection, error: TryLater | NeedsOperator, now: datetime
    ) -> None:
        if not connection.reads.failed(error, now):
            return
        if isinstance(error, NeedsOperator):
            self._tell.alert("connection_stopped", connection=connection.name, problem=str(error))
        else:
            self._tell.event("connection_waits", connection=connection.name, problem=str(error))


def index_accounts(connection: Connection, stream: Stream, page: Page) -> int:
    """Put the accounts of a page into the index; how many."""
    accounts = [seen for seen in page.seen if isinstance(seen, AccountSeen)]
    if stream is Stream.ACCOUNTS:
        for account in accounts:
            connection.index.put(account)
    return len(accounts)
