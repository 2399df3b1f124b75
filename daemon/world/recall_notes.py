"""On whom it depends whether a lead that fell back finds a home: often on one pool alone.

The recall list is looked at after every event. Deciding thousands of leads each time, only to find
nobody again, would take seconds; where a single pool was asked and nothing but its members can
change the answer, a look at them is enough. The notes save work and decide nothing: without
them, after a restart or under another rulebook, every lead is asked once.
"""

from collections.abc import Callable, Iterator, Mapping

from routing.engine import Made
from routing.rulebook.conditions import Condition, Not, Operator, Test
from routing.rulebook.model import Book, OffHours, Rule
from routing.shortlist import Guide
from routing.state import Recallable

_SPARE = 1_000  #: notes of leads that left the list, kept until there are more


IsShut = Callable[[str], bool]  #: whether nobody in a pool could take any lead now


class Recalls:
    """Remembers, of leads that fell back, the one pool that they depend on."""

    def __init__(self) -> None:
        self._guide: Guide | None = None
        self._steady: frozenset[str] = frozenset()
        self._pools: dict[str, str] = {}
        self._leads: dict[str, set[str]] = {}

    def note(self, made: Made, guide: Guide) -> None:
        """Learn from a decision on whom the lead depends."""
        self._read(guide)
        decision, asked = made.decision, made.inputs.answers
        self._forget(decision.lead)
        if (
            decision.recall
            and decision.rule in self._steady
            and len(asked.pools) == 1
            and not (asked.reps or asked.names or asked.owners)
        ):
            pool = asked.pools[0][0]
            self._pools[decision.lead] = pool
            self._leads.setdefault(pool, set()).add(decision.lead)

    def worth_asking(
        self, recall: Mapping[str, Recallable], guide: Guide, is_shut: IsShut
    ) -> list[Recallable]:
        """The leads of a recall list that somebody may take now, in no order."""
        self._read(guide)
        if len(self._pools) > 2 * len(recall) + _SPARE:
            for lead in self._pools.keys() - recall.keys():
                self._forget(lead)
        leads = recall.keys() - self._pools.keys()
        for pool, dependent in self._leads.items():
            if dependent and not is_shut(pool):
                leads |= dependent
        return [recall[lead] for lead in leads if lead in recall]

    def depends_on(self, lead: str) -> str | None:
        """The pool on whose members alone it depends; None where it is not as simple."""
        return self._pools.get(lead)

    def _forget(self, lead: str) -> None:
        pool = self._pools.pop(lead, None)
        if pool is not None:
            self._leads[pool].discard(lead)

    def _read(self, guide: Guide) -> None:
        if guide is not self._guide:
            self._guide, self._pools, self._leads = guide, {}, {}
            self._steady = _steady(guide.book)


def _steady(book: Book) -> frozenset[str]:
    """Rules whose leads no other rule takes over as time goes by."""
    rules = [rule for route in book.routes for rule in route.rules]
    if any(_depends_on_time(rule) for rule in rules):
        return frozenset()
    return frozenset(rule.name for rule in rules if rule.off_hours is not OffHours.NEXT)


def _depends_on_time(rule: Rule) -> bool:
    if rule.starts_at is not None or rule.ends_at is not None:
        return True
    tests = () if rule.when is None else _tests(rule.when)
    return any(test.operator is Operator.WITHIN_LAST for test in tests)


def _tests(condition: Condition) -> Iterator[Test]:
    match condition:
        case Test():
            yield condition
        case Not():
            yield from _tests(condition.part)
        case _:
            for part in condition.parts:
                yield from _tests(part)
