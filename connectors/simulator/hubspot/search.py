"""POST .../search: pages of what the index knows, never more than ten thousand deep."""

from bisect import bisect_right
from collections import OrderedDict
from typing import Any, Final

import orjson

from connectors.simulator.exchange import Reply
from connectors.simulator.hubspot.calls import Call
from connectors.simulator.hubspot.filters import Group, read_groups, sort_key
from connectors.simulator.hubspot.index import Copy, TypeIndex
from connectors.simulator.hubspot.portal import Portal
from connectors.simulator.hubspot.properties import ObjectType
from connectors.simulator.hubspot.refusals import Refused, bad_input, invalid
from connectors.simulator.hubspot.showing import View

MOST_ROWS: Final = 200
DEEPEST: Final = 10_000
_LONGEST: Final = 3_000
_KEPT: Final = 8
_KNOWN: Final = {"filterGroups", "sorts", "query", "properties", "limit", "after"}


class Searches:
    """Answers searches; what the last few found is kept while the index stands still."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int, bytes], list[int]] = OrderedDict()

    def search(self, portal: Portal, call: Call, kind: ObjectType) -> Reply:
        """Answer POST .../{type}/search."""
        body = call.json()
        _check(call, body)
        portal.now_ms()
        index = portal.index.of(kind.name)
        limit, after = _page(body)
        view = View(portal, kind, body.get("properties"))
        found = self._found(call, kind, body, index)
        copies = (index.copies[one] for one in found[after : after + limit])
        rows = [view.show(copy.record, copy.values) for copy in copies]
        answer: dict[str, Any] = {"total": len(found), "results": rows}
        if after + limit < len(found):
            answer["paging"] = {"next": {"after": str(after + limit)}}
        return Reply(200, answer)

    def _found(
        self, call: Call, kind: ObjectType, body: dict[str, Any], index: TypeIndex
    ) -> list[int]:
        """Ids in order. A walk along the ids asks the same but for its last id, again and again."""
        groups = read_groups(kind, body.get("filterGroups"), spill_ms=call.spill_ms)
        last = 0
        walking = len(groups) == 1 and _sort(body.get("sorts"), kind) == ("hs_object_id", False)
        if walking:
            last, groups[0].after_id = groups[0].after_id, 0
        asked = _asked(body, without_last=walking)
        key = (kind.name, index.changes, orjson.dumps([asked, call.spill_ms]))
        kept = self._kept.get(key)
        if kept is None:
            kept = _sorted(kind, body, index, _matching(kind, body, index, groups))
            self._kept[key] = kept
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return kept[bisect_right(kept, last) :] if walking else kept


def _asked(body: dict[str, Any], *, without_last: bool) -> list[Any]:
    groups = body.get("filterGroups")
    if without_last and groups:
        groups = [one for one in groups[0].get("filters") or [] if not _is_last(one)]
    return [groups, body.get("sorts"), body.get("query")]


def _is_last(given: dict[str, Any]) -> bool:
    return given.get("propertyName") == "hs_object_id" and given.get("operator") in ("GT", "GTE")


def _check(call: Call, body: dict[str, Any]) -> None:
    if len(call.request.body) > _LONGEST:
        raise invalid(f"The request is longer than {_LONGEST} characters.")
    unknown = sorted(set(body) - _KNOWN)
    if unknown:
        raise bad_input(f"Unrecognized field {unknown[0]!r}.")
    if not isinstance(body.get("properties") or [], list):
        raise bad_input("properties must be a list of strings.")


def _page(body: dict[str, Any]) -> tuple[int, int]:
    limit = body.get("limit", 10)
    if not isinstance(limit, int) or not 0 <= limit <= MOST_ROWS:
        raise invalid(f"The limit must be between 0 and {MOST_ROWS}, not {limit!r}.")
    text = str(body.get("after") or 0)
    if not text.isascii() or not text.isdigit():
        raise invalid(f"after must be a number as given by paging, not {text!r}.")
    if int(text) + limit > DEEPEST:
        raise invalid("There was a problem with the request.")
    return limit, int(text)


def _matching(
    kind: ObjectType, body: dict[str, Any], index: TypeIndex, groups: list[Group]
) -> list[int]:
    if len(groups) == 1:
        ids = _in_group(index, groups[0])
    else:
        ids = list(dict.fromkeys(one for group in groups for one in _in_group(index, group)))
    words = str(body.get("query") or "").lower().split()
    if not words:
        return ids
    return [one for one in ids if _says(index.copies[one], kind, words)]


def _in_group(index: TypeIndex, group: Group) -> list[int]:
    timed = group.since_ms > 0 or group.before_ms < 1 << 62
    if timed:
        ids = index.ids_modified(group.since_ms, group.before_ms)
        if group.after_id:
            ids = [one for one in ids if one > group.after_id]
    else:
        ids = index.ids_after(group.after_id)
    if not group.tests:
        return ids
    copies = index.copies
    return [one for one in ids if group.holds(copies[one])]


def _says(copy: Copy, kind: ObjectType, words: list[str]) -> bool:
    text = " ".join(copy.values.get(name, "") for name in kind.searched).lower()
    return all(word in text for word in words)


def _sorted(kind: ObjectType, body: dict[str, Any], index: TypeIndex, ids: list[int]) -> list[int]:
    name, descending = _sort(body.get("sorts"), kind)
    if name == "hs_object_id":
        return sorted(ids, reverse=descending)
    key = sort_key(kind, name)
    return sorted(ids, key=lambda one: key(index.copies[one]), reverse=descending)


def _sort(given: Any, kind: ObjectType) -> tuple[str, bool]:
    if given in (None, []):
        return kind.created, False
    if not isinstance(given, list):
        raise bad_input("sorts must be a list.")
    if len(given) > 1:
        raise Refused(400, "VALIDATION_ERROR", "Only one sort is supported.")
    one = given[0]
    if isinstance(one, dict):
        name = str(one.get("propertyName"))
        return name, str(one.get("direction", "ASCENDING")).upper() == "DESCENDING"
    text = str(one)
    return text.removeprefix("-"), text.startswith("-")
