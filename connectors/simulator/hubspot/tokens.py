"""Who may call: apps, the tokens they hold, what those allow, and when they end.

A private app (or service key) holds one token that does not end. An OAuth app holds tokens
of half an hour and a refresh token, which is replaced whenever it is used.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

EVERY_SCOPE: Final = frozenset(
    f"crm.objects.{name}.{verb}"
    for name in ("contacts", "companies", "deals", "leads", "users", "owners")
    for verb in ("read", "write")
) | {f"crm.schemas.{name}.read" for name in ("contacts", "companies", "deals", "leads")}
_LASTS: Final = timedelta(seconds=1800)


@dataclass(slots=True)
class App:
    """A client of the portal."""

    client_id: str
    client_secret: str
    kind: str  #: private or oauth
    scopes: frozenset[str]
    user_id: int  #: who installed it
    refresh_token: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """What a client shows."""

    text: str
    app: App
    ends_at: datetime | None


class Tokens:
    """The apps of a portal and their tokens."""

    def __init__(self, portal_id: int, chance: Random) -> None:
        self._portal_id = portal_id
        self._chance = chance
        self._apps: dict[str, App] = {}
        self._tokens: dict[str, Token] = {}
        self.refreshes = 0

    def register(
        self, *, kind: str = "private", scopes: Iterable[str] | None = None, user_id: int = 0
    ) -> App:
        """Make an app; without scopes it may do everything."""
        app = App(
            client_id=str(self._chance.randrange(10**6, 10**7)),
            client_secret=self._hex(8, 4, 4, 4, 12),
            kind=kind,
            scopes=EVERY_SCOPE if scopes is None else frozenset(scopes),
            user_id=user_id,
        )
        if kind == "oauth":
            app.refresh_token = "na1-" + self._hex(8, 4, 4, 4, 12)
        self._apps[app.client_id] = app
        return app

    def open(self, app: App, now: datetime) -> Token:
        """Give an app a token."""
        if app.kind == "oauth":
            token = Token("C" + self._hex(64), app, now + _LASTS)
        else:
            token = Token("pat-na1-" + self._hex(8, 4, 4, 4, 12), app, None)
        self._tokens[token.text] = token
        return token

    def refresh(self, app: App, now: datetime) -> Token:
        """Give an OAuth app a new token, and a new refresh token in place of the one it used."""
        self.refreshes += 1
        app.refresh_token = "na1-" + self._hex(8, 4, 4, 4, 12)
        return self.open(app, now)

    def find(self, text: str) -> Token | None:
        """The token of this text, ended or not."""
        return self._tokens.get(text)

    def app(self, client_id: str) -> App | None:
        """The app of this id."""
        return self._apps.get(client_id)

    def end(self, text: str, now: datetime) -> None:
        """Let a token end now."""
        token = self._tokens.get(text)
        if token is not None:
            self._tokens[text] = Token(text, token.app, now)

    def end_all(self, now: datetime, client_id: str | None = None) -> int:
        """Let every token end that can, or those of one app; returns how many."""
        ending = [
            token.text
            for token in self._tokens.values()
            if token.ends_at is not None and client_id in (None, token.app.client_id)
        ]
        for text in ending:
            self.end(text, now)
        return len(ending)

    def _hex(self, *sizes: int) -> str:
        return "-".join("".join(self._chance.choices("0123456789abcdef", k=n)) for n in sizes)
