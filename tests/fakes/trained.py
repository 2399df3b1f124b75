"""A trained version in bytes, as the ledger keeps it: two reps, one of whom is good in Germany."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import numpy as np

from models.rankers.versions import NewModel, Verdict
from routing.canonical import canonical, stamp
from tests.fakes.small_ranker import ARRAYS, DOCUMENT


def npz(arrays: dict[str, list[float]]) -> bytes:
    """Arrays as the file that holds them."""
    file = BytesIO()
    np.savez(file, **{name: np.array(numbers) for name, numbers in arrays.items()})  # type: ignore[arg-type]
    return file.getvalue()


def trained(
    reps: Sequence[str] = ("ada", "bob"),
    *,
    at: datetime,
    better: int = 0,
    verdict: Verdict = Verdict.PROMOTE,
    **changed: Any,
) -> NewModel:
    """A version that prefers one of two reps, whatever the lead.

    Args:
        reps: Internal ids of two.
        at: When it was trained.
        better: The place of the one it prefers, of the sorted ids.
        verdict: What the gate said.
        changed: Other values in the document.
    """
    effects = [2.0, -2.0] if better == 0 else [-2.0, 2.0]
    nothing = [0.0] * len(ARRAYS["rep x country.effect"])
    arrays = {**ARRAYS, "rep.effect": effects, "rep x country.effect": nothing}
    tables = npz(arrays)
    said = {"reps": sorted(reps), "trained_at": stamp(at), **changed}
    document = {**DOCUMENT, **said, "arrays_sha256": hashlib.sha256(tables).hexdigest()}
    return NewModel(
        document=canonical(document),
        tables=tables,
        verdict=verdict,
        why="log-loss 0.31 against 0.38 of the base rate",
        report={"log_loss": 0.31},
        card="# Model card",
        data_sha256="1" * 64,
        rows=1200,
        rulebook="2" * 64,
    )
