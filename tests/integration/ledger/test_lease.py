"""The lease: one holder at a time, told apart by a token that only grows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import Connection, make_url

from models.store.errors import Fenced, LedgerBusy
from models.store.lease import Leases
from models.store.transactions import Store
from tests.fakes.clock import SettableClock
from tests.fakes.lead_path import open_test_ledger

SHORT = timedelta(0)
LONG = timedelta(seconds=15)


class Uncommitted:
    """A store whose transaction is somebody else's to end."""

    def __init__(self, store: Store, connection: Connection) -> None:
        self.is_sqlite, self.now = store.is_sqlite, store.now
        self._connection = connection

    @contextmanager
    def append(self) -> Iterator[Connection]:
        yield self._connection


def impatient(url: str) -> str:
    """The same database, where nobody waits for a lock."""
    waiting = make_url(url).update_query_dict({"options": "-c lock_timeout=100"})
    return waiting.render_as_string(hide_password=False)


def test_one_of_two_takes_the_lease(ledger, clock):
    first = ledger.leases.acquire("a", ttl=LONG, at=clock.now())
    second = ledger.leases.acquire("b", ttl=LONG, at=clock.now())

    assert (first.holder, second, ledger.leases.current().holder) == ("a", None, "a")


def test_a_lease_that_ran_out_is_taken_with_a_larger_token(ledger, clock):
    first = ledger.leases.acquire("a", ttl=SHORT, at=clock.now())
    second = ledger.leases.acquire("b", ttl=LONG, at=clock.now())

    assert second.token > first.token
    assert ledger.leases.renew(first, ttl=LONG, at=clock.now()) is None


def test_a_lease_that_was_given_back_is_free_at_once(ledger, clock):
    first = ledger.leases.acquire("a", ttl=LONG, at=clock.now())
    ledger.leases.release(first, at=clock.now())

    assert ledger.leases.acquire("b", ttl=LONG, at=clock.now()).token == first.token + 1


def test_a_lease_that_is_renewed_stays(ledger, clock):
    first = ledger.leases.acquire("a", ttl=SHORT, at=clock.now())
    renewed = ledger.leases.renew(first, ttl=LONG, at=clock.now())

    assert renewed.token == first.token
    assert ledger.leases.acquire("b", ttl=LONG, at=clock.now()) is None


def test_who_was_paused_past_the_lease_writes_nothing(ledger, clock):
    paused = ledger.leases.acquire("a", ttl=SHORT, at=clock.now())
    ledger.leases.acquire("b", ttl=LONG, at=clock.now())

    with pytest.raises(Fenced, match="stand by"):
        ledger.jobs.start("seal", "2026-03-02", at=clock.now(), token=paused.token)


def test_a_job_runs_once_for_a_period(ledger, clock):
    token = ledger.leases.acquire("a", ttl=LONG, at=clock.now()).token
    started = [
        ledger.jobs.start("seal", period, at=clock.now(), token=token)
        for period in ("2026-03-02", "2026-03-02", "2026-03-03")
    ]
    ledger.jobs.end("seal", "2026-03-02", outcome="done", at=clock.now(), token=token)

    assert started == [True, False, True]


def test_a_job_that_failed_can_be_claimed_again_for_its_period(ledger, clock):
    token = ledger.leases.acquire("a", ttl=LONG, at=clock.now()).token
    ledger.jobs.start("seal", "2026-03-02", at=clock.now(), token=token)
    ledger.jobs.end("seal", "2026-03-02", outcome="failed", at=clock.now(), token=token)

    again = [ledger.jobs.start("seal", "2026-03-02", at=clock.now(), token=token) for _ in range(2)]

    assert again == [True, False]


def test_a_job_whose_process_died_is_run_by_the_next_holder(ledger, clock):
    dead = ledger.leases.acquire("a", ttl=LONG, at=clock.now())
    ledger.jobs.start("seal", "2026-03-02", at=clock.now(), token=dead.token)
    ledger.leases.release(dead, at=clock.now())

    clock.advance(1)
    token = ledger.leases.acquire("b", ttl=LONG, at=clock.now()).token

    assert ledger.jobs.start("seal", "2026-03-02", at=clock.now(), token=token)
    assert not ledger.jobs.start("seal", "2026-03-02", at=clock.now(), token=token)


def test_nobody_takes_the_lease_from_under_a_transaction(postgres_ledger_url, clock):
    first = open_test_ledger(postgres_ledger_url, clock)
    second = open_test_ledger(postgres_ledger_url, clock)
    held = first.leases.acquire("a", ttl=SHORT, at=clock.now())
    assert held is not None
    with first.decider.batch(token=held.token, at=clock.now()):
        during = second.leases.acquire("b", ttl=LONG, at=clock.now())
    after = second.leases.acquire("b", ttl=LONG, at=clock.now())

    assert during is None
    assert after is not None
    first.close()
    second.close()


def test_the_holder_renews_the_lease_while_its_own_writers_write(
    postgres_ledger_url: str, clock: SettableClock
):
    writing = open_test_ledger(postgres_ledger_url, clock)
    renewing = open_test_ledger(impatient(postgres_ledger_url), clock)
    held = writing.leases.acquire("a", ttl=LONG, at=clock.now())
    assert held is not None
    with writing.decider.batch(token=held.token, at=clock.now()):
        renewed = renewing.leases.renew(held, ttl=LONG, at=clock.now())
    writing.close()
    renewing.close()

    assert renewed is not None


def test_who_writes_while_the_lease_is_being_taken_waits_and_is_fenced(
    postgres_ledger_url: str, clock: SettableClock
):
    taking = open_test_ledger(postgres_ledger_url, clock)
    writing = open_test_ledger(impatient(postgres_ledger_url), clock)
    late = taking.leases.acquire("a", ttl=SHORT, at=clock.now())
    assert late is not None
    with taking.store.append() as connection:
        store = cast("Store", Uncommitted(taking.store, connection))
        taken = Leases(store).acquire("b", ttl=LONG, at=clock.now())
        with pytest.raises(LedgerBusy), writing.decider.batch(token=late.token, at=clock.now()):
            pass
    with pytest.raises(Fenced), writing.decider.batch(token=late.token, at=clock.now()):
        pass
    taking.close()
    writing.close()

    assert taken is not None
