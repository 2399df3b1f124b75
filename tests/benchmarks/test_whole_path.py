"""Inbox to durable decision and effects, at full speed, beside what the database could do at best.

The real loops decide batches of 200 leads for fifty reps under fifty rules; every rule asks for
the model. Beside each batch, its very rows are written to a twin of the database, the same
statements in the same order and in one transaction, by the bare driver: that is the raw rate.
A ledger with few past decisions and one with many take turns, so that whatever else the machine
does slows all four alike.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event

from daemon.running.application import Application
from models.store.transactions import Store
from routing.ranking import NoModel, Ranker
from tests.benchmarks.company import PAGE, Company, Feed, ReadyRanker, leads, reps_of
from tests.benchmarks.copies import Copies
from tests.benchmarks.figures import Figures
from tests.benchmarks.past import grow
from tests.fakes.clock import SettableClock

FEW, MANY, MANY_IN_QUICK = 1_000, 1_000_000, 20_000
ROUNDS, WARM = 24, 4
LEADS_PER_S = {"SQLite": 2_000.0}
HALF = 0.5
AS_FAST = 0.9  #: with many past decisions against few: the rest cannot be told from noise
RANKERS: dict[str, Ranker] = {"model refuses": NoModel(), "model ranks": ReadyRanker()}

Sent = list[tuple[str, Any]]


@dataclass
class Lap:
    """Seconds for one batch."""

    read_s: float
    decide_s: float
    raw_decide_s: float
    cpu_s: float  #: of this process while it decided


@dataclass
class Laps:
    """What was measured on one ledger."""

    past: int
    laps: list[Lap] = field(default_factory=list)

    @property
    def decided(self) -> float:
        """Leads a second, from the inbox to durable decisions."""
        return PAGE / median(lap.decide_s for lap in self.laps)

    @property
    def by_cpu(self) -> float:
        """The same by CPU time: what others take of the machine, and the disk, do not count."""
        return PAGE / median(lap.cpu_s for lap in self.laps)

    @property
    def raw(self) -> float:
        """Leads a second, the same rows by the bare driver."""
        return PAGE / median(lap.raw_decide_s for lap in self.laps)

    @property
    def of_raw(self) -> float:
        """The part of the raw rate that is reached."""
        return self.decided / self.raw

    @property
    def read_and_decided(self) -> float:
        """Leads a second, pages read and stored before."""
        return PAGE / median(lap.read_s + lap.decide_s for lap in self.laps)


@dataclass
class Track:
    """One ledger under the real loops, and its twin under the bare driver."""

    past: int
    app: Application
    feed: Feed
    twin: Store

    def run(self, number: int, clock: SettableClock) -> Lap:
        """One batch, from the CRM's page to durable decisions; then the same rows, raw."""
        self.feed.arrive(leads(number * PAGE, PAGE, at=clock.now()))
        (connection,), now = self.app.world.connections.values(), clock.now()
        held = self.app.hold_lease(now)
        assert held is not None
        with statements(self.app.ledger.store) as read:
            read_s = took(lambda: self.app.loops.intake.tick(connection, now, held), PAGE)
        with statements(self.app.ledger.store) as decided:
            before_s = time.process_time()
            decide_s = took(lambda: self.drained(now, held), PAGE)
            cpu_s = time.process_time() - before_s
        self.raw(read)
        return Lap(read_s, decide_s, self.raw(decided), cpu_s)

    def drained(self, now: datetime, held: int) -> int:
        """Decide all that waits, page by page as the lanes cut it; how many rows."""
        pages = iter(lambda: self.app.loops.arrivals.tick(now, held), 0)
        return sum(pages)

    def raw(self, sent: Sent) -> float:
        """Seconds for the same statements and rows through the bare driver."""
        connection = self.twin.writer.raw_connection()
        cursor = connection.cursor()
        began = time.perf_counter()
        if self.twin.is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        for text, rows in sent:
            cursor.executemany(text, rows)
        connection.commit()
        took_s = time.perf_counter() - began
        connection.close()
        return took_s


def took(work: Callable[[], int], wanted: int) -> float:
    """Seconds for a round that does all that is wanted."""
    began = time.perf_counter()
    done = work()
    took_s = time.perf_counter() - began
    assert done == wanted
    return took_s


@contextmanager
def statements(store: Store) -> Iterator[Sent]:
    """Everything that is written in the block, as the driver gets it."""
    sent: Sent = []

    def note(_: object, __: object, text: str, rows: Any, ___: object, many: bool) -> None:
        if text.startswith(("INSERT", "UPDATE", "DELETE")):
            sent.append((text, rows if many else [rows]))

    event.listen(store.writer, "before_cursor_execute", note)
    yield sent
    event.remove(store.writer, "before_cursor_execute", note)


def test_the_whole_path_keeps_up_whatever_the_past(
    copies: Copies, tmp_path: Path, figures: Figures, is_quick: bool
) -> None:
    clock = SettableClock()
    company = Company(tmp_path, clock)
    pasts = (FEW, MANY_IN_QUICK if is_quick else MANY)
    with ExitStack() as stack:
        tracks = [stack.enter_context(track(company, copies, past)) for past in pasts]
        for title, ranker in RANKERS.items():
            laps = raced(tracks, ranker, clock, rounds=ROUNDS // 4 if is_quick else ROUNDS)
            floor = LEADS_PER_S.get(copies.database)
            told(figures, f"whole path, {copies.database}, {title}", laps, floor=floor)

    assert not figures.missed


@contextmanager
def track(company: Company, copies: Copies, past: int) -> Iterator[Track]:
    """A ledger with so many past decisions, open, and its twin."""
    with copies.ledger() as url:
        prepare(company, url, past)
        with copies.ledger(like=url) as twin:
            feed = company.feed()
            opened = company.opened(company.settings(url), feed)
            with closing(Store(twin)) as store, closing(opened) as app:
                app.tick(company.clock.now())
                yield Track(past, app, feed, store)


def prepare(company: Company, url: str, past: int) -> None:
    """Know everybody, and have decided so often."""
    app = company.opened(company.settings(url), company.feed())
    app.tick(company.clock.now())
    grow(app.ledger.store, reps_of(app), first=1, count=past)
    app.close()


def raced(tracks: list[Track], ranker: Ranker, clock: SettableClock, *, rounds: int) -> list[Laps]:
    """Batches of all tracks by turns; the first ones are to warm."""
    laps = [Laps(each.past) for each in tracks]
    for each in tracks:
        each.app.world.live.ranker = ranker
    for turn in range(WARM + rounds):
        clock.advance(2)
        pairs = list(zip(tracks, laps, strict=True))
        for each, own in pairs if turn % 2 else reversed(pairs):  # whoever comes first has it best
            gc.collect()
            lap = each.run(int(clock.monotonic()), clock)
            if turn >= WARM:
                own.laps.append(lap)
    return laps


def told(figures: Figures, what: str, laps: list[Laps], *, floor: float | None) -> None:
    """The figures of one race."""
    for own in laps:
        title = f"{what}, {own.past:,} past"
        if floor is not None:
            figures.at_least(title, own.decided, "leads/s", floor=floor)
        else:
            figures.seen(title, own.decided, "leads/s")
        figures.at_least(f"{title}: of the raw rate", own.of_raw, "", floor=HALF)
        figures.seen(f"{title}: by CPU time", own.by_cpu, "leads/s")
        figures.seen(f"{title}: raw rate", own.raw, "leads/s")
        figures.seen(f"{title}: with reading and storing pages", own.read_and_decided, "leads/s")
    few, many = laps
    figures.at_least(
        f"{what}: {many.past:,} against {few.past:,}", many.decided / few.decided, "", floor=AS_FAST
    )
