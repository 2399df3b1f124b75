"""A process that may die between any two steps, told from a seed.

At every transaction and at every write into a CRM the process may die, before or after.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any, Protocol

from daemon.running.application import Application
from models.store.transactions import Store
from routing.facts import Effect, EffectResult
from tests.fakes.clock import SettableClock
from tests.fakes.crm import FakeConnector


class Crash(BaseException):
    """The process died here."""


class Dice:
    """Chance from a seed, the same on every machine."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn = 0

    def below(self, n: int) -> int:
        """An integer in [0, n)."""
        self._drawn += 1
        drawn = blake2b(f"{self._seed}:{self._drawn}".encode(), digest_size=8).digest()
        return int.from_bytes(drawn, "big") % n

    def one_of(self, several: Sequence[Any]) -> Any:
        """One of several."""
        return several[self.below(len(several))]


class Fate:
    """Decides at each point whether the process dies there."""

    def __init__(self, dice: Dice, *, one_in: int) -> None:
        self._dice = dice
        self._one_in = one_in
        self.armed = False
        self.crashes = 0

    def point(self) -> None:
        """A point at which the process may die."""
        if self.armed and self._dice.below(self._one_in) == 0:
            self.crashes += 1
            raise Crash


def mortal_writes(fate: Fate) -> Callable[..., Any]:
    """`Store.write`, in a process that may die before, within and after each transaction."""
    original = Store.write

    @contextmanager
    def write(self: Store, token: int) -> Iterator[Any]:
        fate.point()
        with original(self, token) as connection:
            yield connection
            fate.point()
        fate.point()

    return write


def mortal_apply(fate: Fate) -> Callable[..., Any]:
    """`FakeConnector.apply`, in a process that may die before, between and after the writes."""
    original = FakeConnector.apply

    def apply(self: FakeConnector, effects: Sequence[Effect]) -> list[EffectResult]:
        fate.point()
        results: list[EffectResult] = []
        for effect in effects:
            results += original(self, [effect])
            fate.point()
        return results

    return apply


class Running(Protocol):
    """What runs in a process: an office, or both CRMs."""

    app: Application
    clock: SettableClock


def buried(office: Running) -> None:
    """A dead process holds no file. PostgreSQL's own clock would let its lease run out."""
    ledger = office.app.ledger
    lease = ledger.leases.current()
    if lease is not None and not ledger.store.is_sqlite:
        ledger.leases.release(lease, at=office.clock.now())
    ledger.close()
