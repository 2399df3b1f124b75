"""Reads where leads go: a rule's target, and the fallback that always exists."""

from collections.abc import Sequence

from routing.reading import (
    Mistakes,
    Node,
    Reader,
    ScalarNode,
    Section,
    boolean,
    did_you_mean,
    duration,
    listed,
    name,
    open_section,
    shown,
    word_of,
)
from routing.rulebook.model import Fallback, Target, TargetKind
from routing.rulebook.references import Known, Named

OPEN_LEADS = ("open_lead_same_domain",)  #: whose owner `owner_of` can find
OWNER = "owner"  #: the role that every account has

_KINDS = tuple(kind.value for kind in TargetKind)
_LATER = {"people": '"people" (reps by their attributes) is not supported yet. Use a pool.'}


def read_target(rule: Section, known: Known) -> Target | None:
    """Where the rule sends its leads: `pool: x`, or `to: {...}`."""
    if rule.has("pool") and rule.has("to"):
        message = f'{rule.what} has both "pool" and "to". Keep one of them.'
        rule.mistakes.add(rule.key_place("pool"), message)
        return None
    if rule.has("pool"):
        pool = rule.read("pool", _pool(known))
        return None if pool is None else Target(TargetKind.POOL, pool)
    node = rule.get("to")
    if node is None:
        advice = "Add `pool: NAME`, or `to: {person|role|queue|...: NAME}`."
        rule.mistakes.add(rule.place, f"{rule.what} does not say where its leads go. {advice}")
        return None
    return _read_to(node, rule, known)


def _read_to(node: Node, rule: Section, known: Known) -> Target | None:
    if isinstance(node, ScalarNode) and node.text == TargetKind.HOLD:
        return Target(TargetKind.HOLD)
    to = open_section(
        node,
        rule.called("to"),
        known=(*_KINDS, "touched_within"),
        mistakes=rule.mistakes,
        refused=_LATER,
    )
    if to is None:
        return None
    kinds = [kind for kind in TargetKind if to.has(kind)]
    if len(kinds) != 1:
        if not any(to.has(later) for later in _LATER):
            said = f"{to.what} must name one of: {listed(_KINDS)}"
            to.mistakes.add(to.place, f"{said}; it names {len(kinds)}.")
        return None
    return _read_kind(kinds[0], to, known)


def _read_kind(kind: TargetKind, to: Section, known: Known) -> Target | None:
    touched = to.read("touched_within", duration)
    if touched is not None and kind is not TargetKind.OWNER_OF:
        message = f'"touched_within" of {to.what} only goes with "owner_of". Remove it.'
        to.mistakes.add(to.key_place("touched_within"), message)
    if kind is TargetKind.HOLD:
        return _hold(to)
    found = to.read(kind, _reader(kind, known))
    if found is None:
        return None
    if kind is TargetKind.PERSON:
        node = to.get(kind)
        known.refer(node.place if node else to.place, Named.PERSON, found, to.what)
    return Target(kind, found, touched)


def _hold(to: Section) -> Target | None:
    value = to.read(TargetKind.HOLD, boolean)
    if value is False:
        message = f"{to.what} says hold: false, which is no target. Write hold: true."
        to.mistakes.add(to.key_place(TargetKind.HOLD), message)
        return None
    return None if value is None else Target(TargetKind.HOLD)


def _reader(kind: TargetKind, known: Known) -> Reader[str]:
    match kind:
        case TargetKind.POOL:
            return _pool(known)
        case TargetKind.ROLE:
            return _role(known)
        case TargetKind.OWNER_OF:
            return word_of(OPEN_LEADS)
        case TargetKind.QUEUE:
            return queue
        case _:
            return name


def _one_known(names: Sequence[str], kind: str, advice: str) -> Reader[str]:
    def read(node: Node, what: str, mistakes: Mistakes) -> str | None:
        found = name(node, what, mistakes)
        if found is None or found in names:
            return found
        hint = did_you_mean(found, names) or f" {advice}"
        mistakes.add(node, f"{what} names the {kind} {shown(found)}, which the book lacks.{hint}")
        return None

    return read


def _pool(known: Known) -> Reader[str]:
    return _one_known(known.pools, "pool", "Declare it under `pools`.")


def _role(known: Known) -> Reader[str]:
    advice = "Declare it under `roles`, as in `sdr: account.SDR__c`."
    return _one_known((*known.roles, OWNER), "role", advice)


def queue(node: Node, what: str, mistakes: Mistakes) -> str | None:
    """The name of a queue, without the `queue:` that an owner is written with."""
    found = name(node, what, mistakes)
    if found is None or not found.startswith("queue:"):
        return found
    bare = found.removeprefix("queue:").strip()
    mistakes.add(node, f"{what} is {shown(found)}. Write the bare name: {shown(bare)}.")
    return None


def read_fallback(holder: Section, known: Known) -> Fallback | None:
    """What stands under `fallback`: a queue, or a person and then a queue."""
    node = holder.get("fallback")
    if node is None:
        return None
    keys = ("queue", "person", "then")
    section = open_section(node, holder.called("fallback"), known=keys, mistakes=holder.mistakes)
    if section is None:
        return None
    if section.has("person") == section.has("queue"):
        message = f"{section.what} must name a queue, or a person and then a queue."
        section.mistakes.add(section.place, message)
        return None
    if section.has("queue"):
        return _fallback_to_queue(section)
    return _fallback_to_person(section, known)


def _fallback_to_queue(section: Section) -> Fallback | None:
    if section.has("then"):
        said = f'"then" of {section.what} goes after a person'
        message = f"{said}; a queue takes every lead. Remove it."
        section.mistakes.add(section.key_place("then"), message)
    found = section.read("queue", queue)
    return None if found is None else Fallback(queue=found)


def _fallback_to_person(section: Section, known: Known) -> Fallback | None:
    person = section.read("person", name)
    node = section.get("person")
    if person is not None and node is not None:
        known.refer(node.place, Named.PERSON, person, section.what)
    then = section.section("then", known=("queue",))
    last = None if then is None else then.require("queue", queue)
    return None if person is None else Fallback(person, last)
