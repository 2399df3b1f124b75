"""The daemon at full size: 100,000 accounts, 500 reps, 1,000,000 leads in the ledger.

A process of its own opens the application on such a ledger, decides a few batches, and says how
much memory it took. What prepares the ledger is another process's business. On SQLite, whose
caches lie in the process.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.company import Company, reps_of
from tests.benchmarks.copies import Files
from tests.benchmarks.figures import Figures
from tests.benchmarks.past import grow
from tests.fakes.clock import SettableClock

REPS, ACCOUNTS, LEADS = 500, 100_000, 1_000_000
ACCOUNTS_IN_QUICK, LEADS_IN_QUICK = 2_000, 20_000
LIMIT_MB = 400.0
ROOT = Path(__file__).parents[2]


def test_the_daemon_at_full_size_stays_small(
    tmp_path: Path, figures: Figures, is_quick: bool
) -> None:
    accounts, past = (ACCOUNTS_IN_QUICK, LEADS_IN_QUICK) if is_quick else (ACCOUNTS, LEADS)
    with Files(tmp_path).ledger() as url:
        prepare(tmp_path, url, accounts=accounts, past=past)
        said = measured(tmp_path, url)
    what = f"the daemon with {accounts:,} accounts, {REPS} reps, {past:,} leads"
    figures.at_most(f"{what}: memory at its peak", said["peak_mb"], "MB", limit=LIMIT_MB)
    figures.seen(f"{what}: memory, steady", said["steady_mb"], "MB")
    figures.seen(f"{what}: taking over", said["took_over_s"], "s")

    assert not figures.missed


def prepare(folder: Path, url: str, *, accounts: int, past: int) -> None:
    """Everybody known, every account stored, so many leads decided."""
    clock = SettableClock()
    company = Company(folder, clock, reps=REPS, customers=accounts)
    feed = company.feed()
    feed.page = 4_000
    app = company.opened(company.settings(url), feed)
    (connection,) = app.world.connections.values()
    while not connection.is_primed:
        clock.advance(3)
        app.tick(clock.now())
    grow(app.ledger.store, reps_of(app), first=1, count=past)
    app.close()


def measured(folder: Path, url: str) -> dict[str, float]:
    """What the process said of itself."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.full_size", str(folder), url, str(REPS)],
        check=True,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    said: dict[str, float] = json.loads(done.stdout)
    return said
