"""Candidates as columns: what many reps share is said once, each column holds what differs.

A pool is `who` is in it, which stays the same from lead to lead, and how they stand, in the order
of `ids`: `open` leads, `claims`, `ago` (the last turn, counted back from `served`, the latest of
all; -1: never) and what is `used` of each cap, rep after rep.

In `who`, `ids` is one text with spaces between (a list where an id holds one), `skills` lists
every skill by name, `sets` who brings which of them together, `caps` the distinct limits, `kinds`
the distinct (weight, capacity, place in `sets`, place in `caps`), `kind` each rep's place there.
`odd` is what is out of the ordinary (away, paused, off hours and the like), with the places of
those of whom it holds. Fifty reps fit in two and a half kilobytes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from operator import itemgetter
from typing import Any, TypeVar

from routing.candidates import Answers
from routing.canonical import Piece, piece, stamp
from routing.facts import Candidate, CapUse
from routing.record.rows import NEVER, TIMES, is_rows, read_rows, rep_of

T = TypeVar("T")
_Limits = tuple[tuple[str, str, int], ...]  #: scope, window, limit
_Columns = Mapping[str, Sequence[Any]]

_USUAL = Candidate("")._asdict()  #: an ordinary rep
_ODD = (*("active", "away", "paused", "on_hours", "crm_identity", "holiday", "backup"), *TIMES)
_WHO = ("id", "weight", "capacity", "skills", *_ODD)
_who = itemgetter(*_WHO)
_limit = itemgetter(*map(CapUse._fields.index, ("scope", "window", "limit")))
_used = itemgetter(CapUse._fields.index("used"))


@dataclass(slots=True)
class _Known:
    """Who was in a pool when a record was last written, and its bytes."""

    who: tuple[Sequence[Any], ...]
    caps: Sequence[tuple[CapUse, ...]]
    limits: Sequence[_Limits]
    piece: Piece


class Spelled:
    """Who is in each pool, and each rep who was looked at alone, encoded once for many records.

    Each time all of it is compared with who is there now, so there is nothing to forget.
    """

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def who(self, pool: str, by: _Columns) -> Piece:
        """The canonical bytes of who is in a pool."""
        known, who, caps = self._known.get(pool), _who(by), by["caps"]
        if known is None or known.who != who:
            limits = [_limits(each) for each in caps]
        else:
            old = zip(caps, known.caps, known.limits, strict=True)
            limits = [same if each is before else _limits(each) for each, before, same in old]
            if limits == known.limits:
                known.caps = caps
                return known.piece
        said = piece(_said_of(by, limits))
        self._known[pool] = _Known(who, caps, limits, said)
        return said


def write_people(answers: Answers, spelled: Spelled) -> dict[str, Any]:
    """Everything that was said of candidates, as JSON; what is empty is left out."""
    alone = [rep for _, rep in answers.reps if rep is not None]
    said: dict[str, Any] = {
        "named": [list(pair) for pair in answers.names],
        "owners": [list(pair) for pair in answers.owners],
        "pools": [[pool, _standing(pool, members, spelled)] for pool, members in answers.pools],
        "reps": _standing(f"rep {alone[0].id}" if alone else "", alone, spelled),
        "strangers": [name for name, rep in answers.reps if rep is None],
    }
    return {name: what for name, what in said.items() if what}


def read_people(said: Mapping[str, Any]) -> Answers:
    """The inverse of `write_people`; also of what the first engine wrote."""
    if is_rows(said):
        return read_rows(said)
    alone = [(rep.id, rep) for rep in _reps(said.get("reps"))]
    unknown_owners = [(name, None) for name in said.get("strangers", ())]
    return Answers(
        pools=tuple((pool, tuple(_reps(by))) for pool, by in said.get("pools", ())),
        reps=tuple(sorted([*alone, *unknown_owners], key=itemgetter(0))),
        names=tuple((name, rep) for name, rep in said.get("named", ())),
        owners=tuple((name, rep) for name, rep in said.get("owners", ())),
    )


def read_weights(said: Mapping[str, Any], pool: str | None) -> list[tuple[str, int]]:
    """Ids and weights of a pool's members, in their order; nobody where there is no such pool."""
    if is_rows(said):
        found = dict(read_rows(said).pools).get(pool or "", ())
        return [(rep.id, rep.weight) for rep in found]
    by = dict(said.get("pools", ())).get(pool)
    if not by:
        return []
    kinds = by["who"]["kinds"]
    weights = [kinds[kind][0] for kind in by["who"]["kind"]]
    return list(zip(_ids_of(by["who"]), weights, strict=True))


def _ids_of(who: Mapping[str, Any]) -> Sequence[str]:
    ids: str | Sequence[str] = who["ids"]
    return ids.split(" ") if isinstance(ids, str) else ids


def _standing(pool: str, reps: Sequence[Candidate], spelled: Spelled) -> dict[str, Any]:
    if not reps:
        return {}
    by = dict(zip(Candidate._fields, zip(*reps, strict=True), strict=True))
    served = max(by["served"])
    said = {
        "ago": [served - turn if turn else NEVER for turn in by["served"]],
        "claims": by["claim"],
        "open": by["open_leads"],
        "served": served,
        "used": list(map(_used, chain.from_iterable(by["caps"]))),
        "who": spelled.who(pool, by),
    }
    if not said["used"]:
        del said["used"]
    return said


def _limits(caps: Iterable[CapUse]) -> _Limits:
    return tuple(map(_limit, caps))


def _said_of(by: _Columns, limits: Sequence[_Limits]) -> dict[str, Any]:
    """Who they are, as JSON."""
    sets, caps = _numbered(by["skills"]), _numbered(limits)
    skills = sorted({skill for each in sets for skill in each})
    number = {skill: number for number, skill in enumerate(skills)}
    which = ([sets[each] for each in by["skills"]], [caps[each] for each in limits])
    kind = list(zip(by["weight"], by["capacity"], *which, strict=True))
    kinds = _numbered(kind)
    said = {
        "caps": [[list(limit) for limit in each] for each in caps],
        "ids": _joined(by["id"]),
        "kind": [kinds[each] for each in kind],
        "kinds": [list(each) for each in kinds],
        "odd": _odd(by),
        "sets": [[number[skill] for skill in each] for each in sets],
        "skills": skills,
    }
    return said if said["odd"] else {name: said[name] for name in said if name != "odd"}


def _joined(ids: Sequence[str]) -> str | Sequence[str]:
    together = " ".join(ids)
    return together if together.count(" ") == len(ids) - 1 else ids


def _odd(by: _Columns) -> list[Any]:
    """What differs from an ordinary rep, by name, and where."""
    names = [name for name in _ODD if by[name].count(_USUAL[name]) < len(by[name])]
    columns = [by[name] for name in names]
    found: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    for place, values in enumerate(zip(*columns, strict=True)):
        said = zip(names, values, strict=True)
        odd = tuple([(name, value) for name, value in said if value != _USUAL[name]])
        if odd:
            found.setdefault(odd, []).append(place)
    return [[{name: _plain(value) for name, value in odd}, at] for odd, at in found.items()]


def _plain(value: object) -> object:
    return stamp(value) if isinstance(value, datetime) else value


def _numbered(values: Iterable[T]) -> dict[T, int]:
    """Distinct values, each with its place, in the order in which they came."""
    return {value: place for place, value in enumerate(dict.fromkeys(values))}


def _reps(by: Mapping[str, Any] | None) -> Iterator[Candidate]:
    if not by:
        return
    who, used = by["who"], iter(by.get("used", ()))
    odd = who.get("odd", ())
    tables = {**who, "odd": [what for what, _ in odd], "served": by["served"]}
    where = {place: number for number, (_, places) in enumerate(odd) for place in places}
    rows = zip(_ids_of(who), who["kind"], by["open"], by["claims"], by["ago"], strict=True)
    for place, row in enumerate(rows):
        caps = who["caps"][who["kinds"][row[1]][-1]]
        rest = (*islice(used, len(caps)), *([where[place]] if place in where else ()))
        yield rep_of((*row, *rest), tables)
