"""One fact's share of the index: for a value, the rows that this fact does not rule out.

The operators are not written a second time here. A column knows which values a condition cannot
tell apart and asks the interpreter about one of each kind: ordered values fall between a
condition's own thresholds; every other value matters only by the atoms it carries that the
condition mentions (itself, its prefixes and suffixes, the domains it is under, its elements).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from routing.facts import Value
from routing.rulebook.conditions import Condition, Not, Operator, Test
from routing.rulebook.interpret import age_of, holds

Answer = Callable[[Value | None, datetime], int]
Atom = tuple[Operator, Any]  #: by which kind of test a value carries it, and what it is
Atoms = Callable[[Any], tuple[Atom, ...]]

_MOST_REMEMBERED = 10_000  #: classes of one fact; beyond it they are worked out anew
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # for conditions that do not depend on time
_DAY = timedelta(days=1)
_ORDERED = {Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN}
_SETS = {Operator.ANY_OF, Operator.ALL_OF, Operator.NONE_OF}
_AFFIXES = {Operator.STARTS_WITH, Operator.ENDS_WITH, Operator.DOMAIN_IN}
_EQUAL = {Operator.IS, Operator.IS_NOT, Operator.IN, Operator.NOT_IN}


class Column(NamedTuple):
    """How one fact is answered."""

    answer: Answer
    depends_on_time: bool  #: where not, an answer may be kept by value


@dataclass(frozen=True, slots=True)
class Cells:
    """The different conditions on one fact, each with the rows that have it."""

    fact: str
    rows_of: Mapping[Condition, int]
    free: int  #: rows that do not ask about this fact

    def holding(self, value: Any, at: datetime = _ANY_TIME) -> int:
        """All rows that a value leaves, by asking every condition."""
        seen = {self.fact: value}
        found = self.free
        for condition, rows in self.rows_of.items():
            if holds(condition, seen, at):
                found |= rows
        return found


def column_of(cells: Cells) -> Column:
    """The column for the conditions on one fact."""
    tests = [test for condition in cells.rows_of for test in tests_of(condition)]
    asked = {test.operator for test in tests}
    if Operator.WITHIN_LAST in asked:
        return Column(_by_time(cells, tests), depends_on_time=True)
    if asked & _ORDERED:
        return Column(_by_order(cells, tests), depends_on_time=False)
    neutral: object = object()
    atoms = _itself(_mentioned(tests, _EQUAL))
    if asked & _SETS:
        neutral, atoms = (), _elements(_mentioned(tests, _SETS))
    elif asked & _AFFIXES:
        neutral, atoms = "", _affixes(tests)
    return Column(_by_atoms(cells, atoms, neutral), depends_on_time=False)


def tests_of(condition: Condition) -> Iterator[Test]:
    """The tests of a condition, as they are written."""
    match condition:
        case Test():
            yield condition
        case Not():
            yield from tests_of(condition.part)
        case _:
            for part in condition.parts:
                yield from tests_of(part)


def _mentioned(tests: Iterable[Test], operators: Collection[Operator]) -> set[Any]:
    mentioned: set[Any] = set()
    for test in tests:
        if test.operator in operators:
            mentioned.update(_operands(test))
    return mentioned


def _operands(test: Test) -> tuple[Any, ...]:
    return test.operand if isinstance(test.operand, tuple) else (test.operand,)


def _by_order(cells: Cells, tests: list[Test]) -> Answer:
    """Numbers and dates: one answer on each threshold and one between each two."""
    thresholds = sorted(_mentioned(tests, _EQUAL | _ORDERED))
    turns = [0] * (2 * len(thresholds) + 2)
    for condition, rows in cells.rows_of.items():
        _mark_turns(turns, condition, rows, thresholds, cells.fact)
    missing = cells.holding(None)
    table = []
    found = cells.free
    for turn in turns:
        found ^= turn
        table.append(found)

    def answer(value: Value | None, _at: datetime) -> int:
        if value is None:
            return missing
        return table[bisect_left(thresholds, value) + bisect_right(thresholds, value)]

    return answer


def _mark_turns(
    turns: list[int], condition: Condition, rows: int, thresholds: list[Any], fact: str
) -> None:
    """Note where, going upwards, the condition begins and ceases to hold."""
    own = sorted(_mentioned(tests_of(condition), _EQUAL | _ORDERED))
    held = False
    for place, value in _samples(own or thresholds[:1], thresholds):
        holds_here = holds(condition, {fact: value}, _ANY_TIME)
        if holds_here is not held:
            turns[place] ^= rows
            held = holds_here


def _samples(own: list[Any], thresholds: list[Any]) -> Iterator[tuple[int, Any]]:
    """Below, on and above each own threshold: the place where it begins, and a value there."""
    yield 0, _below(own[0])
    for n, threshold in enumerate(own):
        place = bisect_left(thresholds, threshold)
        yield 2 * place + 1, threshold
        following = own[n + 1] if n + 1 < len(own) else None
        yield 2 * place + 2, _above(threshold, following)


def _below(value: Any) -> Any:
    if isinstance(value, date):
        return max(value, date.min + _DAY) - _DAY
    return value - 1


def _above(value: Any, following: Any) -> Any:
    """A value over one threshold and, where there can be one, under the following."""
    if isinstance(value, date):
        return min(value, date.max - _DAY) + _DAY
    return value + 1 if following is None else (Decimal(value) + Decimal(following)) / 2


def _by_time(cells: Cells, tests: list[Test]) -> Answer:
    """Dates that are also asked for their age."""
    thresholds = sorted(_mentioned(tests, _EQUAL | _ORDERED))
    ages = sorted({timedelta(0), *_mentioned(tests, {Operator.WITHIN_LAST})})
    missing = cells.holding(None)
    remembered: dict[tuple[int, int, int], int] = {}

    def answer(value: Any, at: datetime) -> int:
        if value is None:
            return missing
        left, right = bisect_left(thresholds, value), bisect_right(thresholds, value)
        key = (left, right, bisect_right(ages, age_of(value, at)))
        return _recalled(remembered, key, lambda: cells.holding(value, at))

    return answer


def _by_atoms(cells: Cells, atoms: Atoms, neutral: object) -> Answer:
    """Values that matter by the atoms they carry; without any they are as good as `neutral`."""
    missing, plain = cells.holding(None), cells.holding(neutral)
    mentioning = _by_mentioned(cells)
    remembered: dict[tuple[object, ...], int] = {}

    def work_out(value: Any, carried: tuple[Atom, ...]) -> int:
        touched: dict[Condition, int] = {}
        for atom in carried:
            touched.update(mentioning.get(atom, {}))
        rows = 0
        for each in touched.values():
            rows |= each
        return plain & ~rows | Cells(cells.fact, touched, 0).holding(value)

    def answer(value: Any, _at: datetime) -> int:
        if value is None:
            return missing
        carried = atoms(value)
        if not carried:
            return plain
        return _recalled(remembered, carried, lambda: work_out(value, carried))

    return answer


def _by_mentioned(cells: Cells) -> Mapping[Atom, Mapping[Condition, int]]:
    """For each atom, the conditions that mention it, each with its rows."""
    mentioning: dict[Atom, dict[Condition, int]] = {}
    for condition, rows in cells.rows_of.items():
        for test in tests_of(condition):
            if test.operator in _EQUAL | _SETS | _AFFIXES:
                for operand in _operands(test):
                    mentioning.setdefault(_atom(test.operator, operand), {})[condition] = rows
    return mentioning


def _atom(operator: Operator, operand: Any) -> Atom:
    """A prefix is not the suffix of the same letters: values that carry one do not carry both."""
    return (operator if operator in _AFFIXES else Operator.IS, operand)


def _recalled(remembered: dict[Any, int], key: object, work_out: Callable[[], int]) -> int:
    found = remembered.get(key)
    if found is None:
        found = work_out()
        if len(remembered) < _MOST_REMEMBERED:
            remembered[key] = found
    return found


def _itself(mentioned: set[Any]) -> Atoms:
    return lambda value: ((Operator.IS, value),) if value in mentioned else ()


def _elements(mentioned: set[Any]) -> Atoms:
    return lambda value: tuple(
        (Operator.IS, each) for each in sorted(mentioned.intersection(value))
    )


def _affixes(tests: list[Test]) -> Atoms:
    equal = _mentioned(tests, _EQUAL)
    domains = _mentioned(tests, {Operator.DOMAIN_IN})
    starts = _by_length(_mentioned(tests, {Operator.STARTS_WITH}))
    ends = _by_length(_mentioned(tests, {Operator.ENDS_WITH}))

    def atoms(value: str) -> tuple[Atom, ...]:
        carried = [(Operator.IS, value)] if value in equal else []
        carried += [(Operator.STARTS_WITH, value[:n]) for n, known in starts if value[:n] in known]
        carried += [(Operator.ENDS_WITH, value[-n:]) for n, known in ends if value[-n:] in known]
        over = _domains_over(value.lower(), domains) if domains else ()
        carried += [(Operator.DOMAIN_IN, domain) for domain in over]
        return tuple(carried)

    return atoms


def _by_length(affixes: set[str]) -> list[tuple[int, set[str]]]:
    lengths = sorted({len(affix) for affix in affixes})
    return [(n, {affix for affix in affixes if len(affix) == n}) for n in lengths]


def _domains_over(host: str, domains: set[str]) -> Iterator[str]:
    """The mentioned domains that a host is, or is under."""
    at = 0
    while at >= 0:
        if host[at:] in domains:
            yield host[at:]
        dot = host.find(".", at)
        at = dot + 1 if dot >= 0 else -1
