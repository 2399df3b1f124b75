"""What a layer says: who stays, who goes and why, and who stays with a remark."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from routing.decision import Code, Drop
from routing.facts import Candidate


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every candidate asked about is in `kept` or in `drops`, once; order is preserved."""

    kept: tuple[Candidate, ...]
    drops: tuple[Drop, ...] = ()
    flags: tuple[tuple[str, Code], ...] = ()


def sift(candidates: Sequence[Candidate], why_not: Callable[[Candidate], Drop | None]) -> Verdict:
    """Keep the candidates for whom there is no reason against them."""
    kept: list[Candidate] = []
    drops: list[Drop] = []
    for candidate in candidates:
        drop = why_not(candidate)
        if drop is None:
            kept.append(candidate)
        else:
            drops.append(drop)
    return Verdict(tuple(kept), tuple(drops))
