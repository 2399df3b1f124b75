"""How small a difference between two reps goes to the rotation.

The scale is the model's own doubt: the posterior standard deviation of the difference. Any
threshold above zero gives away some of the value that the model expects, because the better of
two guesses is still the better one; in return the leads it decides by noise are dealt out evenly
and leave data behind. We take the largest threshold that gives away at most a set part of the
uplift over an even split, on the reference sample and by the model's own estimate.
"""

import numpy as np

from training.batch import Batch, even, routed, worths

GIVEN_AWAY = 0.02  #: of the uplift
_TRIED = (2_000, 1_500, 1_000, 750, 500, 400, 300, 250, 200, 150, 100, 75, 50, 25)


def choose_tie(batch: Batch, prices_ppm: tuple[tuple[str, int], ...]) -> int:
    """The threshold in thousandths of a standard deviation.

    Args:
        batch: The reference sample.
        prices_ppm: Those of the version; value is counted after them.
    """
    net = np.where(batch.open_to, worths(batch, prices_ppm), 0.0)
    base = float((even(batch) * net).sum())
    best = float((routed(batch, prices_ppm, 0) * net).sum())
    least = best - GIVEN_AWAY * (best - base)
    for tie in _TRIED:
        if (routed(batch, prices_ppm, tie) * net).sum() >= least:
            return tie
    return 0
