"""What the org remembers: transactions that commit late, and those that are taken back."""

from datetime import timedelta

import pytest

from connectors.simulator.salesforce.refusals import Refused
from tests.unit.simulator.small import NINE, ids, lead, small

LATE = {"LastName": "Voss", "Company": "Late"}
FIND_LATE = "SELECT Id FROM Lead WHERE Company = 'Late'"


def test_a_held_record_appears_when_its_transaction_commits_with_the_stamp_of_its_start():
    simulator = small()

    simulator.acts.create("Lead", LATE, held_s=60)
    simulator.clock.advance(59)
    simulator.tick()
    early = ids(simulator, FIND_LATE)
    simulator.clock.advance(1)
    simulator.tick()

    found = ids(simulator, FIND_LATE)
    stamp = (simulator.org.store.get(found[0]) or {})["SystemModstamp"]
    assert early == []
    assert stamp == "2026-03-02T09:00:00.000+0000"


def test_the_oldest_open_transaction_is_the_watermark():
    simulator = small()
    simulator.acts.create("Lead", LATE, held_s=60)
    simulator.clock.advance(30)

    held = simulator.org.store.oldest_open(simulator.clock.now())
    simulator.clock.advance(30)
    now = simulator.org.now()

    assert held == NINE
    assert simulator.org.store.oldest_open(now) == NINE + timedelta(seconds=60)


def test_a_rolled_back_transaction_leaves_no_trace():
    simulator = small()
    kept = lead(simulator)
    before = (dict(simulator.org.store.table("Lead").rows), simulator.truth())

    with simulator.org.transaction() as transaction:
        simulator.acts.update(kept, {"City": "Bern"})
        lead(simulator)
        simulator.acts.delete(kept)
        transaction.roll_back()

    assert (simulator.org.store.table("Lead").rows, simulator.truth()) == before


def test_a_merge_moves_the_activities_to_the_winner():
    simulator = small()
    winner, loser = lead(simulator), lead(simulator)
    task = simulator.acts.work(loser, by=simulator.world.admin_id)

    simulator.acts.merge(winner, [loser])

    assert (simulator.org.store.get(task) or {})["WhoId"] == winner


def test_a_queue_owned_lead_needs_an_owner_to_be_converted():
    simulator = small()
    held = lead(simulator)

    with pytest.raises(Refused, match="needs an owner"):
        simulator.acts.convert(held)

    assert simulator.acts.convert(held, owner_id=simulator.world.admin_id)["contact"][:3] == "003"


@pytest.mark.parametrize("losers", [[], ["itself"]])
def test_a_merge_needs_somebody_else(losers: list[str]):
    simulator = small()
    winner = lead(simulator)

    with pytest.raises(ValueError, match="at least one other"):
        simulator.acts.merge(winner, [winner for _ in losers])


def test_a_reader_marks_only_their_own_lead_as_read():
    simulator = small()
    held = lead(simulator)

    simulator.acts.read(held, by=simulator.world.admin_id)

    assert (simulator.org.store.get(held) or {})["IsUnreadByOwner"] is True
