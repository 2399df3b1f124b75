"""Who set an owner: one table of evidence, read from the top. Nobody else answers this.

The CRM may be wrong about our own key (an automation runs under it, a sync does too), so what it
says of the key counts only where a write of ours had left. A write that has left may have landed,
whatever its answer was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from routing.life.register import SetBy


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of how an owner came to stand on a record."""

    answered: bool = False  #: the write's own answer says that it was carried out
    given: bool = False  #: it is the owner that a write of ours gives this record
    left: bool = False  #: such a write has left at least once, this attempt apart
    by_our_key: bool | None = None  #: what the CRM says of the last change; None: unasked
    by_other_road: bool = False  #: we gave it in the other CRM, which brings owners here
    by_somebody: bool = False  #: the CRM names who made the last change


_TABLE: Final[tuple[tuple[Callable[[Signs], bool], SetBy], ...]] = (
    (lambda signs: signs.answered, SetBy.US),
    (lambda signs: signs.given and signs.left and signs.by_our_key is not False, SetBy.US),
    (lambda signs: signs.by_other_road, SetBy.SYNC),
    (lambda signs: signs.by_our_key is True and not signs.given, SetBy.AUTOMATION),
    (lambda signs: signs.by_somebody, SetBy.HUMAN),
)


def who_set(signs: Signs) -> SetBy:
    """Who set an owner, by the first line of the table that holds.

    Examples:
        >>> who_set(Signs(given=True, left=True, by_somebody=True)).value
        'us'
        >>> who_set(Signs(given=True, by_somebody=True)).value  # a human meant the same
        'human'
    """
    return next((by for holds, by in _TABLE if holds(signs)), SetBy.UNKNOWN)
