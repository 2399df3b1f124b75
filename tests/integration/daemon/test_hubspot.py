"""The application over the simulated HubSpot and a real ledger: what happens to one contact."""

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
from tests.integration.hubspot.world import NINE, SimulatedPortal

BOOK = {
    "rulebook": "inbound",
    "fields": {"country": {"type": "choice", "values": ["US", "DE"], "open": True}},
    "entry": {"stages": ["lead", "marketingqualifiedlead"]},
    "account_owner": {"match_by": ["crm_link", "domain"], "when_away": ["rules"]},
    "pools": {"all": {"team": "all"}},
    "rules": [{"name": "all", "when": {"country": {"in": ["US", "DE"]}}, "pool": "all"}],
    "fallback": {"queue": "inbound-triage"},
}


class Portal:
    """Two reps of the simulated company, and the application that gives them contacts."""

    def __init__(self, folder: Path, url: str) -> None:
        self.world = SimulatedPortal()
        self.told = Told()
        self.reps = [self.world.rep(), self.world.rep()]
        self.triage = self.world.rep()
        self._write_files(folder, url)
        parts = Parts(self.world.clock, CountingIds(), self.told, {"hs": self.world.connector})
        self.app = build(load_settings(folder / "signalbox.yaml"), parts)
        self.round()

    def round(self, times: int = 1) -> None:
        """Three seconds pass and every loop runs once, so many times."""
        for _ in range(times):
            self.world.pass_time(3)
            self.app.tick(self.world.clock.now())

    def story(self, record: str) -> Any:
        """All that the ledger knows of a lead."""
        (lead,) = self.app.ledger.reading.find(record)
        return self.app.ledger.reading.story(lead)

    def states(self, record: str) -> list[str]:
        """What became of each assignment of a lead."""
        return [row["state"] for row in self.story(record).assignments]

    def close(self) -> None:
        """End everything."""
        self.app.close()
        self.world.close()

    def _write_files(self, folder: Path, url: str) -> None:
        people: list[dict[str, Any]] = [
            {"id": f"rep{n}", "crm": {"hs": user}, "teams": ["all"]}
            for n, user in enumerate(self.reps)
        ]
        people.append({"id": "mona", "crm": {"hs": self.triage}, "weight": 0})
        token = folder / "token"
        token.write_text("unused")
        token.chmod(0o600)
        told = {
            "rulebook": "rulebook.yaml",
            "roster": "roster.yaml",
            "route_from": (NINE - timedelta(hours=1)).isoformat(),
            "ledger": {"url": url.replace("postgresql://", "postgresql+psycopg://")},
            "connections": {
                "hs": {
                    "kind": "hubspot",
                    "mode": "live",
                    "base_url": self.world.address.base_url,
                    "auth": {"type": "service_key", "token_file": "token"},
                    "facts": {"country": "hs.contact.country"},
                    "written": {"reason": "hs.contact.signalbox_reason"},
                    "queues": {"inbound-triage": {"owner": "mona"}},
                    "poll": {"leads_s": 1},
                }
            },
            "timing": {"poll_s": 1},
        }
        for name, content in (
            ("rulebook.yaml", BOOK),
            ("roster.yaml", {"people": people}),
            ("signalbox.yaml", told),
        ):
            (folder / name).write_text(yaml.safe_dump(content, sort_keys=False))


@pytest.fixture
def portal(tmp_path: Path, ledger_url: str) -> Iterator[Portal]:
    made = Portal(tmp_path, ledger_url)
    yield made
    made.close()


def test_a_contact_of_a_web_form_gets_its_owner_and_the_reason(portal):
    lead = portal.world.lead(country="US")

    portal.round(4)

    assert portal.world.owner(lead) in portal.reps
    assert "round robin" in portal.world.record(lead).values["signalbox_reason"]
    assert portal.states(lead) == ["confirmed"]
    assert portal.world.writes() == 1


def test_our_own_write_coming_back_changes_nothing(portal):
    lead = portal.world.lead(country="US")

    portal.round(30)

    assert portal.states(lead) == ["confirmed"]
    assert portal.world.writes() == 1


def test_a_contact_in_another_stage_is_left_alone(portal):
    lead = portal.world.lead(country="US", lifecyclestage="subscriber")

    portal.round(4)

    assert portal.world.owner(lead) is None


def test_a_contact_without_a_rule_goes_to_the_person_who_stands_for_the_queue(portal):
    lead = portal.world.lead(country="FR")

    portal.round(4)

    assert portal.world.owner(lead) == portal.triage


def test_a_human_between_read_and_write_keeps_the_contact(portal):
    human = portal.world.rep()
    lead = portal.world.lead(country="US")
    portal.world.human_gives_between_read_and_write(lead, human)

    portal.round(4)

    assert portal.world.owner(lead) == human
    assert portal.states(lead) == ["conflict"]


def test_a_write_whose_answer_is_lost_lands_once(portal):
    portal.world.lose_the_answer()
    lead = portal.world.lead(country="US")

    portal.round(6)

    assert portal.states(lead) == ["confirmed"]
    assert portal.world.writes() == 1


def test_a_rep_whom_hubspot_refuses_is_passed_over(portal):
    ids = portal.app.team.ids
    first, other = sorted(range(2), key=lambda n: ids[f"rep{n}"])
    portal.world.simulator.acts.archive_owner(portal.reps[first])  # we ask once a minute
    lead = portal.world.lead(country="US")

    portal.round(5)

    assert portal.states(lead) == ["refused_by_crm", "confirmed"]
    assert portal.world.owner(lead) == portal.reps[other]


def test_a_merged_contact_and_its_survivor_are_one_person(portal):
    loser, winner = portal.world.lead(country="US"), portal.world.lead(country="US")
    portal.round(4)
    portal.world.merge(loser, winner)

    portal.round(4)

    (first,) = portal.app.ledger.reading.find(loser)
    (second,) = portal.app.ledger.reading.find(winner)
    people = [portal.app.ledger.reading.story(lead).lead.person for lead in (first, second)]
    assert people[0] == people[1]
    assert portal.world.owner(winner) in portal.reps


def test_a_portal_that_goes_away_and_comes_back_costs_nothing(tmp_path, sqlite_url):
    portal = Portal(tmp_path, sqlite_url)
    portal.world.go_away()
    portal.round(3)
    lead = portal.world.lead(country="US")
    portal.world.come_back()

    portal.round(25)

    assert portal.states(lead) == ["confirmed"]
    portal.close()


def test_what_search_shows_an_hour_late_is_routed_and_counted_as_late(tmp_path, sqlite_url):
    portal = Portal(tmp_path, sqlite_url)
    portal.world.fault("index_lag", min_s=1500, max_s=1500, times=1)
    lead = portal.world.lead(country="US")
    for _ in range(95):
        portal.world.pass_time(57)
        portal.round()

    assert portal.states(lead) == ["confirmed"]
    assert [fields["count"] for fields in portal.told.named("leads_seen_late")] == [1]
    portal.close()


def test_a_rep_s_hours_are_hubspot_s_where_the_roster_gives_none(tmp_path, sqlite_url):
    portal = Portal(tmp_path, sqlite_url)
    off, on = portal.reps
    week = '[{"days":"%s","startMinute":0,"endMinute":1440}]'
    for rep, days in ((off, "SATURDAY_SUNDAY"), (on, "MONDAY_TO_FRIDAY")):  # it is a Monday
        said = {"hs_working_hours": week % days, "hs_standard_time_zone": "UTC"}
        portal.world.simulator.acts.create(
            "users", {"hubspot_owner_id": rep, **said}, unchecked=True
        )
    portal.world.pass_time(60)
    portal.round(2)
    leads = [portal.world.lead(country="US") for _ in range(3)]

    portal.round(4)

    assert {portal.world.owner(lead) for lead in leads} == {on}
    portal.close()
