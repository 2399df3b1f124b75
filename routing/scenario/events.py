"""Reads the events of a scenario, each for itself; whom and what they name is checked later."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from routing.reading import (
    Mistakes,
    Node,
    Section,
    duration,
    instant,
    integer,
    listed,
    name,
    open_section,
)
from routing.roster.people import PeopleReader
from routing.roster.places import Places
from routing.rulebook.model import Book
from routing.scenario.leads import owner, read_lead_node
from routing.scenario.model import (
    Away,
    Back,
    Close,
    Event,
    LeadArrives,
    Leave,
    OwnerChanged,
    PersonJoins,
)
from routing.scenario.series import Series

MOST_EVENTS = 1_000_000  #: of one scenario, `times` included
_FIRST_YEAR, _LAST_YEAR = 1970, 2199  # calendars and holidays are known within
_COMMON = ("at", "every", "times")


@dataclass(frozen=True, slots=True)
class EventsReader:
    """Reads events; `book` None where the rulebook could not be read."""

    book: Book | None
    places: Places
    mistakes: Mistakes

    def events(self, nodes: Iterable[Node]) -> tuple[Series, ...]:
        """The events that can be read, in file order."""
        found: list[Series] = []
        count = 0
        for order, node in enumerate(nodes):
            series = self._series(node, order)
            if series is None:
                continue
            count += series.times
            if count > MOST_EVENTS:
                said = f"With this event the scenario has more than {MOST_EVENTS:,} events."
                self.mistakes.add(node, f"{said} Make `times` smaller, or write several scenarios.")
                break
            found.append(series)
        return tuple(found)

    def _series(self, node: Node, order: int) -> Series | None:
        known = (*_COMMON, *self._kinds(), "until")
        section = open_section(node, "an event", known=known, mistakes=self.mistakes)
        if section is None:
            return None
        at = section.require("at", instant)
        kind = self._kind(section)
        every, times = self._repetition(section)
        event = None if kind is None else self._kinds()[kind](section, at or _UNKNOWN)
        if event is None:
            return None
        if at is None or every is _WRONG:  # kept, because others may name what it brings
            return Series(order, event)
        series = Series(order, event, every, times)
        return series if self._is_in_time(section, series) else Series(order, event)

    def _check_until(self, section: Section, series: Series) -> None:
        event = series.first
        if isinstance(event, Away) and event.until is not None and event.until <= series.ends_at:
            message = '"until" must be later than "at", for the last repetition too.'
            self.mistakes.add(section.get("until") or section.place, f"{message} Change one.")

    def _kinds(self) -> Mapping[str, Callable[[Section, datetime], Event | None]]:
        return {
            "lead": self._lead,
            "away": self._away,
            "back": self._back,
            "person": self._person,
            "leave": self._leave,
            "close": self._close,
            "owner": self._owner,
        }

    def _kind(self, section: Section) -> str | None:
        kinds = tuple(kind for kind in self._kinds() if section.has(kind))
        if len(kinds) == 1:
            if section.has("until") and kinds[0] != "away":
                message = f'"until" has no meaning for an event of kind {kinds[0]}. Remove it.'
                self.mistakes.add(section.key_place("until"), message)
            return kinds[0]
        said = f"both {listed(kinds)}" if kinds else "none of them"
        advice = f"An event is one of: {listed(tuple(self._kinds()))}; this one has {said}."
        self.mistakes.add(section.place, advice)
        return None

    def _repetition(self, section: Section) -> tuple[timedelta | None, int]:
        if not section.has("every") and not section.has("times"):
            return None, 1
        for key, other in (("every", "times"), ("times", "every")):
            if section.has(key) and not section.has(other):
                message = f'"{key}" needs "{other}" beside it. Write {{every: 1d, times: 30}}.'
                self.mistakes.add(section.key_place(key), message)
                return _WRONG, 1
        every = section.read("every", duration)
        times = section.read("times", integer(at_least=1, at_most=MOST_EVENTS))
        return (_WRONG, 1) if every is None or times is None else (every, times)

    def _is_in_time(self, section: Section, series: Series) -> bool:
        try:
            years = (series.first.at.year, series.ends_at.year)
        except OverflowError:
            years = (series.first.at.year, _LAST_YEAR + 1)
        if years[0] >= _FIRST_YEAR and years[1] <= _LAST_YEAR:
            self._check_until(section, series)
            return True
        said = f"An event must lie between the years {_FIRST_YEAR} and {_LAST_YEAR}"
        what = "but this one repeats until later" if series.every else "but this one does not"
        self.mistakes.add(section.get("at") or section.place, f"{said}, {what}. Change `at`.")
        return False

    def _lead(self, section: Section, at: datetime) -> Event | None:
        node = section.get("lead")
        if node is None:
            return None
        lead = read_lead_node(node, "a lead", book=self.book, mistakes=self.mistakes)
        return None if lead is None else LeadArrives(at, lead.id, lead.given, lead.places)

    def _away(self, section: Section, at: datetime) -> Event | None:
        person = section.read("away", name)
        until = section.read_nullable("until", instant)
        node = section.get("away") or section.node
        return None if person is None else Away(at, person, until, node.place)

    def _back(self, section: Section, at: datetime) -> Event | None:
        person = section.read("back", name)
        node = section.get("back") or section.node
        return None if person is None else Back(at, person, node.place)

    def _person(self, section: Section, at: datetime) -> Event | None:
        node = section.get("person")
        said = None if node is None else PeopleReader(self.places, self.mistakes).person(node)
        return None if said is None else PersonJoins(at, said, said.place)

    def _leave(self, section: Section, at: datetime) -> Event | None:
        person = section.read("leave", name)
        node = section.get("leave") or section.node
        return None if person is None else Leave(at, person, node.place)

    def _close(self, section: Section, at: datetime) -> Event | None:
        lead = section.read("close", name)
        node = section.get("close") or section.node
        return None if lead is None else Close(at, lead, node.place)

    def _owner(self, section: Section, at: datetime) -> Event | None:
        inner = section.section("owner", known=("lead", "to"))
        if inner is None:
            return None
        lead = inner.require("lead", name)
        if not inner.demand("to"):
            return None
        to = inner.read_nullable("to", owner)
        if lead is None or (to is None and not inner.is_null("to")):
            return None
        node = inner.get("lead") or inner.node
        return OwnerChanged(at, lead, to, node.place)


_WRONG = timedelta(-1)  #: a repetition that cannot be read
_UNKNOWN = datetime.min.replace(tzinfo=UTC)
