"""What the ranker is measured beside: the base rate, a lead score, and boosted trees.

None of them is ever exported. The trees see the rep as one more category.
"""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from training.encode import Floats, Layout

MOST_ROWS = 50_000  #: the newest leads; boosting a million takes longer than it tells
_MOST_REPS = 250  #: categories that the trees can hold


def boosted(
    layout: Layout, matrix: Floats, won: Floats, seed: int
) -> HistGradientBoostingClassifier:
    """Gradient boosting with the rep as a category."""
    trees = _trees([*_names(layout), layout.rep], seed)
    return trees.fit(fewer_reps(layout, matrix)[-MOST_ROWS:], won[-MOST_ROWS:])


def expected_of_leads(layout: Layout, matrix: Floats, won: Floats, seed: int) -> Floats:
    """What is to be expected of each lead whoever has it, interactions of its fields included.

    In sample: a model that fits a little too well leaves less to be ascribed to reps.
    """
    leads = matrix[:, : layout.rep]
    chance: Floats = _trees(_names(layout), seed).fit(leads, won).predict_proba(leads)[:, 1]
    return chance


def _trees(categories: list[int], seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=80,
        learning_rate=0.08,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=1.0,
        categorical_features=categories,
        early_stopping=False,
        random_state=seed,
    )


def fewer_reps(layout: Layout, matrix: Floats) -> Floats:
    """The matrix with unknown reps and those beyond what trees can hold as missing."""
    kept = matrix.copy()
    reps = kept[:, layout.rep]
    reps[(reps < 0) | (reps >= _MOST_REPS)] = np.nan
    return kept


def _names(layout: Layout) -> list[int]:
    return [
        column
        for column, (place, part) in enumerate(layout.columns)
        if part is None and layout.features[place].type in ("choice", "boolean")
        if layout.features[place].size <= _MOST_REPS
    ]
