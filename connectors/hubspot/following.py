"""The other record of the same lead: a contact's Lead objects, or a Lead object's contact.

A portal may keep their owners equal by itself; so they are read before anything is written. Who is
with nobody, or with the owner that the lead had before, gets the lead's new owner too; whoever has
another owner is somebody's and is left alone. The routed record counts: what becomes of the other
is told beside its result and never changes it.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.errors import ConnectorError
from connectors.hubspot.judging import Job
from connectors.hubspot.links import linked
from connectors.hubspot.owners import Found, Owners
from connectors.hubspot.refusals import Refusal, Silence
from connectors.hubspot.rows import text
from connectors.hubspot.settings import RoutedObject
from connectors.hubspot.wire import Wire

_WRITES_A_CALL: Final = 100

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A job that was done, and a record that follows it."""

    job: Job
    record: str
    found: Found

    @property
    def follows(self) -> bool:
        """Whether it has to be written."""
        held = self.held
        return self.found.there and held != self.job.value and held in (None, self.job.expected)

    @property
    def held(self) -> str | None:
        """Who has it."""
        return self.found.owner.owner


@dataclass(frozen=True, slots=True)
class Followers:
    """Lets one kind of record follow another."""

    wire: Wire
    owners: Owners

    def follow(self, jobs: Sequence[Job]) -> dict[int, str]:
        """What became of the records that follow these jobs, by the job's place."""
        settings = self.owners.settings
        follower = settings.follower
        mine = [job for job in jobs if job.routed == settings.routed]
        if follower is None or not mine:
            return {}
        try:
            pairs = self._pairs(mine, follower)
            written = self._written(pairs, follower)
        except (ConnectorError, Refusal, Silence) as error:
            log.warning("follower_left_behind", extra={"problem": str(error)})
            return {job.place: f"{follower.object} was not looked at" for job in mine}
        return dict(_notes(pairs, written, follower))

    def _pairs(self, jobs: Sequence[Job], follower: RoutedObject) -> list[_Pair]:
        by_record = {job.record: job for job in jobs}
        kind = jobs[0].routed.kind
        links = linked(self.wire, kind, follower.kind, list(by_record))
        wanted = {link.to for several in links.values() for link in several}
        found = self.owners.read(follower, sorted(wanted)) if wanted else {}
        return [
            _Pair(by_record[record], link.to, found[link.to])
            for record, several in links.items()
            if record in by_record
            for link in several
        ]

    def _written(self, pairs: Sequence[_Pair], follower: RoutedObject) -> set[str]:
        """The ids of those that came back with the owner that they were given."""
        wanted = {pair.record: pair.job.value for pair in pairs if pair.follows}
        ids = sorted(wanted)
        done: set[str] = set()
        for start in range(0, len(ids), _WRITES_A_CALL):
            inputs = [
                _input(id, follower, wanted[id]) for id in ids[start : start + _WRITES_A_CALL]
            ]
            for row in self.wire.batch_update(follower.kind, inputs).rows():
                id = str(row["id"])
                if id in wanted and text(row, follower.owner_field) == wanted[id]:
                    done.add(id)
        return done


def _input(id: str, follower: RoutedObject, owner: str | None) -> Mapping[str, Any]:
    return {"id": id, "properties": {follower.owner_field: owner or ""}}


def _notes(
    pairs: Sequence[_Pair], written: set[str], follower: RoutedObject
) -> Iterator[tuple[int, str]]:
    by_place: dict[int, list[str]] = {}
    for pair in pairs:
        if pair.record in written or pair.held == pair.job.value:
            said = f"{follower.object} {pair.record} follows"
        elif pair.found.there:
            said = f"{follower.object} {pair.record} stays with {pair.held or 'nobody'}"
        else:
            said = f"{follower.object} {pair.record} is gone"
        by_place.setdefault(pair.job.place, []).append(said)
    for place, several in by_place.items():
        yield place, ", ".join(several)
