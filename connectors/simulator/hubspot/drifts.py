"""Drifts: answers that are right in substance and not in the shape one has got used to.

Fields nobody asked for, times in other forms, ids as numbers or as text. Some of it was
seen in the wild, all of it is allowed to a service that only promises JSON.
"""

from collections.abc import Callable
from typing import Any, Final

from connectors.simulator.exchange import Reply
from connectors.simulator.hubspot.calls import Call
from connectors.simulator.hubspot.stamps import moment, read_time

_TIMES: Final = ("createdAt", "updatedAt", "archivedAt", "timestamp", "startedAt", "completedAt")


def drifted(call: Call, reply: Reply) -> Reply:
    """The reply as today's mood has it."""
    if call.drifts and isinstance(reply.body, dict):
        body: Any = reply.body
        for name in sorted(call.drifts):
            body = _DRIFTS[name](body)
        reply.body = body
    return reply


def _walk(node: Any, change: Callable[[str, Any], Any]) -> Any:
    if isinstance(node, dict):
        return {key: change(key, _walk(value, change)) for key, value in node.items()}
    if isinstance(node, list):
        return [_walk(one, change) for one in node]
    return node


def _more_fields(body: Any) -> Any:
    def change(key: str, value: Any) -> Any:
        if key == "results" and isinstance(value, list):
            return [{**one, "objectVersion": 7, "_meta": {"a": [1]}} for one in value]
        return value

    return {**_walk(body, change), "requestedAt": None, "novelty": [{}]}


def _times(written: Callable[[int], Any]) -> Callable[[Any], Any]:
    def change(key: str, value: Any) -> Any:
        stamp = key in _TIMES or key.endswith(("date", "modifieddate"))
        at_ms = read_time(value) if stamp and isinstance(value, str) else None
        return value if at_ms is None else written(at_ms)

    return lambda body: _walk(body, change)


def _without_fraction(at_ms: int) -> str:
    return moment(at_ms).strftime("%Y-%m-%dT%H:%M:%SZ")


def _with_offset(at_ms: int) -> str:
    return moment(at_ms).isoformat(timespec="milliseconds")


def _ends_as_text(body: Any) -> Any:
    return _walk(body, lambda key, value: str(value) if key == "toObjectId" else value)


def _ids_as_numbers(body: Any) -> Any:
    def change(key: str, value: Any) -> Any:
        return int(value) if key == "id" and isinstance(value, str) and value.isdigit() else value

    return _walk(body, change)


def _null_properties(body: Any) -> Any:
    def change(key: str, value: Any) -> Any:
        if key == "properties" and isinstance(value, dict):
            return {name: one or None for name, one in value.items()} | {"hs_novelty": None}
        return value

    return _walk(body, change)


_DRIFTS: Final[dict[str, Callable[[Any], Any]]] = {
    "extra_fields": _more_fields,
    "null_properties": _null_properties,
    "times_without_fraction": _times(_without_fraction),
    "times_with_offset": _times(_with_offset),
    "times_in_milliseconds": _times(str),
    "ends_as_text": _ends_as_text,
    "ids_as_numbers": _ids_as_numbers,
}
DRIFTS: Final = tuple(_DRIFTS)
