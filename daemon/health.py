"""Is the process alive, and may it be given work? Two questions that are easily confused.

Alive means that its loop still ticks; a CRM that is down does not make it dead, and a restart would
not help. Ready means that the ledger takes writes and that we know whether we hold the lease.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from daemon.clock import Clock

Probe = Callable[[], str | None]  #: None: all is well; else a sentence that says what is not


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a probe: whether all is well, and what each part had to say."""

    ok: bool
    parts: Mapping[str, str]


class Health:
    """What the loops report and the probes ask; safe from several threads.

    Args:
        clock: Ages are measured by its monotonic hand.
        slowest_tick_s: A loop that has not ticked for longer is stuck.
        probes: What being ready takes, by name.
    """

    def __init__(
        self, clock: Clock, *, slowest_tick_s: float, probes: Mapping[str, Probe] | None = None
    ) -> None:
        self._clock = clock
        self._slowest_tick_s = slowest_tick_s
        self._probes = dict(probes or {})
        self._ticked_at: dict[str, float] = {}
        self._draining = False
        self._lock = Lock()

    def ticked(self, loop: str) -> None:
        """A loop has come round. Loops that never report are not watched."""
        with self._lock:
            self._ticked_at[loop] = self._clock.monotonic()

    def drain(self) -> None:
        """The process is stopping: not ready any more, alive until its work is finished."""
        with self._lock:
            self._draining = True

    def alive(self) -> Answer:
        """Whether every loop ticked lately; nothing else is asked."""
        now = self._clock.monotonic()
        with self._lock:
            ages = {loop: now - at for loop, at in sorted(self._ticked_at.items())}
        ok = all(age <= self._slowest_tick_s for age in ages.values())
        return Answer(ok, {loop: f"ticked {age:.1f} s ago" for loop, age in ages.items()})

    def ready(self) -> Answer:
        """Whether the process may be given work; asks every probe."""
        problems = {name: probe() for name, probe in self._probes.items()}
        parts = {name: problem or "ok" for name, problem in problems.items()}
        with self._lock:
            draining = self._draining
        if draining:
            parts["process"] = "stopping"
        ok = not draining and not any(problems.values())
        return Answer(ok, parts)
