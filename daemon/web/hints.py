"""A CRM says that there is something new: verified, counted, and the poller wakes early.

A hint is only that: what it says is not read, nothing of it is kept, and the poll that follows is
the one that would have come anyway. Whoever stands by without the lease takes hints and does
nothing with them; the process that routes polls in its own time. A hint that cannot be verified is
refused, counted, and logged once a minute at most, without its content.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

import structlog
from pydantic import SecretStr

from connectors.hubspot.signature import is_signed
from daemon.base.clock import Clock
from daemon.base.metrics import Metrics
from daemon.settings import ConnectionConfig, Kind

_log = structlog.get_logger(__name__)

LARGEST_BYTES: Final = 256 * 1024  #: HubSpot sends a hundred events at most, well below that
GIVEN_IN: Final = "x-signalbox-secret"  #: the header of a shared secret
_SIGNATURE: Final = "x-hubspot-signature-v3"
_SENT_AT: Final = "x-hubspot-request-timestamp"
_SAY_EVERY_S: Final = 60.0

Wakes = Callable[[str], bool]  #: wakes a connection's poller; False: this process stands by


class Taken(StrEnum):
    """What became of a hint. Add, never rename."""

    WOKEN = "woken"
    STANDING_BY = "standing_by"
    UNKNOWN = "unknown"  # no such connection, or it takes no hints
    UNSIGNED = "unsigned"
    TOO_LARGE = "too_large"


class Knock(NamedTuple):
    """A request as it came; names of headers in small letters."""

    headers: Mapping[str, str]
    body: bytes


class Door(Protocol):
    """Knows who may knock."""

    def opens(self, knock: Knock, clock: Clock) -> bool:
        """Whether it came from the CRM."""
        ...


@dataclass(frozen=True, slots=True)
class SignedDoor:
    """HubSpot's: a signature over the address, the raw bytes and the time."""

    secret: SecretStr
    url: str

    def opens(self, knock: Knock, clock: Clock) -> bool:
        """Whether HubSpot sent it a short while ago."""
        sent_at, signature = (knock.headers.get(name, "") for name in (_SENT_AT, _SIGNATURE))
        secret, now = self.secret.get_secret_value(), clock.now()
        return is_signed(secret, "POST", self.url, knock.body, sent_at, signature, now)


@dataclass(frozen=True, slots=True)
class SecretDoor:
    """Salesforce's: a shared secret in a header."""

    secret: SecretStr

    def opens(self, knock: Knock, clock: Clock) -> bool:
        """Whether the secret is ours; takes as long for a wrong one as for a nearly right one."""
        del clock
        said = knock.headers.get(GIVEN_IN, "").encode("utf-8", "replace")
        return hmac.compare_digest(said, self.secret.get_secret_value().encode())


@dataclass(slots=True)
class Hints:
    """Takes hints for all connections."""

    doors: Mapping[str, Door]
    wakes: Wakes
    clock: Clock
    metrics: Metrics
    _said_at: dict[tuple[str, Taken], float] = field(default_factory=dict)

    def knows(self, connection: str) -> bool:
        """Whether this connection takes hints."""
        return connection in self.doors

    def take(self, connection: str, knock: Knock) -> Taken:
        """Verify a hint and wake the poller."""
        if not self.doors[connection].opens(knock, self.clock):
            return self.refuse(connection, Taken.UNSIGNED)
        taken = Taken.WOKEN if self.wakes(connection) else Taken.STANDING_BY
        self.metrics.hints.labels(connection, taken.value).inc()
        return taken

    def refuse(self, connection: str, why: Taken) -> Taken:
        """Count a hint that is not taken; a name that nobody knows is not repeated."""
        name = connection if self.knows(connection) else ""
        self.metrics.hints.labels(name, why.value).inc()
        now = self.clock.monotonic()
        if now - self._said_at.get((name, why), -_SAY_EVERY_S) >= _SAY_EVERY_S:
            self._said_at[name, why] = now
            _log.warning("hint_refused", connection=name, reason=why.value)
        return why


def doors_of(connections: Iterable[tuple[str, ConnectionConfig]]) -> dict[str, Door]:
    """A door for each connection that is not off and takes hints.

    Raises:
        SecretMissing: A secret cannot be read any more.
    """
    return {
        name: _door(told.kind, told.wake.secret(), told.wake.public_url)
        for name, told in connections
        if told.wake is not None and told.mode != "off"
    }


def _door(kind: Kind, secret: SecretStr, url: str | None) -> Door:
    return SecretDoor(secret) if kind is Kind.SALESFORCE or url is None else SignedDoor(secret, url)
