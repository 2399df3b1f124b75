"""The record of a decision: its inputs and its result, self-contained, in canonical bytes.

`write` makes the bytes, `read` gives the inputs back, `skim` what a model learns from, and
`reproduce` decides again and says whether the same bytes come out. A record of another engine
number is its own answer.
"""

from routing.record.people import Spelled
from routing.record.reproducing import Differs, OtherEngine, Reproduction, Same, reproduce
from routing.record.skimming import Skimmed, skim
from routing.record.writing import Inputs, read, write

__all__ = [
    "Differs",
    "Inputs",
    "OtherEngine",
    "Reproduction",
    "Same",
    "Skimmed",
    "Spelled",
    "read",
    "reproduce",
    "skim",
    "write",
]
