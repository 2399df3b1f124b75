"""A rulebook checked before anybody publishes it, alone or against the roster it will meet."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from daemon.calendars import PLACES
from daemon.files import read_text
from routing.reading import Mistake, Mistakes, compose
from routing.roster import Roster, read_roster
from routing.rulebook.book import read_book_node
from routing.rulebook.references import check_against_roster


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"  # the book cannot be used
    WARNING = "warning"  # it can, but somebody should look


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that lint has to say."""

    severity: Severity
    said: Mistake


@dataclass(frozen=True, slots=True)
class Linted:
    """All findings, errors first; whether a file was too broken to be looked through."""

    findings: tuple[Finding, ...]
    unreadable: bool = False

    @property
    def errors(self) -> int:
        """How many findings keep the book from being used."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings leave the book usable."""
        return len(self.findings) - self.errors


def lint(rulebook: Path, roster: Path | None = None) -> Linted:
    """Look through a rulebook, and through a roster for the people and teams it names.

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
    )
    return Linted(findings, unreadable=book is None)


def _roster(path: Path, found: Mistakes) -> Roster | None:
    read = read_roster(read_text(path), name=str(path), places=PLACES)
    found.extend(read.mistakes, warnings=read.warnings)
    return read.roster
