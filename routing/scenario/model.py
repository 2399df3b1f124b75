"""What happens in a scenario, as values: leads arrive, people go and come back, owners change.

Only what the file says; what it means for the state is decided by whoever plays it. Times are
UTC. All ids are those of the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from routing.reading import Place
from routing.roster.model import PersonChange

QUEUE = "queue:"  #: what an owner that is a queue begins with


@dataclass(frozen=True, slots=True)
class LeadArrives:
    """A lead as it is first seen or seen again; `given` holds what is said and nothing else.

    Values are raw, as JSON has them: `received_at` is a datetime, `owner` None, a person's id,
    `queue:NAME` or another human, and what fields mean is the rulebook's business.
    """

    at: datetime
    lead: str
    given: Mapping[str, object]
    places: Mapping[str, Place]  #: where the id and each value stand

    @property
    def place(self) -> Place:
        """Where the lead's id stands."""
        return self.places["id"]


@dataclass(frozen=True, slots=True)
class Away:
    """A person is away from now; until None: until `Back`."""

    at: datetime
    person: str
    until: datetime | None
    place: Place


@dataclass(frozen=True, slots=True)
class Back:
    """A person is back."""

    at: datetime
    person: str
    place: Place


@dataclass(frozen=True, slots=True)
class PersonJoins:
    """A person joins, or something about them changes."""

    at: datetime
    change: PersonChange
    place: Place

    @property
    def person(self) -> str:
        """Whom it is about."""
        return self.change.id


@dataclass(frozen=True, slots=True)
class Leave:
    """A person becomes inactive and keeps the leads."""

    at: datetime
    person: str
    place: Place


@dataclass(frozen=True, slots=True)
class Close:
    """A lead is no longer open work."""

    at: datetime
    lead: str
    place: Place


@dataclass(frozen=True, slots=True)
class OwnerChanged:
    """Somebody else changed a lead's owner: to nobody, a person, `queue:NAME` or another human."""

    at: datetime
    lead: str
    to: str | None
    place: Place


Event = LeadArrives | Away | Back | PersonJoins | Leave | Close | OwnerChanged


@dataclass(frozen=True, slots=True)
class Expected:
    """What a golden case wants of a lead's last decision.

    `wants` holds some of owner, method, rule and route; the owner as scenarios write it. None: the
    lead is not routed at all.
    """

    lead: str
    wants: Mapping[str, str | None] | None
    place: Place
