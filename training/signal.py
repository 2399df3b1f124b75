"""Do reps differ at all? A permutation test, before anybody is ranked.

Within leads that the same reps could have taken, and that looked equally good, who got which is
shuffled. If reps do not differ, the shuffled history looks like the real one. Leads whose sets
differ are shuffled too: two leads trade reps where each rep could have taken the other lead.

A model of the lead alone, flexible enough to see fields work together, says what was to be
expected; what it missed would look like the merit of whoever got such leads. The statistic adds
up, for every rep and every rep by segment, the squared excess of wins over its variance: the
score test of a variance component. It needs no model fit per shuffle.

What it cannot see: a quality of leads that managers knew and no field holds, when they gave such
leads to the same reps. Only leads routed by chance tell those worlds apart.

Source:
    Lin (1997), Biometrika 84: "Variance component testing in generalised linear models with
    random effects".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.encode import Floats, Places

MOST = 20_000  #: leads worth testing, the newest; more would only confirm what they say
_LOOKED_FOR = 0.3  #: the spread of rep effects at which the statistic is most powerful
_TRADES = 2  #: rounds of trades between different sets, for each shuffle


@dataclass(frozen=True, slots=True)
class Past:
    """Leads as the test needs them; all of the same length."""

    won: Floats
    expected: Floats  #: probability by a model of the lead alone
    rep: Places
    segments: Sequence[Places]
    eligible: Sequence[tuple[str, ...]]
    reps: tuple[str, ...]


def rep_signal_p(past: Past, *, shuffles: int, seed: int) -> float:
    """The chance of so large a difference between reps if there were none.

    Args:
        past: Matured leads in the order of time.
        shuffles: How many; the smallest answer is 1 / (shuffles + 1).
        seed: Of the shuffles.
    """
    chance = np.random.default_rng([seed, 11])
    deck = _Deck(past, chance)
    found = np.array(
        [_statistics(past, past.rep)]
        + [_statistics(past, deck.shuffled(past.rep)) for _ in range(shuffles)]
    )
    spread = found.std(axis=0)
    standard = (found - found.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    total = standard.sum(axis=1)
    return float((1 + (total[1:] >= total[0]).sum()) / (shuffles + 1))


def _statistics(past: Past, rep: Places) -> list[float]:
    excess = past.won - past.expected
    weight = past.expected * (1 - past.expected)
    found = []
    for segment in [np.zeros(len(rep), np.intp), *past.segments]:
        at = rep * (int(segment.max(initial=0)) + 1) + segment
        summed, known = np.bincount(at, excess), np.bincount(at, weight)
        found.append(float((np.square(summed) / (known + 1 / _LOOKED_FOR**2)).sum()))
    return found


class _Deck:
    """Who may trade with whom."""

    def __init__(self, past: Past, chance: np.random.Generator) -> None:
        self._chance = chance
        names = {who: place for place, who in enumerate(sorted(set(past.eligible)))}
        self._set = np.array([names[who] for who in past.eligible], np.intp)
        known = {rep: place for place, rep in enumerate(past.reps)}
        self._open = np.zeros((len(names), len(past.reps)), dtype=bool)
        for who, place in names.items():
            self._open[place, [known[rep] for rep in who if rep in known]] = True
        order = np.argsort(np.argsort(past.expected, kind="stable"), kind="stable")
        self._tenth = order * 10 // max(len(order), 1)
        self._hand = self._set * 10 + self._tenth
        self._by_hand = np.argsort(self._hand, kind="stable")

    def shuffled(self, rep: Places) -> Places:
        """Reps dealt anew: within equal sets and tenths freely, between sets where both fit."""
        size = len(rep)
        dealt = np.empty_like(rep)
        dealt[self._mixed(self._hand)] = rep[self._by_hand]
        for _ in range(_TRADES):
            order = self._mixed(self._tenth)
            one, other = order[: size // 2 * 2 : 2], order[1::2]
            fits = self._fits(one, dealt[other]) & self._fits(other, dealt[one])
            one, other = one[fits], other[fits]
            dealt[one], dealt[other] = dealt[other], dealt[one]
        return dealt

    def _mixed(self, group: Places) -> Places:
        """Group after group, each in an order of chance: a whole number and less than one."""
        return np.argsort(group + self._chance.random(len(group)))

    def _fits(self, rows: Places, reps: Places) -> NDArray[np.bool_]:
        fits: NDArray[np.bool_] = self._open[self._set[rows], reps]
        return fits
