"""A request of a client to a portal, as a value."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import orjson

from connectors.simulator.exchange import Request
from connectors.simulator.hubspot.refusals import Refused, bad_input, invalid
from connectors.simulator.hubspot.tokens import App
from connectors.simulator.truth import Actor


@dataclass(slots=True)
class Call:
    """One request and what is known about whoever makes it."""

    request: Request
    number: int
    version: str = ""  #: v3, or the date of the API version
    about: str = ""  #: the object type it names, as in paths
    app: App | None = None
    delay_s: float = 0.0
    spill_ms: int = 0  #: how far a search reaches beyond its window, if a fault says so
    drifts: set[str] = field(default_factory=set)
    _params: dict[str, list[str]] | None = None

    @property
    def method(self) -> str:
        """GET, POST and so on."""
        return self.request.method

    @property
    def path(self) -> str:
        """The path, without the query."""
        return self.request.path

    @property
    def client_id(self) -> str:
        """The app that calls, empty before its token is found."""
        return self.app.client_id if self.app else ""

    @property
    def dated(self) -> bool:
        """Whether the call speaks a version that is a date."""
        return self.version.startswith("2")

    def actor(self) -> Actor:
        """Who writes what this call writes."""
        user = str(self.app.user_id) if self.app else ""
        return Actor(user, self.client_id, f"{self.method} {self.path} #{self.number}")

    def param(self, name: str, default: str = "") -> str:
        """A parameter of the query; of one given twice, the last."""
        return self._all().get(name, [default])[-1]

    def listed(self, name: str) -> list[str]:
        """A parameter that may be given several times, or once with commas."""
        return [one for given in self._all().get(name, []) for one in given.split(",") if one]

    def pairs(self) -> list[tuple[str, str]]:
        """Every parameter of the query, in its order."""
        return parse_qsl(self.request.query, keep_blank_values=True)

    def flag(self, name: str) -> bool:
        """A boolean parameter, however it is capitalised."""
        return self.param(name).lower() == "true"

    def number_param(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 up to the most that the resource allows."""
        text = self.param(name, str(default))
        if not text.isascii() or not text.isdigit():
            raise invalid(f"Invalid integer value for {name}: {text}")
        if not 1 <= int(text) <= most:
            raise invalid(f"The {name} must be between 1 and {most}, not {text}.")
        return int(text)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            Refused: It is none.
        """
        try:
            body = orjson.loads(self.request.body)
        except orjson.JSONDecodeError as error:
            raise bad_input(error.msg) from None
        if not isinstance(body, dict):
            raise bad_input("Cannot deserialize the body: an object was expected.")
        return body

    def inputs(self, most: int) -> list[dict[str, Any]]:
        """The inputs of a batch.

        Raises:
            Refused: There are none, too many, or they are not objects.
        """
        inputs = self.json().get("inputs")
        if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
            raise bad_input("inputs must be a list of objects.")
        if not inputs:
            raise invalid("The inputs must not be empty.")
        if len(inputs) > most:
            raise too_many(len(inputs), most)
        return inputs

    def _all(self) -> dict[str, list[str]]:
        if self._params is None:
            self._params = parse_qs(self.request.query, keep_blank_values=True)
        return self._params


def too_many(count: int, most: int) -> Refused:
    """400: a batch with more inputs than a request may carry."""
    return invalid(
        f"The maximum number of inputs supported in a batch request for this endpoint is {most}."
        f" Received {count} inputs."
    )
