"""What the demo came to: counts by the ledger, times by the CRMs' own journals, and the check."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daemon.offline.demo.training import Learned
from daemon.offline.demo.truth import LedgerRow, Truth, check_truth
from daemon.offline.demo.witness import ROUTED, Witness
from models.reports.reconciliation import RecordRow, RollRow
from routing.facts import Cause
from routing.rotation import LEAD
from routing.state import State

_SETTLED = ("confirmed", "conflict", "dead", "waiting", "not_routed")
_UNDER_WAY = ("pending", "sent")
_PERCENTILES = (50, 99)


@dataclass(frozen=True, slots=True)
class Account:
    """What the ledger says so far."""

    rows: Sequence[RollRow] = ()
    records: Sequence[RecordRow] = ()

    def last(self) -> dict[str, RollRow]:
        """The last word on each lead, by its internal id."""
        last: dict[str, RollRow] = {}
        for row in self.rows:
            if row.lead not in last or row.sequence >= last[row.lead].sequence:
                last[row.lead] = row
        return last

    def ends(self, persons: Iterable[Sequence[str]]) -> list[RollRow | None]:
        """The last word on each person, given by the CRM ids of their records."""
        lead_of, last = {each.record: each.lead for each in self.records}, self.last()
        found = (next((lead_of[one] for one in ids if one in lead_of), "") for ids in persons)
        return [last.get(lead) for lead in found]


def is_settled(persons: Iterable[Sequence[str]], told: Account) -> bool:
    """Whether every person who arrived has come to their end for now, in every CRM."""
    under_way = any(each.state in _UNDER_WAY for each in told.records)
    return not under_way and all(
        end is not None and end.state in _SETTLED for end in told.ends(persons)
    )


def verdict(witness: Witness, told: Account) -> Truth:
    """The check of the CRMs' journals against the ledger."""
    return check_truth(
        witness.journal,
        list(_ledger_rows(told)),
        ours=witness.ours,
        objects=ROUTED,
        people=witness.people,
    )


def summarise(witness: Witness, told: Account, state: State, *, ledger: str) -> dict[str, Any]:
    """The summary as one object; leads = confirmed + conflicts + not_routed + waiting + dead."""
    persons = witness.persons()
    ends = [end for end in told.ends(persons) if end is not None]
    states = Counter(row.state for row in ends)
    methods = Counter(row.method for row in ends if row.method is not None)
    truth = verdict(witness, told)
    two_owners = witness.with_two_owners()
    waits_s = witness.waits_s(_on_arrival(told))
    return {
        "leads": len(persons),
        "decided": sum(1 for row in ends if row.decision is not None),
        "confirmed": states["confirmed"],
        "conflicts": states["conflict"],
        "not_routed": states["not_routed"],
        "waiting": states["waiting"],
        "dead": states["dead"],
        "fallback": methods["fallback"],
        "recalled": sum(1 for row in told.rows if row.cause == Cause.RECALLED),
        "refused": sum(1 for row in told.rows if row.state == "refused_by_crm"),
        "lost": truth.lost,
        "doubled": truth.doubled,
        "overwritten": truth.overwritten,
        "pairs": {
            "synced": len(witness.pairs.get("synced", ())),
            "unsynced": len(witness.pairs.get("unsynced", ())),
            "two_owners": len(two_owners),
        },
        "methods": dict(sorted(methods.items())),
        "pools": _pools(ends, state),
        "speed_to_owner_s": {f"p{p}": _percentile(waits_s, p) for p in _PERCENTILES},
        "ledger": ledger,
        "details": [*truth.details, *two_owners],
    }


def ranking_of(company: Learned, control: Learned, uplift: Mapping[str, Any]) -> dict[str, Any]:
    """What was learned from the past, what it won, and that the control was refused."""
    return {
        "learned_from": company.rows,
        "verdict": company.verdict,
        "control_refused": not control.ranks,
        **uplift,
    }


def adds_up(summary: Mapping[str, Any]) -> bool:
    """Whether every lead is counted once, and no person was lost, doubled or overwritten."""
    ends = ("confirmed", "conflicts", "not_routed", "waiting", "dead")
    wrong = ("lost", "doubled", "overwritten")
    return (
        summary["leads"] == sum(summary[end] for end in ends)
        and not any(summary[name] for name in wrong)
        and not summary["pairs"]["two_owners"]
    )


def _ledger_rows(told: Account) -> Iterable[LedgerRow]:
    """One row a record and write; a record that was owed none stands as its lead does.

    A colleague who stands for one of the rulebook's queues may lose what that queue was given; so
    may one whom we gave a record while somebody had the person in the other CRM.
    """
    last = told.last()
    queued = {row.decision for row in told.rows if row.queue is not None}
    stood_in = {(each.record, each.value) for each in told.records if each.decision in queued}
    held = {row.decision for row in told.rows if row.cause == Cause.HELD_ELSEWHERE}
    given = {(each.record, each.value) for each in told.records if each.state == "confirmed"}
    for each in told.records:
        state = each.state
        if state is None:
            lead = last.get(each.lead)
            state = "undecided" if lead is None else lead.state
        lost = (each.record, each.expected)
        followed = each.decision in held and lost in given
        agreed = each.expected is not None and (lost in stood_in or followed)
        yield LedgerRow(each.record, state, each.decision, each.expected, each.value, agreed)


def _on_arrival(told: Account) -> Container[str]:
    """Records of leads that were decided when they were first seen."""
    leads = {row.lead for row in told.rows if row.cause == Cause.FIRST_SIGHT}
    return {each.record for each in told.records if each.lead in leads}


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
