"""What the demo came to: counts by the ledger, times by the CRM's own journal, and the check."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daemon.demo.truth import LedgerRow, Truth, check_truth
from models.roll import RollRow
from routing.facts import Cause
from routing.rotation import LEAD
from routing.state import State

_SETTLED = ("confirmed", "conflict", "dead", "waiting", "not_routed")
_PERCENTILES = (50, 99)


@dataclass(frozen=True, slots=True)
class Witness:
    """What the CRM's own journal says, from outside."""

    journal: Sequence[Mapping[str, Any]]
    ours: str  #: the name under which we write there
    people: Sequence[str]  #: CRM ids of users who were active at the start

    def arrived(self) -> list[str]:
        """Leads that came while the demo ran, in order."""
        return [
            str(entry["id"])
            for entry in self.journal
            if entry["what"] == "created" and entry["sobject"] == "Lead"
        ]

    def waits_s(self, leads: Container[str]) -> list[float]:
        """Seconds from a lead's appearing to the first owner that we wrote, sorted."""
        came = {
            str(entry["id"]): datetime.fromisoformat(entry["at"])
            for entry in self.journal
            if entry["what"] == "created"
        }
        owned: dict[str, datetime] = {}
        for entry in self.journal:
            if entry["what"] == "owner_changed" and entry["client"] == self.ours:
                owned.setdefault(str(entry["id"]), datetime.fromisoformat(entry["at"]))
        return sorted(
            (at - came[lead]).total_seconds()
            for lead, at in owned.items()
            if lead in came and lead in leads
        )


def last_rows(rows: Iterable[RollRow]) -> dict[str, RollRow]:
    """The last word on each record, by CRM id."""
    last: dict[str, RollRow] = {}
    for row in rows:
        if row.record not in last or row.sequence >= last[row.record].sequence:
            last[row.record] = row
    return last


def is_settled(arrived: Iterable[str], last: Mapping[str, RollRow]) -> bool:
    """Whether every lead that arrived has come to its end for now."""
    return all(lead in last and last[lead].state in _SETTLED for lead in arrived)


def verdict(witness: Witness, rows: Iterable[RollRow]) -> Truth:
    """The check of the CRM's journal against the ledger."""
    ledger = [
        LedgerRow(row.record, row.state, row.decision, row.expected, row.value) for row in rows
    ]
    return check_truth(witness.journal, ledger, ours=(witness.ours,), people=witness.people)


def summarise(
    witness: Witness, rows: Sequence[RollRow], state: State, *, ledger: str
) -> dict[str, Any]:
    """The summary as one object; leads = confirmed + conflicts + not_routed + waiting + dead."""
    last = last_rows(rows)
    arrived = witness.arrived()
    ends = [last[lead] for lead in arrived if lead in last]
    states = Counter(row.state for row in ends)
    methods = Counter(row.method for row in ends if row.method is not None)
    truth = verdict(witness, rows)
    on_arrival = {row.record for row in rows if row.cause == Cause.FIRST_SIGHT}
    waits_s = witness.waits_s(on_arrival)
    return {
        "leads": len(arrived),
        "decided": sum(1 for row in ends if row.decision is not None),
        "confirmed": states["confirmed"],
        "conflicts": states["conflict"],
        "not_routed": states["not_routed"],
        "waiting": states["waiting"],
        "dead": states["dead"],
        "fallback": methods["fallback"],
        "recalled": sum(1 for row in rows if row.cause == Cause.RECALLED),
        "refused": sum(1 for row in rows if row.state == "refused_by_crm"),
        "lost": truth.lost,
        "doubled": truth.doubled,
        "overwritten": truth.overwritten,
        "methods": dict(sorted(methods.items())),
        "pools": _pools(ends, state),
        "speed_to_owner_s": {f"p{p}": _percentile(waits_s, p) for p in _PERCENTILES},
        "ledger": ledger,
        "details": list(truth.details),
    }


def adds_up(summary: Mapping[str, Any]) -> bool:
    """Whether every lead is counted once, and nothing was lost, doubled or overwritten."""
    ends = ("confirmed", "conflicts", "not_routed", "waiting", "dead")
    wrong = ("lost", "doubled", "overwritten")
    return summary["leads"] == sum(summary[end] for end in ends) and not any(
        summary[name] for name in wrong
    )


def _pools(ends: Iterable[RollRow], state: State) -> dict[str, dict[str, Any]]:
    """For each pool: leads, and how far the rep furthest from their fair share is, in leads."""
    taken: dict[str, Counter[str]] = {}
    for row in ends:
        if row.pool is not None and row.owner is not None:
            taken.setdefault(row.pool, Counter())[row.owner] += 1
    return {
        pool: {
            "leads": counts.total(),
            "reps": len(counts),
            "furthest_from_fair": _furthest(state, pool),
        }
        for pool, counts in sorted(taken.items())
    }


def _furthest(state: State, pool: str) -> float:
    claims = [abs(turn.claim) for turn in state.turns.get(pool, {}).values()]
    return round(max(claims, default=0) / LEAD, 2)


def _percentile(values: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile of sorted values; None where there are none."""
    if not values:
        return None
    rank = -(-percent * len(values) // 100)
    return round(values[max(rank, 1) - 1], 2)
