"""What the portal's own description says of the properties we need, asked once and kept.

A property that does not exist is left out of an answer without a word, and a fact would be missing
for ever; so every property that the settings name is looked up before anything is read, and all
that are missing are named in one message. HubSpot's own properties are there in every portal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from connectors.errors import NeedsOperator
from connectors.hubspot.records import CONTACT
from connectors.hubspot.refusals import CRM, Refusal
from connectors.hubspot.settings import HubSpotSettings, RoutedObject
from connectors.hubspot.wire import Wire

#: Kinds by the first part of a place in the settings.
KINDS: Final[Mapping[str, str]] = {
    "hs.contact": "contacts",
    "hs.lead": "leads",
    "hs.company": "companies",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A property that the settings name."""

    object: str
    name: str
    written: bool = False

    @property
    def place(self) -> str:
        """As people write it."""
        return f"{self.object}.{self.name}"


@dataclass(frozen=True, slots=True)
class Schema:
    """The properties that the settings name, as this key sees them."""

    seen: Mapping[Named, Mapping[str, Any] | None]
    #: None: there is no such property; empty: this key may not look

    def missing(self, object: str | None = None) -> tuple[str, ...]:
        """Properties that are not there, of one object or of all."""
        return tuple(
            named.place
            for named, told in self.seen.items()
            if told is None and object in (None, named.object)
        )

    def read_only(self) -> tuple[str, ...]:
        """Properties that are to be written, and that nobody may write."""
        return tuple(
            named.place
            for named, told in self.seen.items()
            if named.written and told is not None and _is_read_only(told)
        )

    def warnings(self) -> tuple[str, ...]:
        """Objects whose properties this key may not look up."""
        hidden = sorted({named.object for named, told in self.seen.items() if told == {}})
        said = "the properties that the settings name cannot be looked up with this key."
        return tuple(f"{object}: {said}" for object in hidden)

    def problems(self) -> tuple[str, ...]:
        """One sentence for all that is missing."""
        missing = self.missing()
        if not missing:
            return ()
        why = "no such property"
        advice = "Make it in HubSpot's settings, or mend the mapping."
        return (f"{', '.join(missing)}: {why}. {advice}",)


class SchemaKeeper:
    """Looks once; again after `forget`. Safe to share between threads."""

    def __init__(self, look: Callable[[], Schema]) -> None:
        self._look = look
        self._lock = Lock()
        self._schema: Schema | None = None

    def current(self) -> Schema:
        """The schema, if nothing that is needed is missing.

        Raises:
            NeedsOperator: Something is missing; all of it is named.
        """
        with self._lock:
            if self._schema is None:
                found = self._look()
                if found.problems():
                    raise NeedsOperator(CRM, found.problems()[0], "Then run `signalbox check`.")
                self._schema = found
            return self._schema

    def forget(self) -> None:
        """Look again next time."""
        with self._lock:
            self._schema = None


def look(wire: Wire, settings: HubSpotSettings) -> Schema:
    """Look up every property that the settings name."""
    return Schema({named: _told(wire, named) for named in named_in(settings)})


def named_in(settings: HubSpotSettings) -> tuple[Named, ...]:
    """The properties that the settings name, once each, in a fixed order."""
    found: dict[tuple[str, str], Named] = {}
    for routed in (settings.routed, settings.follower):
        for named in () if routed is None else _own(settings, routed):
            found.setdefault((named.object, named.name), named)
    for mapped in settings.mapped:
        if mapped.object in KINDS:
            named = _named(mapped.object, mapped.field)
            found.setdefault((named.object, named.name), named)
    if settings.named_field:
        named = Named("hs.company", settings.named_field)
        found.setdefault((named.object, named.name), named)
    return tuple(found[key] for key in sorted(found))


def _own(settings: HubSpotSettings, routed: RoutedObject) -> list[Named]:
    read = (routed.stage_field, routed.email_field, routed.company_field)
    written = (routed.owner_field, *settings.written_fields(routed.object))
    return [
        *(Named(routed.object, name, written=True) for name in written),
        *(_named(routed.object, name) for name in read if name),
    ]


def _named(object: str, name: str) -> Named:
    """The property; one that is read through the contact is the contact's."""
    if name.startswith(CONTACT):
        return Named("hs.contact", name.removeprefix(CONTACT))
    return Named(object, name)


def _told(wire: Wire, named: Named) -> Mapping[str, Any] | None:
    try:
        return wire.property(KINDS[named.object], named.name).body
    except Refusal as refusal:
        if not (refusal.unknown or refusal.missing):
            raise
        return None if refusal.unknown else {}


def _is_read_only(told: Mapping[str, Any]) -> bool:
    metadata = told.get("modificationMetadata")
    return isinstance(metadata, Mapping) and metadata.get("readOnlyValue") is True
