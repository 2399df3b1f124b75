"""Tokens: one login for however many threads need one, and no login storm when none helps.

A token is renewed when a call was refused with 401, or shortly before it reaches the age at which
an earlier one died. Whoever finds that somebody else renewed meanwhile takes theirs. A refused
login, and a fresh token that is refused, close the door for a while: knocking again would only
lock the user out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from connectors.errors import ConnectorError, NeedsOperator, TryLater

_REFUSED_S: Final = (
    55.0  #: a person has to act; under the minute after which the daemon tries again
)
_AWAY_S: Final = 5.0
_SHORTEST_LIFE_S: Final = 120.0  #: a token that died younger was revoked, not old
_RENEW_AT: Final = 0.8


@dataclass(frozen=True, slots=True)
class Token:
    """A token and the only address it may be sent to."""

    value: str = field(repr=False)
    instance_url: str
    user: str | None = None  #: CRM id of the user it acts as, where the login said so
    life_s: float | None = None  #: how long it lives, where the login said so


class TokenKeeper:
    """Hands out the token in force. Safe to share between threads."""

    def __init__(
        self, login: Callable[[], Token], *, crm: str, monotonic: Callable[[], float]
    ) -> None:
        self._login = login
        self._crm = crm
        self._monotonic = monotonic
        self._lock = Lock()
        self._token: Token | None = None
        self._born = 0.0
        self._life_s: float | None = None  #: the shortest life observed
        self._barred_until = 0.0
        self._why: ConnectorError | None = None

    def current(self) -> Token:
        """The token in force; logs in if there is none, or if it is about to die."""
        with self._lock:
            self._raise_if_barred()
            if self._token is None or self._is_old():
                return self._renew()
            return self._token

    def renew(self, refused: Token) -> Token:
        """A token other than the one that was refused."""
        with self._lock:
            self._raise_if_barred()
            if self._token is not None and self._token is not refused:
                return self._token
            self._learn_life()
            return self._renew()

    def bar(self, why: NeedsOperator) -> None:
        """A fresh token was refused: no calls and no logins for a while."""
        with self._lock:
            self._token = None
            self._shut(why, _REFUSED_S)

    def _renew(self) -> Token:
        try:
            token = self._login()
        except NeedsOperator as refused:
            self._token = None
            self._shut(refused, _REFUSED_S)
            raise
        except TryLater as away:
            self._shut(away, min(away.after_s, _AWAY_S))
            raise
        self._token = token
        self._born = self._monotonic()
        return token

    def _is_old(self) -> bool:
        lives = [s for s in (self._life_s, self._token and self._token.life_s) if s]
        return bool(lives) and self._monotonic() - self._born >= _RENEW_AT * min(lives)

    def _learn_life(self) -> None:
        age = self._monotonic() - self._born
        if self._token is not None and age >= _SHORTEST_LIFE_S:
            self._life_s = age if self._life_s is None else min(self._life_s, age)

    def _shut(self, why: ConnectorError, seconds: float) -> None:
        self._why = why
        self._barred_until = self._monotonic() + seconds

    def _raise_if_barred(self) -> None:
        if self._why is None:
            return
        left_s = self._barred_until - self._monotonic()
        if left_s <= 0:
            self._why = None
        elif isinstance(self._why, NeedsOperator):
            raise self._why.again()
        else:
            raise TryLater(self._crm, "the login failed a moment ago.", left_s)
