"""What learning is told: decided leads with the facts as recorded, and what became of them.

Facts are those of the decision's own record, never read again from a CRM. A lead counts as lost
only when the horizon has passed without a win. Leads younger than the horizon are left out
whole, wins too: wins arrive before losses, and counting the early ones would flatter the rate.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from routing.canonical import Json, Piece, canonical, piece, plain, stamp
from routing.facts import Value
from routing.rulebook.model import Field, FieldType

#: Field types that can be features: the others name a person or are free text.
LEARNABLE = (
    FieldType.CHOICE,
    FieldType.BOOLEAN,
    FieldType.INTEGER,
    FieldType.MONEY,
    FieldType.SET,
)
#: A set has no one place for a lead, so reps are not compared within it.
SEGMENTABLE = (FieldType.CHOICE, FieldType.BOOLEAN, FieldType.INTEGER, FieldType.MONEY)


@dataclass(frozen=True, slots=True)
class DecidedLead:
    """One decision about a lead that a rep got, and what is known of its end."""

    decision: str  #: the decision's id
    lead: str
    route: str
    at: datetime  #: when it was decided
    rep: str  #: who got it
    method: str  #: see `routing.decision.Method`
    eligible: tuple[str, ...]  #: who could have got it, sorted
    pick_probability_ppm: int | None  #: as recorded
    facts: Mapping[str, Value | None]  #: exactly as the decision recorded them
    won: bool | None = None  #: None: not known yet
    outcome_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """Which facts a model may see: all of them known when the lead is routed.

    The written contract of a version. A fact that a decision recorded was known at routing time
    by construction; what becomes known later never stands in a record.
    """

    features: tuple[tuple[str, str], ...]  #: (field, type), sorted
    segments: tuple[str, ...] = ()  #: fields in whose values reps may differ from themselves

    def as_lines(self) -> list[dict[str, str]]:
        """One line a field, as the model card and MLflow show it."""
        return [
            {
                "field": name,
                "type": kind,
                "known_at": "routing",
                "use": "feature and segment" if name in self.segments else "feature",
            }
            for name, kind in self.features
        ]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A decided lead whose end counts."""

    row: DecidedLead
    won: bool


def contract_of(
    fields: Mapping[str, Field],
    *,
    segments: Iterable[str] = (),
    without: Iterable[str] = (),
) -> Contract:
    """The contract that a rulebook's fields allow.

    Args:
        fields: The book's.
        segments: Fields in which reps may differ from themselves.
        without: Fields that the model must not see, such as those that stand for a person.

    Raises:
        ValueError: A segment is not a field that reps can be compared within.
    """
    left_out = frozenset(without)
    kept = {
        name: field
        for name, field in sorted(fields.items())
        if field.type in LEARNABLE and name not in left_out
    }
    wanted = tuple(sorted(segments))
    for name in wanted:
        if name not in kept or kept[name].type not in SEGMENTABLE:
            can = sorted(each for each, field in kept.items() if field.type in SEGMENTABLE)
            raise ValueError(
                f"{name} cannot be a segment: it is no choice, boolean or number among the "
                f"features. Name some of: {', '.join(can) or 'there is none'}."
            )
    return Contract(tuple((name, field.type.value) for name, field in kept.items()), wanted)


def matured(
    rows: Iterable[DecidedLead], *, horizon: timedelta, at: datetime
) -> tuple[Labelled, ...]:
    """The leads that are older than the horizon, with their ends, by time and decision.

    A win counts when it was known by `at` and came within the horizon; a later one is a loss by
    definition, and so is no word at all.
    """
    old = [Labelled(row, _is_won(row, horizon, at)) for row in rows if row.at + horizon <= at]
    return tuple(sorted(old, key=lambda each: (each.row.at, each.row.decision)))


def _is_won(row: DecidedLead, horizon: timedelta, at: datetime) -> bool:
    if row.won is not True:
        return False
    return row.outcome_at is None or row.outcome_at <= min(row.at + horizon, at)


def data_digest(rows: Sequence[Labelled]) -> str:
    """SHA-256 over the canonical bytes of all rows, sorted by decision; one line a row.

    MLflow's own digest covers the first ten thousand rows only.
    """
    hashed = hashlib.sha256()
    for each in sorted(rows, key=lambda each: each.row.decision):
        hashed.update(canonical(_said(each)))
        hashed.update(b"\n")
    return hashed.hexdigest()


def _said(each: Labelled) -> dict[str, object]:
    row = each.row
    return {
        "at": stamp(row.at),
        "decision": row.decision,
        "eligible": _eligible(row.eligible),
        "facts": [_fact(name, value) for name, value in sorted(row.facts.items())],
        "lead": row.lead,
        "method": row.method,
        "pick_probability_ppm": row.pick_probability_ppm,
        "rep": row.rep,
        "route": row.route,
        "won": each.won,
    }


@lru_cache(maxsize=4_096)
def _eligible(reps: tuple[str, ...]) -> Piece:
    """Encoded once: few sets of reps are eligible for many leads."""
    return piece(list(reps))


def _fact(name: str, value: Value | None) -> Piece | list[Json]:
    """A fact as it is hashed. Equal amounts can be written in two ways, so they are not shared."""
    if value is None or isinstance(value, (str, int)):
        return _plain_fact(name, value)
    return [name, plain(value)]


@lru_cache(maxsize=16_384, typed=True)
def _plain_fact(name: str, value: str | int | None) -> Piece:
    return piece([name, plain(value)])
