"""What can be written about a lead whose person has records in two CRMs.

A tie, a doubt, an address; a lead that turns out to be another one; an owner seen on a record that
does not carry the lead; a write that is owed beside an assignment. All of it joins the rows of the
lead at hand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.journal.entries import ENTER, Entry, EntryKind, row_of
from models.leads.acts import NewEffect, OwnerSeen
from models.leads.known import KnownLead, Lane
from models.leads.pairs import Because, Doubt
from models.leads.rows import owed_row, ownership_row
from models.store.prepared import Values
from models.store.statements import (
    OWNERSHIP_MOVES,
    RECORDS_MOVE,
    WITHDRAW_ONE,
    changing,
    deleting,
    inserting,
    putting,
)
from models.store.writes import Writes
from models.tables import AddressRow, DoubtRow, EffectRow, LeadRow, OwnershipRow, TieRow
from routing.canonical import Json

JOINED = "joined"  #: why a lead is not routed any more that turned out to be another one's person

_TIE = putting(TieRow, ("record_id", "partner_id"), columns=("because",))
_DOUBT = putting(DoubtRow, ("record_id",), columns=("why", "others", "since"))
_SETTLED = deleting(DoubtRow, ("record_id",))
_ADDRESS = putting(AddressRow, ("record_id",), columns=("key", "seen_at"))
_NO_ADDRESS = deleting(AddressRow, ("record_id",))
_CLOSED = changing(LeadRow, ("id",), ("open", "passed_over", "closed_at"))
_CARRIED = changing(
    LeadRow, ("id",), ("connection", "record_id", "owner_rep", "holder", "stage", "open")
)
_HELD = changing(LeadRow, ("id",), ("owner_rep", "holder"))
_OWNERSHIP = inserting(OwnershipRow)
_EFFECT = inserting(EffectRow)


@dataclass(frozen=True, slots=True)
class PairWriter:
    """Gathers rows about one lead's pair."""

    lead: str
    writes: Writes
    at: datetime

    def tied(self, record: str, partner: str, because: Because) -> None:
        """Two records are one person; whatever was in doubt about them is not any more."""
        for one, other in ((record, partner), (partner, record)):
            row = {"record_id": one, "partner_id": other, "because": because, "since": self.at}
            self.writes.add(_TIE, row)
            self.writes.add(_SETTLED, {"key_record_id": one})

    def doubted(self, doubt: Doubt) -> None:
        """Nobody can tell which record is the partner."""
        row = {"record_id": doubt.record, "why": doubt.why, "others": doubt.others}
        self.writes.add(_DOUBT, {**row, "since": self.at})
        about: dict[str, Json] = {"record": doubt.record, "why": doubt.why.value}
        about |= {"others": list(doubt.others)}
        self._enter(EntryKind.PAIR_AMBIGUOUS, about)

    def addressed(self, record: str, key: bytes | None) -> None:
        """The record bears this address now, or none."""
        if key is None:
            self.writes.add(_NO_ADDRESS, {"key_record_id": record})
        else:
            row = {"record_id": record, "key": key, "seen_at": self.at}
            self.writes.add(_ADDRESS, row)

    def absorbed(self, other: KnownLead, *, because: str) -> None:
        """Another lead turned out to be this one: it is closed, and its records are this one's."""
        closed = {"open": False, "passed_over": JOINED, "closed_at": self.at}
        self.writes.add(_CLOSED, {"key_id": other.id, **closed})
        for moving in (RECORDS_MOVE, OWNERSHIP_MOVES):
            self.writes.add(moving, {"key_lead_id": other.id, "lead_id": self.lead})
        self.writes.forget(other.id)
        about: dict[str, Json] = {"lead": self.lead, "absorbed": other.id, "why": because}
        self._enter(EntryKind.LEAD_JOINED, about)
        self._enter(EntryKind.LEAD_JOINED, about, subject=other.id)

    def carried(self, by: KnownLead) -> None:
        """The record that carried the other lead carries this one from now on."""
        names = ("connection", "owner_rep", "holder", "stage", "open")
        moved: Values = {name: getattr(by, name) for name in names}
        self.writes.add(_CARRIED, {"key_id": self.lead, **moved, "record_id": by.record})

    def held(self, rep: str | None, holder: str | None) -> None:
        """The lead is with whoever has the other record."""
        self.writes.add(_HELD, {"key_id": self.lead, "owner_rep": rep, "holder": holder})

    def owner_seen(self, seen: OwnerSeen) -> None:
        """A record that does not carry the lead has another owner: history, and an entry."""
        self.writes.add(_OWNERSHIP, ownership_row(self.lead, seen, self.at))
        about: dict[str, Json] = {"record": seen.record, "rep": seen.rep, "ours": seen.ours}
        self._enter(EntryKind.OWNERSHIP, {**about, "decision": seen.decision, "carries": False})

    def owed(self, of: tuple[str, Lane], effect: NewEffect, ids: tuple[str, str | None]) -> None:
        """A decision owes one write more; `ids` are its own, and of the effect it depends on."""
        decision, lane = of
        row = owed_row((decision, self.lead, lane), effect, ids=ids, at=self.at)
        self.writes.add(_EFFECT, row)

    def withdrawn(self, effects: Iterable[str]) -> None:
        """These writes are not wanted any more; one that left already is not called back."""
        for effect in effects:
            self.writes.add(WITHDRAW_ONE, {"key_id": effect, "settled_at": self.at})

    def _enter(
        self, kind: EntryKind, about: Mapping[str, Json], *, subject: str | None = None
    ) -> None:
        entry = Entry(kind, subject or self.lead, about)
        self.writes.add(ENTER, row_of(entry, self.at))
