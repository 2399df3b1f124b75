"""The reconciliation sweep: every record created since a time, with owner and version.

It goes by CreatedDate, which no edit changes, so that a sweep that takes long misses nothing that
was there when it began. What it finds and the ledger does not know was lost on the way. Beside
it the count of what is older than where routing begins, and with nobody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from connectors.errors import TryLater
from connectors.port import Swept
from connectors.salesforce.cursor import Mark, Scan
from connectors.salesforce.refusals import CRM, Refusal
from connectors.salesforce.rows import Row, id_in, surely_at
from connectors.salesforce.settings import RoutedObject
from connectors.salesforce.soql import count, in_range, one_of, select
from connectors.salesforce.stamps import literal
from connectors.salesforce.wire import Answer, Wire

_ORDER: Final = "CreatedDate ASC, Id ASC"
_RESTARTS: Final = 3
_IDS_A_QUERY: Final = 300
_A_SECOND: Final = timedelta(seconds=1)


def sweep(wire: Wire, routed: RoutedObject, since: datetime) -> Iterator[tuple[Swept, ...]]:
    """Page by page; a dead locator starts anew after the last row."""
    scan: Scan | None = Scan(low=literal(since))
    while scan is not None:
        try:
            answer = _ask(wire, routed, scan)
        except Refusal as refusal:
            if not refusal.dead_locator:
                raise
            if scan.restarts >= _RESTARTS:
                raise TryLater(CRM, "a query's pages keep vanishing.", 10.0) from refusal
            scan = replace(scan, next=None, restarts=scan.restarts + 1)
            continue
        rows = answer.rows()
        if rows:
            yield tuple(_swept(row, routed) for row in rows)
        scan = _following(scan, answer, rows)


def unowned_before(wire: Wire, routed: RoutedObject, at: datetime, holders: Sequence[str]) -> int:
    """How many open records of one object, created before then, have no owner or one of these."""
    wanted = sorted(set(holders))
    chunks = range(0, len(wanted), _IDS_A_QUERY)
    whose = [one_of(routed.owner_field, wanted[n : n + _IDS_A_QUERY]) for n in chunks]
    if routed.owner_field != "OwnerId":  # which is never empty
        whose.append(f"{routed.owner_field} = null")
    older = in_range(Scan(high=literal(at - _A_SECOND)), by="CreatedDate")
    is_open = "IsConverted = false" if routed.sobject == "Lead" else ""
    asked = (count(routed.sobject, older, is_open, each) for each in whose)
    return sum(int(wire.query(soql, all_rows=False).body["totalSize"]) for soql in asked)


def _ask(wire: Wire, routed: RoutedObject, scan: Scan) -> Answer:
    if scan.next is not None:
        return wire.more(scan.next)
    fields = tuple(dict.fromkeys(("Id", routed.owner_field, "SystemModstamp", "CreatedDate")))
    in_time = in_range(scan, by="CreatedDate")
    soql = select(routed.sobject, fields, in_time, order=_ORDER)
    return wire.query(soql, all_rows=False)


def _following(scan: Scan, answer: Answer, rows: Sequence[Row]) -> Scan | None:
    if answer.body["done"]:
        return None
    after = scan.after
    if rows:
        last = rows[-1]
        after = Mark(literal(surely_at(last, "CreatedDate")), id_in(last, "Id") or "")
    return replace(scan, after=after, next=answer.body.get("nextRecordsUrl"), restarts=0)


def _swept(row: Row, routed: RoutedObject) -> Swept:
    return Swept(
        object=routed.object,
        id=id_in(row, "Id") or "",
        owner=id_in(row, routed.owner_field),
        version=str(row["SystemModstamp"]),
        created_at=surely_at(row, "CreatedDate"),
    )
