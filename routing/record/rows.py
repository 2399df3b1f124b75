"""Candidates as rows, as the first engine wrote them and as columns are read back.

A row is `[id, kind, open leads, claim, last turn, used of each cap ..., place in odd]`, without
the last for most; the last turn is counted back from `served`, the latest of all, -1 for never.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from routing.candidates import Answers
from routing.facts import Candidate, CapUse

NEVER = -1
TIMES = ("away_until", "next_on_at")


def is_rows(said: Mapping[str, Any]) -> bool:
    """Whether the candidates of a record are rows."""
    pools = said.get("pools", ())
    return isinstance(said.get("reps"), list) or any(isinstance(each, list) for _, each in pools)


def read_rows(said: Mapping[str, Any]) -> Answers:
    """What the candidates were, from a record of the first engine."""
    return Answers(
        pools=tuple(
            (pool, tuple(rep_of(row, said) for row in members))
            for pool, members in said.get("pools", ())
        ),
        reps=tuple(
            (name, None if row is None else rep_of(row, said)) for name, row in said.get("reps", ())
        ),
        names=tuple((name, rep) for name, rep in said.get("named", ())),
        owners=tuple((name, rep) for name, rep in said.get("owners", ())),
    )


def rep_of(row: Sequence[Any], said: Mapping[str, Any]) -> Candidate:
    """One candidate, by the tables that a row refers to."""
    rep_id, kind, open_leads, claim, ago, *rest = row
    weight, capacity, skills, caps = said["kinds"][kind]
    limits = said["caps"][caps]
    odd = dict(said["odd"][rest[len(limits)]]) if len(rest) > len(limits) else {}
    for name in TIMES:
        if name in odd:
            odd[name] = datetime.fromisoformat(odd[name])
    return Candidate(
        id=rep_id,
        weight=weight,
        skills=tuple(said["skills"][number] for number in said["sets"][skills]),
        open_leads=open_leads,
        capacity=capacity,
        caps=tuple(
            CapUse(scope, window, used, limit)
            for (scope, window, limit), used in zip(limits, rest, strict=False)
        ),
        claim=claim,
        served=0 if ago == NEVER else said["served"] - ago,
        **odd,
    )
