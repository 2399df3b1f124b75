"""All accounts by id, domain and name, small enough to keep 100,000 of them in memory.

The index holds keys and what breaks ties, not the accounts themselves: whoever asks gets an id and
the evidence, and reads the account where it is kept. The first kind of evidence that finds any
account decides; among several the first criterion that tells them apart, at last the id.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from daemon.world.matching.addresses import Domains
from daemon.world.matching.names import name_key
from routing.facts import AccountSeen, Evidence
from routing.rulebook.model import Matching

_ID = "id"  #: what breaks the last tie


class Match(NamedTuple):
    """The account a lead belongs to, and why we believe so."""

    account: str
    evidence: Evidence


class _Entry(NamedTuple):
    id: str
    domains: tuple[str, ...]
    name: str | None
    named: bool
    open_opportunity: bool
    employees: int  #: -1: unknown, which is smaller than none
    created: int  #: epoch seconds; 0: unknown, which is older than any


_CRITERIA: Mapping[str, Callable[[_Entry], int]] = {
    "named": lambda entry: entry.named,
    "open_opportunity": lambda entry: entry.open_opportunity,
    "largest": lambda entry: entry.employees,
    "newest": lambda entry: entry.created,
}


class _Several:
    """The accounts of one key, where there is more than one, and who won the last tie."""

    __slots__ = ("entries", "won")

    def __init__(self, *entries: _Entry) -> None:
        self.entries = {entry.id: entry for entry in entries}
        self.won: tuple[tuple[str, ...], str, str] | None = None

    def winner(self, tie_break: tuple[str, ...]) -> tuple[str, str]:
        """Id of the account that wins, and the criterion that decided; remembered."""
        if self.won is None or self.won[0] != tie_break:
            self.won = (tie_break, *_winner(list(self.entries.values()), tie_break))
        return self.won[1], self.won[2]


_Held = _Entry | _Several  #: nearly every key has one account


class AccountIndex:
    """Finds the account of a lead.

    Examples:
        >>> index = AccountIndex(Domains())
        >>> index.put(AccountSeen(id="a1", name="Acme Inc", version="1", domain="acme.com"))
        >>> account, evidence = index.match(Matching(), email="kim@eu.acme.com")
        >>> account, evidence.by, evidence.value
        ('a1', 'domain', 'acme.com')
    """

    def __init__(self, domains: Domains, accounts: Iterable[AccountSeen] = ()) -> None:
        """Index some accounts."""
        self._domains = domains
        self._entries: dict[str, _Entry] = {}
        self._by_domain: dict[str, _Held] = {}
        self._by_name: dict[str, _Held] = {}
        for account in accounts:
            self.put(account)

    def __len__(self) -> int:
        """How many accounts can be found."""
        return len(self._entries)

    def __contains__(self, account: str) -> bool:
        """Whether an account of this id can be found."""
        return account in self._entries

    def put(self, account: AccountSeen) -> None:
        """Add an account, or replace what was known of it; a deleted one goes."""
        self.remove(account.id)
        if account.deleted or account.merged_into is not None:
            return
        entry = self._entry(account)
        self._entries[entry.id] = entry
        for domain in entry.domains:
            _hold(self._by_domain, domain, entry)
        if entry.name is not None:
            _hold(self._by_name, entry.name, entry)

    def remove(self, account: str) -> None:
        """Forget an account; one that is not there is forgotten already."""
        entry = self._entries.pop(account, None)
        if entry is None:
            return
        for domain in entry.domains:
            _release(self._by_domain, domain, entry)
        if entry.name is not None:
            _release(self._by_name, entry.name, entry)

    def match(
        self,
        matching: Matching,
        *,
        link: str | None = None,
        email: str | None = None,
        company: str | None = None,
    ) -> Match | None:
        """The account that a lead belongs to.

        Args:
            matching: Which evidence counts, in which order, and who wins a tie.
            link: Id of the account that the lead's CRM record names.
            email: The lead's e-mail address.
            company: The lead's company as written.

        Returns:
            The account with its evidence; None where nothing matches.
        """
        for by in matching.match_by:
            value, held = self._held(by, link=link, email=email, company=company)
            if value is not None and held is not None:
                return _chosen(held, by=by, value=value, tie_break=matching.tie_break)
        return None

    def _held(
        self, by: str, *, link: str | None, email: str | None, company: str | None
    ) -> tuple[str | None, _Held | None]:
        if by == "crm_link":
            return link, None if link is None else self._entries.get(link)
        if by == "domain":
            domain = self._domains.address(email).domain
            return domain, None if domain is None else self._by_domain.get(domain)
        key = name_key(company)
        return key, None if key is None else self._by_name.get(key)

    def _entry(self, account: AccountSeen) -> _Entry:
        found = (self._domains.company(site) for site in (account.domain, *account.domains))
        created = account.created_at
        return _Entry(
            account.id,
            tuple(dict.fromkeys(domain for domain in found if domain is not None)),
            name_key(account.name),
            bool(account.named),
            bool(account.open_opportunity),
            -1 if account.employees is None else account.employees,
            0 if created is None else int(created.timestamp()),
        )


def _chosen(held: _Held, *, by: str, value: str, tie_break: tuple[str, ...]) -> Match:
    if isinstance(held, _Entry):
        return Match(held.id, Evidence(by, value))
    account, criterion = held.winner(tie_break)
    return Match(account, Evidence(by, value, len(held.entries), criterion))


def _winner(left: list[_Entry], tie_break: tuple[str, ...]) -> tuple[str, str]:
    for criterion in tie_break:
        measure = _CRITERIA[criterion]
        best = max(map(measure, left))
        left = [entry for entry in left if measure(entry) == best]
        if len(left) == 1:
            return left[0].id, criterion
    return min(entry.id for entry in left), _ID


def _hold(index: dict[str, _Held], key: str, entry: _Entry) -> None:
    held = index.get(key)
    if held is None:
        index[key] = entry
    elif isinstance(held, _Entry):
        index[key] = _Several(held, entry)
    else:
        held.entries[entry.id] = entry
        held.won = None


def _release(index: dict[str, _Held], key: str, entry: _Entry) -> None:
    held = index[key]
    if isinstance(held, _Entry):
        del index[key]
        return
    del held.entries[entry.id]
    held.won = None
    if len(held.entries) == 1:
        index[key] = next(iter(held.entries.values()))
