"""The rules of a route, compiled: which of them match a lead, in a few microseconds.

Every rule is one or more rows, every row one bit. For each fact a column answers, for a value,
with the bits of the rows that this value does not rule out; the answers of all columns, and-ed,
are the rows that match.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from routing.facts import Value
from routing.rulebook.columns import Answer, Cells, column_of
from routing.rulebook.conditions import Condition
from routing.rulebook.interpret import Facts, in_force
from routing.rulebook.model import Book, Route, Rule
from routing.rulebook.rows import MOST_ROWS, Row, rows_of

_MOST_REMEMBERED = 10_000  #: answers by value, per fact
_EVERYTHING: Row = {}


class _Known(NamedTuple):
    """One fact's answers: those known by value, and how to find another."""

    fact: str
    known: dict[Value | None, int]
    find: Answer


class RuleIndex:
    """The compiled rules of one route."""

    def __init__(self, route: Route) -> None:
        rows = [(n, row) for n, rule in enumerate(route.rules) for row in _rows(rule)]
        self._rule_of = [rule for rule, _ in rows]
        self._rows_to = _ends(self._rule_of, len(route.rules))
        self._columns = _columns([row for _, row in rows])
        self._scheduled = _schedule(route.rules, self._rule_of)

    def matching(self, facts: Facts, at: datetime) -> Iterator[int]:
        """Positions of the rules that match, in order.

        Args:
            facts: Values by fact name; absent and None are both missing.
            at: The instant of the decision, for `from`, `until` and `within_last`.
        """
        rows = self._scheduled(at)
        get = facts.get
        for fact, known, find in self._columns:
            value = get(fact)
            found = known.get(value)
            rows &= find(value, at) if found is None else found
            if not rows:
                break
        return self._rules_in(rows)

    def _rules_in(self, rows: int) -> Iterator[int]:
        while rows:
            rule = self._rule_of[(rows & -rows).bit_length() - 1]
            yield rule
            end = self._rows_to[rule]
            rows = rows >> end << end


def compile_route(route: Route, book: Book) -> RuleIndex:
    """Compile one route of a book.

    Raises:
        ValueError: A condition unfolds into too many rows; a book that was read has none such.
    """
    if route not in book.routes:
        raise ValueError(f"route {route.name!r} is none of the book {book.name!r}")
    return RuleIndex(route)


def compile_book(book: Book) -> Mapping[str, RuleIndex]:
    """Compile every route of a book, by name."""
    return {route.name: compile_route(route, book) for route in book.routes}


def _rows(rule: Rule) -> list[Row]:
    if rule.when is None:
        return [_EVERYTHING]
    rows = rows_of(rule.when)
    if rows is None:
        raise ValueError(f"rule {rule.name!r} unfolds into more than {MOST_ROWS} rows; split it")
    return rows


def _ends(rule_of: list[int], rules: int) -> list[int]:
    """For each rule, the first row behind its own."""
    ends = [0] * rules
    for row, rule in enumerate(rule_of):
        ends[rule] = row + 1
    return ends


def _columns(rows: list[Row]) -> list[_Known]:
    cells: dict[str, dict[Condition, int]] = {}
    for position, row in enumerate(rows):
        for fact, condition in row.items():
            masks = cells.setdefault(fact, {})
            masks[condition] = masks.get(condition, 0) | 1 << position
    every = (1 << len(rows)) - 1
    return [_column(fact, masks, every) for fact, masks in cells.items()]


def _column(fact: str, masks: dict[Condition, int], every: int) -> _Known:
    asked = 0
    for mask in masks.values():
        asked |= mask
    column = column_of(Cells(fact, masks, every & ~asked))
    known: dict[Value | None, int] = {}
    if column.depends_on_time:
        return _Known(fact, known, column.answer)

    def find(value: Value | None, at: datetime) -> int:
        found = column.answer(value, at)
        if len(known) < _MOST_REMEMBERED:
            known[value] = found
        return found

    return _Known(fact, known, find)


def _schedule(rules: tuple[Rule, ...], rule_of: list[int]) -> Callable[[datetime], int]:
    """The rows of the rules in force at an instant."""
    ends = {rule.starts_at for rule in rules} | {rule.ends_at for rule in rules}
    turns = sorted(end for end in ends if end is not None)
    remembered: dict[int, int] = {}

    def scheduled(at: datetime) -> int:
        key = bisect_right(turns, at) if turns else 0
        found = remembered.get(key)
        if found is None:
            bits = (1 << row for row, rule in enumerate(rule_of) if in_force(rules[rule], at))
            found = remembered[key] = sum(bits)
        return found

    return scheduled
