"""Contacts and leads as read: every version whole, archived and merged ones included.

A Lead object says little of itself: what is known of the person stands on its contact, whose
properties come along under `contact.`, as they are when the lead is read. A merged record is in
no answer any more; the one that survived names those it swallowed, and each of them is told as
merged into it. Where HubSpot's sync with Salesforce noted the other side's record, that is told
too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
CONTACT: Final = "contact."  #: how a Lead object's contact is named in the settings
_ALWAYS: Final = ("hs_object_id", MERGED)
_IDS_A_CALL: Final = 100


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
    several_named = dict.fromkeys((*_ALWAYS, *named, *mapped, *noted))
    return tuple(name for name in several_named if not name.startswith(CONTACT))


def contact_properties(settings: HubSpotSettings) -> tuple[str, ...]:
    """What is read of the contact behind a Lead object; nothing where contacts are routed."""
    routed = settings.routed
    if routed.kind == "contacts":
        return ()
    own = (routed.email_field, routed.company_field, *settings.mapped_fields(routed.object))
    behind = (name.removeprefix(CONTACT) for name in own if name and name.startswith(CONTACT))
    return tuple(dict.fromkeys((*behind, *settings.salesforce_ids.values())))


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
            created=routed.created,
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
        ids = ids_in(row for row in batch.rows if row.get("archived") is not True)
        rows, companies = batch.rows, the_links(self.wire, routed.kind, "companies", ids)
        if routed.kind != "contacts":
            rows, through = self._with_contacts(rows, ids)
            companies = through | companies
        for row in rows:
            yield self._record(row, companies.get(str(row["id"])), batch.read_at)
            yield from self._swallowed(row, batch.read_at)

    def _with_contacts(
        self, rows: Sequence[Row], ids: Sequence[str]
    ) -> tuple[tuple[Row, ...], dict[str, str]]:
        """The rows with their contacts' properties, and their contacts' companies."""
        contacts = the_links(self.wire, self.settings.routed.kind, "contacts", ids)
        found = self._contacts(sorted(set(contacts.values())))
        companies = the_links(self.wire, "contacts", "companies", list(found))
        through = {id: companies[of] for id, of in contacts.items() if of in companies}
        joined = (_joined(row, found.get(contacts.get(str(row["id"]), ""))) for row in rows)
        return tuple(joined), through

    def _contacts(self, ids: Sequence[str]) -> dict[str, Row]:
        names = list(contact_properties(self.settings))
        found: dict[str, Row] = {}
        for start in range(0, len(ids), _IDS_A_CALL):
            inputs = [{"id": id} for id in ids[start : start + _IDS_A_CALL]]
            answer = self.wire.batch_read("contacts", {"inputs": inputs, "properties": names})
            found |= {str(row["id"]): row for row in answer.rows()}
        return found

    def _record(self, row: Row, company: str | None, read_at: datetime) -> RecordSeen:
        routed = self.settings.routed
        stage, owner = text(row, routed.stage_field), text(row, routed.owner_field)
        archived = row.get("archived") is True
        born_at = created_at(row, routed.created) or read_at
        changed_at = modified_at(row, routed.modified) or born_at
        gone_at = moment(row.get("archivedAt")) if archived else None
        return RecordSeen(
            object=routed.object,
            id=str(row["id"]),
            version=stamp(gone_at) if gone_at else version_mark(row, routed.modified),
            fields=fields_of(row),
            owner=owner,
            created_at=born_at,
            modified_at=gone_at or changed_at,
            modified_by=None,
            read_at=read_at,
            stage=stage,
            email=text(row, routed.email_field),
            company=text(row, routed.company_field),
            account=company,
            converted=routed.is_done(stage, owner),
            deleted=archived,
            same_as=same_as(row, self._sync_names()),
        )

    def _sync_names(self) -> Mapping[str, str]:
        """Where the sync's notes stand: on the contact, always."""
        names, of = self.settings.salesforce_ids, self.settings.routed.kind
        prefix = "" if of == "contacts" else CONTACT
        return {object: f"{prefix}{name}" for object, name in names.items()}

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


def _joined(row: Row, contact: Row | None) -> Row:
    if contact is None:
        return row
    return {**row, "properties": {**fields_of(row), "contact": fields_of(contact)}}


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
