"""Load layer: a rep with no place left is passed over.

Capacity bounds open leads, a cap bounds assignments in a window that ends now. Weight zero bars a
rep from pool picks only, whatever their load. The counts are the shell's; leads handed out
earlier in the same batch are already in them.
"""

from collections.abc import Sequence

from routing.decision import Code, Drop, Layer
from routing.facts import Candidate
from routing.layers.verdict import Verdict, sift


def keep_reps_with_room(reps: Sequence[Candidate]) -> Verdict:
    """Keep the reps with weight, below their capacity and below every cap.

    Examples:
        >>> full = Candidate("ada", open_leads=30, capacity=30)
        >>> free = Candidate("bob", open_leads=29, capacity=30)
        >>> verdict = keep_reps_with_room([full, free])
        >>> [rep.id for rep in verdict.kept]
        ['bob']
        >>> verdict.drops[0].detail
        '30 open leads of 30'
    """
    return sift(reps, _why_no_room)


def _why_no_room(rep: Candidate) -> Drop | None:
    if rep.weight == 0:
        return Drop(rep.id, Layer.LOAD, Code.WEIGHT_ZERO, "weight 0")
    if rep.capacity is not None and rep.open_leads >= rep.capacity:
        detail = f"{rep.open_leads} open leads of {rep.capacity}"
        return Drop(rep.id, Layer.LOAD, Code.CAPACITY_FULL, detail)
    for cap in rep.caps:
        if cap.used >= cap.limit:
            of_pool = "" if cap.scope == "person" else f" in pool {cap.scope}"
            detail = f"{cap.used} of {cap.limit} in the last {cap.window}{of_pool}"
            return Drop(rep.id, Layer.LOAD, Code.CAP_REACHED, detail)
    return None
