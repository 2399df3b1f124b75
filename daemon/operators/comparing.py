"""Shadow beside the CRM: did it give the lead to whom we would have, or to nobody yet?

A Salesforce record always has an owner, so a lead that nobody took sits in a queue, with a
placeholder or with somebody who left. While its route would take it from there it is open, not
different.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from daemon.world.in_force import stored_book
from models.ledger import Ledger
from models.reports.tallies import Compared
from routing.layers.entry import QUEUE
from routing.rulebook.model import TakesFrom


class Verdict(StrEnum):
    """How a decision stands beside what the CRM did. Add, never rename."""

    AGREES = "agrees"
    DIFFERS = "differs"
    OPEN = "open"  # nobody has it whom the route would leave it with


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a verdict needs to know of routes and people."""

    taken_from: Mapping[str, TakesFrom]  #: route -> from whom it takes leads over
    left: frozenset[str]  #: who is inactive: reps, and CRM ids of those who are none

    def verdict(self, each: Compared) -> Verdict:
        """How this decision stands."""
        if each.observed is not None and each.agrees:
            return Verdict.AGREES
        taken_from = self.taken_from.get(each.route, TakesFrom())
        return Verdict.OPEN if self._is_free(each.observed, taken_from) else Verdict.DIFFERS

    def _is_free(self, holder: str | None, taken_from: TakesFrom) -> bool:
        if holder is None:
            return True
        if holder.startswith(QUEUE):
            queues = taken_from.queues
            return queues is None or holder.removeprefix(QUEUE) in queues
        return holder in taken_from.placeholders or (taken_from.inactive and holder in self.left)


def comparison(ledger: Ledger) -> Comparison:
    """From the rulebook in force and the people as last read; nothing is checked or published."""
    in_force = ledger.governance.book_in_force()
    book = None if in_force is None else stored_book(ledger, in_force.book.hash)
    routes = () if book is None else book.routes
    left = {
        (name, user.id)
        for name in ledger.connections.all()
        for user in ledger.connections.users(name)
        if not user.active
    }
    reps = {rep.id for rep in ledger.roster.reps() if left.intersection(rep.identities.items())}
    return Comparison(
        taken_from={route.name: route.takes_from for route in routes},
        left=frozenset(reps | {user for _, user in left}),
    )
