"""What each attribute of a person may say: one reader for each, and what leaving it out means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from routing.reading import (
    Kind,
    ListNode,
    MapNode,
    Mistakes,
    Node,
    Reader,
    ScalarNode,
    boolean,
    described,
    did_you_mean,
    integer,
    is_null,
    map_of,
    name,
    open_section,
    plain_value,
    shown,
    text,
    trapped,
    unique_list_of,
)
from routing.roster.hours import (
    NO_BLOCK,
    HoursMistake,
    Week,
    given_twice,
    read_blocks,
    read_days,
    week_of,
)
from routing.roster.places import Places

WINDOWS = ("hour", "day", "week")
HEAVIEST = 100
_MOST = 1_000_000
_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+")


@dataclass(frozen=True, slots=True)
class Attribute:
    """How an attribute is read, and its value where it is left out or null."""

    reader: Reader[object]
    absent: object = None


def attributes_of(places: Places) -> Mapping[str, Attribute]:
    """All attributes but `id`, under the names of `PersonAsOf`."""
    count = integer(at_least=0, at_most=_MOST)
    return {
        "name": Attribute(name, ""),
        "email": Attribute(_email),
        "teams": Attribute(_sorted_names, ()),
        "skills": Attribute(_sorted_names, ()),
        "weight": Attribute(integer(at_least=0, at_most=HEAVIEST), 1),
        "capacity": Attribute(count),
        "caps": Attribute(_caps, ()),
        "open_leads": Attribute(count, 0),
        "timezone": Attribute(_zone(places)),
        "hours": Attribute(_week),
        "holidays": Attribute(_holidays(places)),
        "manager": Attribute(name),
        "backup": Attribute(name),
        "active": Attribute(boolean, absent=True),
        "paused": Attribute(boolean, absent=False),
        "crm": Attribute(map_of(name), {}),
        "attributes": Attribute(_free, {}),
    }


def _sorted_names(node: Node, what: str, mistakes: Mistakes) -> tuple[str, ...] | None:
    names = unique_list_of(name)(node, what, mistakes)
    return None if names is None else tuple(sorted(names))


def _email(node: Node, what: str, mistakes: Mistakes) -> str | None:
    address = name(node, what, mistakes)
    if address is None or _EMAIL.fullmatch(address):
        return address
    mistakes.add(node, f"{what} is {shown(address)}, which is no e-mail address.")
    return None


def _caps(node: Node, what: str, mistakes: Mistakes) -> tuple[tuple[str, int], ...] | None:
    before = len(mistakes)
    section = open_section(node, what, known=WINDOWS, mistakes=mistakes)
    if section is None:
        return None
    cap = integer(at_least=0, at_most=_MOST)
    caps = [(window, section.read_nullable(window, cap)) for window in WINDOWS]
    found = tuple((window, limit) for window, limit in caps if limit is not None)
    return found if len(mistakes) == before else None


def _zone(places: Places) -> Reader[str]:
    def read(node: Node, what: str, mistakes: Mistakes) -> str | None:
        zone = name(node, what, mistakes)
        if zone is None or places.is_zone(zone):
            return zone
        hint = did_you_mean(zone, places.zones()) or ' Write an IANA name: "Europe/Berlin".'
        mistakes.add(node, f"{what} is {shown(zone)}, which is not a known time zone.{hint}")
        return None

    return read


def _holidays(places: Places) -> Reader[str]:
    def read(node: Node, what: str, mistakes: Mistakes) -> str | None:
        code = name(node, what, mistakes)
        if code is None or places.is_holidays(code):
            return code
        country, dash, part = code.partition("-")
        said = f"{what} is {shown(code)}, and no holidays are known for it."
        if dash and part and places.is_holidays(country):
            known = [each for each in places.holidays() if each.startswith(f"{country}-")]
            hint = did_you_mean(code, sorted(known)) or f" {country} is known."
        else:
            hint = did_you_mean(code, sorted(places.holidays()))
        mistakes.add(node, f"{said}{hint} Write a country such as US, or US-CA.")
        return None

    return read


def _week(node: Node, what: str, mistakes: Mistakes) -> Week | None:
    if not isinstance(node, MapNode):
        advice = 'Write {mon-fri: "09:00-17:30"}.'
        mistakes.add(node, f"{what} must be a mapping, but is {described(node)}. {advice}")
        return None
    before = len(mistakes)
    days: dict[int, list[tuple[int, int]]] = {}
    for key, value in node.entries:
        blocks = _blocks(value, f"{shown(key.text)} of {what}", mistakes)
        for weekday in _weekdays(key, mistakes):
            if weekday in days:
                mistakes.add(key, f"{what}: {given_twice(weekday)}")
            days[weekday] = blocks
    week = week_of(days)
    if len(mistakes) > before:
        return None
    if not week:
        mistakes.add(node, f"{what}: {NO_BLOCK}")
        return None
    return week


def _weekdays(key: ScalarNode, mistakes: Mistakes) -> tuple[int, ...]:
    try:
        return read_days(key.text)
    except HoursMistake as mistake:
        mistakes.add(key, str(mistake))
        return ()


def _blocks(node: Node, what: str, mistakes: Mistakes) -> list[tuple[int, int]]:
    """Blocks of one day: a text, or a list of texts; null or an empty list is a day off."""
    parts = node.parts if isinstance(node, ListNode) else () if is_null(node) else (node,)
    found: list[tuple[int, int]] = []
    for part in parts:
        written = text(part, what, mistakes)
        if written is None:
            continue
        try:
            found.extend(read_blocks(written))
        except HoursMistake as mistake:
            mistakes.add(part, f"{what}: {mistake}")
    return found


def _free(node: Node, what: str, mistakes: Mistakes) -> dict[str, object] | None:
    """Attributes of the house's own: text, numbers, booleans, or lists of them."""
    return map_of(free_value)(node, what, mistakes)


def free_value(node: Node, what: str, mistakes: Mistakes) -> object | None:
    """A value whose meaning is the house's own: text, a number, a boolean, or a list of them."""
    if isinstance(node, MapNode) or is_null(node):
        mistakes.add(node, f"{what} must be a value or a list, but is {described(node)}.")
        return None
    if isinstance(node, ListNode):
        parts = [free_value(part, f"an entry of {what}", mistakes) for part in node.parts]
        return None if None in parts else tuple(parts)
    if _is_trap(node):
        mistakes.add(node, trapped(node, what))
        return None
    return plain_value(node)


def _is_trap(node: ScalarNode) -> bool:
    """What YAML reads as something that nobody meant: `NO`, `17:30`, `010`."""
    if node.kind is Kind.BOOLEAN:
        return node.text.lower() not in ("true", "false")
    return node.kind is Kind.ODD_INTEGER
