"""Reads `rules`: each line's condition, target, and how one of several reps is chosen."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from routing.reading import (
    ListNode,
    MapNode,
    Mistakes,
    Node,
    ScalarNode,
    Section,
    boolean,
    day,
    duration,
    instant_or_day,
    integer,
    list_of,
    name,
    one_of,
    open_section,
    shown,
    text,
    unique_list_of,
    word_of,
)
from routing.rulebook.model import (
    Choose,
    OffHours,
    Rule,
    Skills,
    Sla,
    Target,
    TargetKind,
    WhenAway,
)
from routing.rulebook.references import Known, lead_field
from routing.rulebook.targets import read_fallback, read_target
from routing.rulebook.vocabulary import Vocabulary
from routing.rulebook.when import read_when

DEFAULT_WHEN_AWAY = (WhenAway.BACKUP, WhenAway.ACCOUNT_TEAM, WhenAway.RULES)

_NOTES = ("why", "owner", "ticket")
_KEYS = (
    "name",
    "when",
    "pool",
    "to",
    "skills",
    "choose",
    "off_hours",
    "when_away",
    "counts_as_turn",
    "fallback",
    "sla",
    "from",
    "until",
    *_NOTES,
    "review_by",
)
_NOWHERE = Target(TargetKind.HOLD)  # stands in a rule that is dropped for its mistakes
_ESCALATIONS = ("reassign", "escalate")
_TARGETS = ("person", "role", "owner_of", "queue", "hold", "nobody")
_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "also_tell": '"also_tell" is not supported yet. Remove it.',
        **{key: f'"{key}" is not a key of a rule. Write to: {{{key}: ...}}.' for key in _TARGETS},
    }
)


def read_rules(book: Section, words: Vocabulary, known: Known) -> tuple[Rule, ...]:
    """The rules in order; those that cannot be read are left out."""
    nodes = book.get("rules")
    if isinstance(nodes, ListNode) and not nodes.parts:
        book.mistakes.add(nodes, '"rules" is an empty list. Write at least one rule.')
    rules = [_read_rule(node, words, known, book.mistakes) for node in book.parts("rules")]
    return tuple(rule for rule in rules if rule is not None)


def rule_names(book: Section) -> Mapping[str, ScalarNode]:
    """Where each name of a rule stands; a name used twice is a mistake."""
    names: dict[str, ScalarNode] = {}
    nodes = book.get("rules")
    for node in nodes.parts if isinstance(nodes, ListNode) else ():
        at = node.get("name") if isinstance(node, MapNode) else None
        found = name(at, "the name", Mistakes()) if at is not None else None
        if found is None or not isinstance(at, ScalarNode):
            continue
        first = names.setdefault(found, at)
        if first is not at:
            said = f"Two rules are called {shown(found)}; the first is on line {first.place.line}"
            book.mistakes.add(at, f"{said}. Give each a name of its own.")
    return names


def read_when_away(section: Section) -> tuple[WhenAway, ...]:
    """Who stands in for a rep who is away, in order."""
    reader = unique_list_of(one_of(WhenAway))
    return section.read_or("when_away", reader, DEFAULT_WHEN_AWAY)


def _read_rule(node: Node, words: Vocabulary, known: Known, mistakes: Mistakes) -> Rule | None:
    section = open_section(node, _called(node), known=_KEYS, mistakes=mistakes, refused=_REFUSED)
    if section is None:
        return None
    before = len(mistakes)
    when = section.get("when")
    starts_at, ends_at = _period(section)
    rule = Rule(
        name=section.require("name", name) or "",
        to=read_target(section, known) or _NOWHERE,
        when=None if when is None else read_when(when, section.what, words, mistakes),
        skills=_skills(section, words),
        choose=section.read_or("choose", one_of(Choose), Choose.ROUND_ROBIN),
        off_hours=section.read_or("off_hours", one_of(OffHours), OffHours.ASSIGN),
        fallback=read_fallback(section, known),
        sla=_sla(section),
        when_away=read_when_away(section),
        counts_as_turn=section.read_or("counts_as_turn", boolean, default=False),
        starts_at=starts_at,
        ends_at=ends_at,
        notes=_notes(section),
        line=section.place.line,
    )
    return rule if len(mistakes) == before else None


def _called(node: Node) -> str:
    """What messages call a rule: by its name, where it has one."""
    at = node.get("name") if isinstance(node, MapNode) else None
    return f"rule {shown(at.text)}" if isinstance(at, ScalarNode) and at.text else "a rule"


def _skills(rule: Section, words: Vocabulary) -> Skills:
    section = rule.section("skills", known=("required", "from", "relax_after"))
    if section is None:
        return Skills()
    required = section.read_or("required", unique_list_of(name), ())
    taken_from = section.read_or("from", unique_list_of(lead_field(words)), ())
    relax_after = section.read("relax_after", duration)
    if not section.has("required") and not section.has("from"):
        message = f'{section.what} asks for no skill. Write "required" or "from".'
        section.mistakes.add(section.place, message)
    return Skills(tuple(sorted(required)), tuple(sorted(taken_from)), relax_after)


def _sla(rule: Section) -> Sla | None:
    known = ("respond_within", "remind_at", "then", "stop_after")
    section = rule.section("sla", known=known)
    if section is None:
        return None
    within = section.require("respond_within", duration)
    remind_at = section.read_or("remind_at", list_of(duration), ())
    then = section.read_or("then", unique_list_of(word_of(_ESCALATIONS)), ())
    stop_after = section.read("stop_after", integer(at_least=1, at_most=100))
    return None if within is None else Sla(within, tuple(sorted(remind_at)), then, stop_after)


def _period(rule: Section) -> tuple[datetime | None, datetime | None]:
    starts_at = rule.read("from", instant_or_day)
    ends_at = rule.read("until", instant_or_day)
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        message = f'{rule.what} ends at or before its start, so it never holds. Mend "until".'
        rule.mistakes.add(rule.key_place("until"), message)
    return starts_at, ends_at


def _notes(rule: Section) -> Mapping[str, str]:
    """Why, owner and ticket as written, and the day of review."""
    notes = {key: rule.read(key, text) for key in _NOTES}
    review_by = rule.read("review_by", day)
    notes["review_by"] = None if review_by is None else review_by.isoformat()
    return {key: note for key, note in notes.items() if note is not None}
