"""A process that opens the application on a ledger, decides some leads, and says what it took.

python -m tests.benchmarks.full_size FOLDER URL REPS
"""

import json
import resource
import sys
import time
from pathlib import Path

import psutil

from tests.benchmarks.company import PAGE, Company, leads
from tests.fakes.clock import SettableClock

BATCHES = 5
ROUNDS = 6  #: of every loop for a batch; one decides, or pushes, a hundred


def main(folder: Path, url: str, reps: int) -> dict[str, float]:
    """Take over, decide, look at ourselves."""
    clock = SettableClock()
    clock.advance(3_600)
    company = Company(folder, clock, reps=reps, customers=0)
    feed = company.feed()
    began = time.perf_counter()
    app = company.opened(company.settings(url), feed)
    app.tick(clock.now())
    took_over_s = time.perf_counter() - began
    for number in range(BATCHES):
        feed.arrive(leads(number * PAGE, PAGE, at=clock.now()))
        for _ in range(ROUNDS):
            clock.advance(3)
            app.tick(clock.now())
    steady_mb = psutil.Process().memory_info().rss / 1e6
    written = len(feed.written)
    app.close()
    if written != BATCHES * PAGE:
        raise SystemExit(f"{written} of {BATCHES * PAGE} leads were written")
    return {"peak_mb": peak_mb(), "steady_mb": steady_mb, "took_over_s": took_over_s}


def peak_mb() -> float:
    """The most that was ever resident; what a parent held before the fork does not count."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [row for row in status.read_text().splitlines() if row.startswith("VmHWM")]
        return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
