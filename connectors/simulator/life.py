"""The company's own life while it is simulated: leads arrive, people take, work and leave.

Life is a list of things due, each drawn from the seed. It moves only in `tick`, so a
simulation on a standing clock lives as fast as its clock is advanced. When clients write
owners, the new owners begin to work: that follows what really happened, from the truth
journal. Where all this happens is the scene's business: one CRM, or two of one company.
"""

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from math import inf
from random import Random
from typing import Final, Protocol

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.exchange import Refusal

_GRABBED: Final = 0.04  #: share of arriving leads that a human takes at once
_WORKED: Final = 0.6  #: share of assigned leads that are worked soon
_CONVERTED: Final = 0.03
_AWAY_EVERY_S: Final = 15.0
_ON_LEAVE: Final = timedelta(days=3)  #: as announced; they come back early
_AWAY_FOR_S: Final = 12.0
_LEAVES_AFTER_S: Final = 20.0


class Scene(Protocol):
    """Where life happens. Leads go by ids of the scene's own, people by their slugs.

    An act that the service refuses raises `Refusal`, one that makes no sense `ValueError`.
    """

    def open(self, count: int, at: datetime) -> None:
        """Let so many leads be there already."""
        ...

    def arrive(self) -> str | None:
        """Let the next lead arrive."""
        ...

    def given(self) -> Iterator[tuple[str, str]]:
        """Leads that clients gave to people since this was last asked."""
        ...

    def here(self) -> list[str]:
        """Reps who are neither gone nor away; never empty."""
        ...

    def take(self, lead: str, person: str) -> None:
        """Let somebody take a lead for themselves."""
        ...

    def read(self, lead: str, person: str) -> None:
        """Let its owner open a lead."""
        ...

    def work(self, lead: str, person: str, kind: str) -> None:
        """Let its owner work a lead, if it still is theirs."""
        ...

    def convert(self, lead: str, person: str) -> None:
        """Let its owner win a lead, if it still is theirs."""
        ...

    def go_away(self, person: str, until: datetime) -> None:
        """Send somebody on leave."""
        ...

    def come_back(self, person: str) -> None:
        """Bring them back."""
        ...

    def leave(self, person: str) -> None:
        """Let somebody leave the company."""
        ...


class Life:
    """What happens by itself.

    Args:
        scene: Where it happens.
        clock: The company's time.
        seed: What chance is drawn from.
        leads: How many there are at the start; with a rate, so many arrive, 0 without end.
        rate: Leads a second; 0 means that nothing moves by itself.
    """

    def __init__(
        self, scene: Scene, clock: SimulatorClock, *, seed: int, leads: int, rate: float
    ) -> None:
        self._scene = scene
        self._clock = clock
        self._rate = rate
        self._chance = Random(f"life {seed}")
        self._due: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._numbered = 0
        self._left: float = leads or inf
        self.refused = 0  #: arrivals, and acts of humans, that the service refused
        now = clock.now()
        if rate > 0:
            self._plan(now, self._arrive)
            self._plan(now + timedelta(seconds=_AWAY_EVERY_S), self._go_away)
            self._plan(now + timedelta(seconds=_LEAVES_AFTER_S), self._leave)
        else:
            scene.open(leads, now - timedelta(minutes=1))

    @property
    def arriving(self) -> bool:
        """Whether leads are still to come."""
        return self._rate > 0 and self._left > 0

    def tick(self) -> None:
        """Let everything happen that is due."""
        now = self._clock.now()
        if self._rate > 0:
            for lead, person in self._scene.given():
                self._begin_work(lead, person, now)
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
        lead = self._arrived()
        if lead is not None and self._chance.random() < _GRABBED:
            soon = at + timedelta(seconds=self._chance.uniform(0.2, 1.5))
            self._plan(soon, lambda _: self._grab(lead))
        gap = self._chance.expovariate(self._rate)
        self._plan(at + timedelta(seconds=gap), self._arrive)

    def _arrived(self) -> str | None:
        """The next lead, if the service takes it."""
        try:
            return self._scene.arrive()
        except (Refusal, ValueError):
            self.refused += 1
            return None

    def _grab(self, lead: str) -> None:
        self._attempt(lambda: self._scene.take(lead, self._somebody()))

    def _begin_work(self, lead: str, person: str, now: datetime) -> None:
        if self._chance.random() >= _WORKED:
            return
        read_at = now + timedelta(seconds=self._chance.uniform(1, 8))
        self._plan(read_at, lambda _: self._attempt(lambda: self._scene.read(lead, person)))
        kind = self._chance.choice(("Call", "Email", "Meeting"))
        work_at = read_at + timedelta(seconds=self._chance.uniform(1, 8))
        self._plan(work_at, lambda _: self._attempt(lambda: self._scene.work(lead, person, kind)))
        if self._chance.random() < _CONVERTED:
            won_at = work_at + timedelta(seconds=self._chance.uniform(5, 20))
            self._plan(won_at, lambda _: self._attempt(lambda: self._scene.convert(lead, person)))

    def _go_away(self, at: datetime) -> None:
        person = self._somebody()
        self._attempt(lambda: self._scene.go_away(person, at + _ON_LEAVE))
        back_at = at + timedelta(seconds=_AWAY_FOR_S)
        self._plan(back_at, lambda _: self._scene.come_back(person))
        if self.arriving:
            self._plan(at + timedelta(seconds=_AWAY_EVERY_S), self._go_away)

    def _leave(self, at: datetime) -> None:
        del at
        person = self._somebody()
        self._attempt(lambda: self._scene.leave(person))

    def _somebody(self) -> str:
        return self._chance.choice(self._scene.here())

    def _attempt(self, act: Callable[[], object]) -> None:
        """Do what a human tries to do; the service may refuse them too."""
        try:
            act()
        except (Refusal, ValueError):
            self.refused += 1
