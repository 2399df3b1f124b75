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
    found = list(map(why_not, candidates))
    drops = tuple([drop for drop in found if drop is not None])
    if not drops:
        return Verdict(tuple(candidates))
    kept = [rep for rep, drop in zip(candidates, found, strict=True) if drop is None]
    return Verdict(tuple(kept), drops)
