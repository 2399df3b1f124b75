"""What a model learns from a record, and nothing else: a tenth of the work of reading it whole.

Of the candidates of the selected pool only ids and weights are wanted, of the facts only the
values. What is sealed stays sealed: such a fact counts as missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routing.canonical import parse
from routing.facts import Value
from routing.record.facts import read_values
from routing.record.people import read_weights


@dataclass(frozen=True, slots=True)
class Skimmed:
    """One decision, as far as it teaches."""

    facts: Mapping[str, Value | None]  #: of the lead, by name, in the order of the record
    left: tuple[tuple[str, int], ...]  #: (rep, weight) whom no layer removed from the pool
    pick_probability_ppm: int | None
    model: str | None  #: version and hash of the model that ranked


def skim(record: bytes) -> Skimmed:
    """Read what teaches from a record's canonical bytes."""
    said: Any = parse(record)
    inputs, result = said["inputs"], said["result"]
    return Skimmed(
        facts=read_values(inputs["lead"]["facts"]),
        left=_left(read_weights(inputs["people"], result["pool"]), result["drops"]),
        pick_probability_ppm=result.get("pick_probability_ppm"),
        model=inputs.get("scores", {}).get("model"),
    )


def _left(
    members: Sequence[tuple[str, int]], drops: Sequence[tuple[str, str, Sequence[int | str]]]
) -> tuple[tuple[str, int], ...]:
    """Who is in no drop: those name members by their place, anybody else by id."""
    dropped = {who for _, _, people in drops for who in people}
    if not dropped:
        return tuple(members)
    return tuple(
        [
            member
            for place, member in enumerate(members)
            if place not in dropped and member[0] not in dropped
        ]
    )
