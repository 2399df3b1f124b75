"""Why a lead got its probability with a rep: the few factors that mattered, as data for words.

A factor's effect is the probability as predicted, less what it would be without that factor.
Effects are in millionths and do not add up exactly, because odds multiply.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from routing.facts import Lead, Value
from routing.ranker.scoring import MILLION, lead_log_odds, probability_of
from routing.ranker.tables import MISSING, OTHER, RankTables

FEW = 6  #: factors that a person is told
_SURE = 1.96  #: standard deviations of a 95 % interval


class FactorKind(StrEnum):
    """What a factor speaks of. Add, never rename."""

    LEAD = "lead"  # the lead itself, whoever the rep is
    REP = "rep"  # the rep, whatever the lead
    REP_BY_SEGMENT = "rep_by_segment"  # the rep with leads like this one
    WHOLE_REP = "whole_rep"  # all that is known of the rep for this lead, and how sure it is
    MISSING_FIELD = "missing_field"  # not seen: the lead does not say
    UNSEEN_VALUE = "unseen_value"  # not seen: training had no or few leads with this value
    NEW_REP = "new_rep"  # not seen: the rep starts at the population's mean


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that moved a probability, or that the model did not see."""

    kind: FactorKind
    field: str  #: the feature; `rep` where it is the rep alone
    level: str  #: the value as the table has it: a choice, a bin, an element
    effect_ppm: int = 0  #: positive: more likely to close
    low_ppm: int = 0  #: the effect's 95 % interval
    high_ppm: int = 0


def explain_scores(tables: RankTables, lead: Lead, rep: str) -> tuple[Factor, ...]:
    """The whole of what is known of the rep, then factors, largest first, then what was unseen.

    Args:
        tables: The version that scored the lead.
        lead: With its facts as the decision recorded them.
        rep: One of the candidates.
    """
    places = {known: place for place, known in enumerate(tables.reps)}
    factors = _Factors(tables, lead, places.get(rep))
    found = [*factors.of_lead(), *factors.of_rep()]
    found.sort(key=lambda factor: (-abs(factor.effect_ppm), factor.kind, factor.field))
    told = [factor for factor in found if factor.effect_ppm][:FEW]
    return (*factors.whole_rep(), *told, *factors.unseen(rep))


class _Factors:
    def __init__(self, tables: RankTables, lead: Lead, rep: int | None) -> None:
        self._tables, self._lead, self._rep = tables, lead, rep
        self._rows: list[tuple[float, float]] = []
        if rep is not None:
            self._rows = [
                (block.effects[place][rep], block.variances[place][rep])
                for block, place in zip(tables.blocks, self._places(), strict=True)
            ]
        self._log_odds = lead_log_odds(tables, lead) + sum(effect for effect, _ in self._rows)

    def of_lead(self) -> list[Factor]:
        """One for each feature that the lead states."""
        return [
            self._factor(
                FactorKind.LEAD,
                (table.feature.name, table.feature.label(place)),
                table.effects[place],
                table.sds[place],
            )
            for table in self._tables.lead
            for place in table.feature.places(self._value(table.feature.name))
            if place not in (MISSING, OTHER)
        ]

    def of_rep(self) -> list[Factor]:
        """The rep by themselves, and in each segment of this lead."""
        return [
            self._factor(
                FactorKind.REP if block.segment is None else FactorKind.REP_BY_SEGMENT,
                ("rep", "")
                if block.segment is None
                else (block.segment.name, block.segment.label(place)),
                effect,
                sqrt(variance),
            )
            for block, place, (effect, variance) in zip(
                self._tables.blocks, self._places(), self._rows, strict=False
            )
        ]

    def whole_rep(self) -> list[Factor]:
        """All effects of the rep together, with the interval that says how sure it is."""
        if not self._tables.blocks:
            return []
        if self._rep is None:
            doubt = sqrt(sum(block.tau * block.tau for block in self._tables.blocks))
            return [self._factor(FactorKind.WHOLE_REP, ("rep", ""), 0.0, doubt)]
        effect = sum(effect for effect, _ in self._rows)
        doubt = sqrt(sum(variance for _, variance in self._rows))
        return [self._factor(FactorKind.WHOLE_REP, ("rep", ""), effect, doubt)]

    def unseen(self, rep: str) -> list[Factor]:
        """What the model did not see."""
        found = []
        for table in self._tables.lead:
            value = self._value(table.feature.name)
            places = table.feature.places(value)
            if MISSING in places:
                found.append(Factor(FactorKind.MISSING_FIELD, table.feature.name, ""))
            elif OTHER in places:
                found.append(Factor(FactorKind.UNSEEN_VALUE, table.feature.name, _shown(value)))
        if self._tables.blocks and self._rep is None:
            found.append(Factor(FactorKind.NEW_REP, "rep", rep))
        return found

    def _places(self) -> list[int]:
        return [
            block.place(None if block.segment is None else self._value(block.segment.name))
            for block in self._tables.blocks
        ]

    def _value(self, name: str) -> Value | None:
        fact = self._lead.facts.get(name)
        return None if fact is None else fact.value

    def _factor(
        self, kind: FactorKind, named: tuple[str, str], effect: float, doubt: float
    ) -> Factor:
        without = self._log_odds - effect
        low, here, high = (
            round(MILLION * (probability_of(without + change) - probability_of(without)))
            for change in (effect - _SURE * doubt, effect, effect + _SURE * doubt)
        )
        return Factor(kind, *named, here, low, high)


def _shown(value: Value | None) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
