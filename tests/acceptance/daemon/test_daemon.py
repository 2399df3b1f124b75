"""What must hold for the process: killed, it loses nothing; told, it stops; there is one."""

import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.offline.demo.truth import Truth
from models.store.errors import LedgerError
from tests.acceptance.daemon.company import Company, stop, until

Opened = Callable[..., Company]


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Opened]:
    made: list[Company] = []

    def opened(url: str, **life: float) -> Company:
        made.append(Company(tmp_path, url, **life))  # type: ignore[arg-type]
        return made[-1]

    yield opened
    for each in made:
        each.close()


def has_decided(company: Company) -> Callable[[], bool]:
    return lambda: any(row.decision is not None for row in company.roll())


def test_leads_get_their_owners_and_humans_keep_theirs(company, own_ledger_url):
    acme = company(own_ledger_url, leads=30, rate=15.0)
    acme.daemon()

    acme.settles(within_s=40)

    assert acme.verdict() == Truth()
    states = {row.state for row in acme.roll()}
    assert "confirmed" in states


def test_killed_again_and_again_it_loses_doubles_and_overwrites_nothing(company, own_ledger_url):
    acme = company(own_ledger_url, leads=60, rate=10.0, seed=3)
    daemon = acme.daemon()
    until(has_decided(acme), within_s=20, what="the first decision")
    for lives_s in (0.7, 1.9, 2.6):
        daemon.kill()
        daemon.wait()
        daemon = acme.daemon()
        time.sleep(lives_s)

    acme.settles(within_s=60)

    assert acme.verdict() == Truth()


def test_sigterm_finishes_what_is_under_way_and_gives_the_lease_back(company, sqlite_url):
    acme = company(sqlite_url, leads=40, rate=20.0)
    daemon = acme.daemon()
    until(has_decided(acme), within_s=20, what="the first decision")

    code = stop(daemon)

    ledger = acme.ledger()
    lease = ledger.leases.current()
    sent = [row.state for row in acme.roll() if row.state == "sent"]
    ledger.close()
    assert (code, sent) == (0, [])
    assert lease is not None
    assert lease.expires_at <= acme.simulator.clock.now()


def test_a_second_daemon_on_one_file_says_so_and_stops(company, sqlite_url):
    acme = company(sqlite_url, leads=1, rate=1.0)
    first = acme.daemon()
    until(has_decided(acme), within_s=20, what="the first decision")

    second = acme.daemon()

    assert second.wait(20) == 3
    assert "in use by another daemon" in acme.log_of(second)
    assert first.poll() is None


def test_on_postgresql_the_second_stands_by_and_takes_over(company, own_postgres_ledger_url):
    acme = company(own_postgres_ledger_url, leads=50, rate=6.0)
    first = acme.daemon()
    until(has_decided(acme), within_s=20, what="the first decision")
    second = acme.daemon()
    time.sleep(2)

    first.kill()
    until(lambda: '"took_over"' in acme.log_of(second), within_s=60, what="the take-over")
    acme.settles(within_s=60)

    assert acme.verdict() == Truth()


def test_in_shadow_everything_is_decided_and_nothing_is_written(company, sqlite_url):
    acme = company(sqlite_url, leads=10, rate=10.0)
    acme.daemon("--shadow")
    until(lambda: decisions(acme) >= 8, within_s=30, what="eight decisions in shadow")

    compared = acme.command("compare", "--json")

    ours = [e for e in acme.simulator.truth() if e["client"] == acme.address.client_id]
    assert ours == []
    assert compared.code in (0, 1)
    assert compared.out


def test_an_operator_is_answered_by_the_running_daemon(company, sqlite_url):
    acme = company(sqlite_url, leads=4, rate=4.0)
    acme.daemon()
    acme.settles(within_s=40)
    lead = next(row.record for row in acme.roll() if row.state == "confirmed")
    rep = acme.simulator.roster()[3]["id"]

    moved = acme.command("reassign", lead, "--to", rep, "--wait", "20")
    paused = acme.command("pause")
    told = acme.command("explain", lead)

    assert moved.code in (0, 2), moved.err  # 2: it was theirs already
    assert paused.code == 0, paused.err
    assert told.code == 0, told.err
    assert acme.verdict().lost == 0


def decisions(company: Company) -> int:
    """How many decisions the ledger holds, shadow ones included."""
    try:
        ledger = company.ledger()
    except LedgerError:
        return 0
    try:
        tallies = ledger.reports.tally(company.started_at, company.started_at + timedelta(days=1))
    finally:
        ledger.close()
    return sum(each.count for each in tallies)


def test_sighup_reads_the_files_again_and_a_mistake_stops_nothing(company, sqlite_url):
    acme = company(sqlite_url, leads=2, rate=4.0)
    daemon = acme.daemon()
    acme.settles(within_s=40)
    book = acme.folder / "rulebook.yaml"
    good = book.read_text()

    book.write_text(good.replace("pools:", "polls:"))
    daemon.send_signal(signal.SIGHUP)
    until(lambda: '"files_refused"' in acme.log_of(daemon), within_s=15, what="it was refused")
    book.write_text(good + "# reviewed by mona\n")
    daemon.send_signal(signal.SIGHUP)
    until(lambda: '"files_taken"' in acme.log_of(daemon), within_s=15, what="it was taken")

    assert stop(daemon) == 0
