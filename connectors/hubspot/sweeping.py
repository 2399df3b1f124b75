"""The reconciliation sweep: every record created since a time, with owner and version.

It goes by the time of creation, which no edit changes, and walks by id, so that a sweep that takes
long misses nothing that was there when it began. Beside it the count of what is older than where
routing begins, and with nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from connectors.hubspot.reading import PAGE, id_number
from connectors.hubspot.refusals import Silence
from connectors.hubspot.rows import Row, created_at, text, version_mark
from connectors.hubspot.settings import RoutedObject
from connectors.hubspot.stamps import epoch_ms, stamp
from connectors.hubspot.wire import Wire
from connectors.port import Swept

_BY_ID: Final = {"propertyName": "hs_object_id", "direction": "ASCENDING"}
_VALUES_A_FILTER: Final = 100


def sweep(wire: Wire, routed: RoutedObject, since: datetime) -> Iterator[tuple[Swept, ...]]:
    """Page by page, by id."""
    last = 0
    while True:
        rows = wire.search(routed.kind, _asked(routed, since, last)).rows()
        if rows:
            yield tuple(_swept(row, routed, since) for row in rows)
        if len(rows) < PAGE:
            return
        highest = max(id_number(row) for row in rows)
        if highest <= last:
            raise Silence("a search gives the same rows again.")
        last = highest


def unowned_before(wire: Wire, routed: RoutedObject, at: datetime, holders: Sequence[str]) -> int:
    """How many open records, created before then, have no owner or one of these."""
    older = _filter(routed.created, "LT", epoch_ms(stamp(at)))
    wanted = sorted(set(holders))
    chunks = range(0, len(wanted), _VALUES_A_FILTER)
    nobody = {"propertyName": routed.owner_field, "operator": "NOT_HAS_PROPERTY"}
    whose: list[Mapping[str, Any]] = [
        {
            "propertyName": routed.owner_field,
            "operator": "IN",
            "values": wanted[n : n + _VALUES_A_FILTER],
        }
        for n in chunks
    ]
    unowned = _total(wire, routed, (older, nobody))
    return unowned + sum(_open(wire, routed, (older, each)) for each in whose)


def _open(wire: Wire, routed: RoutedObject, filters: tuple[Mapping[str, Any], ...]) -> int:
    """All less the closed ones: a record without a stage is open, and in no list of stages."""
    everything = _total(wire, routed, filters)
    if routed.stage_field is None or not routed.closed or not everything:
        return everything
    stages = [stage.lower() for stage in routed.closed]
    closed = {"propertyName": routed.stage_field, "operator": "IN", "values": stages}
    return everything - _total(wire, routed, (*filters, closed))


def _total(wire: Wire, routed: RoutedObject, filters: tuple[Mapping[str, Any], ...]) -> int:
    asked = {"filterGroups": [{"filters": list(filters)}], "properties": [], "limit": 1}
    return int(wire.search(routed.kind, asked).body["total"])


def _asked(routed: RoutedObject, since: datetime, last: int) -> dict[str, Any]:
    filters = [
        _filter(routed.created, "GTE", epoch_ms(stamp(since))),
        _filter("hs_object_id", "GT", str(last)),
    ]
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [_BY_ID],
        "properties": [routed.owner_field, routed.created, routed.modified],
        "limit": PAGE,
    }


def _filter(name: str, operator: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": value}


def _swept(row: Row, routed: RoutedObject, since: datetime) -> Swept:
    return Swept(
        object=routed.object,
        id=str(row["id"]),
        owner=text(row, routed.owner_field),
        version=version_mark(row, routed.modified),
        created_at=created_at(row, routed.created) or since,
    )
