"""Who is logged in: connected apps, the sessions they were given, and when those end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from connectors.simulator.salesforce.access import FULL, Access


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """An application that may log in, always as the same user."""

    client_id: str
    client_secret: str
    user_id: str
    access: Access = FULL
    public_key: str | None = None  #: PEM, for the JWT bearer flow
    refresh_token: str = ""


@dataclass(slots=True)
class Session:
    """An access token's session; it ends when unused for too long."""

    token: str
    user_id: str
    client_id: str
    access: Access
    started_at: datetime
    used_at: datetime


class Sessions:
    """The org's connected apps and living sessions."""

    def __init__(self, org_id: str, chance: Random, *, lasts_s: float) -> None:
        self._org_id = org_id
        self._chance = chance
        self.lasts_s = lasts_s
        self.logins = 0
        self._apps: dict[str, ConnectedApp] = {}
        self._sessions: dict[str, Session] = {}

    def register(
        self, user_id: str, *, access: Access = FULL, public_key: str | None = None
    ) -> ConnectedApp:
        """Make a connected app for a user."""
        consumer = "3MVG9" + self._letters(80)
        app = ConnectedApp(
            client_id=consumer,
            client_secret=self._letters(64).upper(),
            user_id=user_id,
            access=access,
            public_key=public_key,
            refresh_token=f"5Aep861{self._letters(60)}",
        )
        self._apps[consumer] = app
        return app

    def app(self, client_id: str | None) -> ConnectedApp | None:
        """The app with this consumer key."""
        return self._apps.get(client_id or "")

    def open(self, app: ConnectedApp, now: datetime) -> Session:
        """Log an app in."""
        token = f"{self._org_id[:15]}!AQ4A{self._letters(84)}"
        session = Session(token, app.user_id, app.client_id, app.access, now, now)
        self._sessions[token] = session
        self.logins += 1
        return session

    def find(self, token: str, now: datetime) -> Session | None:
        """The living session of a token; using it keeps it alive."""
        session = self._sessions.get(token)
        if session is None:
            return None
        if now - session.used_at > timedelta(seconds=self.lasts_s):
            del self._sessions[token]
            return None
        session.used_at = now
        return session

    def end(self, token: str) -> bool:
        """End one session."""
        return self._sessions.pop(token, None) is not None

    def end_all(self, client_id: str | None = None) -> int:
        """End every session, or every session of one app; returns how many."""
        ended = [
            token
            for token, session in self._sessions.items()
            if client_id is None or session.client_id == client_id
        ]
        for token in ended:
            del self._sessions[token]
        return len(ended)

    def _letters(self, count: int) -> str:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "".join(self._chance.choices(letters, k=count))
