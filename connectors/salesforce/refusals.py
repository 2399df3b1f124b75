"""What a failed call means, by error code first and by status second.

Bodies come in five shapes: a list of errors, an object (OAuth, bulk), HTML from the edge, nothing,
and JSON cut off in the middle. All of them end as a `Refusal` or a `Silence`; none of them ever
as an empty result. Which of the three families of the port it is, is decided here; what a refusal
means for one record that was to be written, in `verdicts`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from connectors.errors import BadRecord, ConnectorError, NeedsOperator, TryLater, scrubbed

CRM: Final = "Salesforce"
TOTAL_WAIT_S: Final = 300.0  #: daily quota used up: look again so often
_BUSY_WAIT_S: Final = 5.0  #: crowded: long calls end soon; whoever asks waits longer each time
_AWAY_WAIT_S: Final = 10.0
_TRANSIENT_STATUS: Final = frozenset({406, 408, 420, 425, 429})
_MEANT_STATUS: Final = frozenset({401, 410, 412, 414})  #: clear without a body
_TRANSIENT_CODES: Final = frozenset(
    {"QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW", "UNKNOWN_EXCEPTION"}
)
_RECORD_CODES: Final = frozenset({"MALFORMED_ID", "ENTITY_IS_DELETED", "INVALID_ID_FIELD"})
_ADVICE: Final[Mapping[str, str]] = {
    "INVALID_FIELD": "Grant the integration user read access to the field, or mend the mapping.",
    "INVALID_TYPE": "Grant the integration user read access to the object.",
    "NOT_FOUND": "Grant the integration user read access to the object, or mend the mapping.",
    "MALFORMED_QUERY": "A name in the field mapping is not a field name; mend the mapping.",
    "UNSUPPORTED_API_VERSION": "Set api_version to one that /services/data lists.",
    "API_DISABLED_FOR_ORG": "Enable the API for the org's edition.",
    "API_CURRENTLY_DISABLED": "Enable the API for the integration user's profile.",
    "INSUFFICIENT_ACCESS": "Give the integration user the missing right.",
}


@dataclass(frozen=True, slots=True)
class CrmError:
    """One error as Salesforce words it."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


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
        self, status: int, errors: tuple[CrmError, ...], *, retry_after_s: float | None = None
    ) -> None:
        self.status = status
        self.errors = errors
        self.retry_after_s = retry_after_s
        super().__init__(scrubbed(f"{status} {self.code}: {self.message}"))

    @property
    def code(self) -> str:
        """The first error's code, or the status where the body says nothing."""
        return self.errors[0].code if self.errors else f"HTTP_{self.status}"

    @property
    def message(self) -> str:
        """The first error's message."""
        return self.errors[0].message if self.errors else "the body says nothing"

    @property
    def expired(self) -> bool:
        """The token is not accepted."""
        return self.status == 401

    @property
    def out_of_calls(self) -> bool:
        """The org's calls for the day are used up, by us or by others."""
        return self.code == "REQUEST_LIMIT_EXCEEDED" and "concurrent" not in self.message.lower()

    @property
    def crowded(self) -> bool:
        """Too many long calls at once; the day's quota is not touched."""
        return self.code == "REQUEST_LIMIT_EXCEEDED" and not self.out_of_calls

    @property
    def dead_locator(self) -> bool:
        """The query has to be asked anew."""
        return self.code == "INVALID_QUERY_LOCATOR"

    @property
    def transient(self) -> bool:
        """The same request may succeed soon."""
        if self.code in _TRANSIENT_CODES:
            return True
        away = self.status in _TRANSIENT_STATUS or self.status >= 500 or self.status < 400
        mute = not self.errors and self.status not in _MEANT_STATUS
        return (away or mute) and self.code not in _ADVICE

    @property
    def doubtful(self) -> bool:
        """Whether a write may have been carried out all the same: read back before anything."""
        return self.transient and self.code != "REQUEST_LIMIT_EXCEEDED"

    def as_promised(self) -> ConnectorError:
        """Wait, call a person, or drop the record."""
        text = f"{self.message} ({self.code}, HTTP {self.status})"
        if self.out_of_calls or self.code == "LIMIT_EXCEEDED":
            return TryLater(CRM, text, TOTAL_WAIT_S, code=self.code)
        if self.crowded:
            return TryLater(CRM, text, _BUSY_WAIT_S, code=self.code)
        if self.transient or self.dead_locator:
            return TryLater(CRM, text, self.retry_after_s or _AWAY_WAIT_S, code=self.code)
        if self.code in _RECORD_CODES:
            return BadRecord(CRM, "in the request", text, code=self.code)
        return NeedsOperator(CRM, text + ".", self._advice(), code=self.code)

    def _advice(self) -> str:
        if self.status == 410:
            return _ADVICE["UNSUPPORTED_API_VERSION"]
        known = next((a for code, a in _ADVICE.items() if self.code.startswith(code)), None)
        return known or "Run `signalbox check`; bookmarks stay where they are, nothing is lost."


def errors_in(body: Any) -> tuple[CrmError, ...]:
    """The errors in a decoded body, whatever its shape; nothing readable gives none.

    Examples:
        >>> errors_in([{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED"}])[0].code
        'ENTITY_IS_DELETED'
        >>> errors_in({"error": "invalid_grant"})[0].code
        'invalid_grant'
        >>> errors_in("<html>")
        ()
    """
    elements = body if isinstance(body, list) else [body]
    return tuple(_error_in(e) for e in elements if isinstance(e, dict) and _code_in(e))


def refusal_of(status: int, content: bytes, retry_after: str | None = None) -> Refusal:
    """Read a refused call's answer."""
    return Refusal(status, errors_in(decoded(content)), retry_after_s=_seconds(retry_after))


def decoded(content: bytes) -> Any:
    """The JSON value in a body, or None where there is none."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None


def _code_in(element: Mapping[str, Any]) -> str | None:
    for key in ("errorCode", "statusCode", "error", "exceptionCode"):
        code = element.get(key)
        if isinstance(code, str) and code:
            return code
    return None


def _error_in(element: Mapping[str, Any]) -> CrmError:
    message = (
        element.get("message")
        or element.get("error_description")
        or element.get("exceptionMessage")
        or (element.get("duplicateResut") or {}).get("errorMessage")
        or ""
    )
    fields = element.get("fields")
    named = tuple(str(name) for name in fields) if isinstance(fields, list) else ()
    return CrmError(code=str(_code_in(element)), message=_cut(str(message)), fields=named)


def _cut(message: str) -> str:
    """A query error repeats the query; only what is said about it is kept."""
    said = re.split(r"ERROR at Row:\d+:Column:\d+", message)[-1]
    return scrubbed(said)


def _seconds(retry_after: str | None) -> float | None:
    if retry_after is None or not retry_after.strip().isdigit():
        return None
    return min(float(retry_after), 3600.0)
