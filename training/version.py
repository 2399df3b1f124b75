"""From a fitted model to the version that is stored: prices, threshold, and what drift looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from routing.ranker import RankTables
from training.batch import MILLION, Batch, lead_log_odds, score
from training.data import Data
from training.encode import Facts, Floats, places_of
from training.estimator import RepEffectsClassifier
from training.export import Export, Stamp, export, write
from training.prices import fit_prices
from training.ties import choose_tie

REFERENCE = 4_000  #: the newest leads: prices, threshold and shares are found on them
_SCORE_BINS = 10


@dataclass(frozen=True, slots=True)
class Version:
    """One version, its tables as the daemon will read them, and the leads it was priced on."""

    written: Export
    tables: RankTables
    batch: Batch


def make_version(data: Data, model: RepEffectsClassifier, stamped: Stamp, cap: float) -> Version:
    """Export, find prices and threshold with the exported tables, and export again."""
    arrays = export(model, data.layout, data.matrix)
    newest = slice(-REFERENCE, None)
    rest: dict[str, Any] = {
        "prices_ppm": [],
        "tie_milli": 0,
        "reference": _reference(data.facts[data.window], data.won[data.window], None),
    }
    bare = write(model, data.layout, arrays, stamped, rest).read()
    rest["reference"] = _reference(data.facts[data.window], data.won[data.window], bare)
    batch = score(bare, data.facts[newest], data.eligible[newest])
    if bare.blocks:
        prices = fit_prices(batch, cap)
        rest["prices_ppm"] = [list(pair) for pair in prices]
        rest["tie_milli"] = choose_tie(batch, prices)
    written = write(model, data.layout, arrays, stamped, rest)
    return Version(written, written.read(), batch)


def _reference(facts: Sequence[Facts], won: Floats, tables: RankTables | None) -> dict[str, Any]:
    """How leads and their scores were spread over the newest matured window."""
    said: dict[str, Any] = {
        "rows": len(won),
        "base_rate_ppm": round(float(won.mean()) * MILLION),
        "counts": [],
        "score_edges_ppm": [],
        "score_counts": [len(won)],
    }
    if tables is None:
        return said
    for table in tables.lead:
        if table.feature.type != "set":
            counts = np.bincount(places_of(table.feature, facts), minlength=table.feature.size)
            said["counts"].append([table.feature.name, counts.tolist()])
    scores = np.round(MILLION / (1 + np.exp(-lead_log_odds(tables, facts))))
    cuts = np.quantile(scores, np.linspace(0, 1, _SCORE_BINS + 1)[1:-1])
    edges = np.unique(np.round(cuts)).astype(int)
    places = np.searchsorted(edges, scores, side="right")
    said["score_edges_ppm"] = edges.tolist()
    said["score_counts"] = np.bincount(places, minlength=len(edges) + 1).tolist()
    return said
