"""What operators ask for: any process may append a request; the lease's holder does it.

A request that was claimed by a process that died is open still and is claimed again, so doing
one must be repeatable until its answer is stored, which happens with what was done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select

from models.journal.entries import Actor, Channel
from models.store.ids import InternalIds
from models.store.statements import changing, inserting
from models.store.transactions import Store
from models.store.writes import Writes
from models.tables import RequestRow

_ASK = inserting(RequestRow)
_CLAIM = changing(RequestRow, ("id",), ("state", "claimed_at"))
_FINISH = changing(RequestRow, ("id",), ("state", "finished_at", "answer"))


class RequestState(StrEnum):
    """Where a request stands. Add, never rename."""

    ASKED = "asked"
    CLAIMED = "claimed"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request."""

    done: bool  #: False: refused; `said` holds why
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands."""

    id: str
    kind: str
    arguments: Mapping[str, Any]
    actor: Actor
    state: RequestState
    asked_at: datetime
    answer: Mapping[str, Any] | None = None


def finished(writes: Writes, request: str, *, answer: Answer, at: datetime) -> None:
    """Store an answer with what was done."""
    state = RequestState.DONE if answer.done else RequestState.REFUSED
    writes.add(
        _FINISH,
        {"key_id": request, "state": state, "finished_at": at, "answer": dict(answer.said)},
    )


class Requests:
    """The queue of requests."""

    def __init__(self, store: Store, ids: InternalIds) -> None:
        self._store = store
        self._ids = ids

    def ask(self, kind: str, arguments: Mapping[str, Any], *, actor: Actor, at: datetime) -> str:
        """Append a request, from any process; its id."""
        request = self._ids.new("q")
        row = {
            "id": request,
            "kind": kind,
            "arguments": dict(arguments),
            "actor": actor.name,
            "on_behalf_of": actor.on_behalf_of,
            "channel": actor.channel,
            "state": RequestState.ASKED,
            "asked_at": at,
            "claimed_at": None,
            "finished_at": None,
            "answer": None,
        }
        with self._store.append() as connection:
            _ASK.run(connection, [row])
        return request

    def claim(self, *, limit: int, at: datetime, token: int) -> tuple[Request, ...]:
        """Mark the oldest open requests as being done, those of a dead predecessor included."""
        c = RequestRow.__table__.c
        query = (
            select(RequestRow.__table__).where(c.finished_at.is_(None)).order_by(c.seq).limit(limit)
        )
        with self._store.write(token) as connection:
            found = tuple(_request(row) for row in connection.execute(query))
            _CLAIM.run(
                connection,
                [
                    {"key_id": each.id, "state": RequestState.CLAIMED, "claimed_at": at}
                    for each in found
                ],
            )
        return found

    def finish(self, request: str, answer: Answer, *, at: datetime, token: int) -> None:
        """Store an answer on its own; see `Batch.answered` for one with what was done."""
        writes = Writes()
        finished(writes, request, answer=answer, at=at)
        with self._store.write(token) as connection:
            writes.flush(connection)

    def get(self, request: str) -> Request | None:
        """A request as it stands; who asked waits on this."""
        c = RequestRow.__table__.c
        with self._store.read() as connection:
            row = connection.execute(
                select(RequestRow.__table__).where(c.id == request)
            ).one_or_none()
        return None if row is None else _request(row)

    def any_open(self) -> bool:
        """Whether anything is asked for: one look at an index."""
        c = RequestRow.__table__.c
        with self._store.read() as connection:
            query = select(c.seq).where(c.finished_at.is_(None)).limit(1)
            return connection.execute(query).first() is not None


def _request(row: Row[Any]) -> Request:
    return Request(
        id=row.id,
        kind=row.kind,
        arguments=row.arguments,
        actor=Actor(row.actor, row.on_behalf_of, Channel(row.channel)),
        state=RequestState(row.state),
        asked_at=row.asked_at,
        answer=row.answer,
    )
