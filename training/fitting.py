"""The models of one run: those that are judged, and the one that may go into force."""

from dataclasses import dataclass

import numpy as np

from routing.ranker import RankTables
from training.batch import score, with_rep
from training.data import Data
from training.encode import Floats
from training.estimator import RepEffectsClassifier
from training.references import boosted, fewer_reps


@dataclass(frozen=True, slots=True)
class Judged:
    """Probabilities of the window's leads, by models that learned from older ones."""

    ranker: Floats
    lead_score: Floats
    boosted: Floats
    prior: Floats
    champion: Floats | None  #: by the version in force, whatever it learned from


def judged(data: Data, champion: RankTables | None, seed: int) -> Judged:
    """Fit everything on the older leads and predict the window."""
    window = data.window
    ranker, lead = (_fit(data, data.older, data.newest_older, reps=reps) for reps in (True, False))
    trees = boosted(data.layout, data.matrix[data.older], data.won[data.older], seed)
    in_window = fewer_reps(data.layout, data.matrix[window])
    return Judged(
        ranker=ranker.predict_proba(data.seen(reps=True)[window])[:, 1],
        lead_score=lead.predict_proba(data.seen(reps=False)[window])[:, 1],
        boosted=trees.predict_proba(in_window)[:, 1],
        prior=np.full(len(data.rows) - data.cut, data.won[data.newest_older].mean()),
        champion=None if champion is None else _by(champion, data),
    )


def final(data: Data, *, reps: bool) -> RepEffectsClassifier:
    """The version itself: on all matured leads, its intercept on the newest."""
    return _fit(data, data.everything, data.window, reps=reps)


def _fit(data: Data, rows: slice, newest: slice, *, reps: bool) -> RepEffectsClassifier:
    matrix = data.seen(reps=reps)
    model = RepEffectsClassifier(
        data.layout.rep if reps else None,
        data.layout.segments if reps else (),
        categorical=range(data.layout.rep),
    )
    model.fit(matrix[rows], data.won[rows])
    return model.recalibrate(matrix[newest], data.won[newest])


def _by(champion: RankTables, data: Data) -> Floats:
    had = data.had[data.cut :]
    return with_rep(score(champion, data.facts[data.cut :], [(rep,) for rep in had]), had)
