"""Reads people from nodes and checks them against one another.

A person is first read as what is said of them (`PersonChange`), because an event of a scenario
says as much about somebody as an entry of a roster does. Names that only the whole roster knows
are checked at the end, at the place where they stand.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from routing.reading import (
    MapNode,
    Mistakes,
    Node,
    Place,
    Section,
    did_you_mean,
    name,
    open_section,
    shown,
)
from routing.roster.attributes import Attribute, attributes_of, free_value
from routing.roster.dated import combined, is_dated, read_steps
from routing.roster.model import Person, PersonAsOf, PersonChange, Steps
from routing.roster.places import Places

_REFERENCES = ("manager", "backup")
QUEUE = "queue:"  #: what an owner that is a queue begins with; no person may be called so


@dataclass(frozen=True, slots=True)
class PeopleReader:
    """Reads what is said of people."""

    places: Places
    mistakes: Mistakes

    def people(self, nodes: Iterable[Node]) -> list[PersonChange]:
        """What the entries of a roster say; each person stands there once."""
        found: dict[str, PersonChange] = {}
        for node in nodes:
            said = self.person(node)
            if said is None:
                continue
            if said.id in found:
                line = found[said.id].place.line
                message = f"person {shown(said.id)} appears twice; the first is on line {line}."
                self.mistakes.add(said.place, f"{message} Give each person an id of their own.")
            else:
                found[said.id] = said
        return list(found.values())

    def person(self, node: Node) -> PersonChange | None:
        """What one entry says of a person; None where it names nobody."""
        id_ = self._id(node)
        what = "a person" if id_ is None else f"person {shown(id_)}"
        attributes = attributes_of(self.places)
        section = open_section(node, what, known=("id", *attributes), mistakes=self.mistakes)
        if section is None:
            return None
        steps = {
            key: read
            for key, attribute in attributes.items()
            if (read := self._steps(section, key, attribute)) is not None
        }
        if id_ is None:
            self._report_id(section)
            return None
        nodes = {key: section.get(key) for key in ("id", *attributes)}
        places = {key: each.place for key, each in nodes.items() if each is not None}
        return PersonChange(id_, steps, section.place, places)

    def _id(self, node: Node) -> str | None:
        id_node = node.get("id") if isinstance(node, MapNode) else None
        if id_node is None:
            return None
        found = name(id_node, '"id" of a person', Mistakes())
        return None if found is None or found.startswith(QUEUE) else found

    def _report_id(self, section: Section) -> None:
        found = section.require("id", name)
        if found is not None:
            advice = f"An owner that begins with {QUEUE} is a queue. Choose another id."
            self.mistakes.add(section.get("id") or section.place, f"{shown(found)}: {advice}")

    def _steps(self, section: Section, key: str, attribute: Attribute) -> Steps | None:
        node = section.get(key)
        if node is None:
            return None
        what = section.called(key)
        if key == "attributes" and isinstance(node, MapNode) and _has_dated(node):
            parts = {
                inner.text: read_steps(
                    part,
                    f"{shown(inner.text)} of {what}",
                    self.mistakes,
                    reader=free_value,
                    absent=None,
                )
                for inner, part in node.entries
            }
            return combined({inner: steps for inner, steps in parts.items() if steps is not None})
        return read_steps(
            node, what, self.mistakes, reader=attribute.reader, absent=attribute.absent
        )


def check_people(
    people: Mapping[str, Person], *, also_known: Collection[str], mistakes: Mistakes
) -> None:
    """Report what is wrong with a whole roster, and warn of what is doubtful.

    Args:
        people: Everybody, by id.
        also_known: Ids of those who join later.
        mistakes: Takes what is wrong, and warnings for people who are always on hours.
    """
    known = frozenset({*people, *also_known})
    for person in people.values():
        check_person(person, known=known, mistakes=mistakes)
        warn_of(person, mistakes)
    check_emails(people.values(), mistakes)


def check_emails(people: Iterable[Person], mistakes: Mistakes) -> None:
    """Report an e-mail address that two people have, of whatever time."""
    owners: dict[str, Person] = {}
    for person in people:
        for email in sorted({v.email.lower() for v in person.versions if v.email is not None}):
            first = owners.setdefault(email, person)
            if first is not person:
                message = f"person {shown(person.id)} has the e-mail {shown(email)}, which is"
                advice = "CRM users are joined by it: give each person their own."
                mistakes.add(
                    _source(person, "email"), f"{message} {shown(first.id)}'s already. {advice}"
                )


def check_person(person: Person, *, known: Collection[str], mistakes: Mistakes) -> None:
    """Report what is wrong with one person in the light of everybody's ids."""
    for version in person.versions:
        for attribute in _REFERENCES:
            _check_reference(person, version, attribute, known=known, mistakes=mistakes)
        if version.hours is not None and version.timezone is None and not _is_broken(person):
            message = f"person {shown(person.id)} has hours but no timezone."
            advice = 'Add one, e.g. timezone: "Europe/Berlin".'
            place = person.source("timezone") or _source(person, "hours")
            mistakes.add(place, f"{message} {advice}")


def _check_reference(
    person: Person,
    version: PersonAsOf,
    attribute: str,
    *,
    known: Collection[str],
    mistakes: Mistakes,
) -> None:
    named: str | None = getattr(version, attribute)
    if named is None:
        return
    place = _source(person, attribute)
    if named == person.id and attribute == "backup":
        mistakes.add(place, f"person {shown(person.id)} is their own backup. Name somebody else.")
    elif named not in known:
        said = f'"{attribute}" of person {shown(person.id)} is {shown(named)}'
        hint = did_you_mean(named, sorted(known))
        mistakes.add(place, f"{said}, who is not on the roster.{hint} Add them, or remove it.")


def warn_of(person: Person, mistakes: Mistakes) -> None:
    """Warn of working hours or days that somebody may not have meant."""
    if _is_broken(person):
        return
    now = [version for version in person.versions if version.active]
    if any(version.hours is None for version in now):
        said = f"person {shown(person.id)} has no working hours and counts as always on."
        mistakes.warn(_source(person, "id"), f'{said} Add hours: {{mon-fri: "09:00-17:30"}}.')
    if any(version.holidays is not None and version.timezone is None for version in now):
        said = f"person {shown(person.id)} has holidays but no timezone; their days are UTC's."
        mistakes.warn(_source(person, "holidays"), f"{said} Add a timezone.")


def _has_dated(node: MapNode) -> bool:
    return any(is_dated(part) for _, part in node.entries)


def _is_broken(person: Person) -> bool:
    """Whether hours or timezone were said but could not be read, so that they are unknown."""
    return any(key in person.places and key not in person.steps for key in ("hours", "timezone"))


def _source(person: Person, attribute: str) -> Place:
    return person.source(attribute) or person.places["id"]
