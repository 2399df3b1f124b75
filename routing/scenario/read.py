"""Reads a whole scenario, with the rulebook, people and accounts it brings, or says what is wrong.

Rulebook, people and accounts stand in the file or beside it; files beside it are read by the
function that is handed in. Mistakes of all files come together.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from routing.facts import AccountSeen
from routing.reading import (
    ListNode,
    Mistake,
    Mistakes,
    Node,
    ScalarNode,
    Section,
    compose,
    described,
    is_null,
    name,
    open_section,
    shown,
    text,
)
from routing.roster.model import Roster
from routing.roster.places import ANYWHERE, Places
from routing.roster.read import people_nodes, read_people
from routing.rulebook.book import BookRead, read_book, read_book_node
from routing.rulebook.model import Book
from routing.rulebook.references import check_against_roster
from routing.scenario.accounts import AccountsReader
from routing.scenario.events import EventsReader
from routing.scenario.expectations import ExpectationsReader
from routing.scenario.files import account_nodes
from routing.scenario.model import Event, Expected
from routing.scenario.names import NamesCheck, arriving, check_changes, joining
from routing.scenario.series import Series, in_order

ReadFile = Callable[[str], str]  #: text of a file beside the scenario; raises OSError, ValueError

_KEYS = ("scenario", "rulebook", "people", "accounts", "events", "expect")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story to play: who is there, what happens, and what a golden case expects."""

    name: str
    book: Book
    roster: Roster
    accounts: tuple[AccountSeen, ...]
    series: tuple[Series, ...]
    expect: tuple[Expected, ...] = ()

    def events(self) -> Iterator[Event]:
        """All events in order: by time, then by their place in the file, then by n."""
        return in_order(self.series)

    @property
    def size(self) -> int:
        """How many events there are."""
        return sum(each.times for each in self.series)


@dataclass(frozen=True, slots=True)
class ScenarioRead:
    """A scenario as read: the story, or every mistake; warnings either way."""

    scenario: Scenario | None
    mistakes: tuple[Mistake, ...] = ()
    warnings: tuple[Mistake, ...] = ()


def read_scenario(
    text: str, *, name: str, read_file: ReadFile, places: Places = ANYWHERE
) -> ScenarioRead:
    """Read a scenario from its text.

    Args:
        text: The whole file, YAML or JSON.
        name: The file's name as it should stand in messages.
        read_file: Gives the text of a file beside this one.
        places: Which time zones and holidays exist.
    """
    mistakes = Mistakes()
    root = compose(text, file=name, mistakes=mistakes)
    section = None
    if root is not None:
        section = open_section(root, "the scenario", known=_KEYS, mistakes=mistakes)
    scenario = None
    if section is not None:
        scenario = _Reading(section, read_file, places).scenario(default_name=name)
    return ScenarioRead(None if mistakes else scenario, mistakes.found, mistakes.warnings)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One scenario being read."""

    section: Section
    read_file: ReadFile
    places: Places

    @property
    def mistakes(self) -> Mistakes:
        return self.section.mistakes

    def scenario(self, *, default_name: str) -> Scenario | None:
        title = self.section.read_nullable("scenario", text)
        book_read = self._book()
        book = None if book_read is None else book_read.book
        self.section.demand("events")
        series = EventsReader(book, self.places, self.mistakes).events(self.section.parts("events"))
        roster = self._roster(series)
        people = None if roster is None else frozenset(roster.people) | joining(series)
        if roster is not None and people is not None and book_read is not None:
            self._check_roster(book_read, roster, series, people)
        accounts = self._accounts(book, people)
        expect = self._check_names(series, people, accounts, book)
        if book is None or roster is None or accounts is None:
            return None
        return Scenario(title or default_name, book, roster, accounts, series, expect)

    def _book(self) -> BookRead | None:
        if not self.section.demand("rulebook"):
            return None
        node = self.section.get("rulebook")
        if node is None:
            return None
        beside = self._beside("rulebook")
        if beside is not None:
            found = read_book(beside.text, name=beside.name)
        elif isinstance(node, ScalarNode):
            return None
        else:
            found = read_book_node(node)
        self.mistakes.extend(found.mistakes, warnings=found.warnings)
        return found

    def _roster(self, series: Sequence[Series]) -> Roster | None:
        beside = self._beside("people")
        if beside is None:
            nodes = self._listed("people")
        else:
            nodes = people_nodes(beside.text, name=beside.name, mistakes=self.mistakes)
        if nodes is None:
            return None
        return read_people(
            nodes, places=self.places, also_known=joining(series), mistakes=self.mistakes
        )

    def _check_roster(
        self,
        book_read: BookRead,
        roster: Roster,
        series: Sequence[Series],
        people: Collection[str],
    ) -> None:
        """Compare what the book names with everybody who is there at any time."""
        after = check_changes(roster, series, self.mistakes)
        teams = roster.teams | after.teams
        found = check_against_roster(book_read.references, people=people, teams=teams)
        self.mistakes.extend(found.mistakes, warnings=found.warnings)

    def _accounts(
        self, book: Book | None, people: Collection[str] | None
    ) -> tuple[AccountSeen, ...] | None:
        beside = self._beside("accounts")
        if beside is None:
            nodes = self._listed("accounts")
        else:
            nodes = account_nodes(beside.text, name=beside.name, book=book, mistakes=self.mistakes)
        return (
            None if nodes is None else AccountsReader(book, people, self.mistakes).accounts(nodes)
        )

    def _check_names(
        self,
        series: Sequence[Series],
        people: Collection[str] | None,
        accounts: Sequence[AccountSeen] | None,
        book: Book | None,
    ) -> tuple[Expected, ...]:
        leads = arriving(series)
        known = None if accounts is None else frozenset(account.id for account in accounts)
        NamesCheck(people, leads, known, self.mistakes).check(series)
        reader = ExpectationsReader(book, people, leads, self.mistakes)
        return reader.expectations(self.section.entries("expect"))

    def _listed(self, key: str) -> tuple[Node, ...] | None:
        """The nodes of a list in this file; none where the key is absent or null."""
        node = self.section.get(key)
        if node is None or is_null(node):
            return ()
        if isinstance(node, ListNode):
            return node.parts
        if not isinstance(node, ScalarNode):  # the path of a file was reported when it was read
            what = self.section.called(key)
            said = f"{what} must be a list, or the path of a file, but is {described(node)}."
            self.mistakes.add(node, said)
        return None

    def _beside(self, key: str) -> "_File | None":
        """The file that a key names; None where it stands here, or cannot be read."""
        node = self.section.get(key)
        if not isinstance(node, ScalarNode) or is_null(node):
            return None
        path = name(node, self.section.called(key), self.mistakes)
        if path is None:
            return None
        try:
            return _File(path, self.read_file(path))
        except (OSError, ValueError) as error:
            why = str(error).rstrip(".")
            said = f"{self.section.called(key)} names {shown(path)}, which cannot be read: {why}."
            self.mistakes.add(node, f"{said} Write a path beside this file, or the content itself.")
            return None


class _File(NamedTuple):
    name: str
    text: str
