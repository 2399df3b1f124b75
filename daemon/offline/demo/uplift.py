"""How much of what ranking could win it did win, by the truth that only the simulation knows.

For every lead that the model ranked: the chosen rep's true chance, that of the best eligible one,
and the mean of the eligible, which is what round robin wins. Leads that were left to chance on
purpose are counted, and judged by nobody.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.simulator.strengths import Strengths
from models.rankers.training_rows import DecidedRow
from routing.decision import Method

_BY_CHANCE = (Method.HOLDOUT, Method.EXPLORATION)


def uplift_of(
    rows: Iterable[DecidedRow], strengths: Strengths, slugs: Mapping[str, str]
) -> dict[str, Any]:
    """What was won, in expected wins.

    Args:
        rows: Decisions of the demo.
        strengths: The truth.
        slugs: Rep -> who they are in the simulated company.

    Returns:
        Leads ranked and left to chance; expected wins as ranked, by round robin and by an oracle;
        the share of the possible uplift that was captured, None where nothing was ranked.
    """
    ranked = by_chance = 0
    won = even = best = 0.0
    for row in rows:
        if row.model is None:
            continue
        if row.method in _BY_CHANCE:
            by_chance += 1
            continue
        chances = _chances(row, strengths, slugs)
        ranked += 1
        won += chances[row.rep]
        even += sum(chances.values()) / len(chances)
        best += max(chances.values())
    return {
        "ranked": ranked,
        "left_to_chance": by_chance,
        "expected_wins": {
            "as_ranked": round(won, 2),
            "by_round_robin": round(even, 2),
            "by_an_oracle": round(best, 2),
        },
        "uplift_captured": round((won - even) / (best - even), 3) if best > even else None,
    }


def _chances(row: DecidedRow, strengths: Strengths, slugs: Mapping[str, str]) -> dict[str, float]:
    facts = row.facts
    fields = {
        "Industry": facts.get("industry"),
        "NumberOfEmployees": facts.get("employees"),
        "Score__c": facts.get("score"),
    }
    return {rep: strengths.chance(slugs[rep], fields) for rep in row.eligible}
