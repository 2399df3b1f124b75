"""What a failed call means: by status, by the policy that a limit names, and by category.

Bodies are JSON in several shapes, HTML from the edge, bytes that are no text, nothing, or JSON
cut off in the middle; every field of them is optional. All end as a `Refusal` or a `Silence`;
none of them ever as an empty result. What a refusal means for one record, in `verdicts`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import orjson

from connectors.errors import BadRecord, ConnectorError, NeedsOperator, TryLater, scrubbed
from connectors.hubspot.stamps import read_http_date

CRM: Final = "HubSpot"
LONGEST_WAIT_S: Final = 3600.0  #: whatever Retry-After says; then we ask again
_AWAY_WAIT_S: Final = 10.0
_LOCKED_WAIT_S: Final = 2.0
_MOVING_WAIT_S: Final = 600.0
_BAD_TOKEN: Final = 530  #: what HubSpot's edge says to a token that is no token
_POLICY: Final = re.compile(r"reached your (\w+) limit", re.IGNORECASE)


class Policy(StrEnum):
    """Which of HubSpot's limits was reached."""

    SECONDLY = "SECONDLY"  # search, five a second for the whole portal
    ROLLING = "TEN_SECONDLY_ROLLING"
    DAILY = "DAILY"  # until midnight where the portal is


@dataclass(frozen=True, slots=True)
class Flaw:
    """A value that was refused."""

    name: str  #: the property
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class CrmError:
    """One error as HubSpot words it."""

    code: str
    message: str
    flaws: tuple[Flaw, ...] = ()  #: what the message lists as wrong
    ids: tuple[str, ...] = ()  #: the records it is about
    traces: tuple[str, ...] = ()  #: the writes it is about, by the trace id we gave them
    scopes: tuple[str, ...] = ()  #: those that are missing
    correlation: str = ""  #: what HubSpot's support asks for


class Silence(Exception):
    """No answer, or one that cannot be understood. Never leaves this package.

    `sent` says whether the request may have been carried out: False only where the connection
    was never made. `slow` says that the time allowed is used up: asking again at once would
    double it.
    """

    def __init__(self, cause: str, *, sent: bool = True, slow: bool = False) -> None:
        super().__init__(scrubbed(cause))
        self.cause = scrubbed(cause)
        self.sent = sent
        self.slow = slow

    def as_promised(self) -> ConnectorError:
        """Wait: the network or the service is away."""
        return TryLater(CRM, self.cause, _AWAY_WAIT_S)


class Refusal(Exception):
    """An answer that says no. Never leaves this package."""

    def __init__(
        self,
        status: int,
        error: CrmError | None = None,
        *,
        policy: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.status = status
        self.error = error or CrmError(f"HTTP_{status}", "the body says nothing")
        self.policy = policy
        self.retry_after_s = retry_after_s
        super().__init__(scrubbed(f"{status} {self.code}: {self.error.message}"))

    @property
    def code(self) -> str:
        """The policy or category, or the status where the body says nothing."""
        return self.policy or self.error.code

    @property
    def expired(self) -> bool:
        """The token is not accepted."""
        return self.status in (401, _BAD_TOKEN)

    @property
    def limited(self) -> bool:
        """We, or the whole portal, called too often; nothing was carried out."""
        return self.status == 429 or self.policy is not None

    @property
    def missing(self) -> bool:
        """This key may not use that part of the portal, or the portal has no such part."""
        return self.status == 403

    @property
    def locked(self) -> bool:
        """The record is being changed at this moment."""
        return self.status == 423

    @property
    def moving(self) -> bool:
        """The portal is being moved to another place."""
        return self.status == 477

    @property
    def unknown(self) -> bool:
        """There is no such record, property or object."""
        return self.status == 404

    @property
    def transient(self) -> bool:
        """The same request may succeed soon."""
        if self.status == _BAD_TOKEN:
            return False
        away = self.status >= 500 or self.status < 400 or self.status in (408, 425)
        return self.limited or self.locked or self.moving or away

    @property
    def doubtful(self) -> bool:
        """Whether a write may have been carried out all the same: read back before anything."""
        return self.transient and not (self.limited or self.locked or self.moving)

    @property
    def wait_s(self) -> float:
        """How long to wait before the same may be asked again."""
        if self.retry_after_s is not None:
            return self.retry_after_s
        if self.policy == Policy.SECONDLY:
            return 1.0
        if self.limited:
            return 10.0
        return _LOCKED_WAIT_S if self.locked else _MOVING_WAIT_S if self.moving else _AWAY_WAIT_S

    def as_promised(self) -> ConnectorError:
        """Wait, call a person, or drop the record."""
        text = f"{self.error.message} ({self.code}, HTTP {self.status}{self._reference()})"
        if self.transient:
            return TryLater(CRM, text, self.wait_s, code=self.code)
        if self.unknown:
            return BadRecord(CRM, "in the request", text, code=self.code)
        return NeedsOperator(CRM, text + ".", self._advice(), code=self.code)

    def _reference(self) -> str:
        return f", reference {self.error.correlation}" if self.error.correlation else ""

    def _advice(self) -> str:
        if self.expired:
            return "Give a new key; polling stays stopped, nothing was lost."
        if self.missing:
            named = ", ".join(self.error.scopes) or "the right that is named"
            return f"Grant the key {named}, or take the object out of the settings."
        return "Run `signalbox check`; bookmarks stay where they are, nothing is lost."


@dataclass(frozen=True, slots=True)
class Failed:
    """What is known of a refused call beside its body."""

    status: int
    content: bytes
    retry_after: str | None = None
    now: datetime = field(default=datetime.min.replace(tzinfo=UTC))


def refusal_of(failed: Failed) -> Refusal:
    """Read a refused call's answer."""
    body = decoded(failed.content)
    return Refusal(
        failed.status,
        error_in(body) if isinstance(body, Mapping) else None,
        policy=_policy(failed.status, body if isinstance(body, Mapping) else {}),
        retry_after_s=seconds_in(failed.retry_after, failed.now),
    )


def error_in(body: Mapping[str, Any]) -> CrmError | None:
    """The error in a body or in one element of it; None where it names none.

    Examples:
        >>> error_in({"category": "OBJECT_NOT_FOUND", "context": {"ids": ["7"]}}).ids
        ('7',)
        >>> error_in({"status": "BAD_REFRESH_TOKEN"}).code
        'BAD_REFRESH_TOKEN'
        >>> error_in({"status": "COMPLETE"}) is None
        True
    """
    inner = _first(body.get("errors"))
    code = _code(inner, ("code", "subCategory")) or _code(body, ("category", "error", "errorType"))
    said = body.get("status")
    if code is None and isinstance(said, str) and said.isupper() and said not in _PROGRESS:
        code = said
    message = body.get("message") or body.get("error_description") or inner.get("message") or ""
    if code is None and not message:
        return None
    context = {**_mapping(inner.get("context")), **_mapping(body.get("context"))}
    return CrmError(
        code=code or "ERROR",
        message=scrubbed(str(message)),
        flaws=flaws_in(str(message)),
        ids=_texts(context.get("ids")) or _texts(context.get("id")),
        traces=_texts(context.get("objectWriteTraceId")),
        scopes=_texts(context.get("requiredScopes")),
        correlation=str(body.get("correlationId") or "")[:64],
    )


def flaws_in(message: str) -> tuple[Flaw, ...]:
    """The wrong values that a message lists, as JSON inside of it.

    It is read before it is cut: the list of allowed owners alone may be longer than a log line.

    Examples:
        >>> flaws_in('Property values were not valid: [{"error":"INVALID_OPTION","name":"a"}]')
        (Flaw(name='a', code='INVALID_OPTION', message=''),)
        >>> flaws_in("You have reached your daily limit.")
        ()
    """
    start, end = message.find("[{"), message.rfind("]")
    listed = decoded(message[start : end + 1].encode()) if 0 <= start < end else None
    return tuple(
        Flaw(
            name=str(flaw.get("name") or ""),
            code=str(flaw.get("error") or flaw.get("code") or ""),
            message=str(flaw.get("message") or ""),
        )
        for flaw in (listed if isinstance(listed, list) else ())
        if isinstance(flaw, Mapping)
    )


_PROGRESS: Final = frozenset({"COMPLETE", "PENDING", "PROCESSING", "CANCELED"})


def decoded(content: bytes) -> Any:
    """The JSON value in a body, or None where there is none."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None


def seconds_in(retry_after: str | None, now: datetime) -> float | None:
    """A Retry-After header in seconds, bounded; None where it says nothing usable.

    Examples:
        >>> at = datetime(2026, 1, 5, 9, tzinfo=UTC)
        >>> [seconds_in(said, at) for said in ("30", "86400", "-5", "soon", None)]
        [30.0, 3600.0, None, None, None]
        >>> seconds_in("Mon, 05 Jan 2026 09:00:20 GMT", at)
        20.0
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_WAIT_S)
    at = read_http_date(text)
    wait_s = 0.0 if at is None else (at - now).total_seconds()
    return min(wait_s, LONGEST_WAIT_S) if wait_s > 0 else None


def _policy(status: int, body: Mapping[str, Any]) -> str | None:
    """Which limit was reached: by its name, by the message, or the usual one."""
    category = str(body.get("errorType") or body.get("category") or "")
    if status != 429 and not category.startswith("RATE_LIMIT"):
        return None
    named = str(body.get("policyName") or "").upper()
    if named in tuple(Policy):
        return named
    said = _POLICY.search(str(body.get("message") or ""))
    found = said[1].upper() if said else ""
    return found if found in tuple(Policy) else Policy.ROLLING.value


def _first(errors: Any) -> Mapping[str, Any]:
    listed = errors if isinstance(errors, list) else []
    return next((each for each in listed if isinstance(each, Mapping)), {})


def _code(body: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    found = (body.get(key) for key in keys)
    return next((code[:100] for code in found if isinstance(code, str) and code), None)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: Any) -> tuple[str, ...]:
    several = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(str(each) for each in several if isinstance(each, str | int))
