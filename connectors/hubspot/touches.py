"""Who acted on a lead: calls, e-mails, meetings and tasks that are linked to it.

What an automation or an integration logged is no human's touch, and neither is a mail that came
in: the prospect wrote it. A task that is due and a meeting that is booked count from when they
were made; a call that was logged later, from when it took place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from connectors.hubspot.links import linked
from connectors.hubspot.reading import Batch, Source
from connectors.hubspot.rows import Row, at, created_at, text, version_mark
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.stamps import stamp
from connectors.hubspot.wire import Wire, ids_in
from routing.facts.crm import TouchSeen

KINDS: Final = {"calls": "call", "emails": "email", "meetings": "event", "tasks": "task"}
_MODIFIED: Final = "hs_lastmodifieddate"
_READ: Final = (
    "hs_object_id",
    _MODIFIED,
    "hs_createdate",
    "hs_timestamp",
    "hubspot_owner_id",
    "hs_object_source",
    "hs_email_direction",
)
_MACHINES: Final = frozenset({"AUTOMATION_PLATFORM", "INTEGRATION", "API", "WORKFLOWS", "IMPORT"})
_INCOMING: Final = frozenset({"INCOMING_EMAIL", "FORWARDED_EMAIL"})


def touch_sources(settings: HubSpotSettings, wire: Wire) -> tuple[Source, ...]:
    """Every kind of activity, where it can be read."""
    since = stamp(settings.route_from)
    return tuple(
        Source(
            f"hs.{kind}",
            kind,
            _READ,
            TouchReader(kind, settings, wire),
            since=since,
            needed=False,
        )
        for kind in KINDS
    )


@dataclass(frozen=True, slots=True)
class TouchReader:
    """Reads rows of one kind of activity."""

    kind: str
    settings: HubSpotSettings
    wire: Wire

    def __call__(self, batch: Batch) -> Iterable[TouchSeen]:
        """One touch for each record that an activity is linked to."""
        routed = self.settings.routed.kind
        found = linked(self.wire, self.kind, routed, ids_in(batch.rows)) if batch.rows else {}
        for row in batch.rows:
            for record in sorted({link.to for link in found.get(str(row["id"]), ())}):
                yield self._touch(row, record, batch)

    def _touch(self, row: Row, record: str, batch: Batch) -> TouchSeen:
        told = (at(row, "hs_timestamp"), created_at(row, "hs_createdate"))
        at_ = min((each for each in told if each is not None), default=batch.read_at)
        source = (text(row, "hs_object_source") or "").upper()
        came_in = (text(row, "hs_email_direction") or "").upper() in _INCOMING
        return TouchSeen(
            id=f"{row['id']}:{record}",
            kind=KINDS[self.kind],
            at=at_,
            by=text(row, "hubspot_owner_id"),
            record=record,
            version=version_mark(row, _MODIFIED),
            human=source not in _MACHINES and not came_in,
        )
