"""Reads what a golden case expects: `{L1: ada}`, or some of owner, method, rule and route."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from routing.decision import Method
from routing.reading import (
    MapNode,
    Mistakes,
    Node,
    Place,
    Reader,
    did_you_mean,
    is_null,
    name,
    open_section,
    shown,
    word_of,
)
from routing.rulebook.model import Book
from routing.scenario.leads import owner
from routing.scenario.model import QUEUE, Expected

_KEYS = ("owner", "method", "rule", "route")


@dataclass(frozen=True, slots=True)
class ExpectationsReader:
    """Reads expectations; what is None is not known, so not checked."""

    book: Book | None
    people: Collection[str] | None
    leads: Collection[str] | None
    mistakes: Mistakes

    def expectations(self, entries: Iterable[tuple[str, Place, Node]]) -> tuple[Expected, ...]:
        """What is expected of each lead."""
        found = (self._expected(lead.strip(), place, node) for lead, place, node in entries)
        return tuple(each for each in found if each is not None)

    def _expected(self, lead: str, place: Place, node: Node) -> Expected | None:
        if self.leads is not None and lead not in self.leads:
            hint = did_you_mean(lead, sorted(self.leads))
            said = f'"expect" names the lead {shown(lead)}, which never arrives.'
            self.mistakes.add(place, f"{said}{hint} Add an event, or remove the name.")
        if is_null(node):
            return Expected(lead, None, place)
        what = f"what is expected of lead {shown(lead)}"
        if not isinstance(node, MapNode):
            found = self._owner(node, what, self.mistakes)
            return None if found is None else Expected(lead, {"owner": found}, place)
        wants = self._wants(node, what)
        return None if wants is None else Expected(lead, wants, place)

    def _wants(self, node: MapNode, what: str) -> Mapping[str, str | None] | None:
        section = open_section(node, what, known=_KEYS, mistakes=self.mistakes)
        if section is None:
            return None
        if not node.entries:
            advice = "Write some of owner, method, rule and route, or null for a lead not routed."
            self.mistakes.add(node, f"{what} is empty. {advice}")
        readers: Mapping[str, Reader[str]] = {
            "owner": self._owner,
            "method": word_of(method.value for method in Method),
            "rule": self._rule(),
            "route": name if self.book is None else word_of(r.name for r in self.book.routes),
        }
        return {key: section.read_nullable(key, readers[key]) for key in _KEYS if section.has(key)}

    def _rule(self) -> Reader[str]:
        if self.book is None:
            return name
        return word_of(rule.name for route in self.book.routes for rule in route.rules)

    def _owner(self, node: Node, what: str, mistakes: Mistakes) -> str | None:
        found = owner(node, what, mistakes)
        if found is None or found.startswith(QUEUE) or self.people is None or found in self.people:
            return found
        hint = did_you_mean(found, sorted(self.people))
        said = f"{what} is {shown(found)}, who is not on the roster."
        mistakes.add(node, f"{said}{hint} Write a person's id, {QUEUE}NAME or null.")
        return None
