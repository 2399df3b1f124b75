"""The whole way: a past in which two reps differ is learned from, judged, and acted on."""

import random

import pytest

from daemon.operators.ranking_text import lines, ranked, versions_in
from tests.acceptance.daemon.test_training import trained
from tests.fakes.ranked_office import ROUTE, RankedOffice

LEADS, AT_ONCE = 900, 300
CHANCES = {"u-ada": 0.4, "u-bob": 0.05}
TOLD = {"training": {"floors": {"decided": 500, "wins": 50}, "horizon_d": 30}}


@pytest.fixture
def office(tmp_path):
    made = RankedOffice(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", more=TOLD)
    made.round()
    yield made
    made.app.close()


def a_past_in_which_ada_wins_more(office):
    die, records = random.Random(4), []
    for _ in range(LEADS // AT_ONCE):
        records += [office.crm.add_lead(stage="new", Country="US") for _ in range(AT_ONCE)]
        office.round(6)
    while any(office.owner(record) is None for record in records):
        office.round()
    for n, record in enumerate(records):
        if die.random() < CHANCES[office.owner(record)]:
            office.crm.add_outcome(f"006{n:06}", "won", record)
    office.round(8)


def test_reps_who_differ_are_ranked_by_themselves_after_training(office):
    a_past_in_which_ada_wins_more(office)
    said = trained(office).answer
    record = office.routed()
    story = office.app.ledger.reading.story(record["inputs"]["occasion"]["lead"])
    found = ranked(
        story.decisions[-1]["record"], story.personal, versions_in(office.app.ledger.rankers)
    )

    assert found is not None
    assert (said["verdict"], said["promoted"]) == ("promote", True)
    assert office.entries() == ["model_trained", "model_promoted"]
    assert office.app.ledger.rankers.standing(ROUTE).in_force.version == said["version"]
    assert (record["result"]["owner"], record["result"]["method"]) == (office.rep("ada"), "model")
    assert [line for line in lines(found, str) if "What moved it" in line] != []
