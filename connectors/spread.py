"""Lengths of wait without dice: a sequence that fills an interval evenly, whatever its length."""

from collections.abc import Callable
from itertools import count
from typing import Final

_GOLDEN: Final = 0.6180339887498949


def evenly_spread() -> Callable[[], float]:
    """Draws in [0, 1), far from one another; the same ones every time.

    Examples:
        >>> draw = evenly_spread()
        >>> [round(draw(), 3) for _ in range(4)]
        [0.618, 0.236, 0.854, 0.472]
    """
    steps = count(1)
    return lambda: next(steps) * _GOLDEN % 1.0
