"""/batch/...: many records in one request, of which some may fail and some may be passed over."""

from collections.abc import Iterable
from typing import Any, Final

from connectors.simulator.exchange import Reply
from connectors.simulator.hubspot.calls import Call, too_many
from connectors.simulator.hubspot.desk import Desk
from connectors.simulator.hubspot.properties import ObjectType
from connectors.simulator.hubspot.records import Record
from connectors.simulator.hubspot.refusals import Refused, bad_input, invalid
from connectors.simulator.hubspot.saving import Terms
from connectors.simulator.hubspot.showing import View
from connectors.simulator.hubspot.stamps import wire

MOST: Final = 100
MOST_WITH_HISTORY: Final = 50
Error = dict[str, Any]


class _Views:
    """What is shown of records that were written: what was written, and the trace that came."""

    def __init__(self, desk: Desk, kind: ObjectType) -> None:
        self._desk = desk
        self._kind = kind
        self._views: dict[tuple[str, ...], View] = {}

    def written(self, record: Record, given: dict[str, Any]) -> dict[str, Any]:
        names = tuple(sorted(_properties(given)))
        if names not in self._views:
            self._views[names] = View(self._desk.portal, self._kind, list(names))
        row = self._views[names].show(record)
        if given.get("objectWriteTraceId") is not None:
            row["objectWriteTraceId"] = str(given["objectWriteTraceId"])
        return row


def read(desk: Desk, call: Call, kind: ObjectType) -> Reply:
    """Answer POST .../{type}/batch/read."""
    body = call.json()
    inputs = call.inputs(MOST)
    archived = call.flag("archived")
    view = View(
        desk.portal, kind, body.get("properties"), history=body.get("propertiesWithHistory")
    )
    if view.history and len(inputs) > MOST_WITH_HISTORY:
        raise too_many(len(inputs), MOST_WITH_HISTORY)
    wanted = list(dict.fromkeys(_id(one) for one in inputs))
    for one in wanted:
        desk.before_read(call, kind, one)
    started_ms = desk.portal.now_ms()
    found, missing = [], []
    for one in wanted:
        record = desk.find(kind, one, by=body.get("idProperty"), archived=archived)
        if record is None:
            missing.append(one)
        else:
            found.append(record)
    rows = [view.show(record) for record in {record.id: record for record in found}.values()]
    return _answer(call, started_ms, rows, [_gone(kind, missing)] if missing else [])


def update(desk: Desk, call: Call, kind: ObjectType) -> Reply:
    """Answer POST .../{type}/batch/update."""
    inputs = call.inputs(MOST)
    ids = [_id(one) for one in inputs]
    if len(set(ids)) < len(ids):
        raise invalid("Duplicate IDs found in batch input: the same record is given twice.")
    started_ms = desk.portal.now_ms()
    targets = [(one, *_target(desk, call, kind, one)) for one in inputs]
    _refuse_whole(desk, targets)
    views = _Views(desk, kind)
    rows: list[dict[str, Any]] = []
    errors: list[Error] = []
    for given, record, refused in targets:
        trace = given.get("objectWriteTraceId")
        why_not = refused
        if refused is None and record is not None:
            why_not = _saved(desk, call, record, given)
        if why_not is not None:
            errors.append(why_not.as_error(_context(given, trace)))
        elif record is not None:
            rows.append(views.written(record, given))
    return _answer(call, started_ms, rows, errors)


def create(desk: Desk, call: Call, kind: ObjectType) -> Reply:
    """Answer POST .../{type}/batch/create."""
    inputs = call.inputs(MOST)
    started_ms = desk.portal.now_ms()
    traces = [one.get("objectWriteTraceId") for one in inputs]
    in_parts = None not in traces and len(set(traces)) == len(traces)
    views = _Views(desk, kind)
    rows: list[dict[str, Any]] = []
    errors: list[Error] = []
    made: list[Record] = []
    for given, trace in zip(inputs, traces, strict=True):
        try:
            record = desk.create(call, kind, given)
        except Refused as refused:
            if not in_parts:
                desk.unmake(made)
                raise
            errors.append(refused.as_error({"objectWriteTraceId": [str(trace)]}))
            continue
        made.append(record)
        rows.append(views.written(record, given))
    reply = _answer(call, started_ms, rows, errors)
    reply.status = 201 if reply.status == 200 else reply.status
    return reply


def archive(desk: Desk, call: Call, kind: ObjectType) -> Reply:
    """Answer POST .../{type}/batch/archive; ids that are not there are passed over."""
    for one in call.inputs(MOST):
        record = desk.find(kind, _id(one))
        if record is not None:
            desk.archive(record, call.actor())
    return Reply(204)


def _target(
    desk: Desk, call: Call, kind: ObjectType, given: dict[str, Any]
) -> tuple[Record | None, Refused | None]:
    """The record that an input means, or why it cannot be written; both may be missing."""
    asked = _id(given)
    try:
        if desk.before_save(call, kind, asked, given.get("properties") or {}) == "ignored":
            return None, None
    except Refused as refused:
        return None, refused
    record = desk.find(kind, asked, by=given.get("idProperty"))
    if record is None and desk.was_there(kind, asked):
        return None, _not_there(kind)
    return record, None  # an id that never was is passed over, as the service does it


def _refuse_whole(
    desk: Desk,
    targets: Iterable[tuple[dict[str, Any], Record | None, Refused | None]],
) -> None:
    """Refuse a batch for one value in it, unless the portal lets the rest through."""
    if desk.portal.settings.trace_ids_on_update:
        return
    for given, record, _ in targets:
        if record is not None:
            desk.saver.check(record, _properties(given))


def _saved(desk: Desk, call: Call, record: Record, given: dict[str, Any]) -> Refused | None:
    try:
        desk.saver.update(record, _properties(given), Terms(call.actor()))
    except Refused as refused:
        if not desk.portal.settings.trace_ids_on_update or "objectWriteTraceId" not in given:
            raise
        return refused
    desk.after_save(call, record)
    return None


def _properties(given: dict[str, Any]) -> dict[str, Any]:
    properties = given.get("properties")
    if not isinstance(properties, dict):
        raise bad_input("properties must be an object.")
    return properties


def _id(given: dict[str, Any]) -> str:
    if given.get("id") in (None, ""):
        raise bad_input("Some required fields were not set: [id]")
    return str(given["id"])


def _context(given: dict[str, Any], trace: Any) -> dict[str, list[str]]:
    context = {"ids": [_id(given)]}
    if trace is not None:
        context["objectWriteTraceId"] = [str(trace)]
    return context


def _gone(kind: ObjectType, ids: list[str]) -> Error:
    return _not_there(kind).as_error({"ids": ids})


def _not_there(kind: ObjectType) -> Refused:
    message = (
        f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist."
        " Check that ids are valid."
    )
    return Refused(404, "OBJECT_NOT_FOUND", message)


def _answer(call: Call, started_ms: int, rows: list[dict[str, Any]], errors: list[Error]) -> Reply:
    """A batch's answer: 207 for one that failed in part, but 200 in the dated versions."""
    answer: dict[str, Any] = {
        "status": "COMPLETE",
        "results": rows,
        "startedAt": wire(started_ms),
        "completedAt": wire(started_ms),
    }
    if errors:
        answer["numErrors"] = len(errors)
        answer["errors"] = errors
    return Reply(207 if errors and not call.dated else 200, answer)
