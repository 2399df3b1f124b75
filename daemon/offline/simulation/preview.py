"""One decision from files: rulebook, people, accounts and a lead, without a ledger or a CRM."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from daemon.base.file_reading import read_text
from daemon.offline.simulation.cases import Case, Reader
from daemon.world.router import Router
from daemon.world.staff.calendars import PLACES, Calendars
from daemon.world.staff.staffing import staff_of
from routing.engine import Made, guide_to
from routing.facts import AccountSeen, Cause
from routing.layers.entry import NotTaken
from routing.reading import Mistake
from routing.roster.model import Roster
from routing.roster.read import read_roster
from routing.rulebook.book import BookRead, read_book
from routing.rulebook.model import Book
from routing.rulebook.references import check_against_roster
from routing.scenario.files import read_accounts, read_lead
from routing.scenario.leads import LeadGiven
from routing.state import OwnerObserved, apply


class WrongFiles(ValueError):
    """At least one file is wrong; the message lists every mistake of all of them."""


@dataclass(frozen=True, slots=True)
class Files:
    """Where everything stands; `accounts` may be left out."""

    rulebook: Path
    people: Path
    lead: Path
    accounts: Path | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What the files say, read and checked together."""

    book: Book
    roster: Roster
    accounts: tuple[AccountSeen, ...]
    lead: LeadGiven
    warnings: tuple[Mistake, ...] = ()


def read_setting(files: Files) -> Setting:
    """Read the files, or raise with every mistake of all of them.

    Raises:
        WrongFiles: A file has mistakes.
        daemon.base.file_reading.UnreadableFile: A file cannot be read.
    """
    return _Reading(files).setting()


def decide_once(setting: Setting, at: datetime) -> Made | NotTaken:
    """Decide the lead as of an instant, with nothing before it. Nothing is written."""
    book, roster = setting.book, setting.roster
    router = Router(guide_to(book), staff_of(roster.at(at), book.pools, Calendars()))
    owner = setting.lead.given.get("owner")
    case = Case(setting.lead.id, at, dict(setting.lead.given), owner=_text(owner))
    holder = case.owner if case.owner in roster.people else None
    router.state = apply(router.state, OwnerObserved(case.id, None, holder))
    reader = Reader(book, setting.accounts, roster.people)
    return router.decide(reader.question(case, Cause.FIRST_SIGHT, book.routes[0].name, at))


@dataclass(slots=True)
class _Reading:
    """Reads each file and keeps what is wrong with any of them."""

    files: Files
    mistakes: list[Mistake] = field(default_factory=list)
    warnings: list[Mistake] = field(default_factory=list)

    def setting(self) -> Setting:
        book_read = self._book()
        book = book_read.book
        roster = self._roster(book_read)
        people = None if roster is None else frozenset(roster.people)
        accounts = self._accounts(book, people)
        lead = self._lead(book, accounts)
        if self.mistakes or book is None or roster is None or lead is None:
            raise WrongFiles("\n".join(str(mistake) for mistake in self.mistakes))
        return Setting(book, roster, accounts or (), lead, tuple(self.warnings))

    def _book(self) -> BookRead:
        found = read_book(read_text(self.files.rulebook), name=str(self.files.rulebook))
        self._keep(found.mistakes, found.warnings)
        return found

    def _roster(self, book: BookRead) -> Roster | None:
        path = self.files.people
        found = read_roster(read_text(path), name=str(path), places=PLACES)
        self._keep(found.mistakes, found.warnings)
        if found.roster is not None:
            roster = found.roster
            named = check_against_roster(book.references, people=roster.people, teams=roster.teams)
            self._keep(named.mistakes, named.warnings)
        return found.roster

    def _accounts(
        self, book: Book | None, people: frozenset[str] | None
    ) -> tuple[AccountSeen, ...] | None:
        path = self.files.accounts
        if path is None:
            return None
        found = read_accounts(read_text(path), name=str(path), book=book, people=people)
        self._keep(found.mistakes)
        return found.accounts

    def _lead(
        self, book: Book | None, accounts: tuple[AccountSeen, ...] | None
    ) -> LeadGiven | None:
        known = None if accounts is None else frozenset(account.id for account in accounts)
        path = self.files.lead
        found = read_lead(read_text(path), name=str(path), book=book, accounts=known)
        self._keep(found.mistakes)
        return found.lead

    def _keep(self, mistakes: tuple[Mistake, ...], warnings: tuple[Mistake, ...] = ()) -> None:
        self.mistakes += mistakes
        self.warnings += warnings


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
