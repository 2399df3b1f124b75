"""The port, for Salesforce: puts the parts together and keeps their faults inside.

The org is described once, at the first call, and again after it said that it has changed. Each
stream has its sources and a memory of what was stored. Nothing here reads a row or writes one:
see `streams`, `guarded` and `checkup`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final

from connectors.delivered import Delivered
from connectors.errors import NeedsOperator
from connectors.in_flight import InFlight
from connectors.port import Budget, Check, Clock, OwnerSeen, Swept
from connectors.salesforce.absences import absence_sources
from connectors.salesforce.accounts import account_sources
from connectors.salesforce.checkup import check, look, who_am_i
from connectors.salesforce.cursor import Pace
from connectors.salesforce.guarded import GuardedWrites
from connectors.salesforce.outcomes import outcome_sources
from connectors.salesforce.owners import Owners
from connectors.salesforce.people import People
from connectors.salesforce.reading import Reader, Source
from connectors.salesforce.records import lead_sources
from connectors.salesforce.refusals import CRM, Refusal, Silence
from connectors.salesforce.schema import Schema, SchemaKeeper
from connectors.salesforce.settings import RoutedObject, SalesforceSettings
from connectors.salesforce.streams import StreamReader
from connectors.salesforce.sweeping import sweep, unowned_before
from connectors.salesforce.touches import touch_sources
from connectors.salesforce.wire import Wire
from connectors.spread import evenly_spread
from routing.facts.crm import Bookmark, Effect, EffectResult, Page, Stream

_DRIFT: Final = frozenset({"INVALID_FIELD", "INVALID_TYPE", "NOT_FOUND", "INSUFFICIENT_ACCESS"})


@dataclass(slots=True)
class _Desk:
    """What one stream keeps between calls."""

    lock: Lock
    delivered: Delivered


class SalesforceConnector:
    """One Salesforce org behind the port. Safe to share between threads.

    Args:
        settings: What the connection was told.
        clock: The shell's clock; it also waits between the attempts of a read.
        chance: Draws in [0, 1) for lengths of wait; without it they are spread evenly.
    """

    def __init__(
        self,
        settings: SalesforceSettings,
        clock: Clock,
        *,
        chance: Callable[[], float] | None = None,
    ) -> None:
        self._settings = settings
        self._wire = Wire(settings, clock, chance or evenly_spread())
        self._schema = SchemaKeeper(lambda: look(self._wire, settings))
        self._pace = Pace(settings.near_s, settings.overlap_s, settings.beat_s)
        self._reader = Reader(self._wire, self._pace)
        self._desks = {stream: _Desk(Lock(), Delivered()) for stream in Stream}
        self._in_flight = InFlight()
        self._me: str | None = None
        self._rights_lacked = False  #: the last write met something that a person must grant

    @property
    def name(self) -> str:
        """The connection's name in the settings."""
        return self._settings.name

    def changes(self, bookmark: Bookmark) -> Page:
        """What changed in the bookmark's stream; see the port."""
        desk = self._desks[bookmark.stream]
        with self._promised(), desk.lock:
            return self._stream(bookmark.stream, desk.delivered).page(bookmark)

    def owners_of(self, ids: Sequence[str], *, object: str) -> Mapping[str, OwnerSeen]:
        """Who holds these records now; see the port."""
        routed = self._routed(object)
        with self._promised():
            return self._owners().seen(routed, ids)

    def apply(self, effects: Sequence[Effect]) -> list[EffectResult]:
        """Write owners under a guard; see the port and `guarded`."""
        with self._promised():
            if self._rights_lacked:
                self._schema.forget()  # reading may have looked since, before somebody mended it
            writes = GuardedWrites(self._wire, self._owners(), self._settings, self._in_flight)
            try:
                results = writes.apply(effects)
            except NeedsOperator:
                self._rights_lacked = True
                raise
            self._rights_lacked = writes.drifted
            return results

    def sweep(self, since: datetime) -> Iterator[tuple[Swept, ...]]:
        """All routed records created since then; see the port."""
        with self._promised():
            self._schema.current()
            for routed in self._settings.routed:
                yield from sweep(self._wire, routed, since)

    def unowned_before(self, at: datetime, holders: Sequence[str]) -> int:
        """How many older records are with nobody; see the port."""
        with self._promised():
            self._schema.current()
            routed = self._settings.routed
            return sum(unowned_before(self._wire, each, at, holders) for each in routed)

    def check(self) -> Check:
        """What this key may do; see the port and `checkup`."""
        with self._promised():
            return check(self._wire, self._settings)

    def budget(self) -> Budget:
        """The call quota as last heard of; see the port."""
        return self._wire.quota.budget()

    def close(self) -> None:
        """Close all sessions."""
        self._wire.close()

    def _stream(self, stream: Stream, delivered: Delivered) -> StreamReader:
        schema = self._schema.current()
        people = People(self._wire, schema, self._settings) if stream is Stream.PEOPLE else None
        sources = () if people is not None else self._sources(stream, schema)
        return StreamReader(self._reader, self._pace, delivered, sources, people)

    def _sources(self, stream: Stream, schema: Schema) -> tuple[Source, ...]:
        settings = self._settings
        match stream:
            case Stream.LEADS:
                return lead_sources(settings, schema)
            case Stream.ACCOUNTS:
                return account_sources(settings, schema, self._wire)
            case Stream.OUTCOMES:
                return outcome_sources(settings, schema)
            case Stream.TOUCHES:
                return touch_sources(settings, schema, self._whoami())
            case Stream.ABSENCES:
                return absence_sources(schema)
            case Stream.PEOPLE:
                return ()

    def _owners(self) -> Owners:
        return Owners(self._wire, self._schema.current(), self._whoami())

    def _whoami(self) -> str | None:
        if self._me is None:
            self._me = who_am_i(self._wire)
        return self._me

    def _routed(self, object: str) -> RoutedObject:
        routed = self._settings.routed_object(object)
        if routed is None:
            known = ", ".join(r.object for r in self._settings.routed)
            raise NeedsOperator(
                CRM, f"{object} is not routed on this connection.", f"It routes {known}."
            )
        return routed

    @contextmanager
    def _promised(self) -> Iterator[None]:
        """Turn what the wire raises into the three families of the port."""
        try:
            yield
        except (Refusal, Silence) as fault:
            raise self._explained(fault) from fault

    def _explained(self, fault: Refusal | Silence) -> Exception:
        """The fault in the port's words; if the org has changed, with all that is missing."""
        if isinstance(fault, Refusal) and fault.code in _DRIFT:
            self._schema.forget()
            try:
                self._schema.current()
            except NeedsOperator as missing:
                return missing
            except (Refusal, Silence) as again:
                return again.as_promised()
        return fault.as_promised()
