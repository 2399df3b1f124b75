"""Merging and erasing: what happens to records that go away without being archived.

A record that is merged away simply is no more: no search finds it and no list of archived
records has it, while its old id leads to the one that stays. That one says which ids it has
swallowed, and may have got a new id of its own in the course of it.
"""

from typing import Final

from connectors.simulator.hubspot.desk import Desk
from connectors.simulator.hubspot.records import Record
from connectors.simulator.hubspot.saving import Terms, source_of
from connectors.simulator.truth import Actor, Happening

_MERGED: Final = "hs_merged_object_ids"


def merge_records(desk: Desk, primary: Record, other: Record, actor: Actor) -> Record:
    """Merge a record into another one, which stays; returns the one that is left."""
    portal, kind = desk.portal, primary.type
    now_ms = portal.now_ms()
    table = portal.tables[kind.name]
    table.drop_keys(other)
    swallowed = _ids(primary, other)
    for name, value in other.values.items():
        if name not in primary.values and not kind.properties[name].read_only:
            primary.set(name, value, now_ms, source_of(actor))
    other.merged_into = primary.id
    _gone(desk, other, primary.id, actor)
    portal.associations.move(kind.name, other.id, primary.id)
    survivor = primary
    if portal.settings.survivor_gets_new_id:
        survivor = _reborn(desk, primary)
        swallowed = [*swallowed, str(primary.id)]
        _gone(desk, primary, survivor.id, actor)
    if _MERGED in kind.properties:
        survivor.values[_MERGED] = ";".join(swallowed)
    survivor.touch(now_ms)
    portal.changed(survivor, now_ms)
    desk.saver.announce(
        "merge",
        primary,
        primaryObjectId=primary.id,
        mergedObjectIds=[other.id],
        newObjectId=None if survivor is primary else survivor.id,
    )
    return survivor


def erase(desk: Desk, record: Record, actor: Actor) -> None:
    """Delete a record and everything known about it for good."""
    portal = desk.portal
    portal.tables[record.type.name].drop_keys(record)
    if record.values.get("email"):
        portal.erased_emails.add(record.values["email"].lower())
    owner = record.owner
    record.erase()
    portal.changed(record, portal.now_ms())
    desk.saver.note(Happening.DELETED, record, (owner, None), Terms(actor))
    desk.saver.announce("privacyDeletion", record)
    desk.saver.announce("deletion", record)


def _ids(primary: Record, other: Record) -> list[str]:
    found = [primary.values.get(_MERGED, ""), str(other.id), other.values.get(_MERGED, "")]
    return [one for ids in found for one in ids.split(";") if one]


def _gone(desk: Desk, record: Record, survivor_id: int, actor: Actor) -> None:
    desk.portal.changed(record, desk.portal.now_ms())
    change = (record.owner, str(survivor_id))
    desk.saver.note(Happening.MERGED, record, change, Terms(actor))


def _reborn(desk: Desk, primary: Record) -> Record:
    portal, kind = desk.portal, primary.type
    table = portal.tables[kind.name]
    table.drop_keys(primary)
    survivor = primary.under(portal.new_id())
    primary.merged_into = survivor.id
    table.put(survivor)
    portal.associations.move(kind.name, primary.id, survivor.id)
    return survivor
