"""The company's own life while it is simulated: leads arrive, people take, work and leave.

Life is a list of things due, each drawn from the seed. It moves only in `tick`, so a
simulation on a standing clock lives as fast as its clock is advanced. When clients write
owners, the new owners begin to work: that follows what really happened, from the truth
journal.
"""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from math import inf
from random import Random
from typing import Final

from connectors.simulator.options import SimulatorOptions
from connectors.simulator.salesforce.acts import Acts
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.world import World
from connectors.simulator.truth import HUMAN, WORLD, Happening

_GRABBED: Final = 0.04  #: share of arriving leads that a human takes at once
_WORKED: Final = 0.6  #: share of assigned leads that are worked soon
_CONVERTED: Final = 0.03
_AWAY_EVERY_S: Final = 15.0
_ON_LEAVE: Final = timedelta(days=3)  #: as announced; they come back early
_AWAY_FOR_S: Final = 12.0
_LEAVES_AFTER_S: Final = 20.0


class Life:
    """What happens by itself in one org."""

    def __init__(self, org: Org, *, acts: Acts, world: World, options: SimulatorOptions) -> None:
        self._org = org
        self._acts = acts
        self._world = world
        self._rate = options.rate
        self._chance = Random(f"life {options.seed}")
        self._due: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._numbered = 0
        self._seen = 0
        self._left: float = options.leads or inf
        self.refused = 0  #: acts of humans that the service refused
        now = org.clock.now()
        if self._rate > 0:
            self._plan(now, self._arrive)
            self._plan(now + timedelta(seconds=_AWAY_EVERY_S), self._go_away)
            self._plan(now + timedelta(seconds=_LEAVES_AFTER_S), self._leave)
        else:
            world.add_leads(options.leads, at=now - timedelta(minutes=1))
            self._seen = len(org.truth)

    @property
    def arriving(self) -> bool:
        """Whether leads are still to come."""
        return self._rate > 0 and self._left > 0

    def tick(self) -> None:
        """Let everything happen that is due."""
        now = self._org.clock.now()
        if self._rate > 0:
            self._watch(now)
        while self._due and self._due[0][0] <= now:
            due, _, act = heapq.heappop(self._due)
            act(due)

    def _plan(self, at: datetime, act: Callable[[datetime], None]) -> None:
        self._numbered += 1
        heapq.heappush(self._due, (at, self._numbered, act))

    def _arrive(self, at: datetime) -> None:
        if self._left <= 0:
            return
        self._left -= 1
        fields = self._world.next_lead()
        lead_id = self._acts.create("Lead", fields, by=self._world.marketing_user_id)
        if lead_id is not None and self._chance.random() < _GRABBED:
            soon = at + timedelta(seconds=self._chance.uniform(0.2, 1.5))
            self._plan(soon, lambda _: self._grab(lead_id))
        gap = self._chance.expovariate(self._rate)
        self._plan(at + timedelta(seconds=gap), self._arrive)

    def _grab(self, lead_id: str) -> None:
        self._attempt(lambda: self._acts.change_owner(lead_id, self._somebody()))

    def _watch(self, now: datetime) -> None:
        for entry in self._org.truth.since(self._seen):
            owned = entry.what is Happening.OWNER_CHANGED and entry.client not in (HUMAN, WORLD)
            if owned and entry.sobject == "Lead" and str(entry.after).startswith("005"):
                self._begin_work(entry.id, str(entry.after), now)
        self._seen = len(self._org.truth)

    def _begin_work(self, lead_id: str, owner_id: str, now: datetime) -> None:
        if self._chance.random() >= _WORKED:
            return
        read_at = now + timedelta(seconds=self._chance.uniform(1, 8))
        self._plan(read_at, lambda _: self._acts.read(lead_id, by=owner_id))
        kind = self._chance.choice(("Call", "Email", "Meeting"))
        work_at = read_at + timedelta(seconds=self._chance.uniform(1, 8))
        self._plan(work_at, lambda _: self._work(lead_id, owner_id, kind))
        if self._chance.random() < _CONVERTED:
            won_at = work_at + timedelta(seconds=self._chance.uniform(5, 20))
            self._plan(won_at, lambda _: self._convert(lead_id, owner_id))

    def _work(self, lead_id: str, owner_id: str, kind: str) -> None:
        row = self._org.store.get(lead_id)
        if row is not None and row["OwnerId"] == owner_id and not row["IsDeleted"]:
            self._attempt(lambda: self._acts.work(lead_id, by=owner_id, kind=kind))
            self._attempt(lambda: self._acts.update(lead_id, {"Status": "Working"}, by=owner_id))

    def _convert(self, lead_id: str, owner_id: str) -> None:
        row = self._org.store.get(lead_id)
        if row is not None and row["OwnerId"] == owner_id and not row["IsConverted"]:
            self._attempt(lambda: self._acts.convert(lead_id, by=owner_id))

    def _go_away(self, at: datetime) -> None:
        user_id = self._somebody()
        until = at + _ON_LEAVE
        self._attempt(lambda: self._acts.set_out_of_office(user_id, until=until))
        self._plan(at + timedelta(seconds=_AWAY_FOR_S), lambda _: self._come_back(user_id))
        if self.arriving:
            self._plan(at + timedelta(seconds=_AWAY_EVERY_S), self._go_away)

    def _come_back(self, user_id: str) -> None:
        self._acts.end_out_of_office(user_id)

    def _leave(self, at: datetime) -> None:
        del at
        user_id = self._somebody()
        self._attempt(lambda: self._acts.set_active(user_id, active=False))

    def _somebody(self) -> str:
        """A rep who is here: neither gone nor away nor a manager."""
        here = []
        for person in self._world.people:
            user_id = self._world.users[person.slug]
            row = self._org.store.get(user_id) or {}
            if row.get("IsActive") and not person.away and not person.leads:
                here.append(user_id)
        return self._chance.choice(here or [self._world.admin_id])

    def _attempt(self, act: Callable[[], object]) -> None:
        """Do what a human tries to do; the service may refuse them too."""
        try:
            act()
        except (Refused, ValueError):
            self.refused += 1
