"""What a training run is told, and what it hands out; `training.train.train` is the run.

Terms are settings: where the line is drawn between a model that may rank and one that may not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from training.rows import Contract


class Verdict(StrEnum):
    """What may be done with a trained version. Add, never rename."""

    PROMOTE = "promote"  # it may rank
    SCORES_ONLY = "scores_only"  # its lead scores are good; who gets the lead is round robin's
    REFUSE = "refuse"  # the champion stays as it is


@dataclass(frozen=True, slots=True)
class Bounds:
    """The gate's limits."""

    least_decided: int = 1_000
    least_wins: int = 120
    worst_loss_change: float = 0.001  #: log loss against the champion: lower bound of the gain
    largest_ece: float = 0.05
    slope: tuple[float, float] = (0.8, 1.25)
    largest_p: float = 0.01  #: of the permutation test for any difference between reps
    largest_share: float = 2.0  #: leads a rep would get, as a multiple of an even split


@dataclass(frozen=True, slots=True)
class TrainingTerms:
    """How to train, and where the gate stands."""

    contract: Contract
    horizon: timedelta = timedelta(days=90)
    window: float = 0.2  #: the newest share of matured leads: judged on, then recalibrated on
    bounds: Bounds = Bounds()
    cap: float = 1.3  #: prices keep a rep's leads within this multiple of an even split
    shuffles: int = 200  #: of the permutation test
    resamples: int = 400  #: of every bootstrap
    seed: int = 0
    groups: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict
    )  #: name -> rep -> group: disparity is reported across these
    rulebook: str = ""  #: hash of the book in force
    code: str = ""  #: version of the code that trains


@dataclass(frozen=True, slots=True)
class Trained:
    """One trained version: what the daemon reads, and what a person reads."""

    document: bytes  #: canonical JSON, for `routing.ranker.read_tables`
    tables: bytes  #: npz without pickle; its SHA-256 stands in the document
    report: Mapping[str, Any]  #: plain JSON values: every figure of the run
    verdict: Verdict
    reasons: tuple[str, ...]  #: sentences: what failed, with its figures; empty for a promotion
