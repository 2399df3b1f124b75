"""Reads `pools`: who shares a rotation, with which weights and caps."""

from collections.abc import Mapping

from routing.reading import (
    ListNode,
    Mistakes,
    Node,
    Place,
    ScalarNode,
    Section,
    integer,
    map_of,
    name,
    open_section,
    shown,
    unique_list_of,
)
from routing.rulebook.model import Pool
from routing.rulebook.references import Known, Named

_WINDOWS = ("hour", "day", "week")
_HEAVIEST = 100
_LARGEST_CAP = 100_000


def read_pools(book: Section, known: Known) -> Mapping[str, Pool]:
    """The pools by name; those that cannot be read are left out."""
    pools: dict[str, Pool] = {}
    for raw_name, place, node in book.entries("pools"):
        pool_name = _pool_name(raw_name, place, book.mistakes)
        pool = None if pool_name is None else _read_pool(pool_name, node, known, book.mistakes)
        if pool is not None:
            pools[pool.name] = pool
    return pools


def pool_names(book: Section) -> tuple[str, ...]:
    """The names under `pools`, whether or not the pools themselves can be read."""
    unread = Mistakes()
    found = (_pool_name(raw, place, unread) for raw, place, _ in book.entries("pools"))
    return tuple(each for each in found if each is not None)


def _pool_name(raw: str, place: Place, mistakes: Mistakes) -> str | None:
    return name(ScalarNode(place, raw, plain=False), "the name of a pool", mistakes)


def _read_pool(pool: str, node: Node, known: Known, mistakes: Mistakes) -> Pool | None:
    what = f"pool {shown(pool)}"
    keys = ("team", "people", "weights", "caps")
    section = open_section(node, what, known=keys, mistakes=mistakes)
    if section is None:
        return None
    if section.has("team") == section.has("people"):
        message = f"{what} must name either a team or people. Write {{team: NAME}}."
        mistakes.add(section.place, message)
    team = section.read("team", name)
    people = section.read_or("people", unique_list_of(name, at_least=1), ())
    weight = integer(at_least=0, at_most=_HEAVIEST)
    weights = section.read("weights", map_of(weight)) or {}
    caps = _caps(section)
    _refer(section, known)
    if people:
        _check_weights(section, people, weights)
    return Pool(pool, team, tuple(sorted(people)), weights, caps)


def _caps(pool: Section) -> Mapping[str, int]:
    section = pool.section("caps", known=_WINDOWS)
    if section is None:
        return {}
    cap = integer(at_least=0, at_most=_LARGEST_CAP)
    caps = {window: section.read(window, cap) for window in _WINDOWS}
    return {window: limit for window, limit in caps.items() if limit is not None}


def _refer(pool: Section, known: Known) -> None:
    """Note every name that the roster must know, at its own place."""
    team = pool.get("team")
    if isinstance(team, ScalarNode):
        known.refer(team.place, Named.TEAM, team.text.strip(), pool.what)
    people = pool.get("people")
    for person in people.parts if isinstance(people, ListNode) else ():
        if isinstance(person, ScalarNode):
            known.refer(person.place, Named.PERSON, person.text.strip(), pool.what)
    for person_name, place, _ in pool.entries("weights"):
        known.refer(place, Named.PERSON, person_name.strip(), f'"weights" of {pool.what}')


def _check_weights(pool: Section, people: tuple[str, ...], weights: Mapping[str, int]) -> None:
    for raw, place, _ in pool.entries("weights"):
        if raw.strip() in weights and raw.strip() not in people:
            said = f'"weights" of {pool.what} names {shown(raw)}, who is not in the pool'
            pool.mistakes.add(place, f"{said}. Add them to people, or remove the weight.")
