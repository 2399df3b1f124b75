"""The reps as one decision sees them: asked of the shell once, and kept for the record.

The shell answers from its roster, calendars and ledger. `Consulted` remembers every answer, so
that a record holds exactly what was looked at, and `Recorded` gives the same answers again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter
from typing import Protocol

from routing.facts import Candidate, Lead
from routing.rulebook.model import Target


class Candidates(Protocol):
    """What a decision may ask about reps."""

    def members(self, pool: str) -> Sequence[Candidate]:
        """Every member of a pool, inactive ones included, with their standing in it."""

    def rep(self, rep_id: str) -> Candidate | None:
        """A rep outside any pool; None where the id is not on the roster."""

    def named(self, name: str) -> str | None:
        """The id of the person whom a rulebook names; None where the roster has none."""

    def owner_of(self, lead: Lead, target: Target) -> str | None:
        """The rep who holds the open lead that an `owner_of` target means."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything a decision was told about reps, sorted."""

    pools: tuple[tuple[str, tuple[Candidate, ...]], ...] = ()
    reps: tuple[tuple[str, Candidate | None], ...] = ()
    names: tuple[tuple[str, str | None], ...] = ()
    owners: tuple[tuple[str, str | None], ...] = ()


_id = itemgetter(Candidate._fields.index("id"))


class Consulted:
    """Candidates that remember what they were asked and what they said."""

    def __init__(self, candidates: Candidates) -> None:
        self._candidates = candidates
        self._pools: dict[str, tuple[Candidate, ...]] = {}
        self._reps: dict[str, Candidate | None] = {}
        self._names: dict[str, str | None] = {}
        self._owners: dict[str, str | None] = {}

    def members(self, pool: str) -> Sequence[Candidate]:
        """Members of a pool, asked once."""
        if pool not in self._pools:
            found = self._candidates.members(pool)
            self._pools[pool] = tuple(sorted(found, key=_id))
        return self._pools[pool]

    def rep(self, rep_id: str) -> Candidate | None:
        """A rep outside any pool, asked once."""
        if rep_id not in self._reps:
            self._reps[rep_id] = self._candidates.rep(rep_id)
        return self._reps[rep_id]

    def named(self, name: str) -> str | None:
        """The id behind a name, asked once."""
        if name not in self._names:
            self._names[name] = self._candidates.named(name)
        return self._names[name]

    def owner_of(self, lead: Lead, target: Target) -> str | None:
        """Who holds the open lead that is meant, asked once."""
        asked = _asked(target)
        if asked not in self._owners:
            self._owners[asked] = self._candidates.owner_of(lead, target)
        return self._owners[asked]

    def answers(self) -> Answers:
        """What was said, in an order that does not depend on the order of asking."""
        return Answers(
            pools=tuple(sorted(self._pools.items())),
            reps=tuple(sorted(self._reps.items())),
            names=tuple(sorted(self._names.items())),
            owners=tuple(sorted(self._owners.items())),
        )


class Recorded:
    """The candidates of a past decision: gives the recorded answers and knows no others."""

    def __init__(self, answers: Answers) -> None:
        self._pools = dict(answers.pools)
        self._reps = dict(answers.reps)
        self._names = dict(answers.names)
        self._owners = dict(answers.owners)

    def members(self, pool: str) -> Sequence[Candidate]:
        """Members of a pool, as recorded."""
        return self._pools.get(pool, ())

    def rep(self, rep_id: str) -> Candidate | None:
        """A rep outside any pool, as recorded."""
        return self._reps.get(rep_id)

    def named(self, name: str) -> str | None:
        """The id behind a name, as recorded."""
        return self._names.get(name)

    def owner_of(self, lead: Lead, target: Target) -> str | None:
        """Who holds the open lead that is meant, as recorded."""
        del lead  # the record keeps one answer a target: it is about one lead
        of_any_time = self._owners.get(target.name)  # older records tell no times apart
        return self._owners.get(_asked(target), of_any_time)


def _asked(target: Target) -> str:
    """What a target asks for: rules may mean leads touched within different times."""
    if target.touched_within is None:
        return target.name
    return f"{target.name}/{target.touched_within // timedelta(seconds=1)}"
