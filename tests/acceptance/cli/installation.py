"""An installation in a folder, with a ledger, and a daemon that only answers requests."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from daemon.base.clock import RandomIds, SystemClock
from daemon.offline.starter import write_starter
from models.governance.requests import Answer, Request
from models.journal.entries import Act
from models.ledger import Ledger, open_ledger
from tests.ledgers import with_schema

CLOCK = SystemClock()

Answering = Callable[[Request], Answer]


def install(folder: Path) -> None:
    """A starter configuration and an empty ledger."""
    write_starter(folder, at=CLOCK.now())
    with ledger_of(folder):
        pass


@contextmanager
def ledger_of(folder: Path, *, sole: bool = False) -> Iterator[Ledger]:
    """The installation's ledger, made or migrated; `sole` as a daemon has it."""
    url = with_schema(f"sqlite:///{folder / 'signalbox.db'}")
    ledger = open_ledger(url, ids=RandomIds(), now=CLOCK.now, sole=sole)
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def daemon_that(folder: Path, answers: Answering) -> Iterator[None]:
    """Holds the lease and answers requests until the block ends."""
    stopped = threading.Event()
    ready = threading.Event()

    def serve() -> None:
        with ledger_of(folder) as ledger:
            lease = ledger.leases.acquire("test", ttl=timedelta(minutes=5), at=CLOCK.now())
            assert lease is not None
            ready.set()
            while not stopped.wait(0.02):
                act = Act(CLOCK.now(), lease.token)
                for each in ledger.requests.claim(limit=10, at=act.at, token=act.token):
                    answer = answers(each)
                    ledger.requests.finish(each.id, answer, at=act.at, token=act.token)
            ledger.leases.release(lease, at=CLOCK.now())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert ready.wait(10)
        yield
    finally:
        stopped.set()
        thread.join(10)


def doing(said: Mapping[str, Any], heard: list[Request]) -> Answering:
    """Does everything, says this, and keeps what it was asked."""

    def answer(request: Request) -> Answer:
        heard.append(request)
        return Answer(done=True, said=said)

    return answer


def refusing(why: str) -> Answering:
    """Refuses everything."""
    return lambda _: Answer(done=False, said={"why": why})
