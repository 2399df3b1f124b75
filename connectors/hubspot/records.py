"""Contacts and leads as read: every version whole, archived and merged ones included.

A merged record is in no answer any more; the one that survived names those it swallowed, and each
of them is told as merged into it. Where HubSpot's sync with Salesforce noted the other side's
record, that is told too.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connectors.hubspot.links import the_links
from connectors.hubspot.reading import Batch, Source
from connectors.hubspot.rows import (
    Row,
    created_at,
    fields_of,
    modified_at,
    several,
    text,
    version_mark,
)
from connectors.hubspot.settings import HubSpotSettings, RoutedObject
from connectors.hubspot.stamps import moment, stamp
from connectors.hubspot.wire import Wire, ids_in
from connectors.salesforce_ids import canonical
from routing.facts.crm import RecordSeen

MERGED: Final = "hs_merged_object_ids"
_ALWAYS: Final = ("hs_object_id", MERGED)


def properties(settings: HubSpotSettings, routed: RoutedObject) -> tuple[str, ...]:
    """The properties that are read of one object, in order, once each."""
    own = (
        routed.owner_field,
        routed.stage_field,
        routed.email_field,
        routed.company_field,
        routed.created,
        routed.modified,
        *_entered(routed),
    )
    named = (name for name in own if name)
    noted = settings.salesforce_ids.values() if routed.kind == "contacts" else ()
    mapped = settings.mapped_fields(routed.object)
    return tuple(dict.fromkeys((*_ALWAYS, *named, *mapped, *noted)))


def lead_sources(settings: HubSpotSettings, wire: Wire) -> tuple[Source, ...]:
    """The routed object."""
    routed = settings.routed
    return (
        Source(
            key=routed.object,
            kind=routed.kind,
            properties=properties(settings, routed),
            seen=RecordReader(settings, wire),
            since=stamp(settings.route_from),
            modified=routed.modified,
            archived=True,
        ),
    )


@dataclass(frozen=True, slots=True)
class RecordReader:
    """Reads the rows of the routed object."""

    settings: HubSpotSettings
    wire: Wire

    def __call__(self, batch: Batch) -> Iterable[RecordSeen]:
        """One version for each row, and one for each record that it swallowed."""
        routed = self.settings.routed
        there = [row for row in batch.rows if row.get("archived") is not True]
        companies = the_links(self.wire, routed.kind, "companies", ids_in(there))
        for row in batch.rows:
            yield self._record(row, companies.get(str(row["id"])), batch.read_at)
            yield from self._swallowed(row, batch.read_at)

    def _record(self, row: Row, company: str | None, read_at: datetime) -> RecordSeen:
        routed = self.settings.routed
        stage = text(row, routed.stage_field)
        archived = row.get("archived") is True
        born_at = created_at(row, routed.created) or read_at
        changed_at = modified_at(row, routed.modified) or born_at
        gone_at = moment(row.get("archivedAt")) if archived else None
        return RecordSeen(
            object=routed.object,
            id=str(row["id"]),
            version=stamp(gone_at) if gone_at else version_mark(row, routed.modified),
            fields=fields_of(row),
            owner=text(row, routed.owner_field),
            created_at=born_at,
            modified_at=gone_at or changed_at,
            modified_by=None,
            read_at=read_at,
            stage=stage,
            email=text(row, routed.email_field),
            company=text(row, routed.company_field),
            account=company,
            converted=stage in routed.closed,
            deleted=archived,
            same_as=same_as(row, self.settings.salesforce_ids),
        )

    def _swallowed(self, row: Row, read_at: datetime) -> Iterator[RecordSeen]:
        """The merged records; told the same way each time, so that they are news only once."""
        routed = self.settings.routed
        survivor = str(row["id"])
        born_at = created_at(row, routed.created) or read_at
        for id in several(row, MERGED):
            if id != survivor:
                yield RecordSeen(
                    object=routed.object,
                    id=id,
                    version=f"merged into {survivor}",
                    fields={},
                    owner=None,
                    created_at=born_at,
                    modified_at=born_at,
                    modified_by=None,
                    read_at=read_at,
                    merged_into=survivor,
                )


def same_as(row: Row, names: Mapping[str, str]) -> dict[str, str]:
    """The Salesforce records that the sync noted for this one.

    Examples:
        >>> row = {"id": "201", "properties": {"salesforceleadid": "00Q5g00000AbCdE"}}
        >>> same_as(row, {"sf.lead": "salesforceleadid", "sf.contact": "salesforcecontactid"})
        {'sf.lead': '00Q5g00000AbCdEEAV'}
    """
    said = ((object, text(row, name)) for object, name in sorted(names.items()))
    whole = ((object, canonical(id)) for object, id in said if id is not None)
    return {object: id for object, id in whole if id is not None}


def entered(stage: str) -> str:
    """The property that says when a record entered a stage of its life cycle."""
    return f"hs_v2_date_entered_{stage}"


def _entered(routed: RoutedObject) -> tuple[str, ...]:
    """When it entered the stages that matter: the life cycle's history, as far as we need it."""
    if routed.stage_field != "lifecyclestage":
        return ()
    stages = ("lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity")
    return tuple(entered(stage) for stage in (*stages, *routed.closed))
