"""A request and its reply as values; a part of a composite looks like a request of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from connectors.simulator.salesforce.access import FULL, Access
from connectors.simulator.salesforce.dml import Terms
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.sessions import Session
from connectors.simulator.salesforce.stamps import read_http_date
from connectors.simulator.salesforce.truth import Actor

JSON = "application/json;charset=UTF-8"
HTML = "text/html;charset=UTF-8"


@dataclass(slots=True)
class Call:
    """One request, or one part of a composite request."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]  #: names in lower case
    body: bytes
    number: int  #: of the request, from 1
    version: str = "59.0"
    session: Session | None = None
    access: Access = FULL
    delay_s: float = 0.0  #: how long the reply is held back
    page_rows: int | None = None  #: rows a page may have, if a fault says so

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            Refused: JSON_PARSER_ERROR, as the service words it.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            if not self.body:
                message = "The HTTP entity body is required, but this request has no entity body."
                raise Refused("JSON_PARSER_ERROR", message) from None
            message = f"{error.msg} at [line:{error.lineno}, column:{error.colno}]"
            raise Refused("JSON_PARSER_ERROR", message) from None

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object."""
        body = self.json()
        if not isinstance(body, dict):
            message = (
                "Cannot deserialize instance of object from the given JSON at [line:1, column:1]"
            )
            raise Refused("JSON_PARSER_ERROR", message)
        return body

    @property
    def user_id(self) -> str:
        """Who calls."""
        return self.session.user_id if self.session else ""

    def terms(self) -> Terms:
        """The terms on which this call saves records."""
        client = self.session.client_id if self.session else ""
        actor = Actor(self.user_id, client, f"{self.method} {self.path} #{self.number}")
        duplicates = self.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
        return Terms(
            actor=actor,
            access=self.access,
            auto_assign=self.headers.get("sforce-auto-assign", "TRUE").upper() != "FALSE",
            unmodified_since=read_http_date(self.headers.get("if-unmodified-since")),
            allow_duplicates="allowsave=true" in duplicates,
        )

    def modified_since(self) -> datetime | None:
        """The If-Modified-Since header."""
        return read_http_date(self.headers.get("if-modified-since"))

    def part(self, *, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Self:
        """A part of this composite call, under the same session."""
        path, params = split_url(url)
        inherited = {
            name: value for name, value in self.headers.items() if name.startswith("sforce-")
        }
        return replace(
            self,
            method=method,
            path=path,
            params=params,
            headers={**inherited, **{name.lower(): value for name, value in headers.items()}},
            body=body,
            delay_s=0.0,
        )


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


def split_url(url: str) -> tuple[str, dict[str, str]]:
    """The path of a URL and its parameters."""
    parts = urlsplit(url)
    return unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))
