"""Is the process alive, and may it be given work? Two questions that are easily confused.

Alive means that its loop still ticks; a CRM that is down does not make it dead, and a restart would
not help. Ready means that the ledger takes writes and that we know whether we hold the lease.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from daemon.base.clock import Clock

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
        self._ticked: dict[str, tuple[float, float]] = {}  #: when, and for how long that is good
        self._draining = False
        self._lock = Lock()

    def ticked(self, loop: str, *, within_s: float | None = None) -> None:
        """A loop has come round. Loops that never report are not watched.

        Args:
            loop: Its name.
            within_s: When it is expected again, where it may be slower than the others.
        """
        good_s = self._slowest_tick_s if within_s is None else within_s
        with self._lock:
            self._ticked[loop] = (self._clock.monotonic(), good_s)

    def drain(self) -> None:
        """The process is stopping: not ready any more, alive until its work is finished."""
        with self._lock:
            self._draining = True

    def alive(self) -> Answer:
        """Whether every loop ticked lately; nothing else is asked."""
        now = self._clock.monotonic()
        with self._lock:
            ticked = sorted(self._ticked.items())
        ok = all(now - at <= good_s for _, (at, good_s) in ticked)
        return Answer(ok, {loop: f"ticked {now - at:.1f} s ago" for loop, (at, _) in ticked})

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
