"""What one lead, or a whole batch, wants written: kept in memory, then written table by table.

Nothing is sent while a lead is being decided, so a lead that fails leaves nothing to undo. At
the end each table gets its rows in one call, parents first, in the order in which they came.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import Connection

from models.store.prepared import Values
from models.store.statements import Change, changing, deleting, inserting, putting
from models.tables import Claim, Counter, RecallRow, WaitRow

Book = tuple[bool, str]  #: shadow, pool: where claims sum to zero

_CLAIM_KEYS = ("shadow", "pool", "rep_id")
_ADD_TO_CLAIM = putting(Claim, _CLAIM_KEYS, columns=(), add=("claim",))
_SERVED = changing(Claim, _CLAIM_KEYS, ("served",))
_COUNT_TO = putting(Counter, ("name",), columns=("value",))
_STOP_WAITING = deleting(WaitRow, ("lead_id",))
_WAIT = inserting(WaitRow)
_STOP_RECALLING = deleting(RecallRow, ("lead_id",))
_RECALL = inserting(RecallRow)


def counter_of(*, shadow: bool) -> str:
    """The counter that holds the sequence of decisions."""
    return "decisions.shadow" if shadow else "decisions"


@dataclass(slots=True)
class Writes:
    """Rows to write, and changes that add up: claims, places in line, the last sequence."""

    changes: list[tuple[Change, Values]] = field(default_factory=list)
    claims: dict[Book, dict[str, int]] = field(default_factory=dict)  #: what to add, by rep
    served: dict[Book, dict[str, int]] = field(default_factory=dict)  #: last turn, by rep
    waits: dict[str, Values | None] = field(default_factory=dict)  #: by lead; None: waits no more
    recall: dict[str, Values | None] = field(default_factory=dict)
    sequences: dict[bool, int] = field(default_factory=dict)  #: by shadow: the last one given

    def add(self, change: Change, row: Values) -> None:
        """One more row."""
        self.changes.append((change, row))

    def charge(
        self, *, shadow: bool, pool: str, amounts: Mapping[str, int], served: str | None, at: int
    ) -> None:
        """Move claims; `served` had a turn at this sequence."""
        self._add_claims((shadow, pool), amounts)
        if served is not None:
            self.claims[shadow, pool].setdefault(served, 0)
            self.served.setdefault((shadow, pool), {})[served] = at

    def forget(self, lead: str) -> None:
        """The lead neither waits nor is to be recalled."""
        self.waits[lead] = None
        self.recall[lead] = None

    def absorb(self, other: "Writes") -> None:
        """Everything of another, after all of this."""
        self.changes += other.changes
        for book, amounts in other.claims.items():
            self._add_claims(book, amounts)
        for book, turns in other.served.items():
            self.served.setdefault(book, {}).update(turns)
        self.waits |= other.waits
        self.recall |= other.recall
        self.sequences |= other.sequences

    def flush(self, connection: Connection) -> None:
        """Write it all: each table's rows in the order they came, parents' tables first."""
        in_order = sorted(self.changes, key=lambda each: each[0].rank)
        for change, rows in groupby(in_order, key=lambda each: each[0]):
            change.run(connection, [row for _, row in rows])
        self._flush_claims(connection)
        _flush_places(connection, self.waits, (_STOP_WAITING, _WAIT))
        _flush_places(connection, self.recall, (_STOP_RECALLING, _RECALL))
        _COUNT_TO.run(
            connection,
            [
                {"name": counter_of(shadow=shadow), "value": value}
                for shadow, value in sorted(self.sequences.items())
            ],
        )

    def _add_claims(self, book: Book, amounts: Mapping[str, int]) -> None:
        claims = self.claims.get(book)
        if claims is None:
            self.claims[book] = dict(amounts)
            return
        for rep, units in amounts.items():
            claims[rep] = claims.get(rep, 0) + units

    def _flush_claims(self, connection: Connection) -> None:
        added = [
            {"shadow": shadow, "pool": pool, "rep_id": rep, "claim": units, "served": 0}
            for (shadow, pool), amounts in sorted(self.claims.items())
            for rep, units in sorted(amounts.items())
        ]
        turns = [
            {"key_shadow": shadow, "key_pool": pool, "key_rep_id": rep, "served": sequence}
            for (shadow, pool), served in sorted(self.served.items())
            for rep, sequence in sorted(served.items())
        ]
        _ADD_TO_CLAIM.run(connection, added)
        _SERVED.run(connection, turns)


def _flush_places(
    connection: Connection, places: Mapping[str, Values | None], changes: tuple[Change, Change]
) -> None:
    leave, enter = changes
    leave.run(connection, [{"key_lead_id": lead} for lead in places])
    enter.run(connection, [place for place in places.values() if place is not None])
