"""Reads the files that `decide` is asked with: one lead, and accounts, as in a scenario."""

from collections.abc import Collection
from dataclasses import dataclass

from routing.facts import AccountSeen
from routing.reading import (
    ListNode,
    MapNode,
    Mistake,
    Mistakes,
    Node,
    compose,
    described,
    did_you_mean,
    open_section,
    shown,
)
from routing.roster.table import read_table
from routing.rulebook.model import Book
from routing.scenario.accounts import AccountsReader, account_columns
from routing.scenario.leads import LeadGiven, read_lead_node


@dataclass(frozen=True, slots=True)
class LeadRead:
    """A lead as read: what is given, or every mistake."""

    lead: LeadGiven | None
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountsRead:
    """Accounts as read: all of them, or every mistake."""

    accounts: tuple[AccountSeen, ...] | None
    mistakes: tuple[Mistake, ...] = ()


def read_lead(
    text: str, *, name: str, book: Book | None, accounts: Collection[str] | None = None
) -> LeadRead:
    """Read one lead, `{id: L1, country: US}`, from YAML or JSON.

    Args:
        text: The whole file.
        name: The file's name as it should stand in messages.
        book: Says which keys are declared; None: any key will do.
        accounts: The ids of the accounts there are; None: not known, so not checked.

    Examples:
        >>> read = read_lead("{id: L1, email: kim@acme.com}", name="lead.yaml", book=None)
        >>> read.lead.id, dict(read.lead.given)
        ('L1', {'email': 'kim@acme.com'})
    """
    mistakes = Mistakes()
    root = compose(text, file=name, mistakes=mistakes)
    lead = None
    if root is not None:
        lead = read_lead_node(_lead_node(root), "the lead", book=book, mistakes=mistakes)
    if lead is not None and accounts is not None:
        _check_account(lead, accounts, mistakes)
    return LeadRead(None if mistakes else lead, mistakes.found)


def read_accounts(
    text: str, *, name: str, book: Book | None, people: Collection[str] | None = None
) -> AccountsRead:
    """Read accounts: a list, or `accounts:` with one, in YAML or JSON, or CSV by the file's name.

    Args:
        text: The whole file.
        name: The file's name as it should stand in messages.
        book: Says which further keys accounts have; None: any key will do.
        people: The ids on the roster; None: not known, so not checked.
    """
    mistakes = Mistakes()
    nodes = account_nodes(text, name=name, book=book, mistakes=mistakes)
    found = AccountsReader(book, people, mistakes).accounts(nodes or ())
    return AccountsRead(None if mistakes else found, mistakes.found)


def account_nodes(
    text: str, *, name: str, book: Book | None, mistakes: Mistakes
) -> tuple[Node, ...] | None:
    """The entries of an accounts file, unread; None where its shape is wrong."""
    if name.lower().endswith(".csv"):
        return read_table(text, file=name, columns=account_columns(book), mistakes=mistakes)
    root = compose(text, file=name, mistakes=mistakes)
    if root is None or isinstance(root, ListNode):
        return None if root is None else root.parts
    section = open_section(root, "the accounts file", known=("accounts",), mistakes=mistakes)
    if section is None or not section.demand("accounts"):
        return None
    found = section.get("accounts")
    if isinstance(found, ListNode):
        return found.parts
    said = described(found or root)
    mistakes.add(found or root, f'"accounts" must be a list, but is {said}. Write [{{id: acme}}].')
    return None


def _check_account(lead: LeadGiven, accounts: Collection[str], mistakes: Mistakes) -> None:
    account = lead.given.get("account")
    if isinstance(account, str) and account not in accounts:
        hint = did_you_mean(account, sorted(accounts))
        said = f'"account" of the lead is {shown(account)}, which is not among the accounts.'
        mistakes.add(lead.places["account"], f"{said}{hint} Add it, or remove the key.")


def _lead_node(root: Node) -> Node:
    """The lead itself, where it stands alone under `lead:` as in an event."""
    if isinstance(root, MapNode) and tuple(root.keys()) == ("lead",):
        return root.get("lead") or root
    return root
