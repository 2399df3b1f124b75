"""The application over the simulated Salesforce and a real ledger: what happens to one lead."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from daemon.main import Parts, build
from daemon.settings import load_settings
from tests.fakes.clock import CountingIds
from tests.fakes.office import Told
from tests.integration.salesforce.world import NINE, SimulatedWorld

BOOK = {
    "rulebook": "inbound",
    "fields": {"country": {"type": "choice", "values": ["US", "DE"], "open": True}},
    "account_owner": {"match_by": ["crm_link", "domain"], "when_away": ["rules"]},
    "pools": {"all": {"team": "all"}},
    "rules": [{"name": "all", "when": {"country": {"in": ["US", "DE"]}}, "pool": "all"}],
    "fallback": {"queue": "inbound-triage"},
}


class Branch:
    """Two reps of the simulated company, and the application that gives them leads."""

    def __init__(self, folder: Path, url: str) -> None:
        self.world = SimulatedWorld()
        self.told = Told()
        self.reps = [self.world.rep(), self.world.rep()]
        self._write_files(folder, url)
        parts = Parts(self.world.clock, CountingIds(), self.told, {"sf": self.world.connector})
        self.app = build(load_settings(folder / "signalbox.yaml"), parts)
        self.round()

    def round(self, times: int = 1) -> None:
        """Three seconds pass and every loop runs once, so many times."""
        for _ in range(times):
            self.world.pass_time(3)
            self.app.tick(self.world.clock.now())

    def assignments(self, record: str) -> list[Any]:
        """Each assignment of a lead."""
        (lead,) = self.app.ledger.reading.find(record)
        story = self.app.ledger.reading.story(lead)
        return [] if story is None else list(story.assignments)

    def states(self, record: str) -> list[str]:
        """What became of each assignment of a lead."""
        return [row["state"] for row in self.assignments(record)]

    def close(self) -> None:
        """End everything."""
        self.app.close()
        self.world.close()

    def _write_files(self, folder: Path, url: str) -> None:
        people = [
            {"id": f"rep{n}", "crm": {"sf": user}, "teams": ["all"]}
            for n, user in enumerate(self.reps)
        ]
        token = folder / "token"
        token.write_text("unused")
        token.chmod(0o600)
        connection: dict[str, Any] = {
            "kind": "salesforce",
            "mode": "live",
            "base_url": self.world.address.base_url,
            "auth": {"type": "token", "access_token_file": "token"},
            "facts": {"country": "sf.lead.Country"},
            "written": {
                "decision": "sf.lead.Signalbox_Decision__c",
                "reason": "sf.lead.Signalbox_Reason__c",
            },
        }
        told = {
            "rulebook": "rulebook.yaml",
            "roster": "roster.yaml",
            "route_from": (NINE - timedelta(hours=1)).isoformat(),
            "ledger": {"url": url.replace("postgresql://", "postgresql+psycopg://")},
            "connections": {"sf": connection},
            "timing": {"poll_s": 1},
        }
        for name, content in (
            ("rulebook.yaml", BOOK),
            ("roster.yaml", {"people": people}),
            ("signalbox.yaml", told),
        ):
            (folder / name).write_text(yaml.safe_dump(content, sort_keys=False))


@pytest.fixture
def branch(tmp_path: Path, ledger_url: str) -> Iterator[Branch]:
    made = Branch(tmp_path, ledger_url)
    yield made
    made.close()


def test_a_lead_of_a_web_form_gets_its_owner_and_the_reason(branch):
    lead = branch.world.lead(Country="US")

    branch.round(3)

    row = branch.world.row(lead)
    assert row["OwnerId"] in branch.reps
    assert "round robin" in row["Signalbox_Reason__c"]
    assert branch.states(lead) == ["confirmed"]


def test_a_human_between_read_and_write_keeps_the_lead(branch):
    lead = branch.world.lead(Country="US")
    admin = branch.world.simulator.world.admin_id
    branch.world.human_gives_between_read_and_write(lead, admin)

    branch.round(4)

    assert branch.world.owner(lead) == admin
    assert branch.states(lead) == ["conflict"]
    assert branch.world.writes() == 0


def test_a_rep_whom_salesforce_refuses_is_passed_over(branch):
    ids = branch.app.team.ids
    first, other = sorted(range(2), key=lambda n: ids[f"rep{n}"])
    branch.world.simulator.acts.set_active(branch.reps[first], active=False)  # we ask once a minute
    lead = branch.world.lead(Country="US")

    branch.round(5)

    assert branch.states(lead) == ["refused_by_crm", "confirmed"]
    assert branch.world.owner(lead) == branch.reps[other]


def test_a_write_whose_answer_is_lost_lands_once(branch):
    branch.world.lose_the_answer()
    lead = branch.world.lead(Country="US")

    branch.round(6)

    assert branch.states(lead) == ["confirmed"]
    assert branch.world.writes() == 1


def test_a_lead_that_is_converted_meanwhile_is_nobodys_work(branch):
    lead = branch.world.lead(Country="US")
    branch.app.tick(branch.world.clock.now())
    branch.world.convert(lead)

    branch.round(4)

    assert branch.states(lead)[-1] in ("dead", "confirmed")
    assert sum(branch.app.world.live.state.load.values()) == 0


def test_a_crm_that_goes_away_and_comes_back_costs_nothing(tmp_path, sqlite_url):
    branch = Branch(tmp_path, sqlite_url)
    branch.world.go_away()
    branch.round(3)
    lead = branch.world.lead(Country="US")
    branch.world.come_back()

    branch.round(25)

    assert branch.states(lead) == ["confirmed"]
    branch.close()


def test_a_field_that_can_no_longer_be_written_stops_the_writes_and_names_itself(branch):
    branch.world.simulator.fault("drift", frozen=["Lead.Signalbox_Reason__c"])
    lead = branch.world.lead(Country="US")
    branch.round(6)

    stopped = branch.told.named("connection_stopped")
    branch.world.simulator.book.remove()
    branch.round(21)

    assert "Lead.Signalbox_Reason__c" in str(stopped)
    assert branch.states(lead) == ["confirmed"]
