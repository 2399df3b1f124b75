"""A rep as a candidate for one lead: what was known about them at that instant.

The shell resolves everything that needs a calendar, an index or the ledger (hours, absences,
load, claims) before it asks; the layers only read the answers. A candidate is a rep *in a pool*:
weight, claim and pool caps differ from pool to pool.
"""

from datetime import datetime
from typing import NamedTuple


class CapUse(NamedTuple):
    """How much of one cap is used: assignments counted in (at - window, at]."""

    scope: str  #: `person`, or the pool whose cap it is
    window: str  #: `hour`, `day` or `week`: 3600 s, 24 h, 168 h
    used: int
    limit: int


class Candidate(NamedTuple):
    """A rep in a pool at the instant of a decision."""

    id: str
    active: bool = True
    away_until: datetime | None = None  #: meaningful when `away`; None then means open-ended
    away: bool = False
    holiday: str | None = None  #: the holiday's name, where today is one for this rep
    paused: bool = False
    on_hours: bool | None = True  #: None: availability unknown, which is eligible and flagged
    next_on_at: datetime | None = None  #: when they next come on, where off hours
    weight: int = 1
    skills: tuple[str, ...] = ()  #: sorted
    open_leads: int = 0
    capacity: int | None = None
    caps: tuple[CapUse, ...] = ()
    claim: int = 0  #: in this pool, units of a lead (see `routing.rotation`)
    served: int = 0  #: ledger sequence of the last turn in this pool; 0: never
    crm_identity: bool = True  #: False: no user in the lead's CRM
    backup: str | None = None  #: a rep's id; followed one hop
