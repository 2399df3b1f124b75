"""Reads a whole roster, from YAML, JSON or CSV, or says everything that is wrong with it."""

from collections.abc import Collection
from dataclasses import dataclass

from routing.reading import Mistake, Mistakes, Node, compose, described, open_section
from routing.reading.nodes import ListNode
from routing.roster.model import Person, Roster
from routing.roster.people import PeopleReader, check_people
from routing.roster.places import ANYWHERE, Places
from routing.roster.table import PEOPLE, read_table


@dataclass(frozen=True, slots=True)
class RosterRead:
    """A roster as read: the people, or every mistake; warnings either way."""

    roster: Roster | None
    mistakes: tuple[Mistake, ...] = ()
    warnings: tuple[Mistake, ...] = ()


def read_roster(
    text: str, *, name: str, places: Places = ANYWHERE, also_known: Collection[str] = ()
) -> RosterRead:
    r"""Read a roster from its text.

    Args:
        text: The whole file: YAML or JSON with `people:`, or CSV where `name` ends in `.csv`.
        name: The file's name as it should stand in messages.
        places: Which time zones and holidays exist.
        also_known: Ids of people who join later and may be named already.

    Examples:
        >>> read = read_roster("people:\n- {id: ada, weigth: 2}\n", name="roster.yaml")
        >>> for mistake in read.mistakes:
        ...     print(mistake)
        roster.yaml:2:13: "weigth" is not a key of person "ada". Did you mean "weight"?
    """
    mistakes = Mistakes()
    nodes = people_nodes(text, name=name, mistakes=mistakes)
    if nodes is None:
        return RosterRead(None, mistakes.found, mistakes.warnings)
    roster = read_people(nodes, places=places, also_known=also_known, mistakes=mistakes)
    return RosterRead(None if mistakes else roster, mistakes.found, mistakes.warnings)


def people_nodes(text: str, *, name: str, mistakes: Mistakes) -> tuple[Node, ...] | None:
    """The entries of a roster file, unread; None where its shape is wrong."""
    if name.lower().endswith(".csv"):
        return read_table(text, file=name, columns=PEOPLE, mistakes=mistakes)
    root = compose(text, file=name, mistakes=mistakes)
    if isinstance(root, ListNode):
        return root.parts
    if root is None:
        return None
    section = open_section(root, "the roster", known=("people",), mistakes=mistakes)
    if section is None or not section.demand("people"):
        return None
    people = section.get("people")
    if not isinstance(people, ListNode):
        said = described(people) if people is not None else "nothing"
        advice = "Write `- {id: ada, ...}` for each."
        mistakes.add(
            people or root, f'"people" of the roster must be a list, but is {said}. {advice}'
        )
        return None
    return people.parts


def read_people(
    nodes: Collection[Node], *, places: Places, also_known: Collection[str], mistakes: Mistakes
) -> Roster:
    """The people of some entries, as far as they can be read, checked against one another."""
    said = PeopleReader(places, mistakes).people(nodes)
    people = {each.id: Person(each.id, each.steps, each.places) for each in said}
    check_people(people, also_known=also_known, mistakes=mistakes)
    return Roster(people.values())
