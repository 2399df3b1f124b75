"""Which two connections know the same people, and which of them assigns, as their modes stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from daemon.settings import Mode, Pairs


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two connections, one brain."""

    connections: tuple[str, str]
    assigns: str  #: its record carries the lead as soon as it is known
    synced: bool  #: the CRMs bring owners to one another by themselves
    wait: timedelta  #: how long a person waits for their record in the connection that assigns

    def other(self, connection: str) -> str | None:
        """The connection at the other end of the pair; None for one that is in none."""
        if connection not in self.connections:
            return None
        first, second = self.connections
        return second if connection == first else first


def pairing_of(told: Pairs | None, modes: Mapping[str, Mode]) -> Pairing | None:
    """The pair as its connections stand: one that is off does not assign.

    An unsynced pair is decided where it may be written. A synced one is not: a write into its
    live half would reach the half that is in shadow.

    Examples:
        >>> told = Pairs(connections=("sf", "hs"), synced=True)
        >>> pairing_of(told, {"sf": Mode.LIVE, "hs": Mode.SHADOW}).assigns
        'sf'
        >>> pairing_of(told, {"sf": Mode.OFF, "hs": Mode.LIVE}).assigns
        'hs'
    """
    if told is None:
        return None
    first, second = told.connections
    assigns = told.assigner
    other = second if assigns == first else first
    is_idle = modes[assigns] is Mode.OFF
    is_better = modes[assigns] is not Mode.LIVE and modes[other] is Mode.LIVE
    if is_idle or (is_better and not told.synced):
        assigns = other
    wait = timedelta(seconds=told.wait_s if told.synced and not is_idle else 0)
    return Pairing((first, second), assigns, told.synced, wait)
