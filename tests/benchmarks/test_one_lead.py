"""One lead at a time, through the running daemon: from visible in the CRM to written there.

The real process: threads, wake-ups, lease, timers, durable transactions. The CRM answers at once.
The clock begins when the lead can be seen and the poll that sees it begins: how often is polled is
a setting. The two seconds that Salesforce's stamps need are apart, too: these leads are old enough.
"""

import time
from pathlib import Path
from threading import Thread

from daemon.base.clock import SystemClock
from daemon.base.metrics import Metrics
from daemon.running.application import Application
from daemon.running.threads import SLOWEST_TICK_S, Daemon
from daemon.web.health import Health
from routing.facts import Stream
from tests.benchmarks.company import Company, Feed, leads
from tests.benchmarks.copies import Copies
from tests.benchmarks.figures import Figures

LEADS, LEADS_IN_QUICK, WARM = 400, 50, 20
LIMIT_MS = 50.0
APART_S = 0.05
LOST_S = 10.0


def test_one_lead_is_written_soon_after_it_can_be_seen(
    copies: Copies, tmp_path: Path, figures: Figures, is_quick: bool
) -> None:
    clock = SystemClock()
    company = Company(tmp_path, clock)
    with copies.ledger() as url:
        feed, settings, metrics = company.feed(), company.settings(url), Metrics(clock)
        app = company.opened(settings, feed)
        health = Health(clock, slowest_tick_s=SLOWEST_TICK_S)
        daemon = Daemon(app, settings, metrics=metrics, health=health)
        visitor = Visitor(daemon, app, feed, LEADS_IN_QUICK if is_quick else LEADS)
        visitor.start()
        daemon.run()  # in the main thread, as signals want it; the visitor stops it
    laps_ms = sorted(visitor.laps_ms[WARM:])
    what = f"one lead, visible to written, {copies.database}"
    figures.seen(f"{what}, p50", laps_ms[len(laps_ms) // 2], "ms")
    figures.at_most(f"{what}, p99", laps_ms[len(laps_ms) * 99 // 100], "ms", limit=LIMIT_MS)

    assert not figures.missed
    assert len(visitor.laps_ms) == visitor.count


class Visitor(Thread):
    """Brings one lead after the other, and measures."""

    def __init__(self, daemon: Daemon, app: Application, feed: Feed, count: int) -> None:
        super().__init__(daemon=True)
        self._daemon = daemon
        self._app = app
        self._feed = feed
        self.count = count
        self.laps_ms: list[float] = []

    def run(self) -> None:
        """Bring them all, then stop the daemon."""
        (connection,) = self._app.world.connections.values()
        connection.poll_schedule.every_s[Stream.LEADS] = 0.0  # each poll asks for leads
        try:
            while not (connection.is_primed and Stream.LEADS in connection.read_once):
                self._poll()
                time.sleep(APART_S)
            for n in range(self.count):
                time.sleep(APART_S)
                self.laps_ms.append(self._bring(n) * 1e3)
        finally:
            self._daemon.stop()

    def _bring(self, n: int) -> float:
        """Seconds until one lead is written."""
        (lead,) = leads(n, 1, at=self._app.clock.now())
        self._feed.landed.clear()
        began = self._app.clock.monotonic()
        self._feed.arrive([lead])
        self._poll()
        if not self._feed.landed.wait(LOST_S):
            raise AssertionError(f"{lead.id} was not written within {LOST_S:.0f} s")
        return self._feed.written[lead.id] - began

    def _poll(self) -> None:
        self._daemon._intakes["sf"].wakeup.set()
