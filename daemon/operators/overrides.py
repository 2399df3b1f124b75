"""Facts of a lead that somebody wants otherwise for once: `--set country=DE`.

Checked against the rulebook's fields, with everything that is wrong at once. What a CRM may send
and we would call missing is a mistake here: nobody asks what would happen with a value that does
not exist.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from routing.facts import Fact, Lead, RecordSeen
from routing.question import Question
from routing.reading import did_you_mean, listed, shown
from routing.rulebook.model import Book, Field, FieldType
from routing.rulebook.values import Problem, normalise, read_value
from routing.rulebook.vocabulary import BUILT_IN, PREFIXES

_OF_THE_RECORD = ("email", "company", "stage")  #: what also decides on account and entry
_SOURCE = "--set"
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


class WrongOverrides(ValueError):
    """At least one is wrong; the message lists every mistake."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What is to be taken for true of one lead. None: the fact is missing."""

    given: Mapping[str, object] = field(default_factory=dict)

    def record(self, seen: RecordSeen) -> RecordSeen:
        """The record as if its CRM had said so."""
        changed = {name: self.given[name] for name in _OF_THE_RECORD if name in self.given}
        return replace(seen, **changed)  # type: ignore[arg-type]

    def question(self, question: Question, book: Book, used: frozenset[str]) -> Question:
        """The question about the lead with these facts, as far as the book looks at them."""
        sources = dict.fromkeys(self.given, _SOURCE)
        new = normalise(book, self.given, sources=sources, observed_at=question.at)
        return replace(question, lead=self._lead(question.lead, new, used))

    def _lead(self, lead: Lead, new: Mapping[str, Fact], used: frozenset[str]) -> Lead:
        facts = {name: fact for name, fact in lead.facts.items() if name not in self.given}
        facts |= {name: fact for name, fact in new.items() if name in used}
        return replace(lead, facts=facts, test=self.given.get("test", lead.test) is True)


def read_overrides(words: Sequence[str], book: Book) -> Overrides:
    """Read `field=value`; `field=` stands for a fact that is missing.

    Raises:
        WrongOverrides: A field is not known, or a value does not fit it.

    Examples:
        >>> book = Book("b", {"score": Field("score", FieldType.INTEGER, max=100)}, {}, (), None)
        >>> dict(read_overrides(["score=40", "company="], book).given)
        {'score': Decimal('40'), 'company': None}
        >>> read_overrides(["scoer=40"], book)  # doctest: +NORMALIZE_WHITESPACE
        Traceback (most recent call last):
        daemon.operators.overrides.WrongOverrides: --set scoer=40: "scoer" is no field.
            Did you mean "score"?
    """
    fields = _fields(book)
    given: dict[str, object] = {}
    mistakes: list[str] = []
    for word in words:
        name, is_pair, text = word.partition("=")
        name = name.strip()
        if not is_pair or name not in fields:
            mistakes.append(f"--set {word}: {_unknown(name, fields, is_pair=bool(is_pair))}")
            continue
        try:
            given[name] = _value(fields[name], text.strip())
        except ValueError as error:
            mistakes.append(f"--set {word}: {error}")
    if mistakes:
        raise WrongOverrides("\n".join(mistakes))
    return Overrides(given)


def _fields(book: Book) -> dict[str, Field]:
    named = {name: BUILT_IN[name] for name in (*_OF_THE_RECORD, "test")}
    own = {name: each for name, each in book.fields.items() if not name.startswith(PREFIXES)}
    return named | own


def _unknown(name: str, fields: Mapping[str, Field], *, is_pair: bool) -> str:
    if not is_pair:
        return "write field=value, such as country=DE."
    if name.startswith(PREFIXES):
        return f"{shown(name)} is not the lead's own; only facts of the lead can be set."
    hint = did_you_mean(name, fields) or f" The lead's fields are: {listed(tuple(fields))}."
    return f"{shown(name)} is no field.{hint}"


def _value(field_: Field, text: str) -> object:
    raw = _raw(field_, text)
    problem = None if raw is None else read_value(field_, raw).problem
    if problem in (None, Problem.UNSEEN_VALUE):
        return raw
    hint = did_you_mean(text, field_.values) or _takes(field_)
    raise ValueError(f"{shown(text)} is no {field_.type} that {shown(field_.name)} takes.{hint}")


def _takes(field_: Field) -> str:
    if field_.values:
        return f" It takes {listed(field_.values)}."
    if field_.min is not None or field_.max is not None:
        low = "" if field_.min is None else f" from {field_.min}"
        return f" It takes numbers{low}{'' if field_.max is None else f' up to {field_.max}'}."
    return ""


def _raw(field_: Field, text: str) -> object:
    """The text as a CRM would send it."""
    if text == "":
        return None
    match field_.type:
        case FieldType.BOOLEAN:
            return _TRUTHS.get(text.lower(), text)
        case FieldType.SET:
            return [part.strip() for part in text.strip("[]").split(",")]
        case FieldType.INTEGER | FieldType.MONEY:
            return Decimal(text) if _NUMBER.fullmatch(text) else text
        case _:
            return text
