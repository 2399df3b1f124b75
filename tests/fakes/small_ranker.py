"""A ranker of two reps and three features, small enough to add up by hand."""

from typing import Any

from routing.canonical import canonical
from routing.ranker import RankTables, read_tables

DOCUMENT: dict[str, Any] = {
    "arrays_sha256": "0" * 64,
    "blocks": [{"name": "rep", "segment": None}, {"name": "rep x country", "segment": "country"}],
    "data_sha256": "1" * 64,
    "engine": 1,
    "features": [
        {"name": "country", "type": "choice", "levels": ["DE", "US"], "edges": []},
        {"name": "employees", "type": "integer", "levels": [], "edges": ["50", "200"]},
        {"name": "products", "type": "set", "levels": ["api", "support"], "edges": []},
    ],
    "horizon_days": 90,
    "kind": "signalbox-ranker",
    "prices_ppm": [],
    "reference": {
        "rows": 10,
        "base_rate_ppm": 100_000,
        "counts": [["country", [0, 0, 5, 5]]],
        "score_edges_ppm": [100_000],
        "score_counts": [5, 5],
    },
    "reps": ["ada", "bob"],
    "rows": 10,
    "rulebook": "2" * 64,
    "schema": 1,
    "tie_milli": 500,
    "trained_at": "2026-01-05T09:00:00Z",
    "wins": 1,
}

#: Places: missing, other, then levels or bins. Blocks go place by place, ada before bob.
ARRAYS: dict[str, list[float]] = {
    "intercept": [-2.0],
    "lead.country.effect": [0.0, 0.0, 0.5, -0.5],
    "lead.country.sd": [0.3, 0.3, 0.1, 0.1],
    "lead.employees.effect": [0.0, 0.0, -0.25, 0.0, 0.25],
    "lead.employees.sd": [0.3, 0.3, 0.1, 0.1, 0.1],
    "lead.products.effect": [0.0, 0.0, 0.125, 0.25],
    "lead.products.sd": [0.3, 0.3, 0.1, 0.1],
    "rep.effect": [0.5, -0.5],
    "rep.sd": [0.1, 0.1],
    "rep.tau": [0.5],
    "rep x country.effect": [0.0, 0.0, 0.0, 0.0, -1.0, 1.0, 0.0, 0.0],
    "rep x country.sd": [0.2, 0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1],
    "rep x country.tau": [0.2],
}


def small_tables(arrays: dict[str, list[float]] | None = None, **changed: Any) -> RankTables:
    """The tables, with some of the document or the arrays changed."""
    return read_tables(canonical({**DOCUMENT, **changed}), {**ARRAYS, **(arrays or {})})
