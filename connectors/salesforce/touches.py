"""Who acted on a lead: tasks, events, and the first time its owner opened it.

Salesforce has no stamp for the opening: a lead whose owner has read it carries
IsUnreadByOwner = false, and the row's own stamp is the nearest known time. What the integration
user itself wrote is no human's touch.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from connectors.salesforce.reading import Batch, Source
from connectors.salesforce.rows import Row, flag, id_in, surely_at, text
from connectors.salesforce.schema import Schema
from connectors.salesforce.settings import RoutedObject, SalesforceSettings
from connectors.salesforce.stamps import literal
from routing.facts.crm import TouchSeen

_PERSONS: Final = ("00Q", "003")
_SUBTYPES: Final = {"Call": "call", "Email": "email", "ListEmail": "email"}


def touch_sources(
    settings: SalesforceSettings, schema: Schema, me: str | None
) -> tuple[Source, ...]:
    """Tasks and events where they can be read, and leads that were opened."""
    since = literal(settings.route_from)
    activities = (_activities(name, schema, me, since=since) for name in ("Task", "Event"))
    openings = (_openings_of(routed, schema, since=since) for routed in settings.routed)
    return tuple(source for source in (*activities, *openings) if source is not None)


def _activities(sobject: str, schema: Schema, me: str | None, *, since: str) -> Source | None:
    if not schema.has(sobject):
        return None
    return Source(
        f"sf.{sobject.lower()}",
        sobject,
        schema.fields(sobject),
        ActivityReader(sobject, me),
        where="WhoId != null",
        since=since,
    )


def _openings_of(routed: RoutedObject, schema: Schema, *, since: str) -> Source | None:
    if "IsUnreadByOwner" not in schema.fields(routed.sobject):
        return None
    return Source(
        f"{routed.object}.read",
        routed.sobject,
        ("Id", "SystemModstamp", "OwnerId", "IsUnreadByOwner"),
        _openings,
        where="IsUnreadByOwner = false",
        since=since,
    )


@dataclass(frozen=True, slots=True)
class ActivityReader:
    """Reads tasks or events."""

    sobject: str
    me: str | None  #: the integration user

    def __call__(self, batch: Batch) -> Iterable[TouchSeen]:
        """One touch for each activity with a person."""
        for row in batch.rows:
            record = id_in(row, "WhoId")
            if record is not None and record.startswith(_PERSONS) and not flag(row, "IsDeleted"):
                yield self._touch(row, record)

    def _touch(self, row: Row, record: str) -> TouchSeen:
        by = id_in(row, "CreatedById")
        usual = self.sobject.lower()
        return TouchSeen(
            id=id_in(row, "Id") or "",
            kind=_SUBTYPES.get(text(row, "TaskSubtype") or "", usual),
            at=surely_at(row, "CreatedDate"),
            by=by,
            record=record,
            version=str(row["SystemModstamp"]),
            human=by is None or by != self.me,
        )


def _openings(batch: Batch) -> Iterable[TouchSeen]:
    for row in batch.rows:
        record, owner = id_in(row, "Id") or "", id_in(row, "OwnerId")
        if owner is not None and owner.startswith("005"):
            yield TouchSeen(
                id=f"{record}:read:{owner}",
                kind="read",
                at=surely_at(row, "SystemModstamp"),
                by=owner,
                record=record,
                version=str(row["SystemModstamp"]),
            )
