"""A small company to try the daemon on: a fake CRM, a rulebook, three reps, one application.

`Office` writes the files an installation has, builds the real application over them and a fake
CRM, and lets a test move time: `office.round()` is one round of every loop.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from daemon.main import Parts, build
from daemon.running.application import Application
from daemon.settings import Settings, load_settings
from tests.fakes.clock import NOON, CountingIds, SettableClock
from tests.fakes.crm import FakeConnector, FakeCrm
from tests.ledgers import with_schema

BOOK: Mapping[str, Any] = {
    "rulebook": "inbound",
    "fields": {
        "country": {"type": "choice", "values": ["US", "DE", "FR"]},
        "note": {"type": "text"},
    },
    "account_owner": {"match_by": ["crm_link", "domain"], "when_away": ["backup", "rules"]},
    "pools": {"us": {"team": "us"}, "dach": {"team": "dach"}},
    "rules": [
        {"name": "us", "when": {"country": {"is": "US"}}, "pool": "us"},
        {"name": "dach", "when": {"country": {"is": "DE"}}, "pool": "dach"},
    ],
    "fallback": {"queue": "triage"},
}
PEOPLE: tuple[Mapping[str, Any], ...] = (
    {"id": "ada", "email": "ada@acme.test", "teams": ["us"]},
    {"id": "bob", "email": "bob@acme.test", "teams": ["us"]},
    {"id": "cleo", "email": "cleo@acme.test", "teams": ["dach"]},
)


class Told:
    """Collects what the loops tell."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []
        self.alerts: list[tuple[str, dict[str, object]]] = []

    def event(self, name: str, **fields: object) -> None:
        self.events.append((name, fields))

    def alert(self, name: str, **fields: object) -> None:
        self.alerts.append((name, fields))

    def polled(self, connection: str, stream: str) -> None:
        return

    def named(self, name: str) -> list[dict[str, object]]:
        """The fields of every event or alert of this name."""
        return [fields for each, fields in (*self.events, *self.alerts) if each == name]


class Office:
    """The application and everything around it."""

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        book: Mapping[str, Any] = BOOK,
        people: tuple[Mapping[str, Any], ...] = PEOPLE,
        connection: Mapping[str, Any] | None = None,
        at: datetime = NOON,
        told: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = folder
        self.url = with_schema(url)
        self.clock = SettableClock(at)
        self.ids = CountingIds()
        self.told = Told()
        self.crm = FakeCrm(self.clock)
        self.connector = FakeConnector(self.crm, name="sf", quarantine=timedelta(seconds=2))
        for person in people:
            self.crm.add_user(f"u-{person['id']}", email=person["email"])
        self.crm.add_queue("q-triage", "triage")
        self._write("rulebook.yaml", book)
        self._write("roster.yaml", {"people": [dict(person) for person in people]})
        self._connection = dict(connection or {})
        self._told = dict(told or {})  # other sections of the settings
        self.app = self.opened()

    def opened(self, *, shadow: bool = False) -> Application:
        """The application over the same files, CRM and ledger, as after a restart."""
        parts = Parts(self.clock, self.ids, self.told, {"sf": self.connector})
        return build(self.settings(), parts, shadow=shadow)

    def restart(self) -> None:
        """The process ended and another one began."""
        self.app.close()
        self.app = self.opened()

    def connections(self) -> dict[str, Any]:
        """The connections as the settings file has them."""
        connection = {
            "kind": "salesforce",
            "mode": "live",
            "base_url": "http://127.0.0.1:1",
            "auth": {"type": "token", "access_token_file": "token"},
            "facts": {"country": "sf.lead.Country", "note": "sf.lead.Note"},
            "written": {"reason": "sf.lead.Reason__c", "decision": "sf.lead.Decision__c"},
            **self._connection,
        }
        return {"sf": connection}

    def described(self) -> dict[str, Any]:
        """What the settings' file says."""
        return {
            "rulebook": "rulebook.yaml",
            "roster": "roster.yaml",
            "route_from": (NOON - timedelta(days=1)).isoformat(),
            "ledger": {"url": self.url},
            "connections": self.connections(),
            "timing": {"poll_s": 1},
            **self._told,
        }

    def settings(self) -> Settings:
        """The settings, read from the file."""
        token = self.folder / "token"
        token.write_text("secret")
        token.chmod(0o600)
        self._write("signalbox.yaml", self.described())
        return load_settings(self.folder / "signalbox.yaml")

    def round(self, times: int = 1, *, every_s: float = 3.0) -> None:
        """Let some time pass and run every loop once, so many times."""
        for _ in range(times):
            self.clock.advance(every_s)
            self.app.tick(self.clock.now())

    def owner(self, record: str) -> str | None:
        """Who owns a record in the CRM."""
        return self.crm.owners[record]

    def lead(self, record: str) -> str:
        """The internal id of the lead that a record carries."""
        (found,) = self.app.ledger.reading.find(record)
        return found

    def states(self, record: str) -> list[str]:
        """What became of each assignment of a lead, in order."""
        story = self.app.ledger.reading.story(self.lead(record))
        return [] if story is None else [row["state"] for row in story.assignments]

    def methods(self, record: str) -> list[str]:
        """How each decision about a lead was made, in order."""
        story = self.app.ledger.reading.story(self.lead(record))
        return [] if story is None else [row["method"] for row in story.decisions]

    def in_turn(self, *people: str) -> list[str]:
        """CRM users of these people in the order in which level claims serve them."""
        ids = self.app.team.ids
        return [f"u-{person}" for person in sorted(people, key=lambda each: ids[each])]

    def load(self, person: str) -> int:
        """Open leads believed to be a person's."""
        return self.app.world.live.state.load.get(self.app.team.ids[person], 0)

    def is_in_step(self) -> bool:
        """Whether the state in memory is what the ledger would give back."""
        world, now = self.app.world, self.clock.now()
        live, shadow = world.states()
        world.reload(now)
        kept = world.states()
        return _shape(live) == _shape(kept[0]) and _shape(shadow) == _shape(kept[1])

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        (self.folder / name).write_text(yaml.safe_dump(dict(content), sort_keys=False))


def _shape(state: Any) -> dict[str, Any]:
    """A state without what a restart need not know: empty maps, and which pool was in the way."""
    return {
        "sequence": state.sequence,
        "turns": {
            p: {r: t for r, t in turns.items() if t != (0, 0)} for p, turns in state.turns.items()
        },
        "marks": {rep: marks for rep, marks in state.marks.items() if marks},
        "load": {rep: count for rep, count in state.load.items() if count},
        "waits": dict(state.waits),
        "recall": {lead: place[:6] for lead, place in state.recall.items()},
    }
