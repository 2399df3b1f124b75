"""The record of a decision: its inputs and its result, self-contained, in canonical bytes.

`write` makes the bytes, `read` gives the inputs back, `skim` what a model learns from, and
`reproduce` decides again and says whether the same bytes come out. A record of another engine
number is its own answer.
"""

from routing.record.people import Spelled
from routing.record.reproducing import (
    Differs,
    Erased,
    Lacking,
    Missing,
    Opened,
    OtherEngine,
    Reproduction,
    Same,
    Sources,
    Unreadable,
    reproduce,
)
from routing.record.skimming import Skimmed, skim
from routing.record.writing import Inputs, read, write

__all__ = [
    "Differs",
    "Erased",
    "Inputs",
    "Lacking",
    "Missing",
    "Opened",
    "OtherEngine",
    "Reproduction",
    "Same",
    "Skimmed",
    "Sources",
    "Spelled",
    "Unreadable",
    "read",
    "reproduce",
    "skim",
    "write",
]
