"""Hours of faults at random, and the portal's own journal as the judge.

Search is late by up to half a minute, now and then by twenty minutes; answers are garbage, limited,
lost; humans take leads before, during and after our writes. In the end every lead was seen, every
lead that no human took was given once, and no human was overwritten.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.errors import TryLater
from connectors.spread import evenly_spread
from routing.facts.crm import Applied, Bookmark, Effect, RecordSeen, Stream
from tests.contract.crm_contract import effect_for
from tests.integration.hubspot.world import SimulatedPortal

ROUNDS, EVERY_S, LEADS = 600, 15.0, 40
AT_ODDS: dict[str, dict[str, Any]] = {
    "garbage": {"variant": "truncated_json", "match": {"probability": 0.02}},
    "server_error": {"status": 502, "match": {"probability": 0.02}},
    "secondly": {"match": {"probability": 0.02}},
    "lost_response": {"match": {"path": "*/batch/update", "probability": 0.1}},
    "input_ignored": {"match": {"probability": 0.1}},
    "human_edit": {"match": {"probability": 0.25}},
    "human_edit_after": {"match": {"probability": 0.25}},
    "index_lag": {"min_s": 0.2, "max_s": 30.0, "match": {"probability": 0.9}},
    "boundary_spill": {"match": {"probability": 0.3}},
}
VERY_LATE = {"min_s": 1200.0, "max_s": 1200.0, "match": {"probability": 0.1}}


@dataclass
class Day:
    """A portal, the leads in it, and a daemon made plain: it gives what it sees to one rep."""

    world: SimulatedPortal
    chance: Callable[[], float]
    bookmark: Bookmark = field(default_factory=lambda: Bookmark(Stream.LEADS))
    leads: list[str] = field(default_factory=list)
    owed: dict[str, Effect] = field(default_factory=dict)
    results: dict[str, Applied] = field(default_factory=dict)

    def begin(self) -> None:
        self.rep = self.world.rep()
        self.human = self.world.rep()
        self.world.connector.changes(self.bookmark)
        self.world.fault("index_lag", **VERY_LATE)
        for kind, script in AT_ODDS.items():
            self.world.fault(kind, **script)

    def round(self, number: int) -> None:
        self.world.pass_time(EVERY_S)
        if len(self.leads) < LEADS and self.chance() < 0.2:
            self.leads.append(self.world.lead())
            if self.chance() < 0.1:
                self.world.human_gives(self.leads[-1], self.human)
        try:
            self.read()
            self.write()
        except TryLater as wait:
            self.world.pass_time(wait.after_s)

    def read(self) -> None:
        more = True
        while more:
            page = self.world.connector.changes(self.bookmark)
            for seen in page.seen:
                if isinstance(seen, RecordSeen) and seen.id not in self.results:
                    effect = effect_for(self.world, seen.id, self.rep)
                    self.owed.setdefault(seen.id, effect)
            self.bookmark, more = page.bookmark, page.more

    def write(self) -> None:
        for result in self.world.connector.apply(list(self.owed.values())):
            record = result.effect.split("-")[1]
            if result.applied is not Applied.LATER:
                self.results[record] = result.applied
                del self.owed[record]


@pytest.fixture(params=[1, 2])
def day(request: pytest.FixtureRequest) -> Iterator[Day]:
    world = SimulatedPortal(seed=request.param)
    made = Day(world, evenly_spread())
    made.begin()
    for number in range(ROUNDS):
        made.round(number)
    yield made
    world.close()


def test_a_bad_day_loses_no_lead_and_overwrites_no_human(day):
    by_us = [change["id"] for change in day.world.owner_changes()]
    by_humans = {change["id"] for change in day.world.owner_changes("human")}
    held = {lead: day.world.owner(lead) for lead in day.leads}

    assert len(day.leads) == LEADS
    assert set(day.results) == set(day.leads)
    assert day.owed == {}
    assert len(by_humans) >= 5
    free = [lead for lead in day.leads if lead not in by_humans]
    assert {held[lead] for lead in free} == {day.rep}
    assert [by_us.count(lead) for lead in free] == [1] * len(free)
    assert day.rep not in {held[lead] for lead in day.leads if lead in by_humans}
