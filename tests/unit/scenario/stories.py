"""Scenarios of a few events, with a rulebook, people and accounts beside them."""

from daemon.world.staff.calendars import PLACES
from routing.scenario import Event, Scenario, ScenarioRead, read_scenario

BOOK = """
rulebook: inbound
fields:
  country: {type: choice, values: [US, DE, "NO"]}
  score: {type: integer}
  products: {type: set, values: [api]}
  account.industry: {type: text}
roles: {csm: account.CSM__c}
account_owner: {match_by: [domain]}
pools: {us: {team: us}}
rules: [{name: us, pool: us}]
fallback: {queue: triage}
"""
PEOPLE = "people: [{id: ada, teams: [us], timezone: UTC, hours: {mon-sun: '00:00-24:00'}}]"
ACCOUNTS = "[{id: acme, name: Acme, CSM__c: ada, industry: steel}]"
ANY_EVENT = "[{at: 2026-01-05T09:00:00Z, back: ada}]"
FILES = {"book.yaml": BOOK, "people.yaml": PEOPLE, "accounts.yaml": ACCOUNTS}


def read(
    *events: str,
    expect: str = "{}",
    people: str = "people.yaml",
    accounts: str = "accounts.yaml",
    further: str = "",
) -> ScenarioRead:
    """A scenario of some events, one a line from line 5 on."""
    lines = [
        "rulebook: book.yaml",
        f"people: {people}",
        f"accounts: {accounts}",
        "events:",
        *(f"- {{{event}}}" for event in events or ["at: 2026-01-05T09:00:00Z, back: ada"]),
        f"expect: {expect}",
        further,
    ]
    return read_scenario(
        "\n".join(lines), name="s.yaml", read_file=lambda path: FILES[path], places=PLACES
    )


def story(*events: str, **more: str) -> Scenario:
    found = read(*events, **more)
    assert [str(mistake) for mistake in found.mistakes] == []
    assert found.scenario is not None
    return found.scenario


def happens(*events: str) -> list[Event]:
    return list(story(*events).events())


def mistakes(*events: str, **more: str) -> list[str]:
    return [str(mistake) for mistake in read(*events, **more).mistakes]
