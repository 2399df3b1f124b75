"""What the demo writes into a folder: rulebook, roster and settings, as a user would have them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from connectors.simulator.people import Person
from daemon.offline.starter import starter_folder

ROUTE: Final = "inbound"  #: the rulebook's only route
DESK: Final = "healthcare-desk"  #: the team whose two reps go away while the demo runs


def write_files(folder: Path, people: Sequence[Person], settings: Mapping[str, Any]) -> None:
    """Write all three; what stood there is replaced."""
    rulebook = (starter_folder() / "demo" / "rulebook.yaml").read_text(encoding="utf-8")
    (folder / "rulebook.yaml").write_text(rulebook, encoding="utf-8")
    _write(folder / "roster.yaml", {"people": _with_desk(people)})
    _write(folder / "signalbox.yaml", settings)


def desk_of(people: Sequence[Person]) -> tuple[str, ...]:
    """Who sits at the healthcare desk."""
    here = [
        person.slug
        for person in people
        if person.team.name == "us" and not (person.away or person.left or person.full)
    ]
    return tuple(here[1:3])


def _with_desk(people: Sequence[Person]) -> list[dict[str, Any]]:
    at_desk = desk_of(people)
    roster = [person.as_roster() for person in people]
    for entry in roster:
        if entry["id"] in at_desk:
            entry["teams"] = [*entry["teams"], DESK]
    return roster


def _write(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
