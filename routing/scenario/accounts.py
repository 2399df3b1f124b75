"""Reads accounts as a file gives them: the same values that a CRM reports.

Further keys are those that the book reads from an account: declared `account.` fields and roles.
Who owns an account and stands in its team must be on the roster.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from routing.facts import AccountSeen
from routing.reading import (
    ListNode,
    MapNode,
    Mistakes,
    Node,
    Reader,
    ScalarNode,
    Section,
    boolean,
    did_you_mean,
    instant_or_day,
    integer,
    name,
    open_section,
    shown,
    text,
    unique_list_of,
)
from routing.roster.table import Columns
from routing.rulebook.model import Book, FieldType
from routing.rulebook.vocabulary import ACCOUNT
from routing.scenario.leads import fact

T = TypeVar("T")
_KEYS = (
    "id",
    "name",
    "domain",
    "domains",
    "owner",
    "parent",
    "named",
    "employees",
    "open_opportunity",
    "team",
    "created_at",
)
_LARGEST = 10**12
_TYPED_KEYS = ("named", "employees", "open_opportunity", "created_at")
_TYPED = (FieldType.BOOLEAN, FieldType.INTEGER, FieldType.MONEY)


@dataclass(frozen=True, slots=True)
class AccountsReader:
    """Reads accounts; `people` None: who exists is not known, so not checked."""

    book: Book | None
    people: Collection[str] | None
    mistakes: Mistakes

    def accounts(self, nodes: Iterable[Node]) -> tuple[AccountSeen, ...]:
        """The accounts that can be read; each stands there once, and parents exist."""
        sections: dict[str, Section] = {}
        found: list[AccountSeen] = []
        for node in nodes:
            section = self._open(node)
            id_ = None if section is None else section.require("id", name)
            if section is None or id_ is None:
                continue
            if id_ in sections:
                line = sections[id_].place.line
                message = f"account {shown(id_)} appears twice; the first is on line {line}."
                self.mistakes.add(section.place, f"{message} Keep one of them.")
                continue
            sections[id_] = section
            found.append(self._account(id_, section))
        for account in found:
            self._check_parent(account, sections)
        return tuple(found)

    def _open(self, node: Node) -> Section | None:
        written = node.get("id") if isinstance(node, MapNode) else None
        what = f"account {shown(written.text)}" if isinstance(written, ScalarNode) else "an account"
        known = account_keys(self.book)
        if self.book is None and isinstance(node, MapNode):
            known = (*known, *node.keys())
        return open_section(node, what, known=known, mistakes=self.mistakes)

    def _account(self, id_: str, section: Section) -> AccountSeen:
        return AccountSeen(
            id=id_,
            name=_or(section.read_nullable("name", text), ""),
            version="",
            owner=self._person(section, "owner"),
            domain=section.read_nullable("domain", text),
            domains=_or(section.read_nullable("domains", unique_list_of(name)), ()),
            parent=section.read_nullable("parent", name),
            named=section.read_nullable("named", boolean),
            employees=section.read_nullable("employees", integer(at_least=0, at_most=_LARGEST)),
            open_opportunity=section.read_nullable("open_opportunity", boolean),
            team=self._team(section),
            created_at=section.read_nullable("created_at", instant_or_day),
            fields=self._further(section),
        )

    def _team(self, section: Section) -> tuple[str, ...]:
        team: Reader[tuple[str, ...]] = unique_list_of(name)
        found = _or(section.read_nullable("team", team), ())
        node = section.get("team")
        if isinstance(node, ListNode):
            for person, part in zip(found, node.parts, strict=False):
                self._check_person(part, section.called("team"), person)
        return found

    def _person(self, section: Section, key: str) -> str | None:
        found = section.read_nullable(key, name)
        node = section.get(key)
        if found is not None and node is not None:
            self._check_person(node, section.called(key), found)
        return found

    def _further(self, section: Section) -> Mapping[str, object]:
        roles = set() if self.book is None else _role_keys(self.book)
        fields = {} if self.book is None else self.book.fields
        further: dict[str, object] = {}
        for written, _ in section.node.entries:
            key = written.text
            if key in roles and key not in _KEYS:
                further[key] = self._person(section, key)
            elif key not in _KEYS:
                further[key] = section.read_nullable(key, fact(fields.get(f"{ACCOUNT}{key}")))
        return further

    def _check_person(self, node: Node, what: str, person: str) -> None:
        if self.people is None or person in self.people:
            return
        hint = did_you_mean(person, sorted(self.people))
        said = f"{what} names {shown(person)}, who is not on the roster."
        self.mistakes.add(node, f"{said}{hint} Add them, or remove the name.")

    def _check_parent(self, account: AccountSeen, sections: Mapping[str, Section]) -> None:
        parent, section = account.parent, sections[account.id]
        if parent is None or (parent in sections and parent != account.id):
            return
        node = section.get("parent") or section.node
        if parent == account.id:
            self.mistakes.add(node, f"{section.what} is its own parent. Name another account.")
            return
        hint = did_you_mean(parent, sorted(sections))
        said = f"{section.called('parent')} is {shown(parent)}, which is not among the accounts."
        self.mistakes.add(node, f"{said}{hint} Add it, or remove the name.")


def account_keys(book: Book | None) -> tuple[str, ...]:
    """The keys that an account may have."""
    if book is None:
        return _KEYS
    declared = (f.removeprefix(ACCOUNT) for f in book.fields if f.startswith(ACCOUNT))
    return tuple(dict.fromkeys((*_KEYS, *declared, *sorted(_role_keys(book)))))


def account_columns(book: Book | None) -> Columns:
    """The columns that accounts have in CSV."""
    fields = {} if book is None else book.fields
    own = {key: fields.get(f"{ACCOUNT}{key}") for key in account_keys(book) if key not in _KEYS}
    sets = [key for key, field in own.items() if field and field.type is FieldType.SET]
    plain = [key for key, field in own.items() if field and field.type in _TYPED]
    lists, typed = ("domains", "team", *sets), (*_TYPED_KEYS, *plain)
    texts = tuple(key for key in account_keys(book) if key not in (*lists, *typed))
    return Columns("the accounts", texts=texts, lists=lists, typed=typed)


def _role_keys(book: Book) -> set[str]:
    return {source.removeprefix(ACCOUNT) for source in book.roles.values()}


def _or(value: T | None, default: T) -> T:
    return default if value is None else value
