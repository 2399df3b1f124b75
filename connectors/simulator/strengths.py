"""What nobody in the simulated company knows: how likely each rep is to close each lead.

A rep is better or worse in general, with an industry, and with a size of company; a lead is
better or worse whoever works it. Whoever learned from the company's past can be judged by this.
In a company where reps do not differ, all of a lead's chances are the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from math import exp
from random import Random
from typing import Any, Final

from connectors.simulator.companies import found_companies, prospects
from connectors.simulator.people import Person, team_covering

_BASE: Final = -2.45  #: log-odds of a middling lead: one in twelve
_SPREAD: Final = {"skill": 0.45, "industry": 0.45, "size": 0.3}  #: standard deviations, log-odds
_OF_LEADS: Final = {"industry": 0.35, "size": 0.25}
_OF_SCORE: Final = 1.2  #: log-odds between a score of 0 and one of 100
_FAVOURED: Final = 0.3  #: how often a manager keeps a good lead for a favourite
_GOOD: Final = 70  #: the score from which a lead counts as good
_COMPANIES: Final = 500
_SIZES: Final = ((50, "small"), (1_000, "medium"))
_CLOSES_WITHIN: Final = (2.0, 80.0)  #: days


@dataclass(frozen=True, slots=True)
class PastLead:
    """A lead of the company's past: who could have had it, who had it, what became of it."""

    id: str
    at: datetime
    fields: Mapping[str, Any]  #: under the CRM's names
    eligible: tuple[str, ...]  #: slugs of the team, sorted
    rep: str
    won_at: datetime | None


class Strengths:
    """The truth about one company's reps."""

    def __init__(self, seed: int, people: Sequence[Person], *, differ: bool = True) -> None:
        self._seed = seed
        self._differ = differ
        self._reps = {
            person.slug: Random(f"strength {seed} {person.slug}").gauss(0, _SPREAD["skill"])
            for person in people
        }

    def chance(self, rep: str, fields: Mapping[str, Any]) -> float:
        """The chance in (0, 1) that this rep closes a lead with these fields."""
        industry, size = str(fields.get("Industry")), _size(fields.get("NumberOfEmployees"))
        odds = _BASE + self._drawn("industry", industry, _OF_LEADS["industry"])
        odds += self._drawn("size", size, _OF_LEADS["size"])
        odds += _OF_SCORE * (float(fields.get("Score__c") or 0) / 100 - 0.5)
        if self._differ:
            odds += self._reps[rep]
            odds += self._drawn(f"industry {rep}", industry, _SPREAD["industry"])
            odds += self._drawn(f"size {rep}", size, _SPREAD["size"])
        return 1 / (1 + exp(-odds))

    def _drawn(self, of: str, level: str, deviation: float) -> float:
        return Random(f"strength {self._seed} {of} {level}").gauss(0, deviation)


def past_leads(
    seed: int, people: Sequence[Person], strengths: Strengths, count: int, *, ends_at: datetime
) -> Iterator[PastLead]:
    """So many leads of the year before `ends_at`, oldest first, as managers gave them away.

    Good leads went to favourites more often than to others, which is what makes a rep's plain
    share of won leads misleading.
    """
    chance = Random(f"past {seed}")
    teams = {
        person.team.name: sorted(each.slug for each in people if _works(each, person.team.name))
        for person in people
    }
    began_at = ends_at - timedelta(days=365)
    coming = prospects(seed + 1, found_companies(seed + 1, _COMPANIES))
    routed = ((fields, _team(fields, teams)) for fields in coming)
    known = ((fields, team) for fields, team in routed if team)
    for at, (fields, team) in enumerate(islice(known, count)):
        came_at = began_at + timedelta(days=365) * at / count
        rep = _given_to(chance, team, fields)
        is_won = chance.random() < strengths.chance(rep, fields)
        takes = timedelta(days=chance.uniform(*_CLOSES_WITHIN))
        won_at = came_at + takes if is_won else None
        yield PastLead(f"past-{at:06}", came_at, fields, tuple(team), rep, won_at)


def _works(person: Person, team: str) -> bool:
    return person.team.name == team and person.weight > 0 and not person.left


def _team(fields: Mapping[str, Any], teams: Mapping[str, list[str]]) -> list[str]:
    team = team_covering(str(fields.get("Country")))
    return [] if team is None else teams.get(team.name, [])


def _given_to(chance: Random, team: Sequence[str], fields: Mapping[str, Any]) -> str:
    favourites = team[: max(1, len(team) // 4)]
    is_good = float(fields.get("Score__c") or 0) >= _GOOD
    return chance.choice(favourites if is_good and chance.random() < _FAVOURED else team)


def _size(employees: object) -> str:
    count = employees if isinstance(employees, int) else 0
    return next((name for below, name in _SIZES if count < below), "large")
