"""Which record belongs to which: associations, with a type id for each direction and label.

A pair of object types has a plain type and, for a company, a primary one. What is
associated in one direction is associated in the other, under the other direction's ids.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple


class Kind(NamedTuple):
    """A type of association in one direction."""

    type_id: int
    label: str | None
    primary: bool


#: (from, to) -> its types; the primary one, if there is one, is also the plain one
KINDS: Final[dict[tuple[str, str], tuple[Kind, ...]]] = {
    ("contacts", "companies"): (Kind(279, None, primary=False), Kind(1, "Primary", primary=True)),
    ("companies", "contacts"): (Kind(280, None, primary=False), Kind(2, "Primary", primary=True)),
    ("deals", "companies"): (Kind(341, None, primary=False), Kind(5, "Primary", primary=True)),
    ("companies", "deals"): (Kind(342, None, primary=False), Kind(6, "Primary", primary=True)),
    ("deals", "contacts"): (Kind(3, None, primary=False),),
    ("contacts", "deals"): (Kind(4, None, primary=False),),
    ("leads", "contacts"): (Kind(608, None, primary=False), Kind(578, "Primary", primary=True)),
    ("contacts", "leads"): (Kind(609, None, primary=False), Kind(579, "Primary", primary=True)),
    ("leads", "companies"): (Kind(610, None, primary=False),),
    ("companies", "leads"): (Kind(611, None, primary=False),),
}
for _name, _there, _back in (
    ("calls", 194, 193),
    ("emails", 198, 197),
    ("meetings", 200, 199),
    ("notes", 202, 201),
    ("tasks", 204, 203),
):
    KINDS[_name, "contacts"] = (Kind(_there, None, primary=False),)
    KINDS["contacts", _name] = (Kind(_back, None, primary=False),)


class Associations:
    """Every association of a portal, readable from both ends."""

    def __init__(self) -> None:
        #: (from, to, from id) -> to id -> whether it is the primary one
        self._links: dict[tuple[str, str, int], dict[int, bool]] = {}

    def link(self, start: tuple[str, int], end: tuple[str, int], *, primary: bool = False) -> None:
        """Associate two records, each given as object type and id.

        The first company of a contact or deal becomes its primary one; a primary one given
        later takes its place.
        """
        for (from_type, from_id), (to_type, to_id) in ((start, end), (end, start)):
            links = self._links.setdefault((from_type, to_type, from_id), {})
            links[to_id] = links.get(to_id, False)
        self._settle_primary(start, end, primary=primary)
        self._settle_primary(end, start, primary=primary)

    def of(self, from_type: str, to_type: str, from_id: int) -> dict[int, bool]:
        """Ids associated with a record, and which of them is the primary one."""
        return self._links.get((from_type, to_type, from_id), {})

    def kinds(self, from_type: str, to_type: str, *, primary: bool) -> Iterator[Kind]:
        """The types that an association has, the plain one first."""
        return (kind for kind in KINDS[from_type, to_type] if primary or not kind.primary)

    def move(self, name: str, loser: int, winner: int) -> None:
        """Give everything associated with one record to another of its type."""
        for from_type, to_type in list(KINDS):
            if from_type != name:
                continue
            for other, primary in list(self.of(name, to_type, loser).items()):
                self._links[to_type, name, other].pop(loser, None)
                self.link((name, winner), (to_type, other), primary=primary)
            self._links.pop((name, to_type, loser), None)

    def _settle_primary(
        self, start: tuple[str, int], end: tuple[str, int], *, primary: bool
    ) -> None:
        """See to it that whoever has companies (or a lead its contact) has one primary one."""
        (from_type, from_id), (to_type, to_id) = start, end
        owning = to_type == "companies" or (from_type, to_type) == ("leads", "contacts")
        if not owning or len(KINDS[from_type, to_type]) < 2:
            return
        links = self._links[from_type, to_type, from_id]
        if not primary and any(links.values()):
            return
        for other in links:
            links[other] = other == to_id
            self._links[to_type, from_type, other][from_id] = other == to_id


def kind_of(from_type: str, to_type: str, type_id: int) -> Kind | None:
    """The type of this id between two object types, if there is one."""
    kinds = KINDS.get((from_type, to_type), ())
    return next((kind for kind in kinds if kind.type_id == type_id), None)
