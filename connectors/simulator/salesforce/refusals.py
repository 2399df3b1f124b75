"""How the service says no: an HTTP status, a code, a message and the fields it is about."""

from typing import Any

from connectors.simulator.exchange import Refusal


class Refused(Refusal):
    """The service's answer is a refusal; whoever serves the call writes it as fits there.

    Rows and queries answer a list with one error, collections put it into the row's
    `errors` under `statusCode`, bulk jobs put it into the failed results.
    """

    def __init__(
        self, code: str, message: str, *, status: int = 400, fields: tuple[str, ...] | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields
        self.extra: dict[str, Any] = {}

    def as_body(self) -> list[dict[str, Any]]:
        """The body of a refused request."""
        body: dict[str, Any] = {**self.extra, "message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = list(self.fields)
        return [body]

    def as_row(self) -> dict[str, Any]:
        """The element of a collection whose row was refused: it carries no id."""
        error = {
            "statusCode": self.code,
            "message": self.message,
            "fields": list(self.fields or ()),
        }
        return {"success": False, "errors": [{**self.extra, **error}]}


class Unmodified(Exception):
    """304: the record or description has not changed since the given time."""


class PreconditionFailed(Refusal):
    """412: the record was modified after the given time. The body is usually empty."""

    def __init__(self, body: list[dict[str, Any]] | None = None) -> None:
        super().__init__("modified since")
        self.body = body


def not_found(message: str = "The requested resource does not exist") -> Refused:
    """404, with the message recorded from the service unless another one fits better."""
    return Refused("NOT_FOUND", message, status=404)


def no_such_type(name: str) -> Refused:
    """404: the object is not there for this user, which includes being hidden from them."""
    del name  # the service does not repeat it
    return not_found()
