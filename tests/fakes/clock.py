"""Clocks that stand still until a test moves them, and ids that count."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  #: a Monday


class SettableClock:
    """A clock that moves only when told to; `sleep` moves it, and takes no time."""

    def __init__(self, at: datetime = NOON) -> None:
        self._now = at
        self._monotonic = 1_000.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The time, as last set."""
        return self._now

    def monotonic(self) -> float:
        """Seconds moved so far, from an arbitrary start; `jump` does not touch it."""
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        """Move on by that much and note it."""
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> datetime:
        """Let time pass, for both hands of the clock."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds
        return self._now

    def jump(self, seconds: float) -> datetime:
        """Set the wall clock forward or back, as an operator or NTP does."""
        self._now += timedelta(seconds=seconds)
        return self._now


class CountingIds:
    """`lead-1`, `lead-2`: one count per prefix; salts count too."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def new(self, prefix: str) -> str:
        """The next id with this prefix."""
        return f"{prefix}-{self._next(prefix)}"

    def secret(self) -> bytes:
        """The next number, as 32 bytes."""
        return self._next("secret").to_bytes(32, "big")

    def _next(self, prefix: str) -> int:
        self._counts[prefix] = self._counts.get(prefix, 0) + 1
        return self._counts[prefix]
