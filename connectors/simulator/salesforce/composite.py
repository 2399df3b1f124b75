"""/composite and /composite/batch: several requests in one, each answered for itself."""

import re
from typing import Any, Final

import orjson

from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import Refused

_MOST_PARTS: Final = 25
_REFERENCE: Final = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")
_FORBIDDEN: Final = {"accept", "authorization", "content-type"}


def composite(org: Org, call: Call) -> Reply:
    """Answer POST /composite."""
    body = call.json_object()
    parts = _parts(body, "compositeRequest")
    names = [part.get("referenceId") for part in parts]
    for name in names:
        if not isinstance(name, str) or not name:
            raise Refused("JSON_PARSER_ERROR", "referenceId is required for each subrequest")
    if len(set(names)) != len(names):
        raise Refused("INVALID_INPUT", "Each referenceId must be unique in a composite request")
    replies: dict[str, Reply] = {}
    with org.transaction() as transaction:
        for part in parts:
            replies[str(part["referenceId"])] = _answer_part(org, call, part, replies)
        if body.get("allOrNone") is True and any(one.status >= 400 for one in replies.values()):
            transaction.roll_back()
            replies = {name: _halted(one) for name, one in replies.items()}
    return Reply(body={"compositeResponse": [_shown(n, one) for n, one in replies.items()]})


def batch(org: Org, call: Call) -> Reply:
    """Answer POST /composite/batch."""
    body = call.json_object()
    results: list[dict[str, Any]] = []
    failed = False
    for part in _parts(body, "batchRequests"):
        if failed and body.get("haltOnError") is True:
            message = "Batch processing halted per request"
            halted = [{"errorCode": "BATCH_PROCESSING_HALTED", "message": message}]
            results.append({"statusCode": 412, "result": halted})
            continue
        content = part.get("richInput")
        inner = call.part(
            method=str(part.get("method") or "").upper(),
            url=_absolute(str(part.get("url") or "")),
            headers={},
            body=b"" if content is None else orjson.dumps(content),
        )
        reply = _subcall(org, call, inner)
        org.usage.add(org.clock.now(), 1)
        failed = failed or reply.status >= 400
        results.append({"statusCode": reply.status, "result": reply.body})
    return Reply(body={"hasErrors": failed, "results": results})


def _parts(body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    parts = body.get(key)
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise Refused("JSON_PARSER_ERROR", f"{key} must be a list of subrequests")
    if not parts:
        raise Refused("INVALID_INPUT", f"{key} must have at least one subrequest")
    if len(parts) > _MOST_PARTS:
        message = (
            f"Too many subrequests. The maximum is {_MOST_PARTS}, the request has {len(parts)}."
        )
        raise Refused("LIMIT_EXCEEDED", message)
    return parts


def _answer_part(org: Org, call: Call, part: dict[str, Any], earlier: dict[str, Reply]) -> Reply:
    try:
        url = _absolute(_filled(str(part.get("url") or ""), earlier))
        content = _filled_value(part.get("body"), earlier)
    except Refused as refused:
        return Reply(refused.status, refused.as_body())
    headers = part.get("httpHeaders") or {}
    if not isinstance(headers, dict):
        raise Refused("JSON_PARSER_ERROR", "httpHeaders must be an object")
    forbidden = sorted(_FORBIDDEN & {str(name).lower() for name in headers})
    if forbidden:
        message = f"Header not allowed in a subrequest: {forbidden[0]}"
        return Reply(400, Refused("INVALID_HTTP_HEADER", message).as_body())
    inner = call.part(
        method=str(part.get("method") or "").upper(),
        url=url,
        headers={str(name): str(value) for name, value in headers.items()},
        body=b"" if content is None else orjson.dumps(content),
    )
    return _subcall(org, call, inner)


def _subcall(org: Org, call: Call, inner: Call) -> Reply:
    if inner.path.rstrip("/").endswith(("/composite/batch", "/composite")):
        refused = Refused("INVALID_INPUT", "A composite request cannot be nested in another one")
        return Reply(400, refused.as_body())
    reply = org.answer(inner)
    call.delay_s += inner.delay_s
    return reply


def _absolute(url: str) -> str:
    if url.startswith("/services/"):
        return url
    return f"/services/data/{url.lstrip('/')}" if re.match(r"/?v\d+\.", url) else url


def _shown(name: str, reply: Reply) -> dict[str, Any]:
    kept = ("Location", "ETag", "Last-Modified")
    headers = {key: value for key, value in reply.headers.items() if key in kept}
    return {
        "body": reply.body,
        "httpHeaders": headers,
        "httpStatusCode": reply.status,
        "referenceId": name,
    }


def _halted(reply: Reply) -> Reply:
    if reply.status >= 400:
        return reply
    message = (
        "The transaction was rolled back since another operation in the same transaction failed."
    )
    return Reply(400, [{"errorCode": "PROCESSING_HALTED", "message": message}])


def _filled(text: str, earlier: dict[str, Reply]) -> str:
    return _REFERENCE.sub(lambda found: str(_referenced(found, earlier)), text)


def _filled_value(value: Any, earlier: dict[str, Reply]) -> Any:
    if isinstance(value, str):
        return _filled(value, earlier)
    if isinstance(value, dict):
        return {key: _filled_value(inner, earlier) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled_value(inner, earlier) for inner in value]
    return value


def _referenced(found: re.Match[str], earlier: dict[str, Reply]) -> Any:
    reply = earlier.get(found.group(1))
    refused = Refused(
        "PROCESSING_HALTED", f"Invalid reference specified. No value for {found.group()}"
    )
    if reply is None or reply.status >= 400:
        raise refused
    value = reply.body
    for key, index in _STEP.findall(found.group(2)):
        try:
            value = value[key] if key else value[int(index)]
        except (KeyError, IndexError, TypeError):
            raise refused from None
    return value
