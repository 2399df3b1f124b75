"""Dated values: `weight: [{value: 1}, {value: 3, from: 2027-03-01}]`, or just `weight: 1`.

A bare date is its first instant in UTC, whatever the person's own zone: a roster must mean the
same for everyone who reads it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from routing.reading import (
    ListNode,
    MapNode,
    Mistakes,
    Node,
    Reader,
    instant_or_day,
    is_null,
    open_section,
)
from routing.roster.model import Step, Steps

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def read_steps(
    node: Node, what: str, mistakes: Mistakes, *, reader: Reader[object], absent: object
) -> Steps | None:
    """The steps of a value, dated or not; `null` reads as `absent`; None where it is wrong."""
    if not isinstance(node, ListNode) or not is_dated(node):
        value = absent if is_null(node) else reader(node, what, mistakes)
        return None if value is None and not is_null(node) else (Step(None, value),)
    before = len(mistakes)
    steps = [_step(part, what, mistakes, reader=reader, absent=absent) for part in node.parts]
    found: dict[datetime | None, Step] = {}
    for step, part in zip(steps, node.parts, strict=True):
        if step is not None and step.starts_at in found:
            when = "without `from`" if step.starts_at is None else f"from {step.starts_at:%F %T}"
            mistakes.add(part, f"{what} has two values {when}. Keep one of them.")
        elif step is not None:
            found[step.starts_at] = step
    ordered = sorted(found.values(), key=lambda step: step.starts_at or _BEGINNING)
    return tuple(ordered) if len(mistakes) == before else None


def is_dated(node: Node) -> bool:
    """Whether a node is a list of values with dates, rather than a value that is a list."""
    return (
        isinstance(node, ListNode)
        and bool(node.parts)
        and all(isinstance(part, MapNode) and _looks_dated(part) for part in node.parts)
    )


def combined(parts: Mapping[str, Steps]) -> Steps:
    """One dated mapping out of a mapping of dated values.

    Examples:
        >>> march = datetime(2027, 3, 1, tzinfo=UTC)
        >>> steps = combined({"a": (Step(None, 1), Step(march, 2)), "b": (Step(None, 9),)})
        >>> [step.value for step in steps]
        [{'a': 1, 'b': 9}, {'a': 2, 'b': 9}]
    """
    starts = {step.starts_at or _BEGINNING for steps in parts.values() for step in steps}
    return tuple(
        Step(None if start == _BEGINNING else start, _at(parts, start))
        for start in sorted({_BEGINNING, *starts})
    )


def _at(parts: Mapping[str, Steps], start: datetime) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, steps in parts.items():
        for step in steps:
            if (step.starts_at or _BEGINNING) <= start:
                values[name] = step.value
    return values


def _looks_dated(part: MapNode) -> bool:
    keys = set(part.keys())
    return "value" in keys or "from" in keys


def _step(
    part: Node, what: str, mistakes: Mistakes, *, reader: Reader[object], absent: object
) -> Step | None:
    section = open_section(
        part, f"a dated value of {what}", known=("value", "from"), mistakes=mistakes
    )
    if section is None or not section.demand("value"):
        return None
    starts_at = section.read("from", instant_or_day)
    if section.has("from") and starts_at is None:
        return None
    value = absent if section.is_null("value") else section.read("value", reader)
    return None if value is None and not section.is_null("value") else Step(starts_at, value)
