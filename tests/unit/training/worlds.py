"""Small worlds with a known truth, and the terms under which they are learned."""

from datetime import datetime, timedelta

from training.rows import Contract, DecidedLead
from training.terms import TrainingTerms
from training.worlds import FIELDS, SEGMENTS, STARTS_AT, World, WorldTerms

CONTRACT = Contract(
    tuple(sorted([*((name, "choice") for name in FIELDS), ("score", "integer")])), SEGMENTS
)
TERMS = TrainingTerms(CONTRACT, shuffles=120, resamples=200)
LATER = STARTS_AT + timedelta(days=400)  #: when everything of a world's past has matured


def world(seed: int = 0, reps: int = 12, **terms: object) -> World:
    """A world of twelve reps, so that little data say much."""
    return World(WorldTerms(seed=seed, reps=reps, cold=1, **terms))  # type: ignore[arg-type]


def past(of: World, leads: int = 4_000, until: datetime | None = None) -> list[DecidedLead]:
    """What managers left behind."""
    return of.history(leads, until=until)
