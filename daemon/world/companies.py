"""Who works on a company already: open leads that a rep holds, by registrable domain.

Only kept where the rulebook asks for the owner of an open lead of the same company; a book that
does not costs nothing. The lead touched last speaks for the company: by a decision, or by a change
that was seen in the CRM. It is a memory, not a book: what a failed transaction left here is put
right by the next version of the lead.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from daemon.world.staff.candidates import OwnerOf
from routing.facts import Lead
from routing.rulebook.model import Book, Target, TargetKind


class Held(NamedTuple):
    """A lead in somebody's hands."""

    touched_at: datetime
    lead: str
    rep: str


class Companies:
    """Open leads by company."""

    def __init__(self, book: Book) -> None:
        self.is_asked = any(
            rule.to.kind is TargetKind.OWNER_OF for route in book.routes for rule in route.rules
        )
        self._by_domain: dict[str, dict[str, Held]] = {}
        self._domains: dict[str, str] = {}

    def put(self, lead: str, *, domain: str | None, rep: str | None, at: datetime) -> None:
        """The lead is with this rep now, or with none of ours."""
        if not self.is_asked:
            return
        self.remove(lead)
        if domain is not None and rep is not None:
            self._domains[lead] = domain
            self._by_domain.setdefault(domain, {})[lead] = Held(at, lead, rep)

    def remove(self, lead: str) -> None:
        """The lead was closed."""
        domain = self._domains.pop(lead, None)
        if domain is not None:
            held = self._by_domain[domain]
            held.pop(lead, None)
            if not held:
                del self._by_domain[domain]

    def owner_at(self, at: datetime) -> OwnerOf:
        """Answers as of an instant."""

        def owner(lead: Lead, target: Target) -> str | None:
            since = None if target.touched_within is None else at - target.touched_within
            others = self._others(lead)
            fresh = [each for each in others if since is None or each.touched_at > since]
            return max(fresh).rep if fresh else None

        return owner

    def _others(self, lead: Lead) -> Iterable[Held]:
        held = self._by_domain.get(lead.domain or "", {})
        return (each for each in held.values() if each.lead != lead.id)
