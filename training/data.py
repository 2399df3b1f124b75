"""Matured leads as every part of a training run looks at them, in the order of time."""

from collections.abc import Sequence

import numpy as np

from training.encode import Floats, encode, learn_layout
from training.rows import DecidedLead, Labelled
from training.terms import TrainingTerms

MOST_JUDGED = 20_000  #: leads of the window, at most
_RECALIBRATED = 0.25  #: of the older leads: the judged model's own newest window


class Data:
    """Facts, reps and ends; what is older than the window, and what lies in it."""

    def __init__(self, learned: Sequence[Labelled], terms: TrainingTerms) -> None:
        self.rows = [each.row for each in learned]
        self.facts = [row.facts for row in self.rows]
        self.had = [row.rep for row in self.rows]
        self.eligible = [_with_owner(row) for row in self.rows]
        self.won = np.array([each.won for each in learned], dtype=np.float64)
        self.layout = learn_layout(self.facts, self.had, terms.contract)
        self.matrix = encode(self.layout, self.facts, self.had)
        self.cut = len(self.rows) - min(round(len(self.rows) * terms.window), MOST_JUDGED)

    @property
    def everything(self) -> slice:
        """All matured leads."""
        return slice(0, len(self.rows))

    @property
    def older(self) -> slice:
        """What the judged models learn from."""
        return slice(0, self.cut)

    @property
    def newest_older(self) -> slice:
        """What their intercepts are recalibrated on."""
        return slice(self.cut - max(round(self.cut * _RECALIBRATED), 1), self.cut)

    @property
    def window(self) -> slice:
        """What they are judged on."""
        return slice(self.cut, len(self.rows))

    def seen(self, *, reps: bool) -> Floats:
        """The matrix, with the reps or without."""
        return self.matrix if reps else self.matrix[:, : self.layout.rep]


def _with_owner(row: DecidedLead) -> tuple[str, ...]:
    """Who could have had it: a human's pick was possible, whatever the rules said."""
    return row.eligible if row.rep in row.eligible else tuple(sorted({*row.eligible, row.rep}))
