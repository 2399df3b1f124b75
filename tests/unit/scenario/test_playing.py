"""What the player of scenarios leaves to the reader, and what not."""

from daemon.offline.simulation.world import Start, World
from routing.scenario import read_scenario

HEAD = """
rulebook: {rulebook: b, pools: {p: {team: us}}, rules: [{name: r, pool: p}], fallback: {queue: t}}
people: [{id: ada, teams: [us]}]
events:
"""


def owners(*events: str) -> list[tuple[str, str | None]]:
    text = HEAD + "\n".join(f"- {{at: {event}}}" for event in events)
    scenario = read_scenario(text, name="s.yaml", read_file=str).scenario
    assert scenario is not None
    world = World(Start(scenario.book, scenario.roster, scenario.accounts))
    return [(made.decision.lead, made.decision.owner) for made in world.play(scenario.events())]


def test_nothing_happens_to_a_lead_before_it_arrives():
    decided = owners(
        "2026-01-01T00:00:00Z, close: L1",
        "2026-01-01T00:00:00Z, owner: {lead: L1, to: somebody}",
        "2026-01-02T00:00:00Z, lead: {id: L1}",
    )

    assert decided == [("L1", "ada")]


def test_an_absence_may_be_known_before_somebody_joins():
    decided = owners(
        "2026-01-01T00:00:00Z, away: cleo",
        "2026-01-02T00:00:00Z, person: {id: cleo, teams: [us]}",
        "2026-01-02T00:00:00Z, every: 1h, times: 2, lead: {id: 'L{n}'}",
        "2026-01-03T00:00:00Z, back: cleo",
        "2026-01-03T00:00:00Z, lead: {id: M}",
    )

    assert decided == [("L1", "ada"), ("L2", "ada"), ("M", "cleo")]
