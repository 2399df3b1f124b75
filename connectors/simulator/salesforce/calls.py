"""A request of a client as a value; a part of a composite looks like a request of its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from connectors.simulator.exchange import Request
from connectors.simulator.salesforce.access import FULL, Access
from connectors.simulator.salesforce.dml import Terms
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.sessions import Session
from connectors.simulator.salesforce.stamps import read_http_date
from connectors.simulator.truth import Actor

_OBJECT: Final = re.compile(r"/sobjects/([A-Za-z_]\w*)")
_FROM: Final = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_METHOD_OVERRIDE: Final = "_HttpMethod"


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
    def client_id(self) -> str:
        """The consumer key of the app that calls, empty before its session is found."""
        return self.session.client_id if self.session else ""

    @property
    def about(self) -> str:
        """The object the call is about, in lower case; empty if it names none."""
        found = _OBJECT.search(self.path) or _FROM.search(self.params.get("q", ""))
        return found.group(1).lower() if found else ""

    @property
    def user_id(self) -> str:
        """Who calls."""
        return self.session.user_id if self.session else ""

    def terms(self) -> Terms:
        """The terms on which this call saves records."""
        actor = Actor(self.user_id, self.client_id, f"{self.method} {self.path} #{self.number}")
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


def call_from(request: Request) -> Call:
    """A request as a call; a POST may say in its query which method it means."""
    params = request.params
    method = request.method
    if method == "POST" and _METHOD_OVERRIDE in params:
        method = params.pop(_METHOD_OVERRIDE).upper()
    return Call(method, request.path, params, request.headers, request.body, number=0)


def split_url(url: str) -> tuple[str, dict[str, str]]:
    """The path of a URL and its parameters."""
    parts = urlsplit(url)
    return unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))
