"""kill -9 at every statement and every commit of a lead's path, then another process goes on.

A child is forked, walks two leads through the four transactions, and kills itself at point N.
The parent takes the lease and does what the daemon does after a start. Whatever N was, in the
end each lead is decided once, confirmed once, and the books agree.
"""

import os
import signal
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import event

from models.ledger import Ledger
from tests.fakes.clock import SettableClock
from tests.fakes.lead_path import LeadPath, arriving, begin, broken_laws, open_test_ledger
from tests.ledgers import emptied, with_schema

AT_ONCE = timedelta(0)  #: a lease that the next process need not wait for
LEADS = 2


def walk(path: LeadPath) -> None:
    """What a daemon does, from wherever the ledger stands."""
    path.take_in(arriving(LEADS, path.at))
    path.decide()
    claimed = path.push()
    path.settle(claimed)


def killed_at(point: int, url: str) -> bool:
    """Walk in a child that dies at a point; False if it came to its end before."""
    child = os.fork()
    if child == 0:
        ledger = open_test_ledger(url)
        path = begin(ledger, SettableClock(), ttl=AT_ONCE)
        die_at(point, ledger)
        walk(path)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def die_at(point: int, ledger: Ledger) -> None:
    """Count statements and commits of the writer; end at the given one, before it runs."""
    passed = count(1)

    def reached(*_: object, **__: object) -> None:
        if next(passed) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(ledger.store.writer, "before_cursor_execute", reached)
    event.listen(ledger.store.writer, "commit", reached)


def found_after(url: str) -> dict[str, object]:
    """Go on as the next process does; what the ledger then says."""
    clock = SettableClock()
    ledger = open_test_ledger(url, clock)
    path = begin(ledger, clock, holder="next")
    walk(path)
    standing = ledger.reading.standing()
    stored = ledger.state(at=clock.now())
    found = {
        "assignments": dict(standing.assignments),
        "owed": dict(standing.effects),
        "inbox": standing.inbox,
        "broken": list(broken_laws(ledger.store)),
        "sequence": stored.sequence,
        "claims": sum(turn.claim for turn in stored.turns["us"].values()),
        "state": stored == path.state,
    }
    ledger.close()
    return found


WHOLE = {
    "assignments": {"confirmed": LEADS},
    "owed": {},
    "inbox": 0,
    "broken": [],
    "sequence": LEADS,
    "claims": 0,
    "state": True,
}


def outcomes(fresh_url) -> dict[int, dict[str, object]]:
    """What was found after a kill at each point, until a walk comes to its end."""
    found: dict[int, dict[str, object]] = {}
    for point in count(1):
        url = fresh_url()
        if not killed_at(point, url):
            return found
        found[point] = found_after(url)
    return found


def test_a_kill_at_any_point_loses_and_doubles_nothing_on_sqlite(tmp_path):
    def fresh() -> str:
        for old in tmp_path.iterdir():
            old.unlink()
        return with_schema(f"sqlite:///{tmp_path / 'ledger.db'}")

    found = outcomes(fresh)

    assert {point: what for point, what in found.items() if what != WHOLE} == {}
    assert len(found) > 30


@pytest.mark.timeout(180)
def test_a_kill_at_any_point_loses_and_doubles_nothing_on_postgres(migrated_database):
    found = outcomes(lambda: emptied(migrated_database))

    assert {point: what for point, what in found.items() if what != WHOLE} == {}
    assert len(found) > 30
