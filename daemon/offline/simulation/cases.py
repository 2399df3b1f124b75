"""What the simulated world knows of one lead, and how a lead on file becomes a question."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from daemon.world.matching import AccountIndex, Domains, email_facts, with_clean_hosts
from routing.facts import Account, AccountSeen, Cause, Lead, Occasion
from routing.question import Question
from routing.rulebook.model import Book
from routing.rulebook.values import normalise, normalise_account
from routing.rulebook.vocabulary import ACCOUNT

_MILLION = 1_000_000


@dataclass(slots=True)
class Case:
    """One lead through time. `given` is all that was ever said of it, later words last."""

    id: str
    first_at: datetime
    given: dict[str, object] = field(default_factory=dict)
    owner: str | None = None  #: who holds it: None, a rep, `queue:NAME`, another human
    decided: bool = False  #: it was assigned once, if only to a queue
    fell_back: bool = False  #: by the last decision
    closed: bool = False
    open: Occasion | None = None  #: the occasion whose decision is put off
    counts: dict[Cause, int] = field(default_factory=dict)
    touched_at: datetime | None = None
    domain: str | None = None  #: of the company it counts as, by its address

    def occasion(self, route: str, cause: Cause, at: datetime) -> Occasion:
        """The occasion that is open, else the next of this cause; counted only when decided."""
        if self.open is not None and cause is not Cause.RECALLED:
            return self.open
        n = self.counts.get(cause, 0) + 1
        return Occasion(f"{self.id}/{route}/{cause.value}/{n}", self.id, route, cause, n, at)


class Reader:
    """Makes leads and accounts of a file into what rules see."""

    def __init__(self, book: Book, accounts: Iterable[AccountSeen], people: Iterable[str]) -> None:
        self._book = book
        self._domains = Domains()
        self._emails = email_facts(book)
        self._accounts = {account.id: account for account in accounts}
        self._index = AccountIndex(self._domains, self._accounts.values())
        self._people = frozenset(people)

    def question(self, case: Case, cause: Cause, route: str, at: datetime) -> Question:
        """What there is to decide about a lead now."""
        occasion = case.occasion(route, cause, at)
        return Question(occasion, self.lead(case), self.account(case), at)

    def lead(self, case: Case) -> Lead:
        """The lead as its file says it."""
        given = case.given
        address = self._domains.address(_text(given.get("email")))
        received_at = given.get("received_at")
        return Lead(
            id=case.id,
            facts=with_clean_hosts(normalise(self._book, given), self._emails),
            stage=_text(given.get("stage")),
            owner=case.owner,
            email_host=address.host,
            domain=address.domain,
            received_at=received_at if isinstance(received_at, datetime) else case.first_at,
            test=given.get("test") is True,
        )

    def account(self, case: Case) -> Account | None:
        """The account the lead belongs to, with the evidence."""
        given = case.given
        match = self._index.match(
            self._book.matching,
            link=_text(given.get("account")),
            email=_text(given.get("email")),
            company=_text(given.get("company")),
        )
        if match is None:
            return None
        seen = self._accounts[match.account]
        return Account(
            id=seen.id,
            owner=seen.owner,
            team=seen.team,
            roles=self._roles(seen.fields),
            facts=normalise_account(self._book, _raw(seen)),
            evidence=match.evidence,
        )

    def value(self, lead: Lead) -> int:
        """The book's `value` field in millionths, at least 0; -1 where it is missing."""
        fact = None if self._book.value is None else lead.facts.get(self._book.value)
        if fact is None or not isinstance(fact.value, (int, Decimal)):
            return -1
        return max(int(fact.value * _MILLION), 0)

    def _roles(self, fields: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
        names = {source.removeprefix(ACCOUNT) for source in self._book.roles.values()}
        held = ((name, fields.get(name)) for name in sorted(names))
        return tuple((name, who) for name, who in held if isinstance(who, str))


def _raw(seen: AccountSeen) -> dict[str, object]:
    return {
        **seen.fields,
        "name": seen.name,
        "domain": seen.domain,
        "parent": seen.parent,
        "named": seen.named,
        "employees": seen.employees,
        "open_opportunity": seen.open_opportunity,
        "created_at": seen.created_at,
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
