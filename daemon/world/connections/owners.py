"""Who a CRM's owner id stands for, and which owner id a decision means: one connection's map.

A lead's holder, as rules see it, is nobody, a rep's internal id, `queue:NAME`, a placeholder's
name, or a human we do not route for. A CRM user who is inactive and not on the roster holds
nothing for long, and neither does an id that is nobody in the CRM: such leads belong to
`DEPARTED`, who is inactive wherever candidates are asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from daemon.world.staff.candidates import RepFacts
from routing.decision import Decision
from routing.layers.entry import QUEUE

HUMAN = "somebody"  #: any colleague who is not on the roster; their CRM id stays in the ledger
DEPARTED = RepFacts(id="departed", active=False)


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where leads of one of the rulebook's queues go in this CRM: an owner id, or nowhere."""

    owner: str | None = None  #: CRM id of a queue or a user
    unowned: bool = False  #: left as it is, with an alert
    problem: str | None = None  #: why there is no such place


@dataclass(frozen=True, slots=True)
class Holders:
    """Both directions of the map, as of now."""

    reps: Mapping[str, str] = field(default_factory=dict)  #: CRM user -> rep
    queues: Mapping[str, str] = field(default_factory=dict)  #: CRM queue -> name in rulebooks
    placeholders: Mapping[str, str] = field(default_factory=dict)  #: CRM id -> name in rulebooks
    departed: frozenset[str] = frozenset()  #: inactive CRM users who are not on the roster
    places: Mapping[tuple[str, str], QueuePlace] = field(default_factory=dict)
    #: (rulebook's queue, object) -> place
    users: Mapping[str, str] = field(default_factory=dict)  #: rep -> CRM user
    people: frozenset[str] = frozenset()  #: every CRM user we know of

    def holder(self, owner: str | None) -> str | None:
        """Who holds a record with this owner, as rules see it."""
        if owner is None or owner == "":
            return None
        if owner in self.placeholders:
            return self.placeholders[owner]
        if owner in self.queues:
            return f"{QUEUE}{self.queues[owner]}"
        return self.reps.get(owner) or (DEPARTED.id if owner in self.departed else HUMAN)

    def is_unknown_owner(self, owner: str | None) -> bool:
        """Whether an owner is neither a user nor a queue that we know of."""
        return owner not in self.people and self.holder(owner) == HUMAN

    def rep(self, owner: str | None) -> str | None:
        """The rep behind an owner id; None where it is none of ours."""
        if owner is None or owner in self.placeholders:
            return None
        return self.reps.get(owner)

    def may_receive(self, owner: str | None) -> bool:
        """Whether a write may give a record to this owner id as things stand now.

        A user whom neither the roster nor the settings name any more gets nothing, however long
        ago it was decided; what is no user is for the CRM to judge.
        """
        if owner is None or owner not in self.people:
            return True
        if self.users.get(self.reps.get(owner, "")) == owner:
            return True
        return any(place.owner == owner for place in self.places.values())

    def place(self, decision: Decision, object_: str) -> QueuePlace:
        """The owner id that a decision means; `unowned` where nothing is to be written."""
        return self.place_of(object_, owner=decision.owner, queue=decision.queue)

    def place_of(self, object_: str, *, owner: str | None, queue: str | None) -> QueuePlace:
        """The owner id that stands for a rep, or else for one of the rulebook's queues.

        Args:
            object_: The kind of record, because not every kind can belong to a queue.
            owner: A rep.
            queue: A queue of the rulebook's.
        """
        if owner is not None:
            user = self.users.get(owner)
            return QueuePlace(user, problem=None if user else "the rep has no user in this CRM")
        if queue is None:
            return QueuePlace(unowned=True)
        found = self.places.get((queue, object_))
        if found is None:
            return QueuePlace(problem=f'no queue of this CRM stands for "{queue}"')
        return found
