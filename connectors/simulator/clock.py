"""The simulator's own clock: real time, or a time that only moves when told to.

The simulator is another machine as far as Signalbox is concerned, so it keeps its own
time. `skew` moves only what clients are told (the Date header), never the stamps.
"""

from datetime import UTC, datetime, timedelta


class SimulatorClock:
    """Real time plus an offset, or a standing time that `advance` moves.

    Examples:
        >>> clock = SimulatorClock(datetime(2026, 1, 5, 9, tzinfo=UTC))
        >>> clock.advance(90)
        >>> clock.now().isoformat()
        '2026-01-05T09:01:30+00:00'
    """

    def __init__(self, standing_at: datetime | None = None) -> None:
        if standing_at is not None and standing_at.tzinfo is None:
            raise ValueError(
                f"The simulator's clock was set to {standing_at.isoformat()}, which has no time"
                " zone. Give it an aware time in UTC."
            )
        self._standing_at = standing_at
        self._offset = timedelta()
        self.skew = timedelta()

    @property
    def stands(self) -> bool:
        """Whether time moves only by `advance`."""
        return self._standing_at is not None

    def now(self) -> datetime:
        """The simulated company's time, aware, in UTC."""
        base = self._standing_at if self._standing_at is not None else datetime.now(UTC)
        return base + self._offset

    def told(self) -> datetime:
        """The time clients are told in the Date header: now, plus the skew."""
        return self.now() + self.skew

    def advance(self, seconds: float) -> None:
        """Move time by so many seconds; backwards is allowed, as it is for real servers."""
        self._offset += timedelta(seconds=seconds)
