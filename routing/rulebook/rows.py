"""A condition as rows: it holds where one row does, and a row holds where all of its cells do.

A cell is a condition over one single fact. Because such conditions stay such under and, or and
not, most rules are one row; only alternatives across different facts make more of them.
"""

from collections.abc import Iterable, Iterator, Mapping

from routing.rulebook.conditions import All, AnyOf, Condition, Not, Test

MOST_ROWS = 64  #: rows of one condition

Row = Mapping[str, Condition]

_TRUE: list[Row] = [{}]


def facts_of(condition: Condition) -> Iterator[str]:
    """The facts a condition asks about, each as often as it is asked for."""
    match condition:
        case Test():
            yield condition.fact
        case Not():
            yield from facts_of(condition.part)
        case _:
            for part in condition.parts:
                yield from facts_of(part)


def rows_of(condition: Condition) -> list[Row] | None:
    """The rows, or None where there are more than `MOST_ROWS`.

    Examples:
        >>> from routing.rulebook.conditions import Operator
        >>> us, ca = (Test("country", Operator.IS, each) for each in ("US", "CA"))
        >>> big = Test("score", Operator.AT_LEAST, 80)
        >>> [sorted(row) for row in rows_of(All((AnyOf((us, ca)), big)))]
        [['country', 'score']]
        >>> [sorted(row) for row in rows_of(AnyOf((us, big)))]
        [['country'], ['score']]
    """
    facts = set(facts_of(condition))
    if len(facts) == 1:
        return [{facts.pop(): condition}]
    match condition:
        case All():
            return _product(condition.parts)
        case AnyOf():
            return _union(condition.parts)
        case Not():
            return rows_of(_turned(condition.part))
        case _:
            return [{condition.fact: condition}]


def _turned(part: Condition) -> Condition:
    """The complement, with `not` one level further down."""
    match part:
        case All():
            return AnyOf(tuple(Not(each) for each in part.parts))
        case AnyOf():
            return All(tuple(Not(each) for each in part.parts))
        case Not():
            return part.part
        case _:
            return Not(part)


def _product(parts: Iterable[Condition]) -> list[Row] | None:
    rows = _TRUE
    for part in parts:
        more = rows_of(part)
        if more is None or len(rows) * len(more) > MOST_ROWS:
            return None
        rows = [_merged(left, right) for left in rows for right in more]
    return rows


def _union(parts: Iterable[Condition]) -> list[Row] | None:
    single: dict[str, list[Condition]] = {}
    rows: list[Row] = []
    for part in parts:
        facts = set(facts_of(part))
        if len(facts) == 1:
            single.setdefault(facts.pop(), []).append(part)
            continue
        more = rows_of(part)
        if more is None:
            return None
        rows.extend(more)
    rows.extend({fact: _one_of(each)} for fact, each in single.items())
    return rows if len(rows) <= MOST_ROWS else None


def _one_of(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _merged(left: Row, right: Row) -> Row:
    row = dict(left)
    for fact, condition in right.items():
        row[fact] = All((row[fact], condition)) if fact in row else condition
    return row
