"""From a record as a CRM said it to the lead and the account that rules see.

Only facts that the book in force looks at are taken along, and those that a model may learn from
where a rule asks for one: they are what a decision was made from, and what nobody asked for need
not be kept. Text is personal, and so is a value of an open choice or set that nobody declared:
anybody may have typed it. `Reading.personal` gives what a record must not show. Nothing that a
CRM can hold makes this fail.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from daemon.world.matching.addresses import Domains, email_facts, with_clean_hosts
from routing.canonical import Json
from routing.facts import Account, AccountSeen, Evidence, Fact, Lead, Mapped, RecordSeen
from routing.rulebook.model import Book, Choose, FieldType
from routing.rulebook.rows import facts_of
from routing.rulebook.values import normalise, normalise_account
from routing.rulebook.vocabulary import ACCOUNT, BUILT_IN

_BUILT_IN_ACCOUNT = ("name", "domain", "parent", "named", "employees", "open_opportunity")
_MILLION = 1_000_000
_LONGEST_STAGE = 255
_LEARNABLE = (
    FieldType.CHOICE,
    FieldType.BOOLEAN,
    FieldType.INTEGER,
    FieldType.MONEY,
    FieldType.SET,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How records of one connection are read under the book in force."""

    book: Book
    mapped: tuple[Mapped, ...]
    domains: Domains
    used: frozenset[str] = frozenset()  #: facts that the book looks at
    text: frozenset[str] = frozenset()  #: those among them that are free text
    emails: tuple[str, ...] = ()  #: facts that are e-mail addresses
    account_used: frozenset[str] = frozenset()
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  #: object -> fact -> ...

    def lead(self, seen: RecordSeen, *, lead: str, holder: str | None) -> Lead:
        """The lead that a version of a record stands for."""
        raw = self._raw(seen)
        address = self.domains.address(seen.email)
        facts = normalise(
            self.book, raw, sources=self.sources.get(seen.object, {}), observed_at=seen.read_at
        )
        return Lead(
            id=lead,
            facts=with_clean_hosts(
                {name: fact for name, fact in facts.items() if name in self.used}, self.emails
            ),
            stage=None if seen.stage is None else seen.stage[:_LONGEST_STAGE].strip() or None,
            owner=holder,
            email_host=address.host,
            domain=address.domain,
            received_at=seen.created_at,
            test=raw.get("test") is True,
            converted=seen.converted or seen.deleted,
            object=seen.object,
        )

    def account(
        self, seen: AccountSeen, *, account: str, evidence: Evidence, reps: Mapping[str, str]
    ) -> Account:
        """The account that a lead was matched to; `reps` maps CRM users to reps."""
        if evidence.by == "crm_link":
            evidence = Evidence(evidence.by, account, evidence.candidates, evidence.tie_break)
        raw: dict[str, object] = {**seen.fields}
        raw |= {name: getattr(seen, name) for name in _BUILT_IN_ACCOUNT}
        raw["created_at"] = seen.created_at
        facts = normalise_account(self.book, raw)
        roles = ((source, reps.get(str(seen.fields.get(source)))) for source in self._role_fields())
        return Account(
            id=account,
            owner=None if seen.owner is None else reps.get(seen.owner),
            team=tuple(reps[user] for user in seen.team if user in reps),
            roles=tuple((source, rep) for source, rep in roles if rep is not None),
            facts={name: fact for name, fact in facts.items() if name in self.account_used},
            evidence=evidence,
        )

    def personal(self, lead: Lead) -> dict[str, Json]:
        """The facts that a record must not show: free text, and values that nobody declared."""
        return {
            name: list(fact.value) if isinstance(fact.value, tuple) else fact.value
            for name, fact in lead.facts.items()
            if isinstance(fact.value, (str, tuple)) and self._is_personal(name, fact)
        }

    def _is_personal(self, name: str, fact: Fact) -> bool:
        declared = self.book.fields.get(name)
        if declared is None or not declared.open:
            return name in self.text
        values = fact.value if isinstance(fact.value, tuple) else (fact.value,)
        return any(value not in declared.values for value in values)

    def value(self, lead: Lead) -> int:
        """The book's `value` field in millionths; -1 where it is missing."""
        fact = None if self.book.value is None else lead.facts.get(self.book.value)
        value = None if fact is None else fact.value
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            return -1
        return max(int(value * _MILLION), 0)  # -1 means missing

    def _role_fields(self) -> Iterable[str]:
        found = {source.removeprefix(ACCOUNT) for source in self.book.roles.values()}
        return sorted(found - {"owner"})

    def _raw(self, seen: RecordSeen) -> dict[str, object]:
        raw: dict[str, object] = {
            "email": seen.email,
            "company": seen.company,
            "stage": seen.stage,
        }
        for each in self.mapped:
            if each.object == seen.object and raw.get(each.fact) is None:
                raw[each.fact] = _dug(seen.fields, each.field)
        return raw


def reading_of(book: Book, mapped: Iterable[Mapped], domains: Domains) -> Reading:
    """How to read the records of a connection, worked out once per book and connection."""
    mapped = tuple(mapped)
    used = frozenset(_facts_used(book))
    sources: dict[str, dict[str, str]] = {}
    for each in mapped:
        sources.setdefault(each.object, {})[each.fact] = f"{each.object}.{each.field}"
    return Reading(
        book=book,
        mapped=mapped,
        domains=domains,
        used=frozenset(name for name in used if not name.startswith(ACCOUNT)),
        text=frozenset(name for name in used if _is_free_text(book, name)),
        emails=email_facts(book),
        account_used=frozenset(name for name in used if name.startswith(ACCOUNT)),
        sources=sources,
    )


def _facts_used(book: Book) -> Iterable[str]:
    if book.value is not None:
        yield book.value
    for route in book.routes:
        yield from route.entry.wait_for
        if any(rule.choose is Choose.MODEL for rule in route.rules):
            yield from (name for name, each in book.fields.items() if each.type in _LEARNABLE)
        for rule in route.rules:
            yield from rule.skills.taken_from
            if rule.when is not None:
                yield from facts_of(rule.when)


def _is_free_text(book: Book, name: str) -> bool:
    declared = book.fields.get(name) or BUILT_IN.get(name)
    is_text = declared is not None and declared.type is FieldType.TEXT
    return is_text and "." not in name and name != "stage"


def _dug(fields: Mapping[str, Any], path: str) -> object:
    """A field's value; `Account.Industry` goes through a related record."""
    if "." not in path:
        return fields.get(path)
    found: object = fields
    for step in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found
