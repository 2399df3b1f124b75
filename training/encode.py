"""Decided leads as a matrix of places: each feature a table, the rep in the last column.

A place is the one that `routing.ranker` will look up for the same value, so that training and
deciding cannot disagree. A set takes a column for each place: the element is there or not.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from routing.facts import Value
from routing.ranker.tables import NUMERIC, Feature
from training.rows import Contract

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Facts = Mapping[str, Value | None]

LEAST = 20  #: a level with fewer leads counts as one that training did not see
BINS = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """What each column of the matrix holds; the rep's comes after them."""

    features: tuple[Feature, ...]
    columns: tuple[tuple[int, int | None], ...]  #: (feature, a set's place; None: its own)
    segments: tuple[int, ...]  #: columns
    reps: tuple[str, ...]  #: sorted

    @property
    def rep(self) -> int:
        """The rep's column."""
        return len(self.columns)


def learn_layout(facts: Sequence[Facts], reps: Iterable[str], contract: Contract) -> Layout:
    """Levels and bins as these leads show them.

    Args:
        facts: Of every lead to learn from.
        reps: Who had one.
        contract: Which facts are features, and which of them segments.
    """
    features = tuple(
        _learned(name, kind, [each.get(name) for each in facts]) for name, kind in contract.features
    )
    columns = tuple(
        (place, part)
        for place, feature in enumerate(features)
        for part in (range(feature.size) if feature.type == "set" else (None,))
    )
    segments = tuple(
        at for at, (place, _) in enumerate(columns) if features[place].name in contract.segments
    )
    return Layout(features, columns, segments, tuple(sorted(set(reps))))


def encode(layout: Layout, facts: Sequence[Facts], reps: Sequence[str]) -> Floats:
    """The matrix: a row a lead, places as numbers; -1 for a rep whom training did not see."""
    matrix = np.empty((len(facts), len(layout.columns) + 1))
    places = {rep: place for place, rep in enumerate(layout.reps)}
    matrix[:, layout.rep] = [places.get(rep, -1) for rep in reps]
    sets = {
        at: _set_places(feature, facts)
        for at, feature in enumerate(layout.features)
        if feature.type == "set"
    }
    for column, (at, part) in enumerate(layout.columns):
        if part is None:
            matrix[:, column] = places_of(layout.features[at], facts)
        else:
            matrix[:, column] = sets[at][:, part]
    return matrix


def places_of(feature: Feature, facts: Sequence[Facts]) -> Places:
    """Where each lead stands in a feature's table; the same value is looked up once."""
    known: dict[tuple[type, Value | None], int] = {}
    name, place = feature.name, feature.place
    found = np.empty(len(facts), dtype=np.intp)
    for row, each in enumerate(facts):
        value = each.get(name)
        key = (type(value), value)
        at = known.get(key)
        if at is None:
            at = known[key] = place(value)
        found[row] = at
    return found


def effects_of(feature: Feature, effects: Floats, facts: Sequence[Facts]) -> Floats:
    """What a feature's table adds to each lead's log odds."""
    if feature.type != "set":
        added: Floats = effects[places_of(feature, facts)]
        return added
    summed: Floats = _set_places(feature, facts) @ effects
    return summed


def _set_places(feature: Feature, facts: Sequence[Facts]) -> Floats:
    present = np.zeros((len(facts), feature.size))
    for row, each in enumerate(facts):
        present[row, list(feature.places(each.get(feature.name)))] = 1.0
    return present


def _learned(name: str, kind: str, values: Sequence[Value | None]) -> Feature:
    return _LEARN.get(kind, _choice)(name, kind, values)


def _choice(name: str, kind: str, values: Sequence[Value | None]) -> Feature:
    seen = Counter(value for value in values if isinstance(value, str))
    return Feature(name, kind, levels=_frequent(seen))


def _boolean(name: str, kind: str, values: Sequence[Value | None]) -> Feature:
    del values
    return Feature(name, kind, levels=("false", "true"))


def _set(name: str, kind: str, values: Sequence[Value | None]) -> Feature:
    seen = Counter(each for value in values if isinstance(value, tuple) for each in value)
    return Feature(name, kind, levels=_frequent(seen))


def _number(name: str, kind: str, values: Sequence[Value | None]) -> Feature:
    """Bins of about equal size; the edges are numbers that leads had."""
    known = sorted(
        value
        for value in values
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    )
    if not known:
        return Feature(name, kind)
    cuts = {Decimal(known[len(known) * part // BINS]) for part in range(1, BINS)}
    return Feature(name, kind, edges=tuple(sorted(cuts - {Decimal(known[0])})))


def _frequent(seen: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(level for level, leads in seen.items() if leads >= LEAST))


_LEARN: dict[str, Callable[[str, str, Sequence[Value | None]], Feature]] = {
    "boolean": _boolean,
    "set": _set,
    **dict.fromkeys(NUMERIC, _number),
}
