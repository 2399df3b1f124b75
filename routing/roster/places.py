"""The places a roster may name. The shell knows them; reading stays pure by being told."""

from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Places:
    """Which time zones and holiday codes exist. The lists are asked for only to suggest a name."""

    is_zone: Callable[[str], bool]  #: an IANA name, `Europe/Berlin`
    is_holidays: Callable[[str], bool]  #: a country or a part of one, `US`, `US-CA`
    zones: Callable[[], Collection[str]]
    holidays: Callable[[], Collection[str]]


#: Everything exists: for a reader who only wants the shape checked.
ANYWHERE = Places(
    is_zone=lambda _: True,
    is_holidays=lambda _: True,
    zones=tuple[str, ...],
    holidays=tuple[str, ...],
)
