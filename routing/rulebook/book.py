"""Reads a whole rulebook in its short form, or says everything that is wrong with it.

One route, named as the book is. `account_owner` is sugar for a first rule to the role `owner`,
`pool: x` for `to: {pool: x}`. Which people and teams exist is the roster's business; what was
named is in `BookRead.references`, for `check_against_roster`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType

from routing.facts.crm import Mapped
from routing.reading import (
    Mistake,
    Mistakes,
    Node,
    Section,
    boolean,
    compose,
    did_you_mean,
    duration,
    list_of,
    listed,
    map_of,
    name,
    open_section,
    shown,
    unique_list_of,
    word_of,
)
from routing.rulebook.fields import read_fields
from routing.rulebook.meaning import book_hash
from routing.rulebook.model import (
    Book,
    Entry,
    Fallback,
    Field,
    FieldType,
    Matching,
    Route,
    Rule,
    TakesFrom,
    Target,
    TargetKind,
)
from routing.rulebook.pools import pool_names, read_pools
from routing.rulebook.references import Known, Reference, lead_field
from routing.rulebook.rules import read_rules, read_when_away, rule_names
from routing.rulebook.targets import OWNER, queue, read_fallback
from routing.rulebook.vocabulary import ACCOUNT, Vocabulary

ACCOUNT_OWNER = "account_owner"  #: the name of the first rule that the sugar stands for

KEYS = (
    "rulebook",
    "fields",
    "entry",
    "takes_from",
    "account_owner",
    "roles",
    "pools",
    "rules",
    "fallback",
    "exclusive",
    "value",
)
_ONE_ROUTE = "is not supported yet: a book has one route. Write its rules under `rules`."
_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "tables": '"tables" is not supported yet. Write the conditions out in rules.',
        "derive": '"derive" is not supported yet. Use fields that the CRM fills.',
        "routes": f'"routes" {_ONE_ROUTE}',
        "route": f'"route" {_ONE_ROUTE}',
        "starts": '"starts" is not supported yet. Use `entry: {stages: [...]}`.',
        "objects": '"objects" is not supported yet: the owner field is the connection\'s.',
        "or_else": '"or_else" is not supported yet. Use `fallback`.',
    }
)
_MATCH_BY = ("crm_link", "domain", "name")
_TIE_BREAK = ("named", "open_opportunity", "largest", "newest")
_RANKED = (FieldType.INTEGER, FieldType.MONEY)


@dataclass(frozen=True, slots=True)
class BookRead:
    """A rulebook as read: the book, or every mistake in it; warnings either way."""

    book: Book | None
    mistakes: tuple[Mistake, ...] = ()
    warnings: tuple[Mistake, ...] = ()
    references: tuple[Reference, ...] = ()  #: what only the roster can check


def read_book(text: str, *, name: str, mapped: Sequence[Mapped] = ()) -> BookRead:
    r"""Read a rulebook from its text.

    Args:
        text: The whole file, YAML or JSON.
        name: The file's name as it should stand in messages.
        mapped: The CRM fields that its facts are read from; part of the book's hash.

    Examples:
        >>> read = read_book(
        ...     "rulebook: inbound\nrulse: []\nfallback: {queue: triage}", name="rulebook.yaml"
        ... )
        >>> for mistake in read.mistakes:
        ...     print(mistake)
        rulebook.yaml:1:1: the rulebook has no "rules", which is required. Add it.
        rulebook.yaml:2:1: "rulse" is not a key of the rulebook. Did you mean "rules"?
    """
    mistakes = Mistakes()
    node = compose(text, file=name, mistakes=mistakes)
    if node is None:
        return BookRead(None, mistakes.found, mistakes.warnings)
    read = read_book_node(node, mapped=mapped)
    mistakes.extend(read.mistakes, warnings=read.warnings)
    book = None if mistakes else read.book
    return replace(read, book=book, mistakes=mistakes.found, warnings=mistakes.warnings)


def read_book_node(node: Node, *, mapped: Sequence[Mapped] = ()) -> BookRead:
    """Read a rulebook that stands inside another file, with places in that file.

    `as_text(node)` of `routing.reading` is its source text: read again, it has the same hash.
    """
    mistakes = Mistakes()
    section = open_section(node, "the rulebook", known=KEYS, mistakes=mistakes, refused=_REFUSED)
    if section is None:
        return BookRead(None, mistakes.found)
    known = Known(pool_names(section), _read_roles(section))
    book = _read(section, known)
    if not mistakes:
        book = replace(book, hash=book_hash(book, mapped))
    return BookRead(
        None if mistakes else book, mistakes.found, mistakes.warnings, tuple(known.references)
    )


def _read(section: Section, known: Known) -> Book:
    """The book as far as it can be read; whole only where there is no mistake."""
    book_name = section.require("rulebook", name) or ""
    fields = read_fields(section)
    broken = {declared for declared, _, _ in section.entries("fields")} - fields.keys()
    words = Vocabulary(fields, broken=broken)
    pools = read_pools(section, known)
    section.demand("rules")
    section.demand("fallback")
    fallback = read_fallback(section, known) or Fallback()
    first, matching = _account_owner(section)
    rules = first + read_rules(section, words, known)
    route = Route(book_name, rules, _entry(section, words), _takes_from(section))
    return Book(
        name=book_name,
        fields=fields,
        pools=pools,
        routes=(route,),
        fallback=fallback,
        matching=matching,
        roles=known.roles,
        value=section.read("value", lead_field(words, _RANKED)),
        exclusive=_exclusive(section, has_owner_rule=bool(first)),
    )


def _read_roles(book: Section) -> Mapping[str, str]:
    roles = book.read("roles", map_of(name)) or {}
    for role, place, _ in book.entries("roles"):
        source = roles.get(role)
        if source is not None and not (source.startswith(ACCOUNT) and len(source) > len(ACCOUNT)):
            said = f"Role {shown(role)} is read from {shown(source)}, which is not the account's"
            book.mistakes.add(place, f"{said}. Write account.owner, or account.SDR__c.")
    return {OWNER: "account.owner", **roles}


def _account_owner(book: Section) -> tuple[tuple[Rule, ...], Matching]:
    """The sugar: a first rule to the account's owner, and how accounts are matched."""
    known = ("match_by", "tie_break", "when_away", "counts_as_turn")
    section = book.section(ACCOUNT_OWNER, known=known)
    if section is None:
        return (), Matching()
    default = Matching()
    by = section.read_or("match_by", unique_list_of(word_of(_MATCH_BY)), default.match_by)
    ties = section.read_or("tie_break", unique_list_of(word_of(_TIE_BREAK)), default.tie_break)
    rule = Rule(
        name=ACCOUNT_OWNER,
        to=Target(TargetKind.ROLE, OWNER),
        when_away=read_when_away(section),
        counts_as_turn=section.read_or("counts_as_turn", boolean, default=False),
        line=section.place.line,
    )
    return (rule,), Matching(by, ties)


def _entry(book: Section, words: Vocabulary) -> Entry:
    section = book.section("entry", known=("stages", "wait_for"))
    if section is None:
        return Entry()
    stages = section.read("stages", unique_list_of(name, at_least=1))
    _check_stages(section, stages, words.field("stage"))
    wait = section.section("wait_for", known=("fields", "at_most"))
    if wait is None:
        return Entry(stages)
    fields = wait.require("fields", unique_list_of(lead_field(words), at_least=1))
    at_most = wait.require("at_most", duration)
    return Entry(stages, tuple(sorted(fields or ())), at_most or timedelta(0))


def _check_stages(entry: Section, stages: tuple[str, ...] | None, field: Field | None) -> None:
    """Where stages are declared as a closed choice, an unknown one can never come."""
    if field is None or field.type is not FieldType.CHOICE or field.open:
        return
    for stage in stages or ():
        if stage not in field.values:
            hint = did_you_mean(stage, field.values) or f" They are: {listed(field.values)}."
            message = f'{shown(stage)} is not among the values of "stage".{hint}'
            entry.mistakes.add(entry.get("stages") or entry.place, message)


def _takes_from(book: Section) -> TakesFrom:
    known = ("nobody", "placeholders", "queues", "inactive")
    node = book.get("takes_from")
    if node is None:
        return TakesFrom()
    refused = {"teams": '"teams" is not supported yet: nobody takes a lead over from a team.'}
    section = open_section(
        node, book.called("takes_from"), known=known, mistakes=book.mistakes, refused=refused
    )
    if section is None:
        return TakesFrom()
    queues = section.get("queues")
    any_queue = queues is None or getattr(queues, "text", None) == "any"
    return TakesFrom(
        nobody=section.read_or("nobody", boolean, default=True),
        placeholders=tuple(sorted(section.read_or("placeholders", unique_list_of(name), ()))),
        queues=None if any_queue else _queues(section),
        inactive=section.read_or("inactive", boolean, default=True),
    )


def _queues(takes_from: Section) -> tuple[str, ...]:
    return tuple(sorted(takes_from.read_or("queues", unique_list_of(queue), ())))


def _exclusive(book: Section, *, has_owner_rule: bool) -> tuple[tuple[str, ...], ...]:
    """Groups of names of rules; each name must be a rule's."""
    names = dict(rule_names(book))
    if has_owner_rule and ACCOUNT_OWNER in names:
        said = "`account_owner` stands for a first rule of that name, so no other may have it"
        book.mistakes.add(names[ACCOUNT_OWNER], f"{said}. Rename this rule.")
    rule = word_of(names)
    groups = book.read("exclusive", list_of(unique_list_of(rule, at_least=2)))
    return groups or ()
