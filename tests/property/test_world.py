"""The laws of a whole scenario: random people, pools, absences, leads and owner changes.

Everything is counted again from the printed decisions and the events alone, by code that shares
nothing with the state machine.
"""

import hashlib
import os
import random  # noqa: TID251 - plans are shuffled from their seed
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.offline.simulation.lines import line
from daemon.offline.simulation.world import Start, World
from daemon.world.recall_notes import Recalls
from routing.canonical import canonical
from routing.engine import Made, guide_to
from routing.record import Same, reproduce
from routing.scenario.model import (
    Away,
    Back,
    Close,
    Event,
    LeadArrives,
    OwnerChanged,
    PersonJoins,
)
from routing.shortlist import Guide
from tests.fakes.shelf import Shelf
from tests.property.plans import START, Plan, dice, plan, story

WINDOWS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
PICKS = ("round_robin", "least_loaded")


def play(said: Plan) -> tuple[World, list[Made]]:
    told = story(said)
    world = World(Start(told.book, told.roster, told.accounts))
    return world, list(world.play(told.events()))


def lines(said: Plan) -> list[dict[str, Any]]:
    return [line(made.decision) for made in play(said)[1]]


seeds = st.integers(0, 2**32)
some = settings(max_examples=15, deadline=None)


@some
@given(seeds)
def test_every_decision_ends_in_one_place_and_claims_sum_to_zero(seed: int):
    world, made = play(plan(seed))

    for each in made:
        decision = each.decision
        places = (decision.owner, decision.queue, decision.wait, decision.nobody)
        assert sum(place is not None for place in places) == 1
    for turns in world.router.state.turns.values():
        assert sum(turn.claim for turn in turns.values()) == 0


@some
@given(seeds)
def test_every_record_of_a_scenario_is_reproduced_byte_for_byte(seed: int):
    world, made = play(plan(seed))

    for each in made:
        assert reproduce(each.record(), Shelf(guide_to(world.router.guide.book))) == Same()


@some
@given(seeds)
def test_the_order_of_people_pools_and_rules_that_exclude_each_other_changes_no_line(seed: int):
    said, die = plan(seed), dice(seed)
    shuffled = {**said, "people": die.sample(said["people"], len(said["people"]))}
    shuffled["rulebook"] = {
        name: _shuffled(part, die) if isinstance(part, dict) else part
        for name, part in _shuffled(said["rulebook"], die).items()
    }
    us, de, fr = said["rulebook"]["rules"]
    shuffled["rulebook"]["rules"] = [de, us, fr]

    assert lines(said) == lines(shuffled) == lines(said)


def _shuffled(mapping: Plan, die: random.Random) -> Plan:
    return dict(die.sample(list(mapping.items()), len(mapping)))


@some
@given(seeds)
def test_a_lead_that_comes_again_was_in_the_fallback_or_waiting_or_released_or_patched(seed: int):
    said = plan(seed)
    touched = {
        (_lead_of(each), each["at"].isoformat().replace("+00:00", "Z"))
        for each in said["events"]
        if "lead" in each or "owner" in each
    }
    last: dict[str, str] = {}
    for each in lines(said):
        lead, method = each["lead"], each["method"]
        if (lead, each["at"]) not in touched:
            assert last[lead] in ("fallback", "waiting")
            assert (last[lead], method) != ("fallback", "fallback")
        last[lead] = method


def _lead_of(event: Plan) -> str:
    found: str = event["lead"]["id"] if "lead" in event else event["owner"]["lead"]
    return found


class Forgetful(Recalls):
    """Notes nothing, so that every lead that fell back is asked about each time."""

    def note(self, made: Made, guide: Guide) -> None:
        pass


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_asking_every_lead_that_fell_back_each_time_changes_no_line(seed: int):
    said = plan(seed)
    scenario = story(said)
    world = World(Start(scenario.book, scenario.roster, scenario.accounts))
    world.router.recalls = Forgetful()

    assert [line(made.decision) for made in world.play(scenario.events())] == lines(said)


class Witness(World):
    """A world that tells what happens in between its decisions."""

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self.story: list[Event | Plan] = []

    def _happens(self, event: Event) -> Iterator[Made]:
        self.story.append(event)
        yield from super()._happens(event)


def told(said: Plan) -> list[Event | Plan]:
    """Events and printed lines in the order in which they take effect."""
    scenario = story(said)
    world = Witness(Start(scenario.book, scenario.roster, scenario.accounts))
    for made in world.play(scenario.events()):
        world.story.append(line(made.decision))
    return world.story


@dataclass
class Recount:
    """Who has which leads, and how many came in each window, from events and lines alone."""

    people: dict[str, Plan]
    pools: Plan
    owner: dict[str, str | None] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    given: list[tuple[datetime, str, str | None]] = field(default_factory=list)

    def take(self, each: Event | Plan) -> None:
        match each:
            case LeadArrives(_, lead, given):
                self.owner[lead] = given.get("owner", self.owner.get(lead))  # type: ignore[assignment]
            case OwnerChanged(_, lead, to):
                self.owner[lead] = to
            case Close(_, lead):
                self.closed.add(lead)
            case PersonJoins(_, change):
                new = {key: steps[0].value for key, steps in change.steps.items()}
                self.people[change.id] = {**self.people[change.id], **new}
            case dict():
                self.check(each)

    def check(self, said: Plan) -> None:
        rep, pool, at = said["owner"], said["pool"], datetime.fromisoformat(said["at"])
        if said["method"] in PICKS:
            most = self.people[rep]["capacity"]
            assert most is None or self.open_leads(rep) < most
            for window, limit in self.people[rep]["caps"].items():
                assert self.used(rep, at - WINDOWS[window], None) < limit
            for window, limit in self.pools[pool].get("caps", {}).items():
                assert self.used(rep, at - WINDOWS[window], pool) < limit
        if rep is not None:
            self.given.append((at, rep, pool))
        if said["method"] != "waiting":
            self.owner[said["lead"]] = rep

    def open_leads(self, rep: str) -> int:
        held = (lead for lead, owner in self.owner.items() if owner == rep)
        return int(self.people[rep]["open_leads"]) + sum(lead not in self.closed for lead in held)

    def used(self, rep: str, since: datetime, pool: str | None) -> int:
        return sum(
            at > since and to == rep and pool in (None, through) for at, to, through in self.given
        )


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_pool_picks_never_exceed_a_capacity_or_a_cap_counted_again(seed: int):
    said = plan(seed)
    people = {each["id"]: each for each in said["people"]}
    recount = Recount(people, said["rulebook"]["pools"])

    for each in told(said):
        recount.take(each)


@some
@given(seeds)
def test_nobody_who_was_away_left_or_paused_is_picked_from_a_pool(seed: int):
    away: dict[str, datetime | None] = {}
    for each in told(plan(seed)):
        match each:
            case Away(_, person, until):
                away[person] = until if away.get(person, START) else None
            case Back(_, person):
                away.pop(person, None)
            case dict() if each["method"] in PICKS and each["owner"] in away:
                until = away[each["owner"]]
                assert until is not None
                assert until <= datetime.fromisoformat(each["at"])


@some
@given(st.lists(st.integers(1, 9), min_size=2, max_size=6), st.integers(1, 60))
def test_through_a_scenario_everybody_stays_near_their_weighted_share(weights, leads):
    people = [{"id": f"r{n}", "teams": ["us"], "weight": w} for n, w in enumerate(weights)]
    said = {
        "rulebook": {
            "rulebook": "even",
            "pools": {"us": {"team": "us"}},
            "rules": [{"name": "us", "pool": "us"}],
            "fallback": {"queue": "triage"},
        },
        "people": people,
        "events": [{"at": START, "every": "1m", "times": leads, "lead": {"id": "D{n}"}}],
    }
    bound, counts = 1 - Fraction(1, 2 * len(weights) - 2), Counter[str]()
    for prefix, each in enumerate(lines(said), start=1):
        counts[each["owner"]] += 1
        for n, weight in enumerate(weights):
            share = Fraction(weight * prefix, sum(weights))
            assert abs(share - counts[f"r{n}"]) <= bound + Fraction(1, 10**6)


def printed_from_a_fixed_seed() -> str:
    """What a fixed scenario prints and records; run in other processes too."""
    hashed = hashlib.sha256()
    for seed in range(4):
        for made in play(plan(seed, events=80))[1]:
            hashed.update(canonical(line(made.decision)) + made.record())
    return hashed.hexdigest()


def test_another_process_with_another_hash_seed_prints_the_same():
    script = "from tests.property.test_world import printed_from_a_fixed_seed as p; print(p())"
    here = printed_from_a_fixed_seed()
    others = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "271828")
    ]

    assert others == [here, here]
