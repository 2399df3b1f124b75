"""The files an installation is told to use: rulebook and roster, read together or not at all.

What is published into the ledger from here is what counts from then on; a file that changes on
disk changes nothing until it is read again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon.base.file_reading import read_text
from daemon.settings import Settings
from daemon.world.staff.calendars import PLACES
from models.governance.rulebooks import Book as StoredBook
from models.journal.entries import Act
from models.ledger import Ledger
from models.staff.roster import Dated, RosterEntry
from routing.engine import guide_to
from routing.facts import Mapped
from routing.reading import Mistakes, compose
from routing.roster import Person, Roster, read_roster
from routing.rulebook.book import read_book_node
from routing.rulebook.model import Book
from routing.rulebook.references import check_against_roster
from routing.shortlist import Guide

_SOURCE = "roster"


class WrongFiles(ValueError):
    """Rulebook or roster cannot be used; the message lists every mistake."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A rulebook and the roster it was checked against."""

    guide: Guide
    roster: Roster
    source: bytes  #: the rulebook's exact text
    staff: bytes  #: the roster's
    warnings: tuple[str, ...] = ()

    @property
    def book(self) -> Book:
        """The rulebook."""
        return self.guide.book


def read_files(rulebook: Path, roster: Path, *, mapped: Sequence[Mapped] = ()) -> InForce:
    """Read both files and check them against one another.

    Args:
        rulebook: The rulebook's file.
        roster: The roster's file.
        mapped: Which CRM fields the facts are read from; part of the book's hash.

    Raises:
        WrongFiles: Either has mistakes; all of both are in the message.
        UnreadableFile: One cannot be read at all.
    """
    found = Mistakes()
    text = read_text(rulebook)
    node = compose(text, file=str(rulebook), mistakes=found)
    book = None if node is None else read_book_node(node, mapped=mapped)
    if book is not None:
        found.extend(book.mistakes, warnings=book.warnings)
    people = read_text(roster)
    staff = read_roster(people, name=str(roster), places=PLACES)
    found.extend(staff.mistakes, warnings=staff.warnings)
    if book is not None and staff.roster is not None:
        known = staff.roster
        check = check_against_roster(book.references, people=known.people, teams=known.teams)
        found.extend(check.mistakes, warnings=check.warnings)
    if found or book is None or book.book is None or staff.roster is None:
        lines = "".join(f"\n  {mistake}" for mistake in found.found)
        raise WrongFiles(f"The rulebook or the roster cannot be used:{lines}")
    warnings = tuple(str(warning) for warning in found.warnings)
    guide = guide_to(book.book)
    return InForce(guide, staff.roster, text.encode(), people.encode(), warnings)


def read_in_force(settings: Settings, ledger: Ledger) -> InForce:
    """The book that the ledger has in force, and the roster's file.

    For who looks on, or stands in for the daemon: a rulebook's file that somebody is editing is
    not put in force by that. Before the first book, both files.

    Raises:
        WrongFiles: The roster has mistakes, or this version cannot read the book any more.
        UnreadableFile: A file cannot be read at all.
    """
    stored, roster, mapped = ledger.governance.book_in_force(), settings.roster, settings.mapped()
    if stored is None:
        return read_files(settings.rulebook, roster, mapped=mapped)
    text, found = stored.book.source.decode(), Mistakes()
    node = compose(text, file=f"rulebook {stored.book.name}, in force", mistakes=found)
    book = None if node is None else read_book_node(node, mapped=mapped)
    if book is not None:
        found.extend(book.mistakes, warnings=book.warnings)
    people = read_text(roster)
    staff = read_roster(people, name=str(roster), places=PLACES)
    found.extend(staff.mistakes, warnings=staff.warnings)
    if book is None or book.book is None or staff.roster is None:
        lines = "".join(f"\n  {mistake}" for mistake in found.found)
        raise WrongFiles(f"The rulebook in force or the roster cannot be used:{lines}")
    return InForce(guide_to(book.book), staff.roster, stored.book.source, people.encode())


def stored_book(ledger: Ledger, hash_: str) -> Book | None:
    """A book by its hash, as records name it; None where it is gone or cannot be read any more."""
    stored = ledger.governance.book(hash_)
    node = None
    if stored is not None:
        node = compose(stored.book.source.decode(), file=hash_, mistakes=Mistakes())
    return None if node is None else read_book_node(node).book


def publish(in_force: InForce, ledger: Ledger, act: Act) -> dict[str, str]:
    """Put the book in force in the ledger and register the roster; rep by roster id."""
    book = in_force.book
    ledger.governance.publish(StoredBook(book.hash, book.name, in_force.source), act=act)
    entries = [_entry(person) for person in in_force.roster.people.values()]
    return ledger.roster.sync(entries, source=_SOURCE, act=act)


def _entry(person: Person) -> RosterEntry:
    return RosterEntry(
        person.id, {name: tuple(_dated(steps)) for name, steps in sorted(person.steps.items())}
    )


def _dated(steps: Any) -> Iterable[Dated]:
    for step, following in zip(steps, (*steps[1:], None), strict=True):
        until = None if following is None else following.starts_at
        yield Dated(_plain(step.value), step.starts_at, until)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (tuple, list, set, frozenset)):
        parts = [_plain(part) for part in value]
        return sorted(parts) if isinstance(value, (set, frozenset)) else parts
    return value
