"""Who is away when: intervals [starts, ends) per rep, from the roster, the CRM and the operator.

An absence without an end lasts until somebody says that the rep is back. Several may overlap;
the rep is away while any of them holds, until the last of those ends.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple


class Absence(NamedTuple):
    """One time away; `key` tells absences of one source apart, so that it can change them."""

    starts_at: datetime
    ends_at: datetime | None
    key: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether `at` lies in it."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


class Absences:
    """All absences, by rep."""

    def __init__(self) -> None:
        self._by_rep: dict[str, list[Absence]] = {}
        self.changes = 0  #: rises whenever anything changes

    def put(self, rep: str, absence: Absence) -> None:
        """Add an absence, in place of one of the same key if there is one."""
        others = [known for known in self._by_rep.get(rep, ()) if known.key != absence.key]
        if not absence.key:
            others = list(self._by_rep.get(rep, ()))
        self._by_rep[rep] = [*others, absence]
        self.changes += 1

    def remove(self, rep: str, key: str) -> None:
        """Forget an absence of that key."""
        self._by_rep[rep] = [known for known in self._by_rep.get(rep, ()) if known.key != key]
        self.changes += 1

    def end(self, rep: str, at: datetime) -> bool:
        """The rep is back: end what holds at `at`. Says whether anything did."""
        known = self._by_rep.get(rep, [])
        self._by_rep[rep] = [
            _cut(each, at) for each in known if each.starts_at < at or not each.holds(at)
        ]
        self.changes += 1
        return any(each.holds(at) for each in known)

    def away(self, rep: str, at: datetime) -> Absence | None:
        """The absence that holds at `at` and ends last; None while the rep is there."""
        known = self._by_rep.get(rep)
        if not known:
            return None
        holding = [each for each in known if each.holds(at)]
        if not holding:
            return None
        endless = [each for each in holding if each.ends_at is None]
        return endless[0] if endless else max(holding, key=lambda each: each.ends_at or at)

    def changes_after(self, at: datetime) -> Iterator[datetime]:
        """Instants after `at` at which somebody goes or comes back, in no order."""
        for known in self._by_rep.values():
            for each in known:
                if each.starts_at > at:
                    yield each.starts_at
                if each.ends_at is not None and each.ends_at > at:
                    yield each.ends_at


def _cut(absence: Absence, at: datetime) -> Absence:
    return absence._replace(ends_at=at) if absence.holds(at) else absence
