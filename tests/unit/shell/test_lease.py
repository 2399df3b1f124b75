"""Who may write, and until when, seen from one process."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from daemon.running.lease import LeaseKeeper, LeaseStore, LeaseTerms
from models.store.lease import Lease, Leases
from tests.fakes.clock import SettableClock

TTL, RENEW = timedelta(seconds=15), timedelta(seconds=5)
TRUSTED_S = 12.0  #: the part of 15 s that a holder relies on


class Away(Exception):
    """The ledger cannot be reached."""


@dataclass
class Row:
    """One lease row, and how long an answer about it takes."""

    clock: SettableClock
    holder: str | None = None
    token: int = 0
    ends: float = 0.0
    asked: int = 0
    takes_s: float = 0.0
    away: bool = False

    def acquire(self, holder: str, *, ttl: timedelta, at: datetime) -> Lease | None:
        self._answer()
        if self.holder is not None and self.clock.monotonic() < self.ends:
            return None
        self.holder, self.token = holder, self.token + 1
        self.ends = self.clock.monotonic() + ttl.total_seconds()
        return Lease(holder, self.token, at + ttl)

    def renew(self, lease: Lease, *, ttl: timedelta, at: datetime) -> Lease | None:
        self._answer()
        if self.token != lease.token:
            return None
        self.ends = self.clock.monotonic() + ttl.total_seconds()
        return Lease(lease.holder, lease.token, at + ttl)

    def release(self, lease: Lease, *, at: datetime) -> None:
        self._answer()
        if self.token == lease.token:
            self.holder = None

    def _answer(self) -> None:
        self.asked += 1
        self.clock.advance(self.takes_s)
        if self.away:
            raise Away


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def row(clock: SettableClock) -> Row:
    return Row(clock)


def as_the_ledger_has_it(leases: Leases) -> LeaseStore:
    """Says to the type checker that the ledger's leases are what a keeper needs."""
    return leases


def keeper(row: Row, clock: SettableClock, holder: str = "one") -> LeaseKeeper:
    return LeaseKeeper(row, LeaseTerms(holder, TTL, RENEW), clock)


def test_nothing_may_be_written_before_the_first_tick(row: Row, clock: SettableClock):
    assert keeper(row, clock).token is None


def test_the_holder_writes_and_the_other_stands_by(row: Row, clock: SettableClock):
    one, other = keeper(row, clock), keeper(row, clock, "other")

    assert one.tick() == 1
    assert other.tick() is None


def test_a_lease_is_renewed_when_due_and_not_at_every_tick(row: Row, clock: SettableClock):
    one = keeper(row, clock)
    for _ in range(60):
        one.tick()
        clock.advance(1.0)

    assert one.tick() == 1
    assert row.asked == 13


@pytest.mark.parametrize(("drawn", "after_s"), [(0.0, 5.0), (0.5, 4.75), (0.999, 4.51)])
def test_renewals_come_a_little_early_by_chance_and_never_late(
    row: Row, clock: SettableClock, drawn: float, after_s: float
):
    terms = LeaseTerms("one", TTL, RENEW)
    one = LeaseKeeper(row, terms, clock, chance=lambda: drawn)
    one.tick()

    clock.advance(after_s - 0.02)
    one.tick()
    early = row.asked
    clock.advance(0.02)
    one.tick()

    assert (early, row.asked) == (1, 2)


def test_a_process_that_slept_too_long_does_not_trust_its_token(row: Row, clock: SettableClock):
    one = keeper(row, clock)
    one.tick()

    clock.advance(TRUSTED_S)

    assert one.token is None
    assert row.ends > clock.monotonic(), "the row itself lasts a little longer"


def test_the_deadline_counts_from_before_the_question(row: Row, clock: SettableClock):
    one = keeper(row, clock)
    row.takes_s = 4.0

    one.tick()

    assert one.seconds_left == pytest.approx(TRUSTED_S - 4.0)


def test_an_answer_that_came_too_late_is_no_lease(row: Row, clock: SettableClock):
    one = keeper(row, clock)
    row.takes_s = TRUSTED_S

    assert one.tick() is None


def test_another_process_takes_over_with_a_larger_token(row: Row, clock: SettableClock):
    one, other = keeper(row, clock), keeper(row, clock, "other")
    one.tick()

    clock.advance(TTL.total_seconds())

    assert other.tick() == 2
    assert one.tick() is None


def test_a_lease_taken_by_another_is_given_up_at_the_next_renewal(row: Row, clock: SettableClock):
    one = keeper(row, clock)
    one.tick()
    row.holder, row.token, row.ends = "other", 2, clock.monotonic() + 100

    clock.advance(RENEW.total_seconds())

    assert one.tick() is None


def test_a_ledger_that_is_away_ends_the_lease_by_its_deadline(row: Row, clock: SettableClock):
    one = keeper(row, clock)
    one.tick()
    row.away = True

    clock.advance(RENEW.total_seconds())
    with pytest.raises(Away):
        one.tick()

    assert one.token == 1
    clock.advance(TRUSTED_S)
    assert one.token is None


def test_a_lease_given_back_is_free_at_once(row: Row, clock: SettableClock):
    one, other = keeper(row, clock), keeper(row, clock, "other")
    one.tick()

    one.release()

    assert one.token is None
    assert other.tick() == 2


def test_setting_the_wall_clock_changes_nothing(row: Row, clock: SettableClock):
    one = keeper(row, clock)
    one.tick()

    clock.jump(86_400)

    assert one.token == 1


def test_giving_back_what_is_not_held_asks_nobody(row: Row, clock: SettableClock):
    keeper(row, clock).release()

    assert row.asked == 0
