"""What became of leads: deals opened, won and lost, and contacts who became customers.

A deal is tied to its contact and its company by the links; of several contacts the one with the
smallest id. When somebody became a customer is read from the history of the life cycle.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connectors.hubspot.links import the_links
from connectors.hubspot.reading import Batch, Source
from connectors.hubspot.records import entered, properties
from connectors.hubspot.rows import (
    Row,
    at,
    created_at,
    flag,
    modified_at,
    money,
    text,
    version_mark,
)
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.stamps import stamp
from connectors.hubspot.wire import Wire, ids_in
from routing.facts.crm import OutcomeSeen

_A_MOMENT: Final = timedelta(seconds=2)
_MODIFIED: Final = "hs_lastmodifieddate"
_DEAL: Final = (
    "hs_object_id",
    _MODIFIED,
    "createdate",
    "closedate",
    "dealstage",
    "amount",
    "hs_is_closed",
    "hs_is_closed_won",
    "hubspot_owner_id",
)


def outcome_sources(settings: HubSpotSettings, wire: Wire) -> tuple[Source, ...]:
    """Deals, and records that reached a closed stage."""
    since = stamp(settings.route_from)
    reader = OutcomeReader(settings, wire)
    deals = Source("hs.deal", "deals", _DEAL, reader.deals, since=since, needed=False)
    routed = settings.routed
    if routed.stage_field is None or not routed.closed:
        return (deals,)
    closed = {
        "propertyName": routed.stage_field,
        "operator": "IN",
        "values": [stage.lower() for stage in routed.closed],
    }
    return (
        deals,
        Source(
            f"{routed.object}.closed",
            routed.kind,
            properties(settings, routed),
            reader.conversions,
            since=since,
            modified=routed.modified,
            where=(closed,),
        ),
    )


@dataclass(frozen=True, slots=True)
class OutcomeReader:
    """Reads rows of deals, and of records in a closed stage."""

    settings: HubSpotSettings
    wire: Wire

    def deals(self, batch: Batch) -> Iterable[OutcomeSeen]:
        """One outcome for each deal."""
        there = [row for row in batch.rows if created_at(row, "createdate") is not None]
        ids = ids_in(there)
        people = the_links(self.wire, "deals", self.settings.routed.kind, ids)
        companies = the_links(self.wire, "deals", "companies", ids)
        for row in there:
            id = str(row["id"])
            yield _outcome(row, people.get(id), companies.get(id), batch)

    def conversions(self, batch: Batch) -> Iterable[OutcomeSeen]:
        """One outcome for each record."""
        routed = self.settings.routed
        for row in batch.rows:
            stage = text(row, routed.stage_field) or ""
            since = at(row, entered(stage)) or modified_at(row, routed.modified)
            if _was_born_so(since, created_at(row, routed.created)):
                continue
            yield OutcomeSeen(
                id=str(row["id"]),
                kind="converted",
                at=since or batch.read_at,
                version=version_mark(row, routed.modified),
                record=str(row["id"]),
                owner=text(row, routed.owner_field),
            )


def _was_born_so(since: datetime | None, created: datetime | None) -> bool:
    """Whether a record was in that stage from its first moment, and so never was a lead."""
    return since is not None and created is not None and since - created < _A_MOMENT


def _outcome(row: Row, person: str | None, company: str | None, batch: Batch) -> OutcomeSeen:
    kind = _kind(row)
    opened_at = created_at(row, "createdate") or batch.read_at
    closed_at = at(row, "closedate") or modified_at(row, _MODIFIED) or opened_at
    return OutcomeSeen(
        id=str(row["id"]),
        kind=kind,
        at=opened_at if kind == "opportunity" else closed_at,
        version=version_mark(row, _MODIFIED),
        record=person,
        account=company,
        owner=text(row, "hubspot_owner_id"),
        amount=money(row, "amount"),
    )


def _kind(row: Row) -> str:
    """HubSpot's own word on whether a deal is closed; without it, the stages it came with."""
    stage = text(row, "dealstage")
    if flag(row, "hs_is_closed_won") is True or stage == "closedwon":
        return "won"
    return "lost" if flag(row, "hs_is_closed") is True or stage == "closedlost" else "opportunity"
