"""What ranking won of what it could, counted by a truth that is known."""

from datetime import UTC, datetime

from connectors.simulator.people import hire
from connectors.simulator.strengths import Strengths
from daemon.offline.demo.uplift import uplift_of
from models.rankers.training_rows import DecidedRow
from routing.facts import Value

PEOPLE = hire(1, 60)
STRENGTHS = Strengths(1, PEOPLE)
SLUGS = {person.slug: person.slug for person in PEOPLE}
FACTS: dict[str, Value | None] = {"industry": "Finance", "employees": 300, "score": 55}
FIELDS = {"Industry": "Finance", "NumberOfEmployees": 300, "Score__c": 55}
TEAM = tuple(sorted(person.slug for person in PEOPLE[:6]))
BEST = max(TEAM, key=lambda rep: STRENGTHS.chance(rep, FIELDS))
WORST = min(TEAM, key=lambda rep: STRENGTHS.chance(rep, FIELDS))


def decided(rep, *, method="model", model="v1/sha256:0"):
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return DecidedRow("d", "l", "r", at, rep, method, TEAM, 1, FACTS, None, None, model)


def test_whoever_always_gets_the_best_rep_captures_everything():
    assert uplift_of([decided(BEST)] * 3, STRENGTHS, SLUGS)["uplift_captured"] == 1.0


def test_worse_than_round_robin_is_less_than_nothing():
    assert uplift_of([decided(WORST)], STRENGTHS, SLUGS)["uplift_captured"] < 0


def test_every_rep_once_is_round_robin():
    found = uplift_of([decided(rep) for rep in TEAM], STRENGTHS, SLUGS)

    assert (found["ranked"], found["uplift_captured"]) == (6, 0.0)


def test_what_was_left_to_chance_and_what_nobody_ranked_is_not_judged():
    rows = [decided(BEST, method="holdout"), decided(BEST, model=None)]

    found = uplift_of(rows, STRENGTHS, SLUGS)

    assert (found["ranked"], found["left_to_chance"]) == (0, 1)
    assert found["uplift_captured"] is None
