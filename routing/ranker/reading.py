"""A model's document and arrays as tables, checked whole before anything may be decided by them.

The document is canonical JSON, the arrays are flat lists of numbers by name; decoding the file
they came in, and comparing its hash with `arrays_sha256`, is the shell's.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from routing.ranker.tables import Block, Feature, LeadTable, RankTables, Reference

KIND = "signalbox-ranker"
SCHEMA = 1  #: of the document; another number is another reader's
ENGINE = 1  #: raised whenever the same tables could give other scores

Arrays = Mapping[str, Sequence[float]]


class WrongTables(ValueError):
    """A model that cannot be used; the message says what to do about it."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The model cannot be used: {what}. The model in force stays as it is; train again, "
            "or roll back to a version that loads."
        )


def read_tables(document: bytes, arrays: Arrays) -> RankTables:
    """Read one trained version.

    Args:
        document: As training wrote it, byte for byte: its hash names the version.
        arrays: Every array that the document names, flat, by name.

    Raises:
        WrongTables: It is not such a document, is of another schema or engine, or an array is
            missing, of another length, or holds something that is not a finite number.
    """
    said = _parsed(document)
    try:
        return _tables(said, hashlib.sha256(document).hexdigest(), arrays)
    except (KeyError, TypeError, ArithmeticError, AttributeError) as error:
        raise WrongTables(f"its document lacks or garbles {error}") from error
    except WrongTables:
        raise
    except ValueError as error:
        raise WrongTables(f"its document holds a wrong value ({error})") from error


def _parsed(document: bytes) -> dict[str, Any]:
    try:
        said = json.loads(document)
    except ValueError as error:
        raise WrongTables(f"its document is not JSON ({error})") from error
    if not isinstance(said, dict) or said.get("kind") != KIND:
        raise WrongTables(f"its document does not say that it is a {KIND}")
    for name, known in (("schema", SCHEMA), ("engine", ENGINE)):
        if said.get(name) != known:
            raise WrongTables(
                f"it has {name} {said.get(name)}, and this version of Signalbox reads {known}"
            )
    return said


def _tables(said: dict[str, Any], document_hash: str, arrays: Arrays) -> RankTables:
    features = {each["name"]: _feature(each) for each in said["features"]}
    reps = tuple(said["reps"])
    if list(reps) != sorted(set(reps)):
        raise WrongTables("its reps are not sorted, or one is named twice")
    return RankTables(
        hash=document_hash,
        arrays_sha256=said["arrays_sha256"],
        intercept=_numbers(arrays, "intercept", 1)[0],
        lead=tuple(_lead_table(feature, arrays) for feature in features.values()),
        blocks=tuple(_block(each, features, len(reps), arrays) for each in said["blocks"]),
        reps=reps,
        prices_ppm=tuple((rep, int(price)) for rep, price in said["prices_ppm"]),
        tie_milli=int(said["tie_milli"]),
        horizon_days=int(said["horizon_days"]),
        trained_at=datetime.fromisoformat(said["trained_at"]),
        data_sha256=said["data_sha256"],
        rulebook=said["rulebook"],
        rows=int(said["rows"]),
        wins=int(said["wins"]),
        reference=_reference(said["reference"]),
    )


def _feature(said: dict[str, Any]) -> Feature:
    levels, edges = tuple(said["levels"]), tuple(Decimal(edge) for edge in said["edges"])
    if list(levels) != sorted(set(levels)) or list(edges) != sorted(set(edges)):
        raise WrongTables(f"the levels or edges of {said['name']} are not in ascending order")
    return Feature(said["name"], said["type"], levels, edges)


def _lead_table(feature: Feature, arrays: Arrays) -> LeadTable:
    name = f"lead.{feature.name}"
    effects = _numbers(arrays, f"{name}.effect", feature.size)
    return LeadTable(feature, effects, _spreads(arrays, f"{name}.sd", feature.size))


def _block(
    said: dict[str, Any], features: Mapping[str, Feature], reps: int, arrays: Arrays
) -> Block:
    segment = None if said["segment"] is None else features[said["segment"]]
    places = 1 if segment is None else segment.size
    name = said["name"]
    effects = _numbers(arrays, f"{name}.effect", places * reps)
    sds = _spreads(arrays, f"{name}.sd", places * reps)
    return Block(
        name=name,
        segment=segment,
        effects=_by_place(effects, reps, places),
        variances=_by_place(tuple(sd * sd for sd in sds), reps, places),
        tau=_spreads(arrays, f"{name}.tau", 1)[0],
    )


def _by_place(flat: tuple[float, ...], reps: int, places: int) -> tuple[tuple[float, ...], ...]:
    return tuple(flat[place * reps : (place + 1) * reps] for place in range(places))


def _numbers(arrays: Arrays, name: str, length: int) -> tuple[float, ...]:
    if name not in arrays:
        raise WrongTables(f"the array {name} is missing")
    numbers = tuple(float(number) for number in arrays[name])
    if len(numbers) != length:
        raise WrongTables(f"the array {name} has {len(numbers)} numbers instead of {length}")
    if not all(isfinite(number) for number in numbers):
        raise WrongTables(f"the array {name} holds something that is not a finite number")
    return numbers


def _spreads(arrays: Arrays, name: str, length: int) -> tuple[float, ...]:
    numbers = _numbers(arrays, name, length)
    if min(numbers, default=0.0) < 0.0:
        raise WrongTables(f"the array {name} holds a negative standard deviation")
    return numbers


def _reference(said: dict[str, Any]) -> Reference:
    return Reference(
        rows=int(said["rows"]),
        base_rate_ppm=int(said["base_rate_ppm"]),
        counts=tuple((name, tuple(counts)) for name, counts in said["counts"]),
        score_edges_ppm=tuple(said["score_edges_ppm"]),
        score_counts=tuple(said["score_counts"]),
    )
