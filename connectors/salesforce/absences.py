"""Out-of-office entries. The object exists only where the feature is switched on.

IsEnabled cannot be filtered, so disabled entries are handed out as such. An entry that ends
before it starts is no absence.
"""

from collections.abc import Iterable

from connectors.salesforce.reading import Batch, Source
from connectors.salesforce.rows import Row, at, flag, id_in
from connectors.salesforce.schema import Schema
from routing.facts.crm import AbsenceSeen


def absence_sources(schema: Schema) -> tuple[Source, ...]:
    """All out-of-office entries, where there are any."""
    if not schema.has("OutOfOffice"):
        return ()
    fields = schema.fields("OutOfOffice")
    return (Source("sf.outofoffice", "OutOfOffice", fields, _absences),)


def _absences(batch: Batch) -> Iterable[AbsenceSeen]:
    return (seen for row in batch.rows if (seen := _absence(row)) is not None)


def _absence(row: Row) -> AbsenceSeen | None:
    user, starts_at, ends_at = id_in(row, "UserId"), at(row, "StartDate"), at(row, "EndDate")
    if user is None or starts_at is None or (ends_at is not None and ends_at <= starts_at):
        return None
    return AbsenceSeen(
        id=id_in(row, "Id") or "",
        user=user,
        starts_at=starts_at,
        ends_at=ends_at,
        enabled=flag(row, "IsEnabled"),
        version=str(row["SystemModstamp"]),
    )
