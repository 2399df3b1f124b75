"""What became of leads: opportunities opened, won and lost, and conversions.

A converted lead says which opportunity came of it; that links outcomes to leads. A deleted
opportunity is no outcome.
"""

from collections.abc import Iterable
from datetime import datetime

from connectors.salesforce.reading import Batch, Source
from connectors.salesforce.rows import Row, at, flag, id_in, money, surely_at
from connectors.salesforce.schema import Schema
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.stamps import literal
from routing.facts.crm import OutcomeSeen


def outcome_sources(settings: SalesforceSettings, schema: Schema) -> tuple[Source, ...]:
    """Opportunities, and leads that were converted."""
    since = literal(settings.route_from)
    sources = []
    fields = schema.fields("Opportunity") if schema.has("Opportunity") else ()
    if fields:
        sources.append(Source("sf.opportunity", "Opportunity", fields, _outcomes, since=since))
    if any(r.sobject == "Lead" for r in settings.routed) and _knows_conversion(schema):
        sources.append(
            Source(
                "sf.lead.converted",
                "Lead",
                schema.fields("Lead"),
                _conversions,
                where="IsConverted = true",
                since=since,
            )
        )
    return tuple(sources)


def _knows_conversion(schema: Schema) -> bool:
    return {"IsConverted", "ConvertedDate"} <= set(schema.fields("Lead"))


def _outcomes(batch: Batch) -> Iterable[OutcomeSeen]:
    return (_outcome(row) for row in batch.rows if not flag(row, "IsDeleted"))


def _outcome(row: Row) -> OutcomeSeen:
    closed = flag(row, "IsClosed")
    opened_at = surely_at(row, "CreatedDate")
    closed_at = at(row, "LastModifiedDate") or at(row, "CloseDate") or opened_at
    return OutcomeSeen(
        id=id_in(row, "Id") or "",
        kind=("won" if flag(row, "IsWon") else "lost") if closed else "opportunity",
        at=closed_at if closed else opened_at,
        version=str(row["SystemModstamp"]),
        account=id_in(row, "AccountId"),
        owner=id_in(row, "OwnerId"),
        amount=money(row, "Amount"),
    )


def _conversions(batch: Batch) -> Iterable[OutcomeSeen]:
    for row in batch.rows:
        yield _conversion(row, "converted", id_in(row, "Id") or "")
        opportunity = id_in(row, "ConvertedOpportunityId")
        if opportunity is not None:
            yield _conversion(row, "opportunity", opportunity)


def _conversion(row: Row, kind: str, id: str) -> OutcomeSeen:
    return OutcomeSeen(
        id=id,
        kind=kind,
        at=_converted_at(row),
        version=str(row["SystemModstamp"]),
        record=id_in(row, "Id"),
        account=id_in(row, "ConvertedAccountId"),
        owner=id_in(row, "OwnerId"),
    )


def _converted_at(row: Row) -> datetime:
    """ConvertedDate is a day; an edit of that same day is, nearly always, the conversion."""
    day = at(row, "ConvertedDate")
    edited_at = surely_at(row, "LastModifiedDate")
    return edited_at if day is None or day.date() == edited_at.date() else day
