"""Time, ids and waiting: the only module that asks the machine for any of them.

Everything else is handed a `Clock`, an `Ids` or a `Wakeup`, so that a simulated world can drive it
and a failure can be replayed. Nothing outside this module reads the time, draws a random number or
sleeps.
"""

import secrets
import threading
import time
from base64 import b32encode
from datetime import UTC, datetime
from typing import Protocol

_ID_BYTES = 10  #: 80 bits: a million ids collide with a chance of one in a trillion
_SECRET_BYTES = 32


class Clock(Protocol):
    """What time it is, and how to let time pass."""

    def now(self) -> datetime:
        """The time, aware, in UTC. It may jump when somebody sets the machine's clock."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never jumps. For deadlines and durations."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let this much time pass."""
        ...


class Ids(Protocol):
    """Where names come from that nobody can guess and nothing can be read from."""

    def new(self, prefix: str) -> str:
        """An id never given out before: the prefix, a hyphen, and 16 letters and digits."""
        ...

    def secret(self) -> bytes:
        """32 random bytes: a salt, or the key of a commitment."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block this thread. Loops wait on a `Wakeup` instead, which work or a stop can end."""
        time.sleep(seconds)


class RandomIds:
    """Ids and salts from the operating system's source of randomness."""

    def new(self, prefix: str) -> str:
        """A random id, lower case, safe in URLs and file names."""
        return f"{prefix}-{b32encode(secrets.token_bytes(_ID_BYTES)).decode().lower()}"

    def secret(self) -> bytes:
        """32 random bytes."""
        return secrets.token_bytes(_SECRET_BYTES)


def fraction(ids: Ids) -> float:
    """A number in [0, 1) that nobody can foresee, from the same source as ids and salts.

    Examples:
        >>> 0.0 <= fraction(RandomIds()) < 1.0
        True
    """
    return int.from_bytes(ids.secret()[:4]) / 2**32


class Wakeup:
    """Lets a loop sleep until there is work, without missing a call that came before the nap.

    Several calls before a wait count as one: a loop looks for all of its work when it wakes.

    Examples:
        >>> wakeup = Wakeup()
        >>> wakeup.set()
        >>> wakeup.wait(timeout_s=10.0)
        True
        >>> wakeup.wait(timeout_s=0.0)
        False
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Wake the loop now, or spare it its next nap. Safe from any thread and signal handler."""
        self._event.set()

    def wait(self, timeout_s: float) -> bool:
        """Sleep until woken or until the time is over; True if it was woken."""
        woken = self._event.wait(timeout_s)
        if woken:
            self._event.clear()
        return woken
