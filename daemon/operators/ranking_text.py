"""Why the model ranked reps as it did, in words a rep understands.

Probabilities are those of the decision's record. What made them is asked of the version that
decided, which the ledger keeps; where it cannot be read any more, the probabilities stand alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from daemon.operators.rule_misses import opened
from daemon.ranker.artifacts import DamagedModel, tables_of
from models.rankers.versions import Rankers
from routing.canonical import parse
from routing.facts import Lead
from routing.ranker import Factor, FactorKind, RankTables, explain_scores
from routing.ranking import Scores
from routing.record import read

Named = Callable[[str], str]
Versions = Callable[[str, str], RankTables | None]  #: of a route, by a record's name of the model

_POINT: Final = 10_000  #: one percentage point, in millionths
_WHOLE: Final = FactorKind.WHOLE_REP
_UNSEEN: Final = (FactorKind.MISSING_FIELD, FactorKind.UNSEEN_VALUE, FactorKind.NEW_REP)


@dataclass(frozen=True, slots=True)
class RankedRep:
    """One of those whom the model ranked."""

    rep: str
    probability_ppm: int
    price_ppm: int  #: taken off where load binds
    at_top: bool  #: first, or not to be told from the first
    chosen: bool
    factors: tuple[Factor, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a model said for one decision, best first."""

    model: str
    reps: tuple[RankedRep, ...]
    is_readable: bool  #: whether the version that decided could be asked

    @property
    def version(self) -> str:
        """The model's version."""
        return self.model.partition("/")[0]


def versions_in(rankers: Rankers) -> Versions:
    """Versions as the ledger keeps them; None for one that is gone, damaged, or another one."""

    def find(route: str, model: str) -> RankTables | None:
        version, _, named = model.partition("/")
        try:
            tables = tables_of(rankers.artifact(route, version))
        except DamagedModel:
            return None
        return tables if named in ("", f"sha256:{tables.hash}") else None

    return find


def ranked(
    record: bytes, personal: Sequence[Mapping[str, Any]], versions: Versions
) -> Ranked | None:
    """What a decision's record says of the ranking; None where no model ranked.

    Args:
        record: The decision's record.
        personal: The lead's rows of personal facts.
        versions: Finds the version that decided.
    """
    inputs = read(record, opened=opened(personal))
    if not isinstance(inputs.scores, Scores):
        return None
    said: Any = parse(record)
    scores, question = inputs.scores, inputs.question
    tables = versions(question.occasion.route, scores.model)
    reps = _reps(scores, said["result"]["owner"], _factors(tables, question.lead))
    return Ranked(scores.model, reps, tables is not None)


def lines(found: Ranked, named: Named, asked: str | None = None) -> Iterator[str]:
    """The ranking for people: who had which chance, and what made it for whom it matters."""
    many = len(found.reps)
    yield f"Model {found.version} ranked {many} reps by the chance that this lead closes:"
    for each in found.reps:
        yield f"    {named(each.rep)}  {_chance(each)}"
    for each in found.reps:
        if each.chosen or each.rep == asked:
            yield from (f"  {line}" for line in _why(each, named(each.rep)))
    if not found.is_readable:
        yield "  The version that decided cannot be read any more; what made its figures is gone."


def as_object(found: Ranked) -> dict[str, Any]:
    """The same for machines."""
    return {
        "model": found.model,
        "is_readable": found.is_readable,
        "reps": [
            {
                "rep": each.rep,
                "probability_ppm": each.probability_ppm,
                "price_ppm": each.price_ppm,
                "at_top": each.at_top,
                "chosen": each.chosen,
                "factors": [_plain(factor) for factor in each.factors],
            }
            for each in found.reps
        ],
    }


def _factors(tables: RankTables | None, lead: Lead) -> Callable[[str], tuple[Factor, ...]]:
    def of(rep: str) -> tuple[Factor, ...]:
        return () if tables is None else explain_scores(tables, lead, rep)

    return of


def _reps(
    scores: Scores, owner: str | None, factors: Callable[[str], tuple[Factor, ...]]
) -> tuple[RankedRep, ...]:
    prices = dict(scores.price_ppm)
    reps = (
        RankedRep(
            rep=rep,
            probability_ppm=ppm,
            price_ppm=prices.get(rep, 0),
            at_top=rep in scores.top,
            chosen=rep == owner,
            factors=factors(rep),
        )
        for rep, ppm in scores.ppm
    )
    return tuple(sorted(reps, key=lambda each: (each.price_ppm - each.probability_ppm, each.rep)))


def _chance(each: RankedRep) -> str:
    said = f"{each.probability_ppm / _POINT:.1f} %"
    if each.price_ppm:
        said += f", less {each.price_ppm / _POINT:.1f} for the load they have"
    if each.at_top:
        said += ", at the top"
    return f"{said}, chosen" if each.chosen else said


def _why(each: RankedRep, name: str) -> Iterator[str]:
    moved = [factor for factor in each.factors if factor.kind not in (*_UNSEEN, _WHOLE)]
    if moved:
        parts = "; ".join(f"{_what(factor, name)} {_points(factor.effect_ppm)}" for factor in moved)
        yield f"What moved it for {name}, in points: {parts}."
    for factor in each.factors:
        if factor.kind is _WHOLE:
            low, high = _points(factor.low_ppm), _points(factor.high_ppm)
            yield f"How sure: all that is known of {name} adds between {low} and {high} points."
    unseen = [_what(factor, name) for factor in each.factors if factor.kind in _UNSEEN]
    if unseen:
        yield f"What it did not see: {'; '.join(unseen)}."


def _what(factor: Factor, name: str) -> str:
    match factor.kind:
        case FactorKind.LEAD:
            return f"{factor.field} {factor.level}"
        case FactorKind.REP_BY_SEGMENT:
            return f"{name} where {factor.field} is {factor.level}"
        case FactorKind.MISSING_FIELD:
            return f"{factor.field} is missing"
        case FactorKind.UNSEEN_VALUE:
            return f"{factor.field} {factor.level} is new to it"
        case FactorKind.NEW_REP:
            return f"{name} is new to it and counts as average"
        case _:
            return f"{name} in general"


def _points(ppm: int) -> str:
    return f"{ppm / _POINT:+.1f}"


def _plain(factor: Factor) -> dict[str, Any]:
    return {
        "kind": factor.kind.value,
        "field": factor.field,
        "level": factor.level,
        "effect_ppm": factor.effect_ppm,
        "low_ppm": factor.low_ppm,
        "high_ppm": factor.high_ppm,
    }
