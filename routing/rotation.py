"""Round robin that stays even: Tijdeman's chairman rule, in integers.

Everybody who could take this lead gains a share of it by weight; whoever is chosen pays for a
whole one. A rep's claim is what the pool owes them, in units of a lead. Who could not take the
lead gains nothing, so a return from PTO brings no burst and a late joiner no flood.

From level claims, with a fixed roster and everybody eligible, each rep stays within
1 - 1/(2k-2) of a lead of their weighted share, on every prefix, for ever. Choosing the largest
claim alone would not do: with weights 4,4,4,1,1,1,1,1 it lets a rep fall a whole lead behind.

Source:
    R. Tijdeman (1980), "The chairman assignment problem", Discrete Mathematics 32.
"""

from collections.abc import Sequence

from routing.decision import TurnCharge
from routing.facts import Candidate

#: One lead in units: lcm(1..30), so that the shares of up to 30 equal reps are exact.
LEAD = 2_329_089_562_800


def rotate(pool: str, eligible: Sequence[Candidate]) -> TurnCharge:
    """Choose whose turn it is and say what that does to the claims.

    Args:
        pool: The pool whose claims the candidates carry.
        eligible: At least one candidate, each with weight > 0; their order does not matter.

    Examples:
        >>> ada, bob = Candidate("ada"), Candidate("bob")
        >>> first = rotate("us", [ada, bob])
        >>> first.chosen, first.claim_after == -LEAD // 2
        ('ada', True)
    """
    return _charge(pool, eligible, chosen=_whose_turn(eligible))


def charge_as_if_rotated(pool: str, eligible: Sequence[Candidate], owner: str) -> TurnCharge:
    """The same entry for an owner found another way, whom a rule counts as a turn."""
    chosen = next(candidate for candidate in eligible if candidate.id == owner)
    return _charge(pool, eligible, chosen=chosen)


def least_loaded(pool: str, eligible: Sequence[Candidate]) -> TurnCharge:
    """The rep with the fewest open leads; no claim moves, but the pick counts as served."""
    chosen = min(eligible, key=lambda rep: (rep.open_leads, *_tie(rep)))
    return TurnCharge(
        pool=pool,
        chosen=chosen.id,
        gains=(),
        cost=0,
        claim_before=chosen.claim,
        claim_after=chosen.claim,
        served_only=True,
    )


def _whose_turn(eligible: Sequence[Candidate]) -> Candidate:
    k = len(eligible)
    unit, cost = _prices(eligible)
    claims = [rep.claim + rep.weight * unit for rep in eligible]
    largest, span = max(claims), 2 * k - 2
    after = list(zip(eligible, claims, strict=True))
    if largest >= cost or span * largest < cost:  # a whole lead behind, or nobody is ripe
        return _first([each for each in after if each[1] == largest])
    ripe = [each for each in after if span * each[1] >= cost]
    passes_left = [
        ((span - 1) * cost - span * claim) // (span * rep.weight * unit) for rep, claim in ripe
    ]
    fewest = min(passes_left)
    return _first([each for each, left in zip(ripe, passes_left, strict=True) if left == fewest])


def _first(tied: Sequence[tuple[Candidate, int]]) -> Candidate:
    if len(tied) == 1:
        return tied[0][0]
    return min(tied, key=lambda each: _tie(*each))[0]


def _tie(rep: Candidate, claim: int | None = None) -> tuple[int, int, int, str]:
    """Larger claim, larger weight, least recently served (never served first), id."""
    return (-(rep.claim if claim is None else claim), -rep.weight, rep.served, rep.id)


def _prices(eligible: Sequence[Candidate]) -> tuple[int, int]:
    total = sum([rep.weight for rep in eligible])
    unit = LEAD // total
    return unit, unit * total


def _charge(pool: str, eligible: Sequence[Candidate], *, chosen: Candidate) -> TurnCharge:
    unit, cost = _prices(eligible)
    gains = [(rep.id, rep.weight * unit) for rep in eligible]
    return TurnCharge(
        pool=pool,
        chosen=chosen.id,
        gains=tuple(sorted(gains)),
        cost=cost,
        claim_before=chosen.claim,
        claim_after=chosen.claim + chosen.weight * unit - cost,
    )
