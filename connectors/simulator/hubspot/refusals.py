"""How the service says no: an HTTP status, a category and a message, in an error body."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.simulator.exchange import Refusal


class Refused(Refusal):
    """The service's answer is a refusal, of the request or of one input of a batch."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        context: dict[str, list[str]] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {category}: {message}")
        self.status = status
        self.category = category
        self.message = message
        self.context = context
        self.extra = extra or {}

    def as_body(self, correlation_id: str) -> dict[str, Any]:
        """The body of a refused request."""
        body: dict[str, Any] = {"status": "error", "message": self.message}
        body["correlationId"] = correlation_id
        if self.context:
            body["context"] = self.context
        return {**body, "category": self.category, **self.extra}

    def as_error(self, context: dict[str, list[str]]) -> dict[str, Any]:
        """An element of `errors` in a batch that went through in part."""
        return {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": {**(self.context or {}), **context},
        }


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one property of a write."""

    property: str
    error: str  #: the service's code, such as INVALID_OPTION
    message: str

    def as_json(self) -> dict[str, Any]:
        """The flaw as the service writes it into the message of its error."""
        return {
            "isValid": False,
            "message": self.message,
            "error": self.error,
            "name": self.property,
            "localizedErrorMessage": self.message,
        }


def not_valid(flaws: Sequence[Flaw]) -> Refused:
    """400: the values of a write, with JSON inside the message, as the service does it."""
    listed = orjson.dumps([flaw.as_json() for flaw in flaws]).decode()
    message = f"Property values were not valid: {listed}"
    errors = [
        {
            "message": flaw.message,
            "code": flaw.error,
            "context": {"propertyName": [flaw.property]},
        }
        for flaw in flaws
    ]
    return Refused(400, "VALIDATION_ERROR", message, extra={"errors": errors})


def invalid(message: str) -> Refused:
    """400: the request itself is wrong."""
    return Refused(400, "VALIDATION_ERROR", message)


def bad_input(message: str) -> Refused:
    """400: the body is not what it should be."""
    return Refused(400, "VALIDATION_ERROR", f"Invalid input JSON on line 1, column 1: {message}")


def not_found() -> Refused:
    """404: no such record, or no such resource."""
    return Refused(404, "OBJECT_NOT_FOUND", "resource not found")


def missing_scopes(scopes: Iterable[str]) -> Refused:
    """403: the app may not do this."""
    message = (
        "This app hasn't been granted all required scopes to make this call. Read more about"
        " required scopes here: https://developers.hubspot.com/scopes."
    )
    errors = [
        {
            "message": "One or more of the following scopes are required.",
            "context": {"requiredScopes": sorted(scopes)},
        }
    ]
    links = {"scopes": "https://developers.hubspot.com/scopes"}
    return Refused(403, "MISSING_SCOPES", message, extra={"errors": errors, "links": links})


def limit_reached(policy: str) -> Refused:
    """429: one of the limits, by the name of its policy."""
    message = f"You have reached your {policy.lower()} limit."
    extra = {"errorType": "RATE_LIMIT", "policyName": policy}
    return Refused(429, "RATE_LIMITS", message, extra=extra)
