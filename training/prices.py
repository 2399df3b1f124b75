"""What a rep's next lead costs, so that nobody gets more than their share.

Ranked by probability alone, the best reps would get nearly everything. With a price on each of
them, and every lead going to the largest probability less price, the leads spread as the cap
says and the sum of probabilities is the largest that such a spread allows. Who is within their
cap costs nothing.

Source:
    Bertsekas (1999), "Nonlinear Programming", 2nd ed., section 6.3: subgradient steps on the dual.
"""

import numpy as np

from training.batch import MILLION, Batch, even
from training.encode import Floats

STEPS = 400
_AVERAGED = 200  #: the last steps, whose prices are averaged


def fit_prices(batch: Batch, cap: float) -> tuple[tuple[str, int], ...]:
    """Prices at which no rep gets more than `cap` times an even split of these leads.

    Args:
        batch: A reference sample of leads, as they come.
        cap: The multiple, above 1.

    Returns:
        (rep, price in millionths), sorted by rep; a price of zero is left out.
    """
    shares = even(batch).sum(axis=0)
    limits = np.maximum(cap * shares, 1e-9)
    prices, kept = np.zeros(len(batch.reps)), np.zeros(len(batch.reps))
    worth = np.where(batch.open_to, batch.probabilities, -np.inf)
    first = 0.3 * float(batch.probabilities[batch.open_to].std()) if len(batch) else 0.0
    for step in range(STEPS):
        got = np.bincount((worth - prices).argmax(axis=1), minlength=len(prices))
        excess = np.clip((got - limits) / limits, -1.0, 1.0)
        prices = np.maximum(prices + first / (1 + step / 12) * excess, 0.0)
        if step >= STEPS - _AVERAGED:
            kept += prices / _AVERAGED
    return _in_ppm(batch, kept)


def _in_ppm(batch: Batch, prices: Floats) -> tuple[tuple[str, int], ...]:
    whole = [
        (rep, round(float(price) * MILLION)) for rep, price in zip(batch.reps, prices, strict=True)
    ]
    return tuple((rep, price) for rep, price in whole if price > 0)
