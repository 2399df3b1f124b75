"""A company to measure the daemon on: fifty reps, fifty rules, a CRM that answers at once.

Every rep stands in one pool and has hours, a capacity and a cap, so that each lead has fifty
candidates. One lead in ten belongs to an account that somebody owns.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import yaml

from connectors.port import Budget, Check, OwnerSeen, Swept
from daemon.base.clock import Clock, Ids, RandomIds
from daemon.main import Parts, build
from daemon.running.application import Application
from daemon.settings import Settings, load_settings
from routing.facts import (
    AccountSeen,
    Applied,
    Bookmark,
    Candidate,
    Effect,
    EffectResult,
    Lead,
    Page,
    QueueSeen,
    RecordSeen,
    Seen,
    Stream,
    UserSeen,
)
from routing.ranking import Scores
from tests.fakes.clock import NOON

REPS, RULES, ACCOUNTS, PAGE = 50, 50, 1_000, 200
COUNTRIES = [f"C{n}" for n in range(20)]
INDUSTRIES = [f"I{n}" for n in range(10)]
PRODUCTS = ["api", "analytics", "support"]
FACTS = {
    "country": "Country",
    "industry": "Industry",
    "employees": "NumberOfEmployees",
    "score": "Score__c",
    "products": "Products__c",
    "campaign_name": "Campaign__c",
}


def book(rules: int = RULES) -> Mapping[str, Any]:
    """Rules over one to three facts, the last for everybody; all ask for the model."""
    found = [
        {
            "name": f"r{n}",
            "when": {
                "country": {"in": [COUNTRIES[n % 20], COUNTRIES[(n + 7) % 20]]},
                "industry": {"is": INDUSTRIES[n // 2 % 10]},
                "employees": {"at_least": 40 * (n % 25)},
            },
            "pool": "everyone",
            "choose": "model",
        }
        for n in range(rules - 1)
    ]
    return {
        "rulebook": "inbound",
        "fields": {
            "country": {"type": "choice", "values": COUNTRIES},
            "industry": {"type": "choice", "values": INDUSTRIES, "open": True},
            "employees": {"type": "integer", "min": 0},
            "score": {"type": "integer", "min": 0, "max": 100},
            "products": {"type": "set", "values": PRODUCTS},
            "campaign_name": {"type": "text"},
        },
        "value": "score",
        "account_owner": {"match_by": ["crm_link", "domain", "name"], "when_away": ["rules"]},
        "pools": {"everyone": {"team": "sales", "caps": {"day": 100_000}}},
        "rules": [*found, {"name": "rest", "pool": "everyone", "choose": "model"}],
        "fallback": {"queue": "triage"},
    }


def people(count: int = REPS) -> list[dict[str, Any]]:
    """Reps with all that a roster can say of them."""
    zones = ["America/New_York", "Europe/Berlin", "Asia/Singapore"]
    return [
        {
            "id": f"p{n}",
            "email": f"p{n}@acme.test",
            "teams": ["sales"],
            "skills": [PRODUCTS[n % 3]],
            "weight": 1 + n % 3,
            "capacity": 1_000_000,
            "caps": {"day": 100_000},
            "timezone": zones[n % 3],
            "hours": {"mon-sun": "00:00-24:00"},
        }
        for n in range(count)
    ]


def accounts(count: int, chance: random.Random) -> Iterator[AccountSeen]:
    """Customers, each owned by a rep."""
    for n in range(count):
        yield AccountSeen(
            id=f"001{n:015d}",
            name=f"Company {n} Inc",
            version="1",
            domain=f"company{n}.example",
            owner=f"u-p{chance.randrange(REPS)}",
            employees=chance.randrange(5_000),
            created_at=NOON - timedelta(days=300),
        )


def leads(first: int, count: int, *, at: datetime) -> Iterator[RecordSeen]:
    """New leads that nobody owns."""
    chance = random.Random(first)
    for n in range(first, first + count):
        yield _lead(n, at, chance)


def _lead(n: int, at: datetime, chance: random.Random) -> RecordSeen:
    is_customer = chance.random() < 0.1
    host = f"company{chance.randrange(ACCOUNTS)}.example" if is_customer else f"new{n}.example"
    record = f"00Q{n:015d}"
    fields: dict[str, Any] = {
        "Id": record,
        "FirstName": "Kim",
        "LastName": f"Prospect {n}",
        "Title": "Head of Operations",
        "Phone": f"+1 555 {n:07d}",
        "LeadSource": "Web",
        "Country": chance.choice(COUNTRIES),
        "State": "NY",
        "Industry": chance.choice(INDUSTRIES),
        "NumberOfEmployees": chance.randrange(2_000),
        "Score__c": chance.randrange(101),
        "Products__c": ";".join(chance.sample(PRODUCTS, 2)),
        "Campaign__c": "Spring webinar",
        "Description": "Saw the webinar and would like to see a demo next week. " * 3,
    }
    return RecordSeen(
        object="sf.lead",
        id=record,
        version=at.isoformat(),
        fields=fields,
        owner=None,
        created_at=at - timedelta(seconds=5),  # the quarantine is over when it is read
        modified_at=at - timedelta(seconds=5),
        modified_by="somebody",
        read_at=at,
        stage="new",
        email=f"kim.{n}@{host}",
        company=f"New {n} Ltd",
    )


@dataclass
class Feed:
    """The port, over lists: it answers at once and every write lands."""

    clock: Clock
    said: dict[Stream, list[Seen]] = field(default_factory=dict)
    written: dict[str, float] = field(default_factory=dict)  #: record -> monotonic time
    landed: Event = field(default_factory=Event)  #: set by every write
    name: str = "sf"
    page: int = PAGE

    def arrive(self, arriving: Iterable[RecordSeen]) -> None:
        """Leads come in."""
        self.said[Stream.LEADS].extend(arriving)

    def changes(self, bookmark: Bookmark) -> Page:
        said = self.said.get(bookmark.stream, [])
        start = int(bookmark.position.get("n", 0))
        end = max(start, min(start + self.page, len(said)))
        return Page(
            seen=tuple(said[start:end]),
            bookmark=Bookmark(bookmark.stream, {"n": end}, safe_until=self.clock.now()),
            more=end < len(said),
        )

    def apply(self, effects: Sequence[Effect]) -> list[EffectResult]:
        at, landed = self.clock.now(), self.clock.monotonic()
        self.written.update((effect.record, landed) for effect in effects)
        self.landed.set()
        return [
            EffectResult(effect.id, Applied.CONFIRMED, at, owner=effect.value) for effect in effects
        ]

    def owners_of(self, ids: Sequence[str], *, object: str) -> Mapping[str, OwnerSeen]:
        return {}

    def sweep(self, since: datetime) -> Iterator[tuple[Swept, ...]]:
        yield from ()

    def unowned_before(self, at: datetime, holders: Sequence[str]) -> int:
        del at, holders
        return 0

    def check(self) -> Check:
        return Check(connection="sf", api="feed", user="us", objects=(), would_write=())

    def budget(self) -> Budget:
        return Budget(used=None, limit=None, own=0, share=1.0, left=None)

    def close(self) -> None:
        return


class Silent:
    """Tells nobody."""

    def event(self, name: str, **fields: object) -> None:
        return

    def alert(self, name: str, **fields: object) -> None:
        raise AssertionError((name, fields))

    def polled(self, connection: str, stream: str) -> None:
        return


class ReadyRanker:
    """A model that answers at once: what is measured is all around it."""

    def scores(self, lead: Lead, candidates: Sequence[Candidate]) -> Scores:
        ppm = ((rep.id, hash_ppm(rep.claim)) for rep in candidates)
        return Scores("bench-1:0123456789abcdef", tuple(sorted(ppm)))


def hash_ppm(claim: int) -> int:
    """A score that moves the leads around."""
    return 50_000 + claim // 1_000_000 % 100_000


class Company:
    """The files of an installation, and applications over them and any ledger."""

    def __init__(
        self, folder: Path, clock: Clock, *, reps: int = REPS, customers: int = ACCOUNTS
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.reps = reps
        self.customers = tuple(accounts(customers, random.Random(7)))
        self._write("rulebook.yaml", book())
        self._write("roster.yaml", {"people": people(reps)})

    def feed(self) -> Feed:
        """A CRM with users, a queue, accounts and no leads."""
        users: list[Seen] = [
            UserSeen(id=f"u-p{n}", active=True, name=f"P{n}", email=f"p{n}@acme.test")
            for n in range(self.reps)
        ]
        queue = QueueSeen(id="q-triage", name="triage", label="Triage", objects=("sf.lead",))
        said: dict[Stream, list[Seen]] = {
            Stream.PEOPLE: [*users, queue],
            Stream.ACCOUNTS: list(self.customers),
            Stream.LEADS: [],
        }
        return Feed(self.clock, said)

    def settings(self, url: str, **timing: float) -> Settings:
        """Settings over these files."""
        (self.folder / "token").write_text("secret")
        (self.folder / "token").chmod(0o600)
        connection = {
            "kind": "salesforce",
            "mode": "live",
            "base_url": "http://127.0.0.1:1",
            "auth": {"type": "token", "access_token_file": "token"},
            "facts": {fact: f"sf.lead.{crm}" for fact, crm in FACTS.items()},
            "written": {"reason": "sf.lead.Reason__c", "decision": "sf.lead.Decision__c"},
        }
        told = {
            "rulebook": "rulebook.yaml",
            "roster": "roster.yaml",
            "route_from": (self.clock.now() - timedelta(days=1)).isoformat(),
            "ledger": {"url": url},
            "connections": {"sf": connection},
            "http": {"enabled": False},
            "timing": {"poll_s": 1, **timing},
            "training": {"enabled": False},  # another process's work, measured by itself
        }
        self._write("signalbox.yaml", told)
        return load_settings(self.folder / "signalbox.yaml")

    def opened(self, settings: Settings, feed: Feed, ids: Ids | None = None) -> Application:
        """The application, which knows its people and accounts."""
        parts = Parts(self.clock, ids or RandomIds(), Silent(), {"sf": feed})
        return build(settings, parts)

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        (self.folder / name).write_text(yaml.safe_dump(dict(content), sort_keys=False))


def reps_of(app: Application) -> list[str]:
    """Internal ids of the reps."""
    return sorted(app.team.ids.values())
