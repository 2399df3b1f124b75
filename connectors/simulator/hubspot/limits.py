"""How often a portal may be called: in a second, in ten, and in a day of its own time zone."""

from collections import Counter, deque
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from connectors.simulator.hubspot.refusals import limit_reached

_TEN_SECONDS: Final = timedelta(seconds=10)
_SECOND: Final = timedelta(seconds=1)


class Window:
    """Calls in the last so many seconds."""

    def __init__(self, span: timedelta, most: int) -> None:
        self.span = span
        self.most = most
        self._calls: deque[datetime] = deque()

    def take(self, now: datetime) -> bool:
        """Count a call, unless there have been too many."""
        if self.used(now) >= self.most:
            return False
        self._calls.append(now)
        return True

    def used(self, now: datetime) -> int:
        """Calls within the window."""
        while self._calls and now - self._calls[0] >= self.span:
            self._calls.popleft()
        return len(self._calls)


class Limits:
    """The limits of one portal; apps have bursts of their own, all else is shared."""

    def __init__(self, *, zone: str, daily: int, burst: int, searches: int) -> None:
        self.zone = ZoneInfo(zone)
        self.daily = daily
        self.burst = burst  #: calls of a private app in ten seconds
        self.oauth_burst = 110
        self.kinds: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.search = Window(_SECOND, searches)
        self._bursts: dict[str, Window] = {}
        self._day = ""
        self._today = 0
        self._exhausted_until: datetime | None = None

    def window(self, client_id: str, kind: str) -> Window:
        """The ten seconds of one app."""
        window = self._bursts.get(client_id)
        if window is None:
            window = self._bursts[client_id] = Window(_TEN_SECONDS, self.burst)
        window.most = self.oauth_burst if kind == "oauth" else self.burst
        return window

    def check_day(self, now: datetime) -> None:
        """Count a call of today.

        Raises:
            Refused: 429 DAILY, until midnight where the portal is.
        """
        if self.used(now) >= self.daily:
            self.refused["DAILY"] += 1
            raise limit_reached("DAILY")
        self._today += 1

    def check_burst(self, client_id: str, kind: str, now: datetime) -> None:
        """Count a call against the ten seconds of its app.

        Raises:
            Refused: 429 TEN_SECONDLY_ROLLING.
        """
        if not self.window(client_id, kind).take(now):
            self.refused["TEN_SECONDLY_ROLLING"] += 1
            raise limit_reached("TEN_SECONDLY_ROLLING")

    def check_search(self, now: datetime) -> None:
        """Count a search against the second of the account.

        Raises:
            Refused: 429 SECONDLY.
        """
        if not self.search.take(now):
            self.refused["SECONDLY"] += 1
            raise limit_reached("SECONDLY")

    def used(self, now: datetime) -> int:
        """Calls since midnight where the portal is."""
        if self._exhausted_until is not None and now < self._exhausted_until:
            return self.daily
        day = now.astimezone(self.zone).date().isoformat()
        if day != self._day:
            self._day, self._today = day, 0
        return self._today

    def add(self, now: datetime, calls: int) -> None:
        """Count calls that somebody else made."""
        self.used(now)
        self._today += calls

    def exhaust(self, until: datetime) -> None:
        """Let others have used up the day."""
        self._exhausted_until = until

    def resets_at(self, now: datetime) -> datetime:
        """The next midnight where the portal is."""
        here = now.astimezone(self.zone)
        return (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)

    def headers(self, client_id: str, kind: str, now: datetime) -> dict[str, str]:
        """What a normal answer says about the limits."""
        window = self.window(client_id, kind)
        told = {
            "X-HubSpot-RateLimit-Max": str(window.most),
            "X-HubSpot-RateLimit-Remaining": str(window.most - window.used(now)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        }
        if kind != "oauth":
            told["X-HubSpot-RateLimit-Daily"] = str(self.daily)
            told["X-HubSpot-RateLimit-Daily-Remaining"] = str(max(0, self.daily - self.used(now)))
        return told
