"""The simulated company: the same for the same seed, with the cases that routing gets wrong."""

import json
from typing import Any

import pytest

from connectors.simulator.people import TEAMS
from connectors.simulator.server import SalesforceSimulator
from tests.unit.simulator.small import small


def everything(simulator: SalesforceSimulator) -> str:
    """Every row of every table, and the journal."""
    tables = {
        sobject.name: list(simulator.org.store.table(sobject.name).rows.values())
        for sobject in simulator.org.schema
    }
    return json.dumps([tables, simulator.truth()])


@pytest.fixture(scope="module")
def full_size() -> SalesforceSimulator:
    return small(people=60, accounts=2_000, leads=500)


def test_the_same_seed_makes_the_same_bytes():
    first, again, other = (everything(small(leads=50, seed=seed)) for seed in (3, 3, 4))

    assert first == again
    assert first != other


def test_the_same_life_follows_from_the_same_seed():
    def lived() -> str:
        simulator = small(leads=40, rate=4.0, seed=5)
        for _ in range(300):
            simulator.clock.advance(0.1)
            simulator.tick()
        return everything(simulator)

    assert lived() == lived()


def test_five_teams_with_managers_zones_and_hours(full_size: SalesforceSimulator):
    people = full_size.world.people
    roster = {entry["id"]: entry for entry in full_size.roster()}

    assert len(people) == len(roster) == 60
    assert {person.team.name for person in people} == {team.name for team in TEAMS}
    assert sum(person.leads for person in people) == 5
    for person in people:
        entry = roster[person.slug]
        assert entry.get("manager", person.slug) in roster
        assert entry.get("backup", person.slug) in roster
        assert entry["email"].endswith("@northbeam.test")


def test_some_are_away_some_full_and_one_has_left(full_size: SalesforceSimulator):
    where = full_size.world.whereabouts()
    store = full_size.org.store
    open_leads: dict[Any, int] = {}
    for row in store.table("Lead").rows.values():
        open_leads[row["OwnerId"]] = open_leads.get(row["OwnerId"], 0) + 1

    away = {one["crm_id"] for one in where if one["away"]}
    full = [person for person in full_size.world.people if person.full]
    left = [one for one in where if one["left"]]
    assert away == {row["UserId"] for row in store.table("OutOfOffice").rows.values()}
    assert len(away) == len(full) == 5
    assert len(left) == 1
    assert (store.get(left[0]["crm_id"]) or {})["IsActive"] is False
    for person in full:
        assert open_leads[full_size.world.users[person.slug]] >= person.capacity


def test_leads_of_customers_strangers_and_nobodys_country_arrive(full_size: SalesforceSimulator):
    domains = {company.domain for company in full_size.world.companies}
    leads = list(full_size.org.store.table("Lead").rows.values())
    covered = {country for team in TEAMS for country in team.countries}

    known = [one for one in leads if str(one["Email"]).rpartition("@")[2] in domains]
    uncovered = [one for one in leads if one["Country"] not in covered]
    assert len(known) > 50
    assert len(uncovered) > 10
    assert any(str(one["Company"]).startswith("=") for one in leads)


def test_most_leads_wait_with_a_placeholder_or_in_a_queue(full_size: SalesforceSimulator):
    owners = [entry["after"] for entry in full_size.truth() if entry["what"] == "created"]
    waiting = {full_size.world.marketing_user_id, full_size.world.queues["web-inbound"]}

    share = sum(owner in waiting for owner in owners) / len(owners)

    assert 0.9 < share < 1.0


def test_no_address_could_be_anybodys(full_size: SalesforceSimulator):
    hosts = set()
    for sobject in ("Lead", "Contact", "User"):
        rows = full_size.org.store.table(sobject).rows.values()
        hosts |= {str(row["Email"]).rpartition("@")[2] for row in rows if row["Email"]}

    assert {host.rpartition(".")[2] for host in hosts} <= {"example", "test"}


def test_a_large_world_has_names_of_its_own():
    simulator = small(people=200, accounts=3_000)

    names = [company.name for company in simulator.world.companies]

    assert len(set(names)) == 3_000
    assert len({person.slug for person in simulator.world.people}) == 200


def test_a_world_of_one_person_works():
    simulator = small(people=1, accounts=0, leads=3)

    assert len(simulator.roster()) == 1
    assert len(simulator.truth()) == 3
