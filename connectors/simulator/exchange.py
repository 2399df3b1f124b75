"""A request, its reply and how it is delivered, as values; the same for every simulated CRM."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

import orjson

JSON: Final = "application/json;charset=UTF-8"
HTML: Final = "text/html;charset=UTF-8"


class Refusal(Exception):
    """A simulated service says no; each CRM has words of its own for it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What came over the wire."""

    method: str
    path: str
    query: str  #: as sent, still encoded
    headers: Mapping[str, str]  #: names in lower case
    body: bytes
    url_bytes: int = 0  #: length of path and query as sent

    @property
    def params(self) -> dict[str, str]:
        """The query's parameters; of one that is given twice, the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: It is none.
        """
        return orjson.loads(self.body)


@dataclass(slots=True)
class Reply:
    """What is answered: a status and a body, already JSON-like, or bytes as they are."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media: str = JSON

    def encoded(self) -> bytes:
        """The body's bytes."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be put on the wire, when, and whether it is cut short."""

    reply: Reply
    delay_s: float = 0.0
    cut: str = ""  #: "", "reset", "truncated" (a chunk), "headers" (and no more), "short" (5 bytes)


class Service(Protocol):
    """One simulated CRM, seen from the wire."""

    def outcome(self, request: Request) -> Outcome:
        """Answer a client."""
        ...
