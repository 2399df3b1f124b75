"""What the CRMs' own journals say, from outside: who came, who was given an owner, and by whom."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ROUTED = ("Lead", "contacts")  #: the CRMs' own names of what is routed
SYNC = "sync"  #: the client under which the native sync writes
_ENDED = ("deleted", "merged", "converted")


@dataclass(frozen=True, slots=True)
class Witness:
    """Both journals in one, oldest first, and what the CRMs' world knows of its people."""

    journal: Sequence[Mapping[str, Any]]
    ours: Collection[str]  #: the names under which we write
    people: Collection[str]  #: CRM ids of users who were active at the start
    slugs: Mapping[str, str]  #: CRM id of a user -> who they are, in either CRM
    pairs: Mapping[str, Sequence[Sequence[str]]]  #: `synced`, `unsynced`: (lead, contact)

    def persons(self) -> list[tuple[str, ...]]:
        """Everybody who came while the demo ran, in order, as the ids of their records."""
        other = dict(self._both()) | {two: one for one, two in self._both()}
        persons: list[tuple[str, ...]] = []
        known: set[str] = set()
        for entry in self._of("created"):
            record = str(entry["id"])
            if record not in known:
                ids = (record, other[record]) if record in other else (record,)
                known.update(ids)
                persons.append(ids)
        return persons

    def waits_s(self, records: Container[str]) -> list[float]:
        """Seconds from a person's appearing to the first owner that we wrote, sorted."""
        came: dict[str, datetime] = {}
        for entry in self._of("created"):
            came.setdefault(str(entry["id"]), datetime.fromisoformat(entry["at"]))
        owned: dict[str, datetime] = {}
        for entry in self._of("owner_changed"):
            if entry["client"] in self.ours:
                owned.setdefault(str(entry["id"]), datetime.fromisoformat(entry["at"]))
        return sorted(
            (min(given) - min(came[one] for one in ids if one in came)).total_seconds()
            for ids in self.persons()
            if (given := [owned[one] for one in ids if one in owned and one in records])
        )

    def with_two_owners(self) -> list[str]:
        """A sentence for every person whose two records are with two different people."""
        owner, ended = self._owners()
        said = []
        for lead, contact in self._both():
            one, two = (self.slugs.get(str(owner.get(each))) for each in (lead, contact))
            if one and two and one != two and not {lead, contact} & ended:
                said.append(f"{lead} is with {one} and {contact}, the same person, with {two}")
        return said

    def _owners(self) -> tuple[dict[str, str | None], set[str]]:
        """Who holds each record in the end, and which records are over."""
        owner: dict[str, str | None] = {}
        ended: set[str] = set()
        for entry in self.journal:
            if entry["what"] in ("created", "owner_changed"):
                owner[str(entry["id"])] = entry["after"]
            elif entry["what"] in _ENDED:
                ended.add(str(entry["id"]))
        return owner, ended

    def _both(self) -> list[tuple[str, str]]:
        return [(str(one), str(two)) for known in self.pairs.values() for one, two in known]

    def _of(self, what: str) -> Iterator[Mapping[str, Any]]:
        return (e for e in self.journal if e["what"] == what and e["sobject"] in ROUTED)
