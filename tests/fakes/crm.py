"""A CRM in a few dicts, with a connector to it: the daemon's unit tests run against this one.

It passes the same contract suite as the real connectors (`tests/contract/crm_contract.py`). Time
is the clock's that is handed in; ids count upwards; nothing is random. Faults are scripted:
`crm.fail(...)` for whole calls, `crm.refuse(...)` for a rep or a record, `crm.lose_reply()` for
a write that lands while its answer does not, `crm.before_write(...)` for a human who is faster.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import ConnectorError
from connectors.port import Budget, Check, Clock, ObjectCheck, OwnerSeen, Swept
from routing.facts.crm import (
    AbsenceSeen,
    AccountSeen,
    Applied,
    Bookmark,
    Effect,
    EffectResult,
    OutcomeSeen,
    Page,
    QueueSeen,
    RecordSeen,
    Seen,
    Stream,
    TouchSeen,
    UserSeen,
)
from tests.fakes.crm_writes import US, FakeWrites

HUMAN = "user-human"
_OWN = {"stage", "email", "company", "account", "same_as"}  #: facts that `RecordSeen` itself has


@dataclass(frozen=True)
class OwnerChange:
    """One line of the CRM's own truth journal."""

    record: str
    before: str | None
    after: str | None
    by: str
    at: datetime


@dataclass
class _Row:
    seen: RecordSeen
    hidden: bool = False


class FakeCrm:
    """The CRM: what its humans do, what it holds, and what it was made to do wrong."""

    def __init__(self, clock: Clock, *, object: str = "sf.lead", owner_field: str = "OwnerId"):
        self.clock = clock
        self.object = object
        self.owner_field = owner_field
        self.history: list[OwnerChange] = []  #: every owner change, by whom, in order
        self.calls: Counter[str] = Counter()  #: how often each method of the port was called
        self.limit = 100_000
        self._rows: dict[str, _Row] = {}
        self._users: dict[str, UserSeen] = {}
        self._log: list[Seen] = []
        self._faults: dict[str, deque[ConnectorError]] = {}
        self._refusals: dict[str, tuple[Applied, str]] = {}
        self._ambush: deque[Callable[[Effect], None]] = deque()
        self._lost = 0
        self._count = 0
        self._edits = 0

    # What the humans do.

    def add_user(self, id: str, **facts: Any) -> str:
        """A user joins."""
        facts = {"active": True, "name": id.title(), "email": f"{id}@acme.test", **facts}
        self._users[id] = UserSeen(id=id, modified_at=self.clock.now(), **facts)
        self._log.append(self._users[id])
        return id

    def deactivate(self, user: str) -> None:
        """A user leaves; what they own stays theirs."""
        self._users[user] = replace(self._users[user], active=False, modified_at=self.clock.now())
        self._log.append(self._users[user])

    def add_queue(self, id: str, name: str, members: Sequence[str] = ()) -> str:
        """A queue that can hold leads."""
        queue = QueueSeen(
            id=id, name=name, label=name.title(), objects=(self.object,), members=tuple(members)
        )
        self._log.append(queue)
        return id

    def add_account(self, id: str, name: str, **facts: Any) -> str:
        """An account, or a new version of it."""
        self._log.append(AccountSeen(id=id, name=name, version=self._stamp(), **facts))
        return id

    def add_absence(self, id: str, user: str, starts_at: datetime, ends_at: datetime) -> str:
        """A user will be away."""
        self._log.append(
            AbsenceSeen(id, user, starts_at=starts_at, ends_at=ends_at, version=self._stamp())
        )
        return id

    def add_lead(
        self, id: str | None = None, *, owner: str | None = None, late: bool = False, **facts: Any
    ) -> str:
        """A lead comes in; `late` ones stay hidden until `show`, with their old stamp.

        Keyword arguments that `RecordSeen` knows (stage, email, company, account) go there, all
        others into its `fields`.
        """
        self._count += 1
        record = id or f"00Q{self._count:012d}AAA"
        own = {key: facts.pop(key) for key in _OWN & facts.keys()}
        fields = {"Id": record, self.owner_field: owner, **facts}
        seen = self._born(record, owner=owner, fields=fields, **own)
        self._rows[record] = _Row(seen, hidden=late)
        if not late:
            self._log.append(seen)
        return record

    def show(self, record: str) -> None:
        """A late lead becomes visible, with the version it had all along."""
        self._rows[record].hidden = False
        self._log.append(self._rows[record].seen)

    def human_sets_owner(self, record: str, owner: str | None, *, by: str = HUMAN) -> None:
        """A human takes a lead or gives it away."""
        self._set_owner(record, owner, by=by, also={})

    def edit(self, record: str, *, by: str = HUMAN, stage: str | None = None, **facts: Any) -> None:
        """A human changes a lead's facts."""
        seen = self._rows[record].seen
        self._store(record, by=by, fields={**seen.fields, **facts}, stage=stage or seen.stage)

    def delete(self, record: str) -> None:
        """A human deletes a lead."""
        self._store(record, by=HUMAN, deleted=True)

    def merge(self, loser: str, winner: str) -> None:
        """A human merges a lead into another one."""
        self._store(loser, by=HUMAN, deleted=True, merged_into=winner)
        self._store(winner, by=HUMAN)

    def convert(self, record: str, to: Mapping[str, str]) -> None:
        """A human converts a lead; `to` names what came of it, object -> id."""
        self._store(record, by=HUMAN, converted=True, converted_to=dict(to))
        self._log.append(
            OutcomeSeen(record, "converted", self.clock.now(), self._stamp(), record=record)
        )

    def add_outcome(self, id: str, kind: str, record: str, **facts: Any) -> str:
        """An opportunity opens, is won, or is lost."""
        self._log.append(
            OutcomeSeen(id, kind, self.clock.now(), self._stamp(), record=record, **facts)
        )
        return id

    def add_touch(self, id: str, kind: str, record: str, by: str) -> str:
        """Somebody acts on a lead."""
        self._log.append(TouchSeen(id, kind, self.clock.now(), by, record, self._stamp()))
        return id

    # What goes wrong.

    def fail(self, call: str, *errors: ConnectorError) -> None:
        """The next calls of this method of the port raise these errors, one each."""
        self._faults.setdefault(call, deque()).extend(errors)

    def refuse(self, id: str, applied: Applied, code: str) -> None:
        """Writes to this record, or giving anything to this user, are refused from now on."""
        self._refusals[id] = (applied, code)

    def accept(self, id: str) -> None:
        """Take a refusal back."""
        self._refusals.pop(id, None)

    def lose_reply(self, times: int = 1) -> None:
        """The next writes land and their answers do not: the connector has to look."""
        self._lost += times

    def before_write(self, act: Callable[[Effect], None]) -> None:
        """Call this once, between the read and the write of the next effect."""
        self._ambush.append(act)

    # What it holds.

    @property
    def owners(self) -> dict[str, str | None]:
        """Who owns what is not deleted."""
        return {id: row.seen.owner for id, row in self._rows.items() if not row.seen.deleted}

    @property
    def writes(self) -> int:
        """Owner changes made through the connector."""
        return sum(change.by == US for change in self.history)

    def record(self, id: str) -> RecordSeen:
        """The record as it stands."""
        return self._rows[id].seen

    def survivor(self, seen: RecordSeen) -> str | None:
        """The record that a merged one ended in, however many merges there were."""
        while seen.merged_into is not None:
            seen = self.record(seen.merged_into)
            if seen.merged_into is None:
                return seen.id
        return None

    def _born(self, record: str, **facts: Any) -> RecordSeen:
        now = self.clock.now()
        return RecordSeen(
            object=self.object,
            id=record,
            version=self._stamp(),
            created_at=now,
            modified_at=now,
            modified_by=HUMAN,
            read_at=now,
            unread_by_owner=True,
            **facts,
        )

    def _stamp(self) -> str:
        self._edits += 1
        return f"{self.clock.now().strftime('%Y-%m-%dT%H:%M:%S.000+0000')}#{self._edits}"

    def _store(self, record: str, *, by: str, **changes: Any) -> None:
        now = self.clock.now()
        row = self._rows[record]
        row.seen = replace(
            row.seen,
            version=self._stamp(),
            modified_at=now,
            modified_by=by,
            read_at=now,
            **changes,
        )
        if not row.hidden:
            self._log.append(row.seen)

    def _set_owner(
        self, record: str, owner: str | None, *, by: str, also: Mapping[str, str]
    ) -> None:
        seen = self._rows[record].seen
        self.history.append(OwnerChange(record, seen.owner, owner, by, self.clock.now()))
        fields = {**seen.fields, self.owner_field: owner, **also}
        self._store(record, by=by, owner=owner, fields=fields, unread_by_owner=True)


_STREAM: dict[type, Stream] = {
    RecordSeen: Stream.LEADS,
    UserSeen: Stream.PEOPLE,
    QueueSeen: Stream.PEOPLE,
    AccountSeen: Stream.ACCOUNTS,
    OutcomeSeen: Stream.OUTCOMES,
    TouchSeen: Stream.TOUCHES,
    AbsenceSeen: Stream.ABSENCES,
}


@dataclass
class FakeConnector:
    """The port, over a `FakeCrm`."""

    crm: FakeCrm
    name: str = "fake"
    since: datetime | None = None
    page: int = 200
    quarantine: timedelta = field(default_factory=timedelta)
    closed: bool = False

    def changes(self, bookmark: Bookmark) -> Page:
        self._called("changes")
        start = int(bookmark.position.get("n", 0))
        log = list(enumerate(self.crm._log[start:], start))
        mine = [(n, seen) for n, seen in log if self._wanted(seen, bookmark.stream)]
        served = mine[: self.page]
        more = len(mine) > len(served)
        reached = served[-1][0] + 1 if more else len(self.crm._log)
        now = self.crm.clock.now()
        return Page(
            seen=tuple(_read_at(seen, now) for _, seen in served),
            bookmark=Bookmark(bookmark.stream, {"n": reached}, safe_until=now),
            more=more,
        )

    def owners_of(self, ids: Sequence[str], *, object: str) -> Mapping[str, OwnerSeen]:
        self._called("owners_of")
        return {id: self._owner_seen(id) for id in ids}

    def apply(self, effects: Sequence[Effect]) -> list[EffectResult]:
        self._called("apply")
        writes = FakeWrites(self.crm, self.quarantine)
        return [writes.apply(effect) for effect in effects]

    def sweep(self, since: datetime) -> Iterator[tuple[Swept, ...]]:
        self._called("sweep")
        rows = [row.seen for row in self.crm._rows.values() if not row.hidden]
        rows = [seen for seen in rows if seen.created_at >= since and not seen.deleted]
        swept = [Swept(s.object, s.id, s.owner, s.version, s.created_at) for s in rows]
        for start in range(0, len(swept), self.page):
            yield tuple(swept[start : start + self.page])

    def unowned_before(self, at: datetime, holders: Sequence[str]) -> int:
        self._called("unowned_before")
        rows = [row.seen for row in self.crm._rows.values() if not row.hidden]
        older = [s for s in rows if s.created_at < at and not (s.deleted or s.converted)]
        return sum(not seen.owner or seen.owner in holders for seen in older)

    def check(self) -> Check:
        self._called("check")
        fields = ("Id", self.crm.owner_field)
        return Check(
            connection=self.name,
            api="fake",
            user=US,
            objects=(ObjectCheck("Lead", needed=True, readable=True, fields=fields),),
            would_write=(f"Lead.{self.crm.owner_field}",),
        )

    def budget(self) -> Budget:
        used = sum(self.crm.calls.values())
        left = max(0, self.crm.limit - used)
        return Budget(used=used, limit=self.crm.limit, own=used, share=1.0, left=left)

    def close(self) -> None:
        self.closed = True

    def _called(self, method: str) -> None:
        self.crm.calls[method] += 1
        faults = self.crm._faults.get(method)
        if faults:
            raise faults.popleft()

    def _wanted(self, seen: Seen, stream: Stream) -> bool:
        if _STREAM[type(seen)] is not stream:
            return False
        if self.since is None or not isinstance(seen, RecordSeen):
            return True
        return seen.modified_at >= self.since

    def _owner_seen(self, id: str) -> OwnerSeen:
        now = self.crm.clock.now()
        row = self.crm._rows.get(id)
        if row is None or row.hidden:
            return OwnerSeen(id, None, "", None, None, read_at=now, deleted=True)
        seen = row.seen
        return OwnerSeen(
            id=id,
            owner=seen.owner,
            version=seen.version,
            modified_at=seen.modified_at,
            modified_by=seen.modified_by,
            read_at=now,
            by_us=seen.modified_by == US,
            may_be_us=seen.modified_by == US,
            converted=seen.converted,
            deleted=seen.deleted,
            merged_into=self.crm.survivor(seen),
        )


def _read_at(seen: Seen, now: datetime) -> Seen:
    return replace(seen, read_at=now) if isinstance(seen, RecordSeen) else seen
