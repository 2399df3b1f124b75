"""/crm/objects/{type}[/{id}]: one record at a time, lists of them, merging and erasing."""

import base64
import binascii
from collections.abc import Iterator
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from connectors.simulator.exchange import Reply
from connectors.simulator.hubspot.calls import Call
from connectors.simulator.hubspot.desk import Desk
from connectors.simulator.hubspot.lifecycle import erase, merge_records
from connectors.simulator.hubspot.properties import ObjectType
from connectors.simulator.hubspot.records import Record
from connectors.simulator.hubspot.refusals import bad_input, invalid, not_found
from connectors.simulator.hubspot.saving import Terms
from connectors.simulator.hubspot.showing import View

_MOST: Final = 100
_MOST_WITH_HISTORY: Final = 50


def listed(desk: Desk, call: Call, kind: ObjectType) -> Reply:
    """Answer GET .../{type}: pages in the order of ids, with a link to the next one."""
    desk.portal.now_ms()
    view = _view(desk, call, kind)
    most = _MOST_WITH_HISTORY if view.history else _MOST
    limit = call.number_param("limit", 10, most)
    last = cursor_value(call.param("after"))
    rows = list(islice(_after(desk, kind, last, archived=call.flag("archived")), limit + 1))
    answer: dict[str, object] = {"results": [view.show(record) for record in rows[:limit]]}
    if len(rows) > limit:
        answer["paging"] = next_page(desk, call, rows[limit - 1].id)
    return Reply(200, answer)


def read(desk: Desk, call: Call, kind: ObjectType, record_id: str) -> Reply:
    """Answer GET .../{type}/{id}."""
    desk.before_read(call, kind, record_id)
    desk.portal.now_ms()
    found = desk.find(kind, record_id, by=call.param("idProperty"), archived=call.flag("archived"))
    if found is None:
        raise not_found()
    return Reply(200, _view(desk, call, kind).show(found))


def patch(desk: Desk, call: Call, kind: ObjectType, record_id: str) -> Reply:
    """Answer PATCH .../{type}/{id}."""
    properties = call.json().get("properties")
    if not isinstance(properties, dict):
        raise bad_input("properties must be an object.")
    passed_over = desk.before_save(call, kind, record_id, properties) == "ignored"
    found = desk.find(kind, record_id, by=call.param("idProperty"))
    if found is None:
        raise not_found()
    if not passed_over:
        desk.saver.update(found, properties, Terms(call.actor()))
        desk.after_save(call, found)
    return Reply(200, View(desk.portal, kind, sorted(properties)).show(found))


def create(desk: Desk, call: Call, kind: ObjectType) -> Reply:
    """Answer POST .../{type}."""
    given = call.json()
    record = desk.create(call, kind, given)
    return Reply(201, View(desk.portal, kind, sorted(given["properties"])).show(record))


def archive(desk: Desk, call: Call, kind: ObjectType, record_id: str) -> Reply:
    """Answer DELETE .../{type}/{id}, which succeeds whether or not there is anything to delete."""
    found = desk.find(kind, record_id)
    if found is not None:
        desk.archive(found, call.actor())
    return Reply(204)


def merge(desk: Desk, call: Call, kind: ObjectType) -> Reply:
    """Answer POST .../{type}/merge."""
    given = call.json()
    primary = desk.find(kind, str(given.get("primaryObjectId")))
    other = desk.find(kind, str(given.get("objectIdToMerge")))
    if primary is None or other is None:
        raise not_found()
    if primary is other:
        raise invalid("A record cannot be merged with itself.")
    survivor = merge_records(desk, primary, other, call.actor())
    return Reply(200, View(desk.portal, kind).show(survivor))


def gdpr_delete(desk: Desk, call: Call, kind: ObjectType) -> Reply:
    """Answer POST .../{type}/gdpr-delete."""
    given = call.json()
    asked = str(given.get("objectId") or "")
    if not asked:
        raise bad_input("Some required fields were not set: [objectId]")
    found = desk.find(kind, asked, by=given.get("idProperty"))
    if found is not None:
        erase(desk, found, call.actor())
    return Reply(204)


def cursor(last: int) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(f"after:{last}".encode()).decode().rstrip("=")


def cursor_value(text: str) -> int:
    """What a cursor stands for, 0 for none.

    Raises:
        Refused: 400, it was never given out.
    """
    if not text:
        return 0
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        return int(decoded.removeprefix("after:"))
    except (binascii.Error, ValueError):
        raise invalid(f"Invalid after cursor: {text}") from None


def next_page(desk: Desk, call: Call, last: int) -> dict[str, dict[str, str]]:
    """Where the next page is: a cursor, and an absolute address."""
    after = cursor(last)
    kept = [(name, one) for name, one in call.pairs() if name != "after"]
    query = urlencode([*kept, ("after", after)])
    link = f"{desk.portal.settings.base_url}{call.path}?{query}"
    return {"next": {"after": after, "link": link}}


def _view(desk: Desk, call: Call, kind: ObjectType) -> View:
    return View(
        desk.portal,
        kind,
        call.listed("properties"),
        history=call.listed("propertiesWithHistory"),
        associations=call.listed("associations"),
    )


def _after(desk: Desk, kind: ObjectType, last: int, *, archived: bool) -> Iterator[Record]:
    for record in desk.portal.tables[kind.name].after(last):
        if record.erased or record.merged_into is not None:
            continue
        if (record.archived_ms is not None) is archived:
            yield record
