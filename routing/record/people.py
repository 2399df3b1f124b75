"""Candidates as tables: what many reps share is said once, each row holds what differs.

`kinds` lists the distinct (weight, capacity, skills, place in `caps`, what is out of the
ordinary: away, paused, off hours ...), `caps` the distinct limits. A row is `[id, kind, open
leads, claim, served, used of each cap]`, without the last where there is no cap. Fifty reps fit in
some two and a half kilobytes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from routing.bench import Answers
from routing.canonical import stamp
from routing.facts import Candidate, CapUse

_ORDINARY = Candidate("")
_TIMES = ("away_until", "next_on_at")
_ODD_NAMES = (
    *("active", "away", "paused", "on_hours", "crm_identity", "holiday", "backup"),
    *_TIMES,
)
_ODD = tuple(Candidate._fields.index(name) for name in _ODD_NAMES)


class Kinds:
    """The shared part of the rows, collected while they are written."""

    def __init__(self) -> None:
        self._places: dict[tuple[Any, ...], int] = {}
        self._limits: dict[tuple[Any, ...], int] = {}

    def place(self, rep: Candidate) -> int:
        """Where the rep's kind stands in the table."""
        limits = tuple([(cap.scope, cap.window, cap.limit) for cap in rep.caps])
        caps = self._limits.setdefault(limits, len(self._limits))
        kind = (rep.weight, rep.capacity, rep.skills, caps, *[rep[odd] for odd in _ODD])
        return self._places.setdefault(kind, len(self._places))

    def table(self) -> list[Any]:
        """The kinds, in the order of their places."""
        return [
            [weight, capacity, list(skills), caps, _said(odd)]
            for weight, capacity, skills, caps, *odd in self._places
        ]

    def caps(self) -> list[Any]:
        """The distinct limits, in the order of their places."""
        return [[list(limit) for limit in limits] for limits in self._limits]


def write_people(answers: Answers) -> dict[str, Any]:
    """Everything the bench said, as JSON."""
    kinds = Kinds()
    pools = [[pool, [_row(rep, kinds) for rep in members]] for pool, members in answers.pools]
    reps = [[name, None if rep is None else _row(rep, kinds)] for name, rep in answers.reps]
    return {
        "caps": kinds.caps(),
        "kinds": kinds.table(),
        "named": [list(pair) for pair in answers.names],
        "owners": [list(pair) for pair in answers.owners],
        "pools": pools,
        "reps": reps,
    }


def read_people(said: dict[str, Any]) -> Answers:
    """The inverse of `write_people`."""
    kinds = [(*kind[:3], said["caps"][kind[3]], kind[4]) for kind in said["kinds"]]
    return Answers(
        pools=tuple(
            (pool, tuple(_rep(row, kinds) for row in members)) for pool, members in said["pools"]
        ),
        reps=tuple((name, None if row is None else _rep(row, kinds)) for name, row in said["reps"]),
        names=tuple((name, rep) for name, rep in said["named"]),
        owners=tuple((name, rep) for name, rep in said["owners"]),
    )


def _row(rep: Candidate, kinds: Kinds) -> list[Any]:
    row: list[Any] = [rep.id, kinds.place(rep), rep.open_leads, rep.claim, rep.served]
    if rep.caps:
        row.append([cap.used for cap in rep.caps])
    return row


def _said(odd: Sequence[Any]) -> dict[str, Any]:
    """What differs from an ordinary rep, by name."""
    return {
        name: stamp(value) if isinstance(value, datetime) else value
        for name, value in zip(_ODD_NAMES, odd, strict=True)
        if value != getattr(_ORDINARY, name)
    }


def _rep(row: Sequence[Any], kinds: Sequence[Any]) -> Candidate:
    rep_id, kind, open_leads, claim, served = row[:5]
    weight, capacity, skills, limits, said = kinds[kind]
    used = row[5] if len(row) > 5 else []
    odd = dict(said)
    for name in _TIMES:
        if name in odd:
            odd[name] = datetime.fromisoformat(odd[name])
    caps = tuple(
        CapUse(scope, window, count, limit)
        for (scope, window, limit), count in zip(limits, used, strict=True)
    )
    return Candidate(
        id=rep_id,
        weight=weight,
        skills=tuple(skills),
        open_leads=open_leads,
        capacity=capacity,
        caps=caps,
        claim=claim,
        served=served,
        **odd,
    )
