"""What a write's result says of who owns the record, as a register.

The result's own version counts, and not the instant at which it is settled: between a write and
its settling a human may have taken the record, and a poll may have told so first.
"""

from routing.facts.crm import Applied, Effect, EffectResult
from routing.life.evidence import Signs, who_set
from routing.life.register import Register

_DONE = (Applied.CONFIRMED, Applied.ALREADY)


def register_answered(
    effect: Effect, result: EffectResult, known: Register | None, *, attempts: int
) -> Register | None:
    """The owner that a result tells of; None where it tells nothing.

    Args:
        effect: The write of an owner.
        result: What became of it; `confirmed`, `already` or `conflict`.
        known: What the ledger holds of the record.
        attempts: How often the write left, this time included.

    A result without a version of the CRM's own tells something only as long as the ledger knows
    no other owner than the one that the decision saw.
    """
    owner = effect.value if result.applied in _DONE else result.owner
    version_at = result.version_at
    if version_at is None and known is not None:
        if known.owner not in (effect.expected, owner):
            return None
        version_at = known.version_at
    signs = Signs(
        answered=result.applied is Applied.CONFIRMED,
        given=result.applied in _DONE,
        left=attempts > 1,
        by_our_key=result.by_us,
    )
    return Register(
        owner=owner or None,
        version_at=result.at if version_at is None else version_at,
        read_at=result.at,
        known_by=result.known_by,
        set_by=who_set(signs),
    )
