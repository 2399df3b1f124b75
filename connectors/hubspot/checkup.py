"""What this key can do, in words for the person who can change it. Writes nothing.

A key that may only read passes with what it cannot write named; a key that is refused is an answer
too. Only a portal that does not answer at all is an error. Whether a key may write is asked with
an update of no records at all: HubSpot looks at the rights first, and then there is nothing to do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.errors import NeedsOperator
from connectors.hubspot.accounts import account_sources
from connectors.hubspot.availability import times_in
from connectors.hubspot.outcomes import outcome_sources
from connectors.hubspot.people import USER_PROPERTIES, People
from connectors.hubspot.reading import Source
from connectors.hubspot.records import lead_sources
from connectors.hubspot.refusals import Refusal
from connectors.hubspot.rows import properties_of
from connectors.hubspot.schema import Schema, look
from connectors.hubspot.settings import HubSpotSettings, RoutedObject
from connectors.hubspot.touches import touch_sources
from connectors.hubspot.wire import Wire
from connectors.port import Check, ObjectCheck

_OLD: Final = "v3"


@dataclass(frozen=True, slots=True)
class _Findings:
    """What was found, piece by piece."""

    objects: tuple[ObjectCheck, ...]
    schema: Schema
    cannot_write: tuple[str, ...]
    warnings: tuple[str, ...]


def learn_zone(wire: Wire) -> str | None:
    """Ask the portal for its number, and note its time zone, in which its day ends."""
    try:
        told = wire.account().body
    except Refusal as refusal:
        if refusal.transient or refusal.expired:
            raise
        return None
    try:
        wire.quota.zone = ZoneInfo(str(told.get("timeZone") or ""))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wire.quota.zone = None
    portal = told.get("portalId")
    return str(portal) if isinstance(portal, str | int) else None


def check(wire: Wire, settings: HubSpotSettings) -> Check:
    """Look at everything once and say it all."""
    api = settings.api_version
    try:
        portal = learn_zone(wire)
        found = _look_around(wire, settings)
    except NeedsOperator as refused:
        return Check(settings.name, api=api, user=None, problems=(str(refused),))
    except Refusal as refusal:
        promised = refusal.as_promised()
        if not isinstance(promised, NeedsOperator):
            raise
        return Check(settings.name, api=api, user=None, problems=(str(promised),))
    unreadable = tuple(
        f"{each.object} cannot be read with this key; grant it read access."
        for each in found.objects
        if each.needed and not each.readable
    )
    old = ("API version v3 becomes unsupported in September 2027; set api_version: 2026-09.",)
    return Check(
        connection=settings.name,
        api=api,
        user=portal,
        objects=found.objects,
        would_write=_would_write(settings),
        cannot_write=found.cannot_write,
        problems=(*unreadable, *found.schema.problems()),
        warnings=(*(old if api == _OLD else ()), *found.warnings),
    )


def _look_around(wire: Wire, settings: HubSpotSettings) -> _Findings:
    schema = look(wire, settings)
    sources = (
        *lead_sources(settings, wire),
        *account_sources(settings),
        *outcome_sources(settings, wire)[:1],
        *touch_sources(settings, wire),
    )
    objects = [_object(wire, source, schema) for source in sources]
    if settings.follower is not None:
        objects.append(_follower(wire, settings.follower, schema))
    users, warnings = _users(wire)
    objects += [_owners(wire), users]
    absent = [
        f"{each.object} cannot be read with this key; without it one ability is missing."
        for each in objects
        if not each.needed and not each.readable
    ]
    return _Findings(
        tuple(objects),
        schema,
        _cannot_write(wire, settings, schema),
        (*absent, *schema.warnings(), *warnings),
    )


def _object(wire: Wire, source: Source, schema: Schema) -> ObjectCheck:
    asked = {"filterGroups": [], "properties": list(source.properties), "limit": 1}
    readable = _may(lambda: wire.search(source.kind, asked))
    return ObjectCheck(
        source.kind,
        needed=source.needed,
        readable=readable,
        fields=source.properties if readable else (),
        missing=schema.missing(source.key),
    )


def _follower(wire: Wire, follower: RoutedObject, schema: Schema) -> ObjectCheck:
    fields = (follower.owner_field, follower.modified)
    asked = {"filterGroups": [], "properties": list(fields), "limit": 1}
    readable = _may(lambda: wire.search(follower.kind, asked))
    missing = schema.missing(follower.object)
    return ObjectCheck(
        follower.kind, needed=False, readable=readable, fields=fields, missing=missing
    )


def _owners(wire: Wire) -> ObjectCheck:
    readable = _may(lambda: wire.owners((("limit", "1"),)))
    return ObjectCheck("owners", needed=True, readable=readable, fields=("id", "email", "archived"))


def _users(wire: Wire) -> tuple[ObjectCheck, tuple[str, ...]]:
    """The user objects, and how many tell of absences in a way that cannot be read."""
    rows = People(wire).users()
    told = ObjectCheck("users", needed=False, readable=rows is not None, fields=USER_PROPERTIES)
    unclear = [
        row
        for row in rows or ()
        if times_in(properties_of(row).get("hs_out_of_office_hours")) is None
    ]
    count = len(unclear)
    warning = f"The out-of-office times of {count} users cannot be read; they are unknown."
    return told, ((warning,) if unclear else ())


def _would_write(settings: HubSpotSettings) -> tuple[str, ...]:
    routed, follower = settings.routed, settings.follower
    own = (routed.owner_field, *settings.written_fields(routed.object))
    places = [f"{routed.kind}.{name}" for name in own]
    if follower is not None:
        places.append(f"{follower.kind}.{follower.owner_field}")
    return tuple(dict.fromkeys(places))


def _cannot_write(wire: Wire, settings: HubSpotSettings, schema: Schema) -> tuple[str, ...]:
    would = _would_write(settings)
    kinds = sorted({place.partition(".")[0] for place in would})
    barred = {kind for kind in kinds if not _may_write(wire, kind)}
    fixed = {place.partition(".")[2].partition(".")[2] for place in schema.read_only()}
    return tuple(
        place
        for place in would
        if place.partition(".")[0] in barred or place.partition(".")[2] in fixed
    )


def _may_write(wire: Wire, kind: str) -> bool:
    """Whether an update of nothing is refused for lack of rights."""
    try:
        wire.batch_update(kind, [])
    except Refusal as refusal:
        if refusal.transient or refusal.expired:
            raise
        return not refusal.missing
    return True


def _may(call: Callable[[], Any]) -> bool:
    try:
        call()
    except Refusal as refusal:
        if refusal.transient or refusal.expired:
            raise
        return not (refusal.missing or refusal.unknown)
    return True
