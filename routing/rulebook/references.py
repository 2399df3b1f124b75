"""Names that one part of a book uses and another part, or the roster, must know."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from routing.reading import (
    Mistake,
    Mistakes,
    Node,
    Place,
    Reader,
    did_you_mean,
    listed,
    name,
    shown,
)
from routing.rulebook.model import Field, FieldType
from routing.rulebook.vocabulary import Vocabulary


class Named(StrEnum):
    """What a rulebook may name that only the roster knows."""

    PERSON = "person"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Reference:
    """A place in the book that names a person or a team."""

    place: Place
    kind: Named
    name: str
    by: str  #: what names it, as messages call it


@dataclass(slots=True)
class Known:
    """What the book defines and rules may refer to, and what they did refer to."""

    pools: Sequence[str]
    roles: Mapping[str, str]
    references: list[Reference] = field(default_factory=list)

    def refer(self, place: Place, kind: Named, name_: str, by: str) -> None:
        """Note that the roster must know this name."""
        self.references.append(Reference(place, kind, name_, by))


def lead_field(words: Vocabulary, types: Sequence[FieldType] | None = None) -> Reader[str]:
    """A reader of the name of one of the lead's own fields, of one of some types."""

    def read(node: Node, what: str, mistakes: Mistakes) -> str | None:
        found = name(node, what, mistakes)
        if found is None or found in words.broken:
            return None
        fields: dict[str, Field] = {each.name: each for each in words.lead_fields()}
        if found not in fields:
            hint = did_you_mean(found, fields) or f" Its fields are: {listed(tuple(fields))}."
            said = f"{what} names {shown(found)}, which is not a field of the lead"
            mistakes.add(node, f"{said}.{hint}")
            return None
        if types is not None and fields[found].type not in types:
            said = f"{what} names {shown(found)}, which is of type {fields[found].type}"
            mistakes.add(node, f"{said}. Use a field of type {' or '.join(types)}.")
            return None
        return found

    return read


@dataclass(frozen=True, slots=True)
class RosterCheck:
    """What a roster says to the names a book uses."""

    mistakes: tuple[Mistake, ...]
    warnings: tuple[Mistake, ...]


def check_against_roster(
    references: Sequence[Reference], *, people: Collection[str], teams: Collection[str]
) -> RosterCheck:
    """Compare the people and teams that a book names with those of a roster.

    An unknown person is a mistake. A team is what reps say they are in, so one that nobody is in
    is a warning: its leads fall back.

    Args:
        references: As `read_book` found them.
        people: The ids of the roster, those who join later included.
        teams: The teams that at least one of them is in.
    """
    found = Mistakes()
    for each in references:
        if each.kind is Named.PERSON and each.name not in people:
            hint = did_you_mean(each.name, sorted(people))
            said = f"{each.by} names {shown(each.name)}, who is not on the roster"
            found.add(each.place, f"{said}.{hint} Remove the name or add the person.")
        if each.kind is Named.TEAM and each.name not in teams:
            hint = did_you_mean(each.name, sorted(teams))
            said = f"{each.by} takes the team {shown(each.name)}, which nobody is in"
            found.warn(each.place, f"{said}; its leads fall back.{hint}")
    return RosterCheck(found.found, found.warnings)
