"""The ranker as plain tables: read, looked up, added in a fixed order, explained.

Training exports a model as a document and arrays of numbers; nothing here learns, loads a file
or knows who made them. Every feature is a table, so every prediction is a sum that can be shown.
"""

from routing.ranker.explaining import Factor, FactorKind, explain_scores
from routing.ranker.reading import WrongTables, read_tables
from routing.ranker.scoring import TableRanker
from routing.ranker.tables import Block, Feature, RankTables, Reference

__all__ = [
    "Block",
    "Factor",
    "FactorKind",
    "Feature",
    "RankTables",
    "Reference",
    "TableRanker",
    "WrongTables",
    "explain_scores",
    "read_tables",
]
