"""A rulebook checked before anybody publishes it, alone or against the roster it will meet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from daemon.base.file_reading import read_text
from daemon.world.staff.calendars import PLACES
from routing.reading import Mistake, Mistakes, compose
from routing.roster import Roster, read_roster
from routing.rulebook import lint as advice
from routing.rulebook.book import read_book_node
from routing.rulebook.model import Book
from routing.rulebook.references import check_against_roster


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"  # the book cannot be used
    WARNING = "warning"  # it can, but somebody should look
    NOTE = "note"  # worth knowing


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that lint has to say."""

    severity: Severity
    said: Mistake


@dataclass(frozen=True, slots=True)
class Linted:
    """All findings, the gravest first; whether a file was too broken to be looked through."""

    findings: tuple[Finding, ...]
    unreadable: bool = False

    @property
    def errors(self) -> int:
        """How many findings keep the book, or a part of it, from ever being used."""
        return self._count(Severity.ERROR)

    @property
    def warnings(self) -> int:
        """How many findings leave the book usable."""
        return self._count(Severity.WARNING)

    @property
    def notes(self) -> int:
        """How many findings are only worth knowing."""
        return self._count(Severity.NOTE)

    def _count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)


def lint(rulebook: Path, roster: Path | None = None, *, at: datetime) -> Linted:
    """Look through a rulebook, and through a roster for the people and teams it names.

    Args:
        rulebook: The rulebook's file.
        roster: The roster's file, if there is one.
        at: Now, for rules that have ended and reviews that are due.

    Raises:
        UnreadableFile: A file cannot be read at all.
    """
    found = Mistakes()
    node = compose(read_text(rulebook), file=str(rulebook), mistakes=found)
    book = None if node is None else read_book_node(node)
    if book is not None:
        found.extend(book.mistakes, warnings=book.warnings)
    staff = None if roster is None else _roster(roster, found)
    if book is not None and staff is not None:
        check = check_against_roster(book.references, people=staff.people, teams=staff.teams)
        found.extend(check.mistakes, warnings=check.warnings)
    findings = (
        *(Finding(Severity.ERROR, mistake) for mistake in found.found),
        *(Finding(Severity.WARNING, warning) for warning in found.warnings),
        *_advice(None if book is None else book.book, str(rulebook), at),
    )
    gravest_first = sorted(findings, key=lambda each: list(Severity).index(each.severity))
    return Linted(tuple(gravest_first), unreadable=book is None)


def _advice(book: Book | None, file: str, at: datetime) -> Iterator[Finding]:
    """What a book without mistakes may still do that nobody meant."""
    for each in () if book is None else advice.lint(book, at=at):
        said = Mistake(file, max(each.line, 1), 1, each.message)
        yield Finding(Severity(each.severity.value), said)


def _roster(path: Path, found: Mistakes) -> Roster | None:
    read = read_roster(read_text(path), name=str(path), places=PLACES)
    found.extend(read.mistakes, warnings=read.warnings)
    return read.roster
