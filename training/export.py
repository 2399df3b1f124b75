"""A fitted estimator as plain data: a document in canonical JSON, and arrays without pickle.

Tables of leads are written around their mean over the training leads, so that an effect says
how a lead differs from the average one. What training did not see keeps an effect of zero before
that, and the prior's own spread.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from routing.canonical import canonical, stamp
from routing.ranker import RankTables, read_tables
from routing.ranker.reading import ENGINE, KIND, SCHEMA
from training.encode import Floats, Layout
from training.estimator import RepEffectsClassifier

_EPOCH = (1980, 1, 1, 0, 0, 0)  #: of every array in the file: the same model, the same bytes


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a version says of where it comes from."""

    trained_at: datetime
    horizon_days: int
    data_sha256: str
    rulebook: str
    rows: int
    wins: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """One version as it is stored."""

    document: bytes
    tables: bytes

    def read(self) -> RankTables:
        """The same version as the daemon will read it."""
        return read_tables(self.document, decode_npz(self.tables))


def export(model: RepEffectsClassifier, layout: Layout, matrix: Floats) -> dict[str, Floats]:
    """The arrays that `routing.ranker` reads, by name.

    Args:
        model: Fitted on the matrix's columns.
        layout: What the columns hold.
        matrix: The training leads, for the mean of each table.
    """
    arrays: dict[str, Floats] = {}
    intercept = model.intercept_
    for at, feature in enumerate(layout.features):
        columns = [column for column, (place, _) in enumerate(layout.columns) if place == at]
        if feature.type == "set":
            effects, sds, base = _set_table(model, columns)
        else:
            effects, sds = _table(model, columns[0], feature.size)
            counts = np.bincount(matrix[:, columns[0]].astype(np.intp), minlength=feature.size)
            base = float(effects @ counts / max(counts.sum(), 1))
            effects = effects - base
        intercept += base
        arrays[f"lead.{feature.name}.effect"] = effects
        arrays[f"lead.{feature.name}.sd"] = sds
    arrays["intercept"] = np.array([intercept])
    for block, (name, column) in enumerate(_blocks(model, layout)):
        arrays |= _block(model, layout, block, (name, column))
    return arrays


def write(
    model: RepEffectsClassifier,
    layout: Layout,
    arrays: Mapping[str, Floats],
    said: Stamp,
    rest: Mapping[str, Any],
) -> Export:
    """Document and file of one version.

    Args:
        model: Fitted.
        layout: Its columns.
        arrays: As `export` made them.
        said: Where it comes from.
        rest: `prices_ppm`, `tie_milli` and `reference`.
    """
    tables = encode_npz(arrays)
    segments = {place for place, _ in (layout.columns[each] for each in layout.segments)}
    document = {
        "arrays_sha256": hashlib.sha256(tables).hexdigest(),
        "blocks": [
            {
                "name": name,
                "segment": None if column is None else _feature_of(layout, column),
            }
            for name, column in _blocks(model, layout)
        ],
        "code": said.code,
        "data_sha256": said.data_sha256,
        "engine": ENGINE,
        "features": [
            {
                "edges": [format(edge, "f") for edge in feature.edges],
                "known_at": "routing",
                "levels": list(feature.levels),
                "name": feature.name,
                "segment": at in segments,
                "type": feature.type,
            }
            for at, feature in enumerate(layout.features)
        ],
        "horizon_days": said.horizon_days,
        "kind": KIND,
        "reps": list(layout.reps) if model.rep is not None else [],
        "rows": said.rows,
        "rulebook": said.rulebook,
        "schema": SCHEMA,
        "trained_at": stamp(said.trained_at),
        "wins": said.wins,
        **rest,
    }
    return Export(canonical(document), tables)


def encode_npz(arrays: Mapping[str, Floats]) -> bytes:
    """The arrays as one npz file, byte for byte the same for the same numbers."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            member = io.BytesIO()
            flat = np.ascontiguousarray(arrays[name], dtype="<f8").ravel()
            np.lib.format.write_array(member, flat, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _EPOCH), member.getvalue())
    return file.getvalue()


def decode_npz(tables: bytes) -> Mapping[str, list[float]]:
    """The arrays of an npz file as lists; pickled objects in it are refused.

    Raises:
        ValueError: It is no such file, or would need pickle.
    """
    try:
        with np.load(io.BytesIO(tables), allow_pickle=False) as file:
            return {name: file[name].astype(np.float64).ravel().tolist() for name in file.files}
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"the tables are no npz file: {error}") from error


def _blocks(model: RepEffectsClassifier, layout: Layout) -> list[tuple[str, int | None]]:
    if model.rep is None:
        return []
    named = [(f"rep x {_feature_of(layout, column)}", column) for column in model.segments]
    return [("rep", None), *named]


def _feature_of(layout: Layout, column: int) -> str:
    return layout.features[layout.columns[column][0]].name


def _table(model: RepEffectsClassifier, column: int, size: int) -> tuple[Floats, Floats]:
    """By place; a place that no training lead had keeps the prior."""
    effects, sds = np.zeros(size), np.full(size, _prior(model, column))
    seen = model.levels_[column].astype(np.intp)
    effects[seen] = model.lead_effects_[column][: len(seen)]
    sds[seen] = model.lead_sds_[column][: len(seen)]
    return effects, sds


def _set_table(model: RepEffectsClassifier, columns: Sequence[int]) -> tuple[Floats, Floats, float]:
    """An element's effect is what its presence adds; that of nothing present goes elsewhere."""
    effects, sds, base = np.zeros(len(columns)), np.zeros(len(columns)), 0.0
    for place, column in enumerate(columns):
        own, spreads = _table(model, column, 2)
        effects[place], base = own[1] - own[0], base + own[0]
        sds[place] = np.hypot(spreads[0], spreads[1])
    return effects, sds, float(base)


def _prior(model: RepEffectsClassifier, column: int) -> float:
    lead = [place for place in range(len(model.levels_)) if place != model.rep]
    return float(model.lead_taus_[lead.index(column)])


def _block(
    model: RepEffectsClassifier, layout: Layout, block: int, named: tuple[str, int | None]
) -> dict[str, Floats]:
    """Place by place, each with all reps."""
    name, column = named
    tau = float(model.taus_[block])
    size = 1 if column is None else layout.features[layout.columns[column][0]].size
    effects, sds = np.zeros((size, len(layout.reps))), np.full((size, len(layout.reps)), tau)
    seen = np.zeros(1) if column is None else model.levels_[column]
    reps = model.levels_[layout.rep].astype(np.intp)
    places = np.ix_(seen.astype(np.intp), reps)
    effects[places] = model.rep_effects_[block][: len(reps), : len(seen)].T
    sds[places] = model.rep_sds_[block][: len(reps), : len(seen)].T
    return {f"{name}.effect": effects, f"{name}.sd": sds, f"{name}.tau": np.array([tau])}
