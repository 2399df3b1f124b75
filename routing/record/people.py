"""Candidates as tables: what many reps share is said once, each row holds what differs.

`skills` lists every skill by name, `sets` who brings which of them together, `caps` the distinct
limits, `kinds` the distinct (weight, capacity, place in `sets`, place in `caps`), `odd` what is out
of the ordinary: away, paused, off hours and the like. A row is `[id, kind, open leads, claim, last
turn, used of each cap ..., place in odd]`, without the last for most; the last turn is counted
back from `served`, the latest of all, -1 for never. Fifty reps fit in two and a half kilobytes.
"""

from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from operator import itemgetter
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
_odd = itemgetter(*(Candidate._fields.index(name) for name in _ODD_NAMES))
_NOT_ODD = _odd(_ORDINARY)
_NEVER = -1


class _Table:
    """Distinct values, each with its place, in the order in which they came."""

    def __init__(self) -> None:
        self.places: dict[Hashable, int] = {}

    def place(self, value: Hashable) -> int:
        return self.places.setdefault(value, len(self.places))


class _Tables:
    """The shared part of the rows, collected while they are written."""

    def __init__(self, reps: Iterable[Candidate]) -> None:
        known = list(reps)
        self.served = max((rep.served for rep in known), default=0)
        self.skills = sorted({skill for rep in known for skill in rep.skills})
        self.sets, self.caps, self.kinds, self.odd = _Table(), _Table(), _Table(), _Table()

    def row(self, rep: Candidate) -> list[Any]:
        skills = self.sets.place(rep.skills)
        caps = self.caps.place(tuple([(cap.scope, cap.window, cap.limit) for cap in rep.caps]))
        kind = self.kinds.place((rep.weight, rep.capacity, skills, caps))
        ago = self.served - rep.served if rep.served else _NEVER
        row = [rep.id, kind, rep.open_leads, rep.claim, ago, *[cap.used for cap in rep.caps]]
        odd = _odd(rep)
        if odd != _NOT_ODD:
            row.append(self.odd.place(odd))
        return row

    def said(self) -> dict[str, Any]:
        number = {skill: number for number, skill in enumerate(self.skills)}
        return {
            "caps": [[list(limit) for limit in limits] for limits in _listed(self.caps)],
            "kinds": [list(kind) for kind in _listed(self.kinds)],
            "odd": [_said(odd) for odd in _listed(self.odd)],
            "served": self.served,
            "sets": [[number[skill] for skill in skills] for skills in _listed(self.sets)],
            "skills": self.skills,
        }


def write_people(answers: Answers) -> dict[str, Any]:
    """Everything the bench said, as JSON; what is empty is left out."""
    alone = [rep for _, rep in answers.reps if rep is not None]
    tables = _Tables([*(rep for _, members in answers.pools for rep in members), *alone])
    pools = [[pool, [tables.row(rep) for rep in members]] for pool, members in answers.pools]
    reps = [[name, None if rep is None else tables.row(rep)] for name, rep in answers.reps]
    said = {
        **tables.said(),
        "named": [list(pair) for pair in answers.names],
        "owners": [list(pair) for pair in answers.owners],
        "pools": pools,
        "reps": reps,
    }
    return {name: what for name, what in said.items() if what}


def read_people(said: dict[str, Any]) -> Answers:
    """The inverse of `write_people`."""
    return Answers(
        pools=tuple(
            (pool, tuple(_rep(row, said) for row in members))
            for pool, members in said.get("pools", ())
        ),
        reps=tuple(
            (name, None if row is None else _rep(row, said)) for name, row in said.get("reps", ())
        ),
        names=tuple((name, rep) for name, rep in said.get("named", ())),
        owners=tuple((name, rep) for name, rep in said.get("owners", ())),
    )


def _listed(table: _Table) -> list[Any]:
    return list(table.places)


def _said(odd: Sequence[Any]) -> dict[str, Any]:
    """What differs from an ordinary rep, by name."""
    return {
        name: stamp(value) if isinstance(value, datetime) else value
        for name, value, ordinary in zip(_ODD_NAMES, odd, _NOT_ODD, strict=True)
        if value != ordinary
    }


def _rep(row: Sequence[Any], said: dict[str, Any]) -> Candidate:
    rep_id, kind, open_leads, claim, ago, *rest = row
    weight, capacity, skills, caps = said["kinds"][kind]
    limits = said["caps"][caps]
    odd = dict(said["odd"][rest[len(limits)]]) if len(rest) > len(limits) else {}
    for name in _TIMES:
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
        served=0 if ago == _NEVER else said["served"] - ago,
        **odd,
    )
