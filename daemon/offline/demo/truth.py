"""What really happened in the CRMs beside what the ledger says: lost, doubled, overwritten.

The CRMs' side is the simulator's truth journals, which no client can read or write over the wire;
the ledger's side is one row per record and write. Nothing is asked of the daemon. A lead counts
as lost when the ledger has no row for it, when its owner was decided and is not settled, or when
the ledger says `confirmed` and the CRM never had that owner; as doubled when we changed its owner
more often than the ledger decided; as overwritten when our write replaced an owner that the
decision had not seen, or an active colleague whom nobody had agreed to replace.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_WRITTEN = ("confirmed", "conflict", "refused_by_crm", "dead", "superseded")
_SETTLED = (*_WRITTEN, "waiting", "not_routed")  #: the last two where nothing is to be written
_MADE_OWNER = ("created", "owner_changed")
_END = ("deleted", "merged", "converted")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What the ledger says of one record and, where it was owed an owner, of one write."""

    record: str  #: the record's CRM id
    state: str  #: the write's, or the lead's: `waiting`, `not_routed`, `undecided`
    decision: str | None = None
    expected: str | None = None  #: CRM id of the owner that the decision saw
    value: str | None = None  #: CRM id of the owner it wanted written; None: nothing to write
    agreed: bool = False  #: a colleague may lose it: an operator asked, or they are the fallback


@dataclass(frozen=True, slots=True)
class Truth:
    """The verdict. `details` holds one sentence per finding, in the order of the records."""

    lost: int = 0
    doubled: int = 0
    overwritten: int = 0
    details: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled or overwritten."""
        return not (self.lost or self.doubled or self.overwritten)


@dataclass(slots=True)
class _Record:
    """One record's life in the CRM."""

    owners: list[str | None] = field(default_factory=list)  #: everyone who ever held it
    ours: list[tuple[str | None, str | None, bool]] = field(default_factory=list)
    #: our changes: before, after, whether `before` was an active colleague then
    ended: bool = False


def check_truth(
    journal: Iterable[Mapping[str, Any]],
    ledger: Iterable[LedgerRow],
    *,
    ours: Collection[str],
    objects: Collection[str] = ("Lead",),
    people: Collection[str] = (),
) -> Truth:
    """Compare a truth journal with the ledger.

    Args:
        journal: The simulator's entries as plain mappings, oldest first.
        ledger: A row for every record the ledger knows, one per write where it has several.
        ours: The `client` names under which Signalbox wrote.
        objects: The CRM's names of the routed objects; entries about others are passed over.
        people: CRM ids of users who were active when the journal began.

    Returns:
        How many records were lost, doubled or overwritten, and one sentence for each.
    """
    records = _lives(journal, frozenset(ours), frozenset(objects), set(people))
    rows: dict[str, list[LedgerRow]] = {}
    for row in ledger:
        rows.setdefault(row.record, []).append(row)
    found: Counter[str] = Counter()
    details: list[str] = []
    for record, life in sorted(records.items()):
        for kind, what in _judged(life, rows.get(record, [])):
            found[kind] += 1
            details.append(f"{record} {kind}: {what}")
    return Truth(found["lost"], found["doubled"], found["overwritten"], tuple(details))


def _lives(
    journal: Iterable[Mapping[str, Any]],
    ours: frozenset[str],
    objects: frozenset[str],
    active: set[str],
) -> dict[str, _Record]:
    records: dict[str, _Record] = {}
    for entry in journal:
        what, subject = str(entry["what"]), str(entry["id"])
        if what == "active_changed":
            (active.add if entry["after"] else active.discard)(subject)
        if entry["sobject"] not in objects:
            continue
        if what in _END and subject in records:
            records[subject].ended = True
        if what not in _MADE_OWNER:
            continue
        life = records.setdefault(subject, _Record())
        life.owners.append(entry["after"])
        if what == "owner_changed" and entry["client"] in ours and not entry.get("rule"):
            before = entry["before"]
            life.ours.append((before, entry["after"], before in active))
    return records


def _judged(life: _Record, rows: Sequence[LedgerRow]) -> Iterable[tuple[str, str]]:
    lost = _why_lost(life, rows)
    if lost is not None:
        yield "lost", lost
    decided = {row.decision for row in rows if row.value is not None}
    if len(life.ours) > len(decided):
        yield "doubled", f"we changed its owner {len(life.ours)} times for {len(decided)} decisions"
    overwritten = _why_overwritten(life, rows)
    if overwritten is not None:
        yield "overwritten", overwritten


def _why_lost(life: _Record, rows: Sequence[LedgerRow]) -> str | None:
    if life.ended:
        return None
    if not rows:
        return "the ledger never heard of it"
    for row in rows:
        if row.state not in _SETTLED:
            return f"the ledger left it {row.state}"
        if row.state == "confirmed" and row.value is not None and row.value not in life.owners:
            return f"the ledger says {row.value} was written, which the CRM never had"
    return None


def _why_overwritten(life: _Record, rows: Sequence[LedgerRow]) -> str | None:
    wanted = Counter((row.expected, row.value) for row in rows)
    agreed = {(row.expected, row.value) for row in rows if row.agreed}
    for before, after, colleague in life.ours:
        change = (before, after)
        if wanted[change] <= 0:
            return f"we replaced {before} by {after}, which no decision had seen"
        wanted[change] -= 1
        if colleague and change not in agreed:
            return f"we took it from {before}, who is active, and gave it to {after}"
    return None
