"""The port, for HubSpot: puts the parts together and keeps their faults inside.

What the settings name is looked up once, at the first call, and again after the portal said that
it has changed. Each stream has its sources and a memory of what was stored. Nothing here reads a
record or writes one: see `streams`, `writes` and `checkup`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from connectors.errors import NeedsOperator
from connectors.hubspot.accounts import account_sources
from connectors.hubspot.checkup import check, learn_zone
from connectors.hubspot.cursor import pace_of
from connectors.hubspot.outcomes import outcome_sources
from connectors.hubspot.owners import OurHand, Owners
from connectors.hubspot.reading import Source
from connectors.hubspot.records import lead_sources
from connectors.hubspot.refusals import CRM, Refusal, Silence
from connectors.hubspot.schema import Schema, SchemaKeeper, look
from connectors.hubspot.settings import HubSpotSettings, RoutedObject
from connectors.hubspot.streams import Absent, Desk, StreamReader
from connectors.hubspot.sweeping import sweep, unowned_before
from connectors.hubspot.touches import touch_sources
from connectors.hubspot.wire import Wire
from connectors.hubspot.writes import CarefulWrites, Race
from connectors.in_flight import InFlight
from connectors.port import Budget, Check, Clock, OwnerSeen, Swept
from connectors.spread import evenly_spread
from routing.facts.crm import Bookmark, Effect, EffectResult, Page, Stream


@dataclass(slots=True)
class _Counter:
    """A stream's desk, and the lock of whoever stands at it."""

    lock: Lock = field(default_factory=Lock)
    desk: Desk = field(default_factory=Desk)


class HubSpotConnector:
    """One HubSpot portal behind the port. Safe to share between threads.

    Args:
        settings: What the connection was told.
        clock: The shell's clock; it also waits between the attempts of a read.
        chance: Draws in [0, 1) for lengths of wait; without it they are spread evenly.
    """

    def __init__(
        self,
        settings: HubSpotSettings,
        clock: Clock,
        *,
        chance: Callable[[], float] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._wire = Wire(settings, clock, chance or evenly_spread())
        self._schema = SchemaKeeper(self._look)
        self._pace = pace_of(
            near_s=settings.near_s,
            overlap_s=settings.overlap_s,
            beat_s=settings.beat_s,
            held_back_s=settings.held_back_s,
            held_beat_s=settings.held_beat_s,
        )
        self._counters = {stream: _Counter() for stream in Stream}
        self._absent = Absent()
        self._hand = OurHand()
        self._in_flight = InFlight()
        self._lost: dict[str, Race] = {}

    @property
    def name(self) -> str:
        """The connection's name in the settings."""
        return self._settings.name

    def changes(self, bookmark: Bookmark) -> Page:
        """What changed in the bookmark's stream; see the port."""
        counter = self._counters[bookmark.stream]
        with self._promised(), counter.lock:
            self._schema.current()
            reader = self._stream(bookmark.stream, counter.desk)
            match bookmark.stream:
                case Stream.PEOPLE:
                    return reader.people(bookmark)
                case Stream.ABSENCES:
                    return reader.absences(bookmark)
                case _:
                    return reader.page(bookmark, self._clock.monotonic())

    def owners_of(self, ids: Sequence[str], *, object: str) -> Mapping[str, OwnerSeen]:
        """Who holds these records now; see the port."""
        routed = self._routed(object)
        with self._promised():
            return self._owners().seen(routed, ids)

    def apply(self, effects: Sequence[Effect]) -> list[EffectResult]:
        """Write owners with care; see the port and `writes`."""
        with self._promised():
            self._schema.current()
            writes = CarefulWrites(self._wire, self._owners(), self._in_flight, self._lost)
            return writes.apply(effects)

    def sweep(self, since: datetime) -> Iterator[tuple[Swept, ...]]:
        """All routed records created since then; see the port."""
        with self._promised():
            yield from sweep(self._wire, self._settings.routed, since)

    def unowned_before(self, at: datetime, holders: Sequence[str]) -> int:
        """How many older records are with nobody; see the port."""
        with self._promised():
            return unowned_before(self._wire, self._settings.routed, at, holders)

    def check(self) -> Check:
        """What this key may do; see the port and `checkup`."""
        with self._promised():
            return check(self._wire, self._settings)

    def budget(self) -> Budget:
        """The call quota as last heard of; see the port."""
        return self._wire.quota.budget()

    def close(self) -> None:
        """Close all connections."""
        self._wire.close()

    def _look(self) -> Schema:
        learn_zone(self._wire)
        return look(self._wire, self._settings)

    def _stream(self, stream: Stream, desk: Desk) -> StreamReader:
        return StreamReader(
            wire=self._wire,
            pace=self._pace,
            desk=desk,
            sources=self._sources(stream),
            absent=self._absent,
            archive_beat_s=self._settings.archive_beat_s,
        )

    def _sources(self, stream: Stream) -> tuple[Source, ...]:
        settings, wire = self._settings, self._wire
        match stream:
            case Stream.LEADS:
                return lead_sources(settings, wire)
            case Stream.ACCOUNTS:
                return account_sources(settings)
            case Stream.OUTCOMES:
                return outcome_sources(settings, wire)
            case Stream.TOUCHES:
                return touch_sources(settings, wire)
            case Stream.PEOPLE | Stream.ABSENCES:
                return ()

    def _owners(self) -> Owners:
        return Owners(self._wire, self._settings, self._hand)

    def _routed(self, object: str) -> RoutedObject:
        routed = self._settings.object_called(object)
        if routed is None:
            raise NeedsOperator(
                CRM,
                f"{object} is not routed on this connection.",
                f"It routes {self._settings.routed.object}.",
            )
        return routed

    @contextmanager
    def _promised(self) -> Iterator[None]:
        """Turn what the wire raises into the three families of the port."""
        try:
            yield
        except (Refusal, Silence) as fault:
            if isinstance(fault, Refusal) and not fault.transient:
                self._schema.forget()
            raise fault.as_promised() from fault
