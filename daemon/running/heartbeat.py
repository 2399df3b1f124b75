"""Keeps the lease from a thread of its own, whatever else the process is busy with.

Reading a big ledger takes longer than a lease lasts. Were the thread that reads also the one that
renews, the lease would be gone when the reading is done, and with the next lease it would all
begin again. This thread does nothing but ask for the lease and renew it.
"""

from collections.abc import Callable
from threading import Thread
from types import TracebackType
from typing import Final, Self

from daemon.base.clock import Wakeup
from daemon.base.events import Tell
from daemon.running.lease import LeaseKeeper
from models.store.errors import LedgerError

_BEAT_S: Final = 0.2
_PAUSE_S: Final = 1.0  #: after a beat that failed
_PATIENCE_S: Final = 2.0  #: for the last beat, which may wait for the database


def _unheard() -> None:
    """Nobody listens."""


class Heartbeat:
    """Takes and renews the lease as long as the block lasts; it is not given back at the end.

    Args:
        lease: What is kept.
        tell: Hears of a beat that failed.
        beaten: Called after each beat.
    """

    def __init__(
        self, lease: LeaseKeeper, tell: Tell, *, beaten: Callable[[], object] = _unheard
    ) -> None:
        self._lease = lease
        self._tell = tell
        self._beaten = beaten
        self._is_over = False
        self._over = Wakeup()
        self._thread = Thread(target=self._beat_on, name="lease", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; a beat that waits for a database which does not answer is left behind."""
        self._is_over = True
        self._over.set()
        self._thread.join(_PATIENCE_S)

    def _beat_on(self) -> None:
        while not self._is_over:
            pause_s = self._beat()
            self._beaten()
            self._over.wait(pause_s)

    def _beat(self) -> float:
        try:
            self._lease.tick()
        except LedgerError as error:  # what is held ends by its deadline, if this goes on
            self._tell.alert("ledger_failed", loop="lease", problem=str(error))
        except Exception as error:  # noqa: BLE001 - without a heart nothing would ever run again
            self._tell.alert("loop_failed", loop="lease", exc_info=error)
        else:
            return _BEAT_S
        return _PAUSE_S
