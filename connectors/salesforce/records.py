"""Leads and contacts as read: every version whole, deleted, merged and converted ones included."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connectors.salesforce.reading import Batch, Source
from connectors.salesforce.rows import Row, exact, flag, id_in, surely_at, text
from connectors.salesforce.schema import Schema
from connectors.salesforce.settings import RoutedObject, SalesforceSettings
from connectors.salesforce.stamps import literal
from routing.facts.crm import RecordSeen

_CONVERTED = (
    ("sf.account", "ConvertedAccountId"),
    ("sf.contact", "ConvertedContactId"),
    ("sf.opportunity", "ConvertedOpportunityId"),
)


def lead_sources(settings: SalesforceSettings, schema: Schema) -> tuple[Source, ...]:
    """One source for each routed object."""
    return tuple(
        Source(
            key=routed.object,
            sobject=routed.sobject,
            fields=schema.fields(routed.sobject),
            seen=RecordReader(routed),
            since=literal(settings.route_from),
            covered=True,
        )
        for routed in settings.routed
    )


@dataclass(frozen=True, slots=True)
class RecordReader:
    """Reads the rows of one routed object."""

    routed: RoutedObject

    def __call__(self, batch: Batch) -> Iterable[RecordSeen]:
        """One version for each row."""
        return (self._record(row, batch.read_at) for row in batch.rows)

    def _record(self, row: Row, read_at: datetime) -> RecordSeen:
        routed = self.routed
        return RecordSeen(
            object=routed.object,
            id=id_in(row, "Id") or "",
            version=str(row["SystemModstamp"]),
            fields=exact(row),
            owner=id_in(row, routed.owner_field),
            created_at=surely_at(row, "CreatedDate"),
            modified_at=surely_at(row, "LastModifiedDate"),
            modified_by=id_in(row, "LastModifiedById"),
            read_at=read_at,
            stage=text(row, routed.stage_field),
            email=text(row, routed.email_field),
            company=text(row, routed.company_field),
            account=id_in(row, routed.account_field),
            converted=flag(row, "IsConverted"),
            converted_to={name: id for name, field in _CONVERTED if (id := id_in(row, field))},
            deleted=flag(row, "IsDeleted"),
            merged_into=id_in(row, "MasterRecordId"),
            unread_by_owner=row.get("IsUnreadByOwner"),
        )
