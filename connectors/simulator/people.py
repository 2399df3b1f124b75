"""The sales people of the simulated company: five teams, their managers, and where they are.

Everything is drawn from the seed and nothing names a real person or domain. Some reps are
away, some are full, one has left: those are the cases that routing gets wrong.
"""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

COMPANY_DOMAIN: Final = "northbeam.test"

_FIRST: Final = [
    "Ada",
    "Bela",
    "Cleo",
    "Dara",
    "Elif",
    "Finn",
    "Gita",
    "Hugo",
    "Ines",
    "Jonas",
    "Kaya",
    "Lars",
    "Mona",
    "Nils",
    "Olga",
    "Pia",
    "Quinn",
    "Rosa",
    "Sven",
    "Tara",
    "Uma",
    "Vera",
    "Wim",
    "Xenia",
    "Yara",
    "Zoe",
    "Amir",
    "Bruna",
    "Ciro",
    "Dana",
    "Emil",
    "Freya",
    "Gero",
    "Hana",
    "Ivo",
    "Juna",
    "Karl",
    "Lena",
    "Milo",
    "Nora",
    "Otto",
    "Petra",
    "Remy",
    "Sina",
    "Theo",
    "Ugo",
    "Vito",
    "Wanda",
    "Yuri",
    "Zita",
]
_LAST: Final = [
    "Alder",
    "Birch",
    "Cedar",
    "Dorn",
    "Eller",
    "Fenn",
    "Gale",
    "Heath",
    "Ivers",
    "Jarl",
    "Kestrel",
    "Lund",
    "Marsh",
    "Nord",
    "Oake",
    "Perch",
    "Quill",
    "Reed",
    "Stone",
    "Thorn",
    "Ulm",
    "Vale",
    "Wren",
    "Yarrow",
    "Zeller",
    "Ash",
    "Brook",
    "Crane",
    "Dune",
    "Ember",
    "Frost",
    "Grove",
    "Hale",
    "Isle",
    "Juniper",
    "Knoll",
    "Lark",
    "Moor",
    "Nettle",
    "Otter",
    "Pine",
    "Rook",
    "Sedge",
    "Tarn",
    "Umber",
    "Vetch",
    "Willow",
]


@dataclass(frozen=True, slots=True)
class Team:
    """A sales team: where it sits, what it covers and how much of the company it is."""

    name: str
    share: int  #: of 60
    countries: tuple[str, ...]
    zones: tuple[str, ...]
    holidays: str
    hours: str
    languages: tuple[str, ...]


TEAMS: Final = (
    Team(
        "us", 20, ("US", "CA"), ("America/New_York", "America/Chicago", "America/Los_Angeles"),
        "US", "09:00-17:30", ("english", "spanish"),
    ),
    Team("uk", 14, ("GB", "IE"), ("Europe/London",), "GB", "09:00-17:30", ("english",)),
    Team(
        "dach", 12, ("DE", "AT", "CH"), ("Europe/Berlin",), "DE", "08:30-17:00",
        ("german", "english"),
    ),
    Team("fr", 8, ("FR", "BE"), ("Europe/Paris",), "FR", "09:00-18:00", ("french", "english")),
    Team(
        "nordics", 6, ("SE", "NO", "DK", "FI"), ("Europe/Stockholm", "Europe/Helsinki"), "SE",
        "08:00-16:30", ("swedish", "english"),
    ),
)  # fmt: skip
_SKILLS: Final = ("healthcare", "api", "analytics", "support")


@dataclass(frozen=True, slots=True)
class Person:
    """One sales person, and the state in which the simulation finds them."""

    slug: str
    first_name: str
    last_name: str
    team: Team
    timezone: str
    skills: tuple[str, ...]
    weight: int
    capacity: int
    manager: str | None
    backup: str | None
    away: bool = False
    left: bool = False
    full: bool = False

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def email(self) -> str:
        """The address that joins a roster to the CRM's users."""
        return f"{self.slug.replace('-', '.')}@{COMPANY_DOMAIN}"

    @property
    def leads(self) -> bool:
        """Whether they manage their team."""
        return self.manager is None

    def as_roster(self) -> dict[str, Any]:
        """The person as an entry of a roster file."""
        entry: dict[str, Any] = {
            "id": self.slug,
            "name": self.name,
            "email": self.email,
            "teams": [self.team.name],
            "skills": list(self.skills),
            "weight": self.weight,
            "capacity": self.capacity,
            "timezone": self.timezone,
            "hours": {"mon-fri": self.team.hours},
            "holidays": self.team.holidays,
        }
        if self.manager is not None:
            entry["manager"] = self.manager
        if self.backup is not None:
            entry["backup"] = self.backup
        return entry


def hire(seed: int, count: int) -> list[Person]:
    """So many sales people in five teams; the first of each team manages it."""
    chance = Random(f"people {seed}")
    names = _names(chance, count)
    people: list[Person] = []
    for team, size in zip(TEAMS, _sizes(count), strict=True):
        crew = [names.pop() for _ in range(size)]
        people += [_person(chance, team, crew, at) for at in range(size)]
    return _with_troubles(chance, people)


def team_covering(country: str) -> Team | None:
    """The team that covers a country, if any does."""
    return next((team for team in TEAMS if country in team.countries), None)


class Crews:
    """Who may be given a company or a lead: the team of its country, or everybody."""

    def __init__(self, people: list[Person]) -> None:
        self._everybody = people
        self._of_team = {
            team.name: [person for person in people if person.team == team] for team in TEAMS
        }

    def of(self, country: str | None) -> list[Person]:
        """The people who cover a country; everybody where nobody does."""
        team = team_covering(country or "")
        return (self._of_team[team.name] if team else None) or self._everybody


def _names(chance: Random, count: int) -> list[tuple[str, str]]:
    every = [(first, last) for last in _LAST for first in _FIRST]
    if count > len(every):
        raise ValueError(f"The simulator knows {len(every)} names; {count} people are too many.")
    return chance.sample(every, count)


def _sizes(count: int) -> list[int]:
    sizes = [count * team.share // 60 for team in TEAMS]
    for at in range(count - sum(sizes)):
        sizes[at % len(sizes)] += 1
    return sizes


def _person(chance: Random, team: Team, crew: list[tuple[str, str]], at: int) -> Person:
    slugs = [f"{first}-{last}".lower() for first, last in crew]
    skilled = [skill for skill in _SKILLS if chance.random() < 0.6]
    return Person(
        slug=slugs[at],
        first_name=crew[at][0],
        last_name=crew[at][1],
        team=team,
        timezone=chance.choice(team.zones),
        skills=tuple(sorted({*skilled, *team.languages})),
        weight=0 if at == 0 and len(crew) > 1 else chance.choice((1, 1, 1, 1, 2)),
        capacity=chance.choice((25, 30, 40)),
        manager=slugs[0] if at else None,
        backup=slugs[(at + 1) % len(slugs)] if len(slugs) > 2 and at else None,
    )


def _with_troubles(chance: Random, people: list[Person]) -> list[Person]:
    reps = [person.slug for person in people if not person.leads]
    chance.shuffle(reps)
    some = max(1, len(people) // 12) if len(reps) > 3 else 0
    away, full = set(reps[:some]), set(reps[some : 2 * some])
    left = set(reps[2 * some : 2 * some + 1]) if some else set()
    return [
        _troubled(
            person, away=person.slug in away, full=person.slug in full, left=person.slug in left
        )
        for person in people
    ]


def _troubled(person: Person, *, away: bool, full: bool, left: bool) -> Person:
    return Person(
        slug=person.slug,
        first_name=person.first_name,
        last_name=person.last_name,
        team=person.team,
        timezone=person.timezone,
        skills=person.skills,
        weight=person.weight,
        capacity=3 if full else person.capacity,
        manager=person.manager,
        backup=person.backup,
        away=away,
        left=left,
        full=full,
    )
